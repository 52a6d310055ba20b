import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { ContentHash } from '../../model/resource.ts';
import type { ContainerRuntime } from '../../native/index.ts';
import { listDirectories } from '../../store/files.ts';

/** Directory of one content: its hash without the algorithm. */
export function contentDirectory(home: string, hash: ContentHash): string {
  return join(home, hash.slice(hash.indexOf(':') + 1));
}

/**
 * Writes the files of one content with one mode and makes them visible by one rename. Content that is there already is complete and is left alone. Keys that are no plain
 * file names are refused (CFG010), whoever let them through.
 */
export async function writeContent(
  home: string,
  hash: ContentHash,
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
  mode: number,
): Promise<void> {
  const target = contentDirectory(home, hash);
  const temporary = join(home, `.${randomBytes(8).toString('hex')}`);
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  try {
    for (const [name, content] of files) {
      const path = join(temporary, plainName(name));
      await writeFile(path, content, { flag: 'wx', mode });
      await chmod(path, mode);
    }
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!isOccupied(error)) throw error;
  }
}

/** Removes contents that are neither the current one nor mounted, and what a crash left half written. An instance names in its identity the contents it mounts. */
export async function collectContents(home: string, current: ContentHash, containers: Pick<ContainerRuntime, 'list'>): Promise<void> {
  const found = (await listDirectories(home)).filter((name) => join(home, name) !== contentDirectory(home, current));
  if (found.length === 0) return;
  const identities = (await containers.list()).map((instance) => instance.identity);
  for (const name of found) {
    // Copies for other owners and modes stand beside their content: `<hash>.<uid>.<gid>.<mode>`.
    const [hash = ''] = name.split('.');
    const isKept =
      /^[0-9a-f]{64}$/.test(hash) &&
      (join(home, hash) === contentDirectory(home, current) || identities.some((text) => text.includes(hash)));
    if (!isKept) await rm(join(home, name), { recursive: true, force: true });
  }
}

function plainName(name: string): string {
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= 255;
  if (isPlain) return name;
  throw new TsdockError('CFG010', { message: `${JSON.stringify(name.slice(0, 60))} is not a plain file name` });
}

/** rename(2) onto a directory with files in it. */
function isOccupied(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}
