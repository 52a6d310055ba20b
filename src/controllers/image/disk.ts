import { statfs } from 'node:fs/promises';
import { TsdockError } from '../../model/errors.ts';
import { showSize } from '../../model/size.ts';
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
  if (free.inodes === 0) return fullDisk('inodes', path, `${free.allInodes} of ${free.allInodes} used ${what}`, error);
  return fullDisk('bytes', path, `${showSize(free.bytes)} free ${what}`, error);
}

/** The way out that this engine offers. */
export const removeImages = '"tsdock image prune" frees images that nothing uses';

/** DSK001 or DSK002 in one line. */
export function fullDisk(of: 'bytes' | 'inodes', path: string, detail: string, cause: unknown): TsdockError {
  if (of === 'inodes')
    return new TsdockError('DSK002', { message: `not enough free inodes on ${path}: ${detail}`, hint: removeImages, cause });
  return new TsdockError('DSK001', {
    message: `not enough space on ${path}: ${detail}`,
    hint: removeImages,
    cause,
  });
}

export function showMiB(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
