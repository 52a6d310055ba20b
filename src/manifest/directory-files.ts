import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText, type Diagnostic, toDiagnostic } from './diagnostic.ts';
import { createSource, maxFileBytes, tooLarge } from './source.ts';

export interface FoundFile {
  readonly path: string;
  /** Null: it could not be read, `problem` says why. */
  readonly bytes: Uint8Array | null;
  readonly problem: Diagnostic | null;
  /** Not a file at all (FIFO, socket, device, directory): skipped with its reason. */
  readonly ignored: boolean;
}

const parallelReads = 32;

/** All manifests of a directory, by path; null when it is not there or unreadable. A directory swapped by a symbolic link is read on one side of the swap. */
export async function readFiles(directory: string, recursive: boolean): Promise<readonly FoundFile[] | null> {
  let names: readonly string[];
  let real: string;
  try {
    real = await realpath(directory);
    names = await listManifests(real, recursive);
  } catch {
    return null;
  }
  const files: FoundFile[] = [];
  for (let start = 0; start < names.length; start += parallelReads) {
    const batch = names.slice(start, start + parallelReads);
    files.push(...(await Promise.all(batch.map((name) => readManifest(join(real, name), join(directory, name))))));
  }
  return files;
}

async function listManifests(root: string, recursive: boolean): Promise<readonly string[]> {
  const patterns = await readIgnoreFile(root);
  const names: string[] = [];
  const visited = new Set<string>();
  const visit = async (below: string): Promise<void> => {
    const real = await realpath(join(root, below));
    if (visited.has(real)) return; // a symbolic link back up
    visited.add(real);
    for (const entry of await readdir(real, { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isIgnoredName(entry.name) || patterns.some((pattern) => pattern.test(name) || pattern.test(entry.name))) continue;
      if (/\.(?:ya?ml|json)$/.test(entry.name)) names.push(name);
      else if (recursive && (entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(join(real, entry.name))))))
        await visit(name);
    }
  };
  await visit('');
  return names.sort(compareText);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** What editors, rsync and the like leave for a moment: product.md 9.2. */
function isIgnoredName(name: string): boolean {
  return (
    name.startsWith('.') || name.endsWith('~') || name.endsWith('.swp') || name.endsWith('.tmp') || name === '4913' || /^#.*#$/.test(name)
  );
}

/** Patterns of `.tsdockignore`: one a line, `*` and `?` within a name, `#` for comments. */
async function readIgnoreFile(root: string): Promise<readonly RegExp[]> {
  const file = await readManifest(join(root, '.tsdockignore'), '.tsdockignore');
  const text = file.bytes === null ? '' : Buffer.from(file.bytes).toString('utf8');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/\/$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(
      (line) =>
        new RegExp(
          `^${line
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]')}$`,
        ),
    );
}

/** Reads one file without ever waiting for a writer (FIFO) and never more than the limit. */
async function readManifest(path: string, shown: string): Promise<FoundFile> {
  const problem = (message: string, hint: string | null = null): FoundFile => ({
    path: shown,
    bytes: null,
    problem: toDiagnostic(createSource(shown, ''), { code: 'YAML019', offset: null, message, hint }),
    ignored: false,
  });
  const noFile = (what: string): FoundFile => {
    const finding = { severity: 'warning', code: 'YAML019', offset: null, message: `is ${what}, not a file` } as const;
    return { path: shown, bytes: null, problem: toDiagnostic(createSource(shown, ''), finding), ignored: true };
  };
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = await handle.stat();
    if (!stats.isFile()) return noFile(stats.isDirectory() ? 'a directory' : stats.isFIFO() ? 'a FIFO' : 'a device');
    if (stats.size > maxFileBytes)
      return { path: shown, bytes: null, problem: toDiagnostic(createSource(shown, ''), tooLarge(stats.size)), ignored: false };
    return { path: shown, bytes: await readAtMost(handle, maxFileBytes + 1), problem: null, ignored: false };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    if (code === 'ENXIO') return noFile('a socket');
    return problem(`cannot be read (${code})`, code === 'ELOOP' ? 'a symbolic link that leads back to itself' : null);
  } finally {
    await handle?.close();
  }
}

/** A file may grow while it is read; it is never read beyond the limit. */
async function readAtMost(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < limit) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(65_536, limit - total)), 0, null, null);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}
