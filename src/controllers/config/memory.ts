import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import { isAbsent } from '../../store/files.ts';

/** Types of file systems without a disk behind them, statfs(2). */
const memoryTypes: ReadonlySet<number> = new Set([0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */]);
/** A tmpfs on nearly every Linux, also where /run is a directory of the disk. */
const sharedMemory = '/dev/shm';

/**
 * The directory for clear secrets: `<run>/files/secrets` where the run directory is in memory, else one of this engine's own in /dev/shm. Root's alone (0700). SEC010
 * where neither is in memory, or somebody else has made it: a secret is never written to a disk.
 */
export function createMemory(options: {
  readonly runDir: string;
  readonly prefix: string;
  readonly shared?: string;
}): (absent: 'make' | 'leave') => Promise<string | null> {
  return async (absent) => {
    const path = await placeOf(options);
    if (path === null) {
      if (absent === 'leave') return null;
      throw new TsdockError('SEC010', {
        message: `neither ${options.runDir} nor ${options.shared ?? sharedMemory} is in memory, and a Secret is never written to a disk`,
        hint: 'mount a tmpfs at /run',
      });
    }
    if (absent === 'make') await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await lstat(path).catch((error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    });
    if (found === null) return null;
    if (!found.isDirectory() || found.uid !== (process.geteuid?.() ?? 0))
      throw new TsdockError('SEC010', { message: `${path} belongs to somebody else`, hint: 'remove it' });
    if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700);
    return path;
  };
}

async function placeOf({
  runDir,
  prefix,
  shared = sharedMemory,
}: {
  readonly runDir: string;
  readonly prefix: string;
  readonly shared?: string;
}): Promise<string | null> {
  if (await isInMemory(runDir)) return join(runDir, 'files/secrets');
  if (!(await isInMemory(shared))) return null;
  const real = await realpath(runDir).catch(() => runDir);
  return join(shared, `${prefix}-${createHash('sha256').update(real).digest('hex').slice(0, 16)}`);
}

/** Whether a directory, or the nearest one above it that exists, has no disk behind it. */
export async function isInMemory(path: string): Promise<boolean> {
  return statfs(path).then(
    ({ type }) => memoryTypes.has(type),
    () => false,
  );
}
