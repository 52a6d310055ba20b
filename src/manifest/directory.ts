import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { SourceFile, SourceSnapshot } from '../model/graph.ts';
import type { AnyResource, ResourceKey, SetId } from '../model/resource.ts';
import { type Diagnostic, formatDiagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { type FoundFile, readFiles } from './directory-files.ts';
import { buildGraph, describeDuplicate } from './graph.ts';
import { unknownHost } from './graph-host.ts';
import type { ManifestInput } from './load.ts';
import { formatLock, type ParsedLock } from './lock.ts';
import { readLocks } from './lock-files.ts';
import { nothingOutside, type Outside, type Want, wantKey } from './outside.ts';
import { loadWithOutside } from './read-outside.ts';
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
  /** What programs said that Secrets take their values from. */
  readonly said: Outside;
}

interface Content {
  readonly documents: readonly AnyResource[];
  readonly diagnostics: readonly Diagnostic[];
  /** What it takes from beside it: may change while its own content does not. */
  readonly wants: readonly Want[];
}

interface FileState {
  /** Hash of the content that `loaded` was made from; null: not read in this process. */
  readonly content: string | null;
  readonly loaded: Content;
  /** The last documents that were accepted, with those whose loss is not believed yet. */
  readonly good: readonly AnyResource[] | null;
}

export interface DirectoryReading {
  readonly snapshot: SourceSnapshot;
  readonly state: DirectoryState;
  readonly diagnostics: readonly Diagnostic[];
  /** A file that is still there names fewer objects: perhaps somebody is still writing it. Look again in a second or two; a loss that is read twice is believed. */
  readonly unsettled: boolean;
  /** DMN020: the directory is gone, unreadable or empty, and everything stays as it is; null otherwise. */
  readonly missing: string | null;
}

export const emptyDirectoryState: DirectoryState = { files: new Map(), images: new Set(), said: nothingOutside };

/** State after a restart: the documents the store has of this set are the last good form of their files. */
export function initialDirectoryState(documents: readonly AnyResource[]): DirectoryState {
  const files = new Map<string, FileState>();
  for (const document of documents) {
    const file = document.origin.file;
    files.set(file, { content: null, loaded: nothingLoaded, good: [...(files.get(file)?.good ?? []), document] });
  }
  return { files, images: imageKeys(documents), said: nothingOutside };
}

/**
 * Reads a watched directory whole. A broken file is quarantined: the last good documents of it stand and are held, the rest goes on. A file without a last good form
 * makes the snapshot incomplete, so that nothing is pruned; so does an object that its file does not name any more until the same content was read twice (a valid
 * manifest has valid beginnings). A missing, unreadable or empty directory keeps all documents. Content is compared, never times. Does not throw.
 */
export async function readDirectory(directory: string, options: DirectoryOptions, previous: DirectoryState): Promise<DirectoryReading> {
  const found = await readFiles(directory, options.recursive ?? false);
  if (found === null || found.length === 0) return keepAll(directory, options, previous, found === null);
  const locks = await readLocks(found.map((file) => file.path));
  const loaded = await loadFiles(found, { ...options, locks }, previous);
  const settled = settle(loaded.files, options);
  const documents = settled.flatMap((file) => file.documents);
  const quarantined = settled.filter(({ accepted }) => !accepted);
  const lost = lostDocuments(settled, previous, new Set(documents.map(({ key }) => key)));
  const snapshot: SourceSnapshot = {
    set: options.set,
    documents,
    complete: lost.size === 0 && quarantined.every(({ good }) => good !== null),
    prune: options.prune ?? true,
    held: new Set(quarantined.flatMap(({ good }) => (good ?? []).map(({ key }) => key))),
    files: settled.map(describeFile),
  };
  const goodOf = (file: SettledFile): FileState['good'] =>
    file.accepted ? [...file.documents, ...(lost.get(file.path) ?? [])] : file.good;
  const files = new Map(
    settled.map((file): [string, FileState] => [file.path, { content: file.content, loaded: file.loaded, good: goodOf(file) }]),
  );
  return {
    snapshot,
    state: { files, images: loaded.images, said: loaded.said },
    diagnostics: sortDiagnostics(settled.flatMap((file) => file.diagnostics)),
    unsettled: lost.size > 0,
    missing: null,
  };
}

/** What files that are read for the first time as they are do not name any more, and no other file does. */
function lostDocuments(
  settled: readonly SettledFile[],
  previous: DirectoryState,
  named: ReadonlySet<ResourceKey>,
): ReadonlyMap<string, readonly AnyResource[]> {
  const lost = new Map<string, readonly AnyResource[]>();
  for (const { path, accepted, content, good } of settled) {
    if (!accepted || content === previous.files.get(path)?.content) continue;
    const gone = (good ?? []).filter(({ key }) => !named.has(key));
    if (gone.length > 0) lost.set(path, gone);
  }
  return lost;
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
  const stay = documents.length === 0 ? 'nothing is known of it' : keptText(documents.length);
  return { snapshot, state: previous, diagnostics: [], unsettled: false, missing: `${directory} ${what}; ${stay} until it returns` };
}

function keptText(count: number): string {
  return count === 1 ? 'its object stays as it is' : `all ${count} objects stay as they are`;
}

// --------------------------------------------------------------------------------------------------------------------- content

interface LoadedFile {
  readonly path: string;
  readonly ignored: boolean;
  readonly content: string | null;
  readonly loaded: FileState['loaded'];
  readonly good: readonly AnyResource[] | null;
}

/** With the lock files that lie beside the manifests. */
interface LockedOptions extends DirectoryOptions {
  readonly locks: ReadonlyMap<string, ParsedLock>;
}

interface LoadedFiles {
  readonly files: readonly LoadedFile[];
  /** Image objects that the documents were resolved with. */
  readonly images: ReadonlySet<ResourceKey>;
  readonly said: Outside;
}

/**
 * Texts → documents. What is unchanged is not parsed again, unless it takes something from beside it, or the Image objects changed that a Container's `image` may name.
 */
async function loadFiles(found: readonly FoundFile[], options: LockedOptions, previous: DirectoryState): Promise<LoadedFiles> {
  const first = await loadChanged(found, options, previous);
  const images = imageKeys(first.files.flatMap((file) => (hasErrors(file.loaded.diagnostics) ? (file.good ?? []) : file.loaded.documents)));
  const same = images.size === previous.images.size && [...images].every((key) => previous.images.has(key));
  if (same) return { ...first, images };
  const unparsed = first.files.map(({ path, loaded, good }): [string, FileState] => [path, { content: null, loaded, good }]);
  const again = await loadChanged(found, options, { files: new Map(unparsed), images, said: first.said });
  return { ...again, images };
}

async function loadChanged(
  found: readonly FoundFile[],
  options: LockedOptions,
  previous: DirectoryState,
): Promise<Pick<LoadedFiles, 'files' | 'said'>> {
  const variables = options.variables ?? noVariables;
  const hashed = found.map((file) => ({
    ...file,
    content: file.bytes === null ? null : hashContent(file.bytes, variables, options.locks.get(dirname(resolve(file.path)))),
    before: previous.files.get(file.path),
  }));
  const isSame = ({ content, before }: (typeof hashed)[number]): boolean => content !== null && before?.content === content;
  const changed = hashed.filter((file) => !isSame(file) || (file.before?.loaded.wants.length ?? 0) > 0);
  // A program runs again when the manifest that names it has changed, not at each look.
  const kept = hashed
    .filter((file) => isSame(file) || file.before?.content === null)
    .flatMap(({ before }) => before?.loaded.wants.map(wantKey) ?? []);
  const known = new Map([...previous.said].filter(([key]) => kept.includes(key)));
  const inputs: readonly ManifestInput[] = changed.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ file: path, text: bytes }]));
  const loaded = await loadWithOutside(
    inputs,
    { set: () => options.set, namespace: options.namespace, images: previous.images, variables, locks: options.locks },
    { env: process.env, programs: 'run', known },
  );
  const wants = new Map(loaded.perFile.flatMap((file) => file.wants.map((want) => [wantKey(want), want.kind] as const)));
  const said = new Map([...loaded.outside].filter(([key, answer]) => wants.get(key) === 'exec' && 'pieces' in answer));
  const fresh = new Map(loaded.perFile.map((file) => [file.file, file]));
  const files = hashed.map(({ path, ignored, content, problem, before }) => ({
    path,
    ignored,
    content,
    loaded: problem === null ? (fresh.get(path) ?? before?.loaded ?? nothingLoaded) : { ...nothingLoaded, diagnostics: [problem] },
    good: before?.good ?? null,
  }));
  return { files, said };
}

const nothingLoaded: Content = { documents: [], diagnostics: [], wants: [] };

function hashContent(bytes: Uint8Array, variables: Variables, lock: ParsedLock | undefined): string {
  return createHash('sha256')
    .update(bytes)
    .update('\0')
    .update(JSON.stringify([...variables]))
    .update(lock === undefined ? '' : `\0${lock.problem ?? formatLock(lock.lock)}`)
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
