/** Manifests of a command line: `-f` several times, a file, a directory or `-`. Files are read synchronously: there is nothing else to do meanwhile. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { didYouMean, hasErrors } from '../manifest/diagnostic.ts';
import type { Loaded, ManifestInput } from '../manifest/load.ts';
import type { ParsedLock } from '../manifest/lock.ts';
import type { Outside, Want } from '../manifest/outside.ts';
import type { ReadOptions } from '../manifest/read-outside.ts';
import { TsdockError } from '../model/errors.ts';
import type { SourceSnapshot } from '../model/graph.ts';
import type { AnyResource, ResourceKey } from '../model/resource.ts';
import { type CommandContext, flag, type Options, text, texts, usage } from './command.ts';
import { counted } from './output.ts';

export interface LoadedInput {
  /** What is read, as far as it is valid, with everything that is wrong with it. */
  readonly loaded: Loaded;
  /** The same without lock files: tags as they are written. */
  readonly unlocked: Loaded;
  /** `tsdock.lock` files beside the manifests, by directory. */
  readonly locks: ReadonlyMap<string, ParsedLock>;
  /** The same manifests with other lock files. */
  withLocks(locks: ReadonlyMap<string, ParsedLock>): LoadedInput;
  /** One a set. Image objects that are known elsewhere decide what a Container's `image` means. */
  snapshots(images: ReadonlySet<ResourceKey>): Promise<readonly SourceSnapshot[]>;
}

/**
 * Loads what `-f` and `paths` name; warnings go to stderr. MANIFEST with all diagnostics when anything is wrong, CLI011 for a path that is not there, CLI010
 * when nothing is named. Programs that Secrets take values from are for an apply alone to run.
 */
export async function loadInput(context: CommandContext, options: Options, programs: 'run' | 'leave' = 'leave'): Promise<LoadedInput> {
  const input = await readInput(context, options, [], programs);
  const { diagnostics, perFile } = input.loaded;
  if (hasErrors(diagnostics)) {
    const bad = perFile.filter((file) => hasErrors(file.diagnostics)).length;
    const message = `${bad} of ${counted(perFile.length, 'file')} ${bad === 1 ? 'is' : 'are'} invalid, nothing was changed`;
    throw new TsdockError('MANIFEST', { message, diagnostics });
  }
  if (!context.globals.quiet && diagnostics.length > 0) {
    const { printDiagnostics } = await import('./report.ts');
    printDiagnostics(diagnostics, context.streams);
  }
  return input;
}

/** As `loadInput`, but what is wrong stays in `diagnostics`. `programs`: whether those are run that a Secret takes its value from. */
export async function readInput(
  context: CommandContext,
  options: Options,
  paths: readonly string[],
  programs: 'run' | 'leave',
): Promise<LoadedInput> {
  const named = [...texts(options, 'filename'), ...paths];
  if (named.length === 0) throw usage('no manifest is named', '-f web.yaml, a directory, or - for stdin');
  const inputs = (await Promise.all(named.map((path) => readPath(context, path)))).flat();
  const [{ loadManifests }, variables] = await Promise.all([import('../manifest/load.ts'), readVariables(context, options)]);
  const set = text(options, 'set');
  const { readLocks } = await import('../manifest/lock-files.ts');
  const found = await readLocks(inputs.map(({ file }) => resolve(context.cwd, file)));
  const settings = {
    set: (namespace: string) => set ?? `cli:${namespace}`,
    namespace: context.globals.namespace ?? 'default',
    variables,
    baseDirectory: context.cwd,
  };
  // Neither locks nor images change what a Config or Secret wants from beside its manifest.
  const first = loadManifests(inputs, { ...settings, locks: found });
  const outside = first.wants.length === 0 ? null : await readBeside(first.wants, { env: context.env, programs });
  const load = (images: ReadonlySet<ResourceKey>, locks: LoadedInput['locks']) =>
    loadManifests(inputs, { ...settings, images, locks, ...(outside === null ? {} : { outside }) });
  const inputOf = (loaded: Loaded, locks: LoadedInput['locks']): LoadedInput => ({
    loaded,
    get unlocked() {
      return load(new Set(), new Map());
    },
    locks,
    withLocks: (others) => inputOf(load(new Set(), others), others),
    snapshots: async (images) => {
      const { snapshotsOf } = await import('../manifest/snapshots.ts');
      return snapshotsOf(images.size === 0 ? loaded : load(images, locks), { prune: flag(options, 'prune') });
    },
  });
  return inputOf(outside === null ? first : load(new Set(), found), found);
}

async function readBeside(wants: readonly Want[], options: ReadOptions): Promise<Outside> {
  const { readOutside } = await import('../manifest/read-outside.ts');
  return readOutside(wants, options);
}

/** Whether a Container's `image` is a bare word, which an Image object elsewhere may be meant by. */
export function mayNameImageObject(document: AnyResource): boolean {
  return document.kind === 'Container' && /^Image\/_\/docker\.io\/library\/[^/]+:latest$/.test(document.spec.image);
}

// ---------------------------------------------------------------------------------------------------------------------- files

async function readPath({ cwd, streams }: CommandContext, path: string): Promise<readonly ManifestInput[]> {
  if (path === '-') return [{ file: '-', text: await readAll(streams.stdin) }];
  const absolute = resolve(cwd, path);
  if (!isDirectory(path, absolute)) return [readOne(path, absolute)];
  const names = readdirSync(absolute).filter(isManifestName).sort();
  if (names.length === 0)
    throw new TsdockError('CLI011', { message: `${path}: no manifest in this directory`, hint: 'files end in .yaml, .yml or .json' });
  return names.map((name) => readOne(join(path, name), join(absolute, name)));
}

function isDirectory(path: string, absolute: string): boolean {
  try {
    return statSync(absolute).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR' ? noSuchFile(path, absolute) : unreadable(path, error as NodeJS.ErrnoException);
  }
}

function readOne(file: string, absolute: string): ManifestInput {
  try {
    return { file, text: readFileSync(absolute) };
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

const unreadable = (path: string, cause: NodeJS.ErrnoException) =>
  new TsdockError('CLI011', { message: `${path}: cannot be read (${cause.code})`, cause });

/** Names what is there instead: the nearest name, or all manifests beside it. */
function noSuchFile(path: string, absolute: string): TsdockError {
  const here = namesIn(dirname(absolute)).filter(isManifestName).sort();
  const nearest = didYouMean(basename(absolute), here);
  const names = nearest === null ? here.slice(0, 5) : [nearest];
  const hint =
    names.length === 0 ? null : `here ${names.length === 1 ? 'is' : 'are'} ${names.map((name) => join(dirname(path), name)).join(', ')}`;
  return new TsdockError('CLI011', { message: `${path}: no such file`, ...(hint === null ? {} : { hint }) });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // nothing to suggest then
  }
}

/** product.md 9.2: what editors leave behind is not read. */
function isManifestName(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name) && !/^[.#]/.test(name);
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

// ------------------------------------------------------------------------------------------------------------------ variables

/** `--var` wins over `--var-file`, later ones over earlier ones; `--var NAME` declares a name without a value. */
async function readVariables({ cwd }: CommandContext, options: Options): Promise<ReadonlyMap<string, string | null>> {
  const variables = new Map<string, string | null>();
  for (const path of texts(options, 'varFile')) {
    const { text } = readOne(path, resolve(cwd, path));
    for (const [name, value] of await parseVariableFile(path, text.toString())) variables.set(name, value);
  }
  for (const word of texts(options, 'var')) {
    const [, name, value] = /^(\w+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) throw usage(`--var "${word}" is not NAME=value`, '--var TAG=1.29');
    variables.set(name, value ?? null);
  }
  return variables;
}

/** `NAME=value` lines (# begins a comment line), or a YAML map of texts. */
async function parseVariableFile(path: string, content: string): Promise<readonly (readonly [string, string])[]> {
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const pairs = lines.map((line) => /^\s*(?<name>\w+)=(?<value>.*)$/.exec(line)?.groups);
  if (pairs.every((pair) => pair !== undefined)) return pairs.map((pair) => [pair?.name ?? '', pair?.value ?? '']);
  const { parse } = await import('yaml');
  let map: unknown;
  try {
    map = parse(content);
  } catch (cause) {
    throw usage(`${path} is neither NAME=value lines nor a YAML map`, cause instanceof Error ? cause.message.split('\n')[0] : undefined);
  }
  const entries = typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.entries(map) : [];
  const wrong = entries.find(([, value]) => typeof value === 'object');
  if (entries.length === 0 || wrong !== undefined) throw usage(`${path} is neither NAME=value lines nor a YAML map of texts`);
  return entries.map(([name, value]) => [name, String(value)]);
}
