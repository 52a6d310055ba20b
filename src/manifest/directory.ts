import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceFile, SourceSnapshot } from '../model/graph.ts';
import type { AnyResource, ResourceKey, SetId } from '../model/resource.ts';
import { compareText, type Diagnostic, formatDiagnostic, hasErrors, sortDiagnostics, toDiagnostic } from './diagnostic.ts';
import { buildGraph, describeDuplicate } from './graph.ts';
import { unknownHost } from './graph-host.ts';
import { loadManifests, type ManifestInput } from './load.ts';
import { createSource, maxFileBytes, tooLarge } from './source.ts';
import { noVariables, type Variables } from './variables.ts';

export interface DirectoryOptions {
  readonly set: SetId;
  /** For documents that name none. */
  readonly namespace: string;
  readonly variables?: Variables;
  readonly recursive?: boolean;
  /** Whether objects whose file is gone may be removed; true unless given. */
  readonly prune?: boolean;
  /** What other sets want now: a file that names their objects is quarantined. */
  readonly others?: readonly AnyResource[];
}

/** What is remembered between two looks. Hand the state of the last look to the next one; `initialDirectoryState` after a restart. */
export interface DirectoryState {
  readonly files: ReadonlyMap<string, FileState>;
  /** Image objects that were known when the files were read. */
  readonly images: ReadonlySet<ResourceKey>;
}

interface FileState {
  /** Hash of the content that `loaded` was made from; null: not read in this process. */
  readonly content: string | null;
  readonly loaded: { readonly documents: readonly AnyResource[]; readonly diagnostics: readonly Diagnostic[] };
  /** The last documents that were accepted. */
  readonly good: readonly AnyResource[] | null;
}

export interface DirectoryReading {
  readonly snapshot: SourceSnapshot;
  readonly state: DirectoryState;
  readonly diagnostics: readonly Diagnostic[];
  /** DMN020: the directory is gone, unreadable or empty, and everything stays as it is; null otherwise. */
  readonly missing: string | null;
}

export const emptyDirectoryState: DirectoryState = { files: new Map(), images: new Set() };

/** State after a restart: the documents the store has of this set are the last good form of their files. */
export function initialDirectoryState(documents: readonly AnyResource[]): DirectoryState {
  const files = new Map<string, FileState>();
  for (const document of documents) {
    const file = document.origin.file;
    files.set(file, { content: null, loaded: { documents: [], diagnostics: [] }, good: [...(files.get(file)?.good ?? []), document] });
  }
  return { files, images: imageKeys(documents) };
}

/**
 * Reads a watched directory whole. A broken file is quarantined: the last good documents of it stand and are held, the rest goes on. A file without a last good form
 * makes the snapshot incomplete, so that nothing is pruned. A missing, unreadable or empty directory keeps all documents. Content is compared, never times. Does not throw.
 */
export async function readDirectory(directory: string, options: DirectoryOptions, previous: DirectoryState): Promise<DirectoryReading> {
  const found = await readFiles(directory, options.recursive ?? false);
  if (found === null || found.length === 0) return keepAll(directory, options, previous, found === null);
  const loaded = loadFiles(found, options, previous);
  const settled = settle(loaded.files, options);
  const documents = settled.flatMap((file) => file.documents);
  const quarantined = settled.filter(({ accepted }) => !accepted);
  const snapshot: SourceSnapshot = {
    set: options.set,
    documents,
    complete: quarantined.every(({ good }) => good !== null),
    prune: options.prune ?? true,
    held: new Set(quarantined.flatMap(({ good }) => (good ?? []).map(({ key }) => key))),
    files: settled.map(describeFile),
  };
  const files = new Map(
    settled.map((file): [string, FileState] => [
      file.path,
      { content: file.content, loaded: file.loaded, good: file.accepted ? file.documents : file.good },
    ]),
  );
  return {
    snapshot,
    state: { files, images: loaded.images },
    diagnostics: sortDiagnostics(settled.flatMap((file) => file.diagnostics)),
    missing: null,
  };
}

/** Nothing can be said, so nothing changes. */
function keepAll(directory: string, options: DirectoryOptions, previous: DirectoryState, gone: boolean): DirectoryReading {
  const documents = [...previous.files.values()].flatMap(({ good }) => good ?? []);
  const snapshot: SourceSnapshot = {
    set: options.set,
    documents,
    complete: false,
    prune: options.prune ?? true,
    held: new Set(documents.map(({ key }) => key)),
    files: [],
  };
  const what = gone ? 'disappeared' : 'has no manifests';
  const stay = documents.length === 0 ? 'nothing is known of it' : `all ${documents.length} objects stay as they are`;
  return { snapshot, state: previous, diagnostics: [], missing: `${directory} ${what}; ${stay} until it returns` };
}

// ----------------------------------------------------------------------------------------------------------------------- files

interface FoundFile {
  readonly path: string;
  /** Null: it could not be read, `problem` says why. */
  readonly bytes: Uint8Array | null;
  readonly problem: Diagnostic | null;
  /** Not a file at all (FIFO, socket, device, directory): skipped with its reason. */
  readonly ignored: boolean;
}

const parallelReads = 32;

/** All manifests of a directory, by path; null when it is not there or unreadable. A directory swapped by a symbolic link is read on one side of the swap. */
async function readFiles(directory: string, recursive: boolean): Promise<readonly FoundFile[] | null> {
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

// --------------------------------------------------------------------------------------------------------------------- content

interface LoadedFile {
  readonly path: string;
  readonly ignored: boolean;
  readonly content: string | null;
  readonly loaded: FileState['loaded'];
  readonly good: readonly AnyResource[] | null;
}

interface LoadedFiles {
  readonly files: readonly LoadedFile[];
  /** Image objects that the documents were resolved with. */
  readonly images: ReadonlySet<ResourceKey>;
}

/** Texts → documents. What is unchanged is not parsed again, unless the Image objects changed that a Container's `image` may name. */
function loadFiles(found: readonly FoundFile[], options: DirectoryOptions, previous: DirectoryState): LoadedFiles {
  const first = loadChanged(found, options, previous);
  const images = imageKeys(first.flatMap((file) => (hasErrors(file.loaded.diagnostics) ? (file.good ?? []) : file.loaded.documents)));
  const same = images.size === previous.images.size && [...images].every((key) => previous.images.has(key));
  return { files: same ? first : loadChanged(found, options, { files: forgetContent(previous.files), images }), images };
}

function forgetContent(files: DirectoryState['files']): DirectoryState['files'] {
  return new Map([...files].map(([path, file]) => [path, { ...file, content: null }]));
}

function loadChanged(found: readonly FoundFile[], options: DirectoryOptions, previous: DirectoryState): readonly LoadedFile[] {
  const variables = options.variables ?? noVariables;
  const hashed = found.map((file) => ({
    ...file,
    content: file.bytes === null ? null : hashContent(file.bytes, variables),
    before: previous.files.get(file.path),
  }));
  const changed = hashed.filter(({ content, before }) => content === null || before?.content !== content);
  const inputs: readonly ManifestInput[] = changed.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ file: path, text: bytes }]));
  const loaded = loadManifests(inputs, { set: () => options.set, namespace: options.namespace, images: previous.images, variables });
  const fresh = new Map(loaded.perFile.map((file) => [file.file, file]));
  return hashed.map(({ path, ignored, content, problem, before }) => ({
    path,
    ignored,
    content,
    loaded: problem === null ? (fresh.get(path) ?? before?.loaded ?? nothingLoaded) : { documents: [], diagnostics: [problem] },
    good: before?.good ?? null,
  }));
}

const nothingLoaded: FileState['loaded'] = { documents: [], diagnostics: [] };

function hashContent(bytes: Uint8Array, variables: Variables): string {
  return createHash('sha256')
    .update(bytes)
    .update('\0')
    .update(JSON.stringify([...variables]))
    .digest('hex');
}

function imageKeys(documents: readonly AnyResource[]): ReadonlySet<ResourceKey> {
  return new Set(documents.filter(({ kind }) => kind === 'Image').map(({ key }) => key));
}

interface SettledFile extends LoadedFile {
  readonly accepted: boolean;
  readonly documents: readonly AnyResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Decides for each file whether its documents, the last good ones or none count. Of two files with one object the later path gives way; the same after every restart. */
function settle(files: readonly LoadedFile[], options: DirectoryOptions): readonly SettledFile[] {
  const others = new Map((options.others ?? []).map((document) => [document.key, document]));
  let settled: readonly SettledFile[] = files.map((file) => {
    // A FIFO is no manifest; one in the place of a manifest that was good is a mistake.
    const broken = hasErrors(file.loaded.diagnostics) || (file.ignored && (file.good ?? []).length > 0);
    if (broken) return quarantine(file, file.loaded.diagnostics);
    return { ...file, accepted: true, documents: file.loaded.documents, diagnostics: file.loaded.diagnostics };
  });
  // Each round sets at least one file aside, so there are at most as many as files.
  for (let rounds = 0; rounds <= files.length; rounds += 1) {
    const problems = conflictsOf(settled, others);
    if (problems.size === 0) break;
    settled = settled.map((file) => {
      const found = problems.get(file.path);
      if (found === undefined) return file;
      // Last good documents that cannot stand beside the others any more are only held.
      return file.accepted
        ? quarantine(file, [...file.diagnostics, ...found])
        : { ...file, documents: [], diagnostics: [...file.diagnostics, ...found] };
    });
  }
  return settled;
}

function quarantine(file: LoadedFile, diagnostics: readonly Diagnostic[]): SettledFile {
  return { ...file, accepted: false, documents: file.good ?? [], diagnostics };
}

/** Errors that show only when all files and the other sets are seen, by the file that gives way. Documents of accepted files stand before last good ones. */
function conflictsOf(
  settled: readonly SettledFile[],
  others: ReadonlyMap<ResourceKey, AnyResource>,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const problems = new Map<string, Diagnostic[]>();
  const owners = new Map<ResourceKey, { readonly path: string; readonly document: AnyResource }>();
  const add = (path: string, diagnostic: Diagnostic): void => void problems.set(path, [...(problems.get(path) ?? []), diagnostic]);
  const ranked = [...settled.filter(({ accepted }) => accepted), ...settled.filter(({ accepted }) => !accepted)];
  for (const { path, documents } of ranked) {
    for (const document of documents) {
      const holder = others.get(document.key) ?? owners.get(document.key)?.document;
      if (holder === undefined) owners.set(document.key, { path, document });
      else add(path, describeDuplicate(document, holder));
    }
  }
  if (problems.size > 0) return problems;
  const snapshot = (set: SetId, documents: readonly AnyResource[]): SourceSnapshot => ({
    set,
    documents,
    complete: true,
    prune: false,
    held: new Set(),
    files: [],
  });
  const snapshots = [
    snapshot(
      othersFirst,
      [...others.values()].map((document) => ({ ...document, set: othersFirst })),
    ),
    ...settled.map((file) => snapshot('dir:', file.documents)),
  ];
  for (const diagnostic of buildGraph(snapshots, unknownHost).diagnostics) {
    const parties = diagnostic.key === null ? [] : [diagnostic.key, ...diagnostic.others];
    const owner = parties.map((key) => owners.get(key)).find((found) => found !== undefined);
    if (diagnostic.severity === 'error' && owner !== undefined) add(owner.path, diagnostic);
  }
  return problems;
}

/** A set before all others in order: what others want now is not what gives way. */
const othersFirst: SetId = '';

function describeFile(file: SettledFile): SourceFile {
  const error = file.diagnostics.find(({ severity }) => severity === 'error' || file.ignored);
  const state = file.accepted ? (file.ignored ? 'ignored' : 'ok') : 'quarantined';
  return { path: file.path, state, error: error === undefined ? null : formatDiagnostic(error) };
}
