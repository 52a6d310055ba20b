import { statfs } from 'node:fs/promises';
import { TsdockError } from '../../model/errors.ts';
import { errnoOf } from './files.ts';

export interface FreeSpace {
  readonly bytes: number;
  /** Infinity where the filesystem makes inodes as it needs them. */
  readonly inodes: number;
  readonly allInodes: number;
}

/** What is left for us on the filesystem of `path`. */
export async function freeSpace(path: string): Promise<FreeSpace> {
  const { bavail, bsize, ffree, files } = await statfs(path);
  return { bytes: bavail * bsize, inodes: files === 0 ? Number.POSITIVE_INFINITY : ffree, allInodes: files };
}

/** ENOSPC and EDQUOT as DSK001 or DSK002, by which of the two ran out; any other error as it is. `what` begins with `while`. */
export async function diskError(error: unknown, path: string, what: string): Promise<unknown> {
  const code = errnoOf(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const free = await freeSpace(path);
  if (free.inodes === 0) {
    return new TsdockError('DSK002', {
      message: `no free inodes on ${path} (${free.allInodes} of ${free.allInodes} used) ${what}`,
      hint: 'tsdock gc',
      cause: error,
    });
  }
  return new TsdockError('DSK001', {
    message: `no space left on ${path} (${showGiB(free.bytes)} GiB free) ${what}`,
    hint: '"tsdock gc --dry-run" shows what can go',
    cause: error,
  });
}

export function showGiB(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

export function showMiB(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
