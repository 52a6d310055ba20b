/**
 * Small files of the run directory, a tmpfs, and of the host's memory: read and written at once. A turn of the thread pool for each open, write and close costs ten times what they do, and all of
 * them lie between a wish and its process. Files on a disk belong to `files.ts`, whose waits hold up nobody.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAbsent } from './files.ts';

/** Writes a file whole: its directory is made, readers see the old or the new content. Mode whatever the umask. */
export function writeRunFile(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    withFile(temporary, 'wx', (file) => {
      writeSync(file, content);
      fchmodSync(file, mode);
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Rewrites a file that is mounted elsewhere: the inode stays. One write, then the rest is cut off; an equal file is not touched. */
export function rewriteRunFile(path: string, content: string, mode: number): void {
  const bytes = Buffer.from(content);
  const file = openMade(path);
  try {
    const { size } = fstatSync(file);
    if (size === bytes.length && size > 0 && readFileSync(file).equals(bytes)) return;
    fchmodSync(file, mode);
    writeSync(file, bytes, 0, bytes.length, 0);
    if (size > bytes.length) ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}

function openMade(path: string): number {
  const open = (): number => openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    return open();
  } catch (error) {
    if (!isAbsent(error)) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    return open();
  }
}

/** Text of a file; null when it does not exist. Any other failure throws. */
export function readRunText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Value of a JSON file that we wrote; null when it does not exist or was cut off. */
export function readRunJson(path: string): unknown {
  const text = readRunText(path);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
