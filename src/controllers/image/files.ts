import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts `data` at `path` as a whole: temporary file beside it, fsync, rename, fsync of the directory. Mode 0600. */
export async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  await writeWhole(path, data, 'durable');
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Puts `data` at `path` by one rename. `plain` leaves it to a later sync when that is on disk; a reader must be able to tell a torn file. */
export async function writeWhole(path: string, data: string | Uint8Array, how: 'durable' | 'plain'): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(data);
      if (how === 'durable') await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Contents of a regular file of at most `maxBytes`, null when it is not there. A longer one throws. */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer | null> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new Error(`${path} has ${size} bytes, at most ${maxBytes} are read`);
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

export function isAbsent(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

/** `ENOSPC` of a failed system call, whoever made it; null for anything else. */
export function errnoOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : null;
  return typeof code === 'string' ? code : null;
}
