import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatLock, type Lock, lockFileName, maxLockBytes, type ParsedLock, parseLock } from './lock.ts';

/** The lock files that lie beside these manifests, by directory. One that is there and cannot be read is a problem, not an absent one. */
export async function readLocks(files: readonly string[]): Promise<ReadonlyMap<string, ParsedLock>> {
  const directories = [...new Set(files.map((file) => dirname(resolve(file))))];
  const found = await Promise.all(directories.map(async (directory) => [directory, await readLock(directory)] as const));
  return new Map(found.flatMap(([directory, lock]) => (lock === null ? [] : [[directory, lock] as const])));
}

/** Null: there is none in this directory. Never waits for a writer: a FIFO is no lock file. */
async function readLock(directory: string): Promise<ParsedLock | null> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(join(directory, lockFileName), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = await handle.stat();
    if (!stats.isFile()) return { lock: new Map(), problem: 'it is no file' };
    if (stats.size > maxLockBytes) return { lock: new Map(), problem: 'it is longer than 4 MiB' };
    return parseLock(await handle.readFile('utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : { lock: new Map(), problem: code ?? String(error) };
  } finally {
    await handle?.close();
  }
}

/** Replaces the lock file of a directory by one rename: whoever reads it meanwhile sees the old one or the new one. */
export async function writeLock(directory: string, lock: Lock): Promise<void> {
  const path = join(directory, lockFileName);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o644);
    try {
      await handle.writeFile(formatLock(lock));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
