import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { isAbsent } from '../../store/files.ts';

/** What the unpacked layers of an image have at a path. Links are followed inside the image only. */
export type ImageFile =
  | { readonly is: 'absent' }
  | { readonly is: 'directory' }
  | { readonly is: 'file'; readonly mode: number; readonly head: Uint8Array }
  | { readonly is: 'other' };

const maxLinks = 16;
const headBytes = 256;
/** Overlayfs marks a removed name by a character device 0:0. */
const whiteoutDevice = 0;

/**
 * Looks a path up in the layers, the upper one first. For messages about a start that failed: bounded, never blocks on a FIFO, never leaves the trees.
 */
export async function lookUp(layers: readonly string[], path: string): Promise<ImageFile> {
  let pending = posix.resolve('/', path).split('/').filter(Boolean);
  let at = '/';
  for (let links = 0; ; ) {
    const name = pending.shift();
    if (name === undefined) return describe(layers, at);
    const next = posix.join(at, name);
    const target = await linkTarget(layers, next);
    if (target === null) {
      at = next;
      continue;
    }
    if (++links > maxLinks) return { is: 'other' };
    pending = [...posix.resolve(at, target).split('/').filter(Boolean), ...pending];
    at = '/';
  }
}

/** Names in a directory of the image, over all layers; removed ones may be among them. */
export async function namesIn(layers: readonly string[], directory: string): Promise<readonly string[]> {
  const lists = await Promise.all(layers.map((layer) => readdir(posix.join(layer, directory)).catch((): string[] => [])));
  return [...new Set(lists.flat())].sort();
}

async function linkTarget(layers: readonly string[], path: string): Promise<string | null> {
  const found = await topmost(layers, path);
  return found?.stat.isSymbolicLink() ? readlink(found.path) : null;
}

async function describe(layers: readonly string[], path: string): Promise<ImageFile> {
  const found = await topmost(layers, path);
  if (found === null) return { is: 'absent' };
  if (found.stat.isDirectory()) return { is: 'directory' };
  if (!found.stat.isFile())
    return found.stat.isCharacterDevice() && found.stat.rdev === whiteoutDevice ? { is: 'absent' } : { is: 'other' };
  return { is: 'file', mode: found.stat.mode & 0o7777, head: await readHead(found.path) };
}

/** `path` has no link before its last part: each was looked at on the way. */
async function topmost(layers: readonly string[], path: string) {
  for (const layer of [...layers].reverse()) {
    const full = posix.join(layer, path);
    try {
      return { path: full, stat: await lstat(full) };
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return null;
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
