import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import { type ContentHash, type Identity, parseKey, type ResourceKey, resourceKey } from '../../model/resource.ts';
import { isAbsent, listDirectories, readJson, writeWhole } from '../../store/files.ts';
import { contentDirectory } from './files.ts';

/**
 * Where the contents of a Config or Secret lie: `<root>/<namespace>/<name>/<hash>/<file>`, with a note beside the hashes that says which one is current and whose it is.
 */
export interface Note<K extends 'Config' | 'Secret'> {
  readonly key: ResourceKey<K>;
  readonly identity: Identity;
  readonly contentHash: ContentHash;
}

export function homeOf(root: string, key: ResourceKey): string {
  const { namespace, name } = parseKey(key);
  return join(root, safe(namespace, key), safe(name, key));
}

export async function knownKeys<K extends 'Config' | 'Secret'>(root: string, kind: K): Promise<readonly ResourceKey<K>[]> {
  const keys: ResourceKey<K>[] = [];
  for (const namespace of await listDirectories(root)) {
    for (const name of await listDirectories(join(root, namespace))) keys.push(resourceKey(kind, namespace, name));
  }
  return keys;
}

export interface Found {
  readonly identity: Identity;
  readonly contentHash: ContentHash;
  readonly path: string;
}

/** What is current; null when the note or what it names is not there. */
export async function findContent(key: ResourceKey, home: string): Promise<Found | null> {
  const note = asNote(await readJson(notePath(key, home)));
  if (note === null || note.key !== key) return null;
  const path = contentDirectory(home, note.contentHash);
  if (!(await isDirectory(path))) return null;
  return { identity: note.identity, contentHash: note.contentHash, path };
}

/** The content it names must be complete. */
export async function writeNote(home: string, note: Note<'Config' | 'Secret'>): Promise<void> {
  await writeWhole(notePath(note.key, home), `${JSON.stringify(note)}\n`, 0o600);
}

function notePath(key: ResourceKey, home: string): string {
  return join(home, `${parseKey(key).kind.toLowerCase()}.json`);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function safe(part: string, key: ResourceKey): string {
  if (/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(part)) return part;
  throw new TsdockError('CFG010', { message: `${JSON.stringify(key.slice(0, 60))} cannot be the name of a directory` });
}

function asNote(value: unknown): Note<'Config' | 'Secret'> | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, identity, contentHash } = value as Partial<Note<'Config' | 'Secret'>>;
  if (typeof key !== 'string' || typeof identity?.uid !== 'string' || typeof contentHash !== 'string') return null;
  return { key, identity, contentHash };
}
