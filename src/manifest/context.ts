import { isAbsolute, resolve } from 'node:path';
import {
  type Digest,
  formatLocalSource,
  formatReference,
  type ImageReference,
  parseLocalSource,
  parseReference,
} from '../model/reference.ts';
import { type Origin, type Ref, type ResourceKey, resourceKey } from '../model/resource.ts';
import { cut, type Finding, type Path, quote, type Report } from './diagnostic.ts';
import type { Lock } from './lock.ts';
import type { Answer, Want } from './outside.ts';
import { positionAt, type Source } from './source.ts';
import { createRecord, keyOffsetOf, type MappingNode, nodeAt, offsetOf, walk } from './tree.ts';
import { isLabel, parseDuration, parseRef, parseSize, suggestDuration } from './values.ts';

/** What the parts of normalize share about the one document they work on. Paths are below `spec`. */
export interface SpecContext {
  readonly source: Source;
  readonly root: MappingNode;
  readonly name: string;
  readonly namespace: string;
  /** Absolute directory that relative paths start from. */
  readonly directory: string;
  /** Image objects that a Container may name. */
  readonly images: ReadonlySet<ResourceKey>;
  /** What tags stand for where the manifest lies. */
  readonly lock: Lock;
  readonly report: Report;
  /** What is beside the manifest; null while nobody has read it. */
  readonly ask: (want: Want) => Answer | null;
  readonly refs: Ref[];
  /** Positions by path; entries of lists also by what they are: `ports[0.0.0.0:8080/tcp]`, `mounts[/data]`. */
  readonly fields: Record<string, Origin>;
}

/** Reports at the value of a field. */
export function reportAt(context: SpecContext, path: Path, finding: Pick<Finding, 'code' | 'message'> & Partial<Finding>): void {
  const whole = ['spec', ...path];
  context.report({ offset: offsetOf(context.root, whole), path: whole, ...finding });
}

export function originAt(context: SpecContext, path: Path): Origin {
  return { file: context.source.file, ...positionAt(context.source, offsetOf(context.root, ['spec', ...path])) };
}

export function addRef(context: SpecContext, key: ResourceKey, condition: Ref['condition'], path: Path): void {
  if (!context.refs.some((ref) => ref.key === key)) context.refs.push({ key, condition, origin: originAt(context, path) });
}

/** Position of each field of the spec as the document has it: a scalar's own, a map's or list's by its key. */
export function collectFields(source: Source, root: MappingNode): Record<string, Origin> {
  const fields = createRecord<Origin>();
  const spec = nodeAt(root, ['spec']);
  if (spec === undefined) return fields;
  for (const { node, path } of walk(spec)) {
    if (path.length === 0) continue;
    const offset = node.type === 'scalar' ? node.offset : keyOffsetOf(root, ['spec', ...path]);
    const name = path.reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text === '' ? '' : '.'}${step}`),
      '',
    );
    fields[name] = { file: source.file, ...positionAt(source, offset) };
  }
  return fields;
}

// ----------------------------------------------------------------------------------------------------------------------- values

export function readSize(context: SpecContext, path: Path, value: string | number | undefined, fallback: number): number;
export function readSize(context: SpecContext, path: Path, value: string | number | undefined, fallback: null): number | null;
export function readSize(context: SpecContext, path: Path, value: string | number | undefined, fallback: number | null): number | null {
  if (value === undefined) return fallback;
  const bytes = parseSize(value);
  if (bytes !== null) return bytes;
  const number = /^\s*(\d+(?:\.\d+)?)\s*([kmgtp])/i.exec(String(value));
  const unit = number?.[2]?.toUpperCase();
  const power = ['K', 'M', 'G', 'T', 'P'].indexOf(unit ?? '') + 1;
  const hint =
    number === null || unit === undefined
      ? '512M (10^6) or 512Mi (2^20)'
      : `${number[1]}${unit} (10^${power * 3}) or ${number[1]}${unit}i (2^${power * 10})`;
  reportAt(context, path, { code: 'RES001', message: `${path.at(-1)} ${quote(value)} is not a size`, hint });
  return fallback;
}

export function readDuration(context: SpecContext, path: Path, value: string | number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const ms = parseDuration(value);
  if (ms !== null) return ms;
  const hint = suggestDuration(String(value)) ?? '500ms, 10s, 2m or 1h';
  reportAt(context, path, { code: 'SCH032', message: `${path.at(-1)} ${quote(value)} is not a duration`, hint });
  return fallback;
}

/** A mode as chmod(1) writes it. Numbers are refused unless they are written as octal: `644` in YAML 1.2 is decimal. */
export function readMode(context: SpecContext, path: Path, value: string | number | undefined): number | null {
  if (value === undefined) return null;
  const node = nodeAt(context.root, ['spec', ...path]);
  const written = node?.type === 'scalar' ? node.source : String(value);
  if (typeof value === 'number' && !written.startsWith('0o')) {
    const digits = written.replace(/^0+/, '');
    const message = `mode ${cut(digits)} is decimal (octal ${value.toString(8)})`;
    const hint = /^[0-7]{3,4}$/.test(digits) ? `write "0${digits}" in quotes` : 'write the octal mode in quotes, such as "0644"';
    reportAt(context, path, { code: 'SCH007', message, hint });
    return null;
  }
  const mode =
    typeof value === 'number' ? value : /^(?:0o)?[0-7]{3,5}$/.test(value) ? Number.parseInt(value.replace(/^0o/, ''), 8) : Number.NaN;
  if (mode >= 0 && mode <= 0o7777) return mode;
  reportAt(context, path, { code: 'SCH007', message: `mode ${quote(value)} is not octal digits as chmod takes them`, hint: 'e.g. "0644"' });
  return null;
}

/** `name` or `namespace/name` → key; null after a report. */
export function readRef<K extends 'Container' | 'Network' | 'Volume' | 'Config' | 'Secret'>(
  context: SpecContext,
  kind: K,
  text: string,
  path: Path,
): ResourceKey<K> | null {
  const ref = parseRef(text, context.namespace);
  if (ref !== null) return resourceKey(kind, ref.namespace, ref.name);
  reportAt(context, path, {
    code: 'REF003',
    message: `${quote(text)} is not the name of a ${kind}`,
    hint: 'name, or namespace/name of another namespace',
  });
  return null;
}

/** Canonical text of an image reference or local source; null after a report. */
export function readImageText(context: SpecContext, text: string, path: Path): string | null {
  const local = parseLocalSource(text);
  if (local !== null) return formatLocalSource({ ...local, path: resolvePath(context, local.path) });
  const parsed = parseReference(text);
  if (parsed.ok)
    return formatReference({ ...parsed.reference, digest: parsed.reference.digest ?? lockedDigest(context, parsed.reference) });
  reportAt(context, path, parsed.problem);
  return null;
}

function lockedDigest({ lock }: SpecContext, reference: ImageReference): Digest | null {
  return lock.size === 0 ? null : (lock.get(formatReference(reference))?.digest ?? null);
}

/** The declared Image of that name, else the implicit one of the reference. */
export function readImageKey(context: SpecContext, text: string): ResourceKey<'Image'> {
  const declared = isLabel(text) ? resourceKey('Image', context.namespace, text) : null;
  if (declared !== null && context.images.has(declared)) return declared;
  return resourceKey('Image', '_', readImageText(context, text, ['image']) ?? '');
}

export function resolvePath(context: SpecContext, path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(context.directory, path);
}
