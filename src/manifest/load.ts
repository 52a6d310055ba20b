import { dirname, join, resolve } from 'node:path';
import { type AnyResource, namespaceOf, type ResourceKey, resourceKey, type SetId } from '../model/resource.ts';
import { type Diagnostic, type Finding, type Path, type Report, sortDiagnostics, toDiagnostic } from './diagnostic.ts';
import { lockFileName, type ParsedLock } from './lock.ts';
import { normalize } from './normalize.ts';
import { nothingOutside, type Outside, type Want, wantKey } from './outside.ts';
import { parseText } from './parse.ts';
import { createSource, decode, type Source } from './source.ts';
import { nodeAt, type TreeNode } from './tree.ts';
import { type CheckedDocument, checkDocument } from './validate.ts';
import { noVariables, substitute, type Variables } from './variables.ts';

export interface ManifestInput {
  /** As messages name it; relative paths in the text start from its directory. */
  readonly file: string;
  readonly text: string | Uint8Array;
}

export interface LoadOptions {
  /** Set that owns the documents of a namespace. */
  readonly set: (namespace: string) => SetId;
  /** For documents that name none. */
  readonly namespace: string;
  /** Declared `${NAME}`s; null: declared without a value. */
  readonly variables?: Variables;
  /** Where relative file names start; the working directory unless given. `-` (stdin) lies here. */
  readonly baseDirectory?: string;
  /** Image objects known beside these inputs: a Container's `image` may name one. */
  readonly images?: ReadonlySet<ResourceKey>;
  /** `tsdock.lock` files by the absolute directory they lie in: they pin the tags of the manifests beside them. */
  readonly locks?: ReadonlyMap<string, ParsedLock>;
  /** Answers to what documents want from beside their manifests; `loadWithOutside` reads them. */
  readonly outside?: Outside;
}

export interface LoadedFile {
  readonly file: string;
  readonly documents: readonly AnyResource[];
  readonly diagnostics: readonly Diagnostic[];
  /** What its documents want from beside it, answered or not. */
  readonly wants: readonly Want[];
}

export interface Loaded {
  readonly documents: readonly AnyResource[];
  /** Of all files, sorted. */
  readonly diagnostics: readonly Diagnostic[];
  /** What documents want from beside their manifests and `outside` lacks: without it they are incomplete. */
  readonly wants: readonly Want[];
  readonly perFile: readonly LoadedFile[];
}

/**
 * Text of any number of files → canonical, hashed, positioned resources, and everything that is wrong with them in one run. Total: whatever the bytes are, nothing is thrown. A
 * document with an error gives no resource; duplicates and references are `buildGraph`'s. Reads nothing: bytes come in.
 */
export function loadManifests(inputs: readonly ManifestInput[], options: LoadOptions): Loaded {
  const checked = inputs.map((input) => checkFile(input, options));
  const images = new Set<ResourceKey>(options.images);
  for (const { documents } of checked) {
    for (const { kind, namespace, name } of documents) if (kind === 'Image') images.add(resourceKey('Image', namespace, name));
  }
  const perFile = checked.map((file) => normalizeFile(file, images, options));
  return {
    documents: perFile.flatMap(({ documents }) => documents),
    diagnostics: sortDiagnostics(perFile.flatMap(({ diagnostics }) => diagnostics)),
    wants: perFile.flatMap(({ wants }) => wants.filter((want) => options.outside?.has(wantKey(want)) !== true)),
    perFile,
  };
}

interface CheckedFile {
  readonly source: Source;
  readonly documents: readonly CheckedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

function checkFile(input: ManifestInput, options: LoadOptions): CheckedFile {
  const { source, findings } = decode(input.file, input.text);
  const diagnostics = findings.map((finding) => toDiagnostic(source, finding));
  if (diagnostics.length > 0) return { source, documents: [], diagnostics };
  const parsed = parseText(source);
  const tell = mayHoldSecret(source.text) ? withoutContent : (finding: Finding) => finding;
  diagnostics.push(...parsed.findings.map((finding) => toDiagnostic(source, tell(finding))));
  if (parsed.documents.length === 0 && parsed.findings.length === 0) {
    diagnostics.push(
      toDiagnostic(source, { severity: 'note', code: 'YAML020', offset: null, message: 'no object in this file, nothing to do' }),
    );
  }
  const documents = parsed.documents.flatMap(({ root, broken }) => {
    if (broken) return [];
    const isSecret = kindOf(root) === 'Secret';
    const report: Report = (finding) => diagnostics.push(toDiagnostic(source, isSecret ? { ...finding, hidden: true } : finding));
    const filled = substitute(root, options.variables ?? noVariables, isFileContent(root), report);
    const document = checkDocument(filled, options.namespace, 'objects', report);
    return document === null ? [] : [document];
  });
  return { source, documents, diagnostics };
}

/** Content of a Config is written as it is, unless it asks for variables: programs have a `${…}` of their own. Nothing is ever put into a Secret. */
function isFileContent(root: TreeNode): (path: Path) => boolean {
  const kind = kindOf(root);
  if (kind === 'Secret') return (path) => path.length === 1 && path[0] === 'spec';
  const interpolate = nodeAt(root, ['spec', 'interpolate']);
  const isLiteral = kind === 'Config' && !(interpolate?.type === 'scalar' && interpolate.value === true);
  return (path) => isLiteral && path.length === 2 && path[0] === 'spec' && path[1] === 'data';
}

function kindOf(root: TreeNode): unknown {
  const kind = nodeAt(root, ['kind']);
  return kind?.type === 'scalar' ? kind.value : null;
}

/** Of a text that could not be read nobody knows which of its lines belong to a Secret. */
function mayHoldSecret(text: string): boolean {
  return /^\s*["']?kind["']?\s*:\s*["']?Secret\b/m.test(text);
}

/** No line of the text, and of what the message quotes the names of keys alone. */
function withoutContent(finding: Finding): Finding {
  return { ...finding, hidden: true, message: finding.message.replace(/(?<!key )"(?:[^"\\]|\\.)*"/g, '"…"') };
}

function normalizeFile(file: CheckedFile, images: ReadonlySet<ResourceKey>, options: LoadOptions): LoadedFile {
  const { source } = file;
  const diagnostics = [...file.diagnostics];
  const wants: Want[] = [];
  const directory = directoryOf(source.file, options.baseDirectory ?? process.cwd());
  const { lock, problem } = options.locks?.get(directory) ?? noLock;
  if (problem !== null) diagnostics.push(lockProblem(directory, problem));
  if (problem !== null) return { file: source.file, documents: [], diagnostics: sortDiagnostics(diagnostics), wants };
  const documents = file.documents.flatMap((document) => {
    const key = resourceKey(document.kind, namespaceOf(document.kind, document.namespace), document.name);
    const report: Report = (finding) => diagnostics.push(toDiagnostic(source, finding, key));
    const outside = options.outside ?? nothingOutside;
    const onWant = (want: Want): void => void wants.push(want);
    const input = { source, document, set: options.set(document.namespace), directory, images, lock, outside, onWant };
    const resource = normalize(input, report);
    return resource === null ? [] : [resource];
  });
  return { file: source.file, documents, diagnostics: sortDiagnostics(diagnostics), wants };
}

const noLock: ParsedLock = { lock: new Map(), problem: null };

/** Where a manifest lies: relative paths in it and its `tsdock.lock` start there. Stdin lies in the base directory. */
export function directoryOf(file: string, base: string): string {
  return file === '-' ? base : dirname(resolve(base, file));
}

/** Without its lock a manifest means other images: nothing of it is taken. */
function lockProblem(directory: string, problem: string): Diagnostic {
  const source = createSource(join(directory, lockFileName), '');
  return toDiagnostic(source, { code: 'LCK001', offset: null, message: `lock file cannot be read: ${problem}` });
}
