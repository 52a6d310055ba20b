import { resolve } from 'node:path';
import type { ConfigFields, SecretFields } from '../model/generated/manifests.ts';
import type { ConfigSpec, GenerateRule, SecretSpec, SecretValue } from '../model/spec.ts';
import { addRef, readRef, reportAt, resolvePath, type SpecContext } from './context.ts';
import { compareText, type Path, quote } from './diagnostic.ts';
import { maxContentBytes, type Piece, type Want } from './outside.ts';
import { createRecord, keyOffsetOf } from './tree.ts';

/** File names are at most 255 bytes on every file system of Linux. */
const maxFileName = 255;
/** Key of a value that comes without a name. */
const soleKey = 'value';

// ---------------------------------------------------------------------------------------------------------------------- Config

/** Text stays text, so that a diff can count its lines; anything else is base64. What `files` names becomes one of the two. */
export function normalizeConfig(context: SpecContext, spec: ConfigFields): ConfigSpec {
  const keys = new Keys(context);
  const data: [string, string][] = [];
  const binaryData: [string, string][] = [];
  for (const [name, text] of Object.entries(spec.data ?? {})) if (keys.take(name, ['data', name])) data.push([name, text]);
  for (const [name, text] of Object.entries(spec.binaryData ?? {})) {
    const bytes = readBase64(context, text, ['binaryData', name]);
    if (keys.take(name, ['binaryData', name]) && bytes !== null) binaryData.push([name, bytes.toString('base64')]);
  }
  for (const [index, pattern] of (spec.files ?? []).entries()) {
    const path: Path = ['files', index];
    for (const { name, bytes } of readFiles(context, pattern, path)) {
      if (!keys.take(name, path)) continue;
      const text = textOf(bytes);
      if (text === null) binaryData.push([name, Buffer.from(bytes).toString('base64')]);
      else data.push([name, text]);
    }
  }
  const size = [...data.map(([, text]) => Buffer.byteLength(text)), ...binaryData.map(([, text]) => (text.length * 3) / 4)];
  checkSize(context, size);
  return {
    data: sorted(data),
    binaryData: sorted(binaryData),
    interpolate: spec.interpolate ?? false,
    immutable: spec.immutable ?? false,
  };
}

// ---------------------------------------------------------------------------------------------------------------------- Secret

/** Clear values leave here as `plain`: an engine seals them before anything else sees the document. Messages never show one, and neither does the line they point at. */
export function normalizeSecret(context: SpecContext, spec: SecretFields): SecretSpec {
  const keys = new Keys(context);
  const values: [string, SecretValue][] = [];
  let size = 0;
  const add = (name: string, bytes: Uint8Array): void => {
    size += bytes.byteLength;
    values.push([name, { form: 'plain', base64: Buffer.from(bytes).toString('base64') }]);
  };
  for (const [name, text] of Object.entries(spec.stringData ?? {})) if (keys.take(name, ['stringData', name])) add(name, Buffer.from(text));
  for (const [name, text] of Object.entries(spec.data ?? {})) {
    const bytes = readBase64(context, text, ['data', name]);
    if (keys.take(name, ['data', name]) && bytes !== null) add(name, bytes);
  }
  for (const [name, text] of Object.entries(spec.encrypted ?? {})) {
    if (keys.take(name, ['encrypted', name]) && isArmored(context, text, ['encrypted', name]))
      values.push([name, { form: 'age', armored: text.trim() }]);
  }
  const generate = Object.entries(spec.generate ?? {}).filter(([name]) => keys.take(name, ['generate', name]));
  const from = readFrom(context, spec, keys, (name, bytes) =>
    bytes === null ? values.push([name, { form: 'unread' }]) : add(name, bytes),
  );
  checkSize(context, [size]);
  warnInGit(context, spec);
  return { values: sorted(values), generate: sorted(generate.map(([name, rule]) => [name, ruleOf(rule)])), from };
}

function ruleOf(rule: NonNullable<SecretFields['generate']>[string]): GenerateRule {
  return { length: rule.length ?? 32, charset: rule.charset ?? 'alnum' };
}

function readFrom(
  context: SpecContext,
  { from }: SecretFields,
  keys: Keys,
  add: (name: string, bytes: Uint8Array | null) => void,
): SecretSpec['from'] {
  if (from === undefined) return null;
  const given = (['file', 'env', 'exec', 'secret'] as const).filter((name) => from[name] !== undefined);
  const [source] = given;
  if (source === undefined || given.length > 1) {
    const found = source === undefined ? 'found none' : `found ${given.join(' and ')}`;
    reportAt(context, ['from'], { code: 'SCH034', message: `from needs one of file, env, exec, secret, ${found}` });
    return null;
  }
  if (source !== 'secret' && from.keys !== undefined)
    reportAt(context, ['from', 'keys'], {
      code: 'SCH034',
      message: `keys belong to from.secret, this is from.${source}`,
      hint: 'remove keys',
    });
  if (source === 'secret') {
    const secret = readRef(context, 'Secret', from.secret ?? '', ['from', 'secret']);
    if (secret === null) return null;
    addRef(context, secret, 'Present', ['from', 'secret']);
    for (const [index, name] of (from.keys ?? []).entries()) keys.take(name, ['from', 'keys', index]);
    return { secret, keys: from.keys === undefined ? null : [...new Set(from.keys)].sort(compareText) };
  }
  if (!keys.take(soleKey, ['from', source])) return null;
  const want = wantOf(context, source, from);
  if (want === null) return null;
  const isUnread = source === 'exec' && context.ask(want) === null;
  const [piece] = isUnread ? [{ bytes: null }] : askFor(context, want, ['from', source]);
  if (piece !== undefined) add(soleKey, piece.bytes);
  return null;
}

function wantOf(context: SpecContext, source: 'file' | 'env' | 'exec', from: NonNullable<SecretFields['from']>): Want | null {
  if (source === 'env') return { kind: 'env', name: from.env ?? '' };
  if (source === 'file') return { kind: 'files', pattern: escaped(resolvePath(context, from.file ?? '')) };
  const [program, ...rest] = from.exec ?? [];
  if (program === undefined || program === '') {
    reportAt(context, ['from', 'exec'], { code: 'SCH034', message: 'from.exec is empty', hint: '["pass", "show", "db"]' });
    return null;
  }
  return { kind: 'exec', argv: [program, ...rest], directory: context.directory };
}

/** What is in Git stays in Git. */
function warnInGit(context: SpecContext, spec: SecretFields): void {
  const plain = (['stringData', 'data'] as const).flatMap((field) => Object.keys(spec[field] ?? {}).map((name): Path => [field, name]));
  if (plain.length === 0) return;
  const answer = context.ask({ kind: 'git', directory: context.directory });
  if (answer === null || 'problem' in answer || answer.pieces.length === 0) return;
  for (const path of plain) {
    const message = `${String(path.at(-1))} is in plain text, or as good as that, and lies in a Git work tree`;
    const hint = 'encrypt it with age and move it to encrypted, or let generate make it';
    reportAt(context, path, { severity: 'warning', code: 'SEC001', message, hint, hidden: true });
  }
}

function isArmored(context: SpecContext, text: string, path: Path): boolean {
  if (/^-----BEGIN AGE ENCRYPTED FILE-----\r?\n[\sA-Za-z0-9+/=]+\r?\n-----END AGE ENCRYPTED FILE-----$/.test(text.trim())) return true;
  const message = `${path.join('.')} is not armoured age text`;
  reportAt(context, path, { code: 'SEC005', message, hint: 'age --armor, or move it to stringData', hidden: true });
  return false;
}

// ---------------------------------------------------------------------------------------------------------------------- shared

/** Keys are names of files wherever they are mounted: plain ones, each set once. */
class Keys {
  readonly #context: SpecContext;
  readonly #taken = new Map<string, Path>();

  constructor(context: SpecContext) {
    this.#context = context;
  }

  /** False after a report. */
  take(name: string, path: Path): boolean {
    const problem = nameProblem(name);
    const first = this.#taken.get(name);
    if (problem === null && first === undefined) {
      this.#taken.set(name, path);
      return true;
    }
    const offset = keyOffsetOf(this.#context.root, ['spec', ...path]);
    if (problem !== null) reportAt(this.#context, path, { code: 'VOL005', message: problem, offset, hidden: true });
    else {
      const message = `key ${quote(name)} is set twice, first in ${first?.[0]}`;
      reportAt(this.#context, path, { code: 'SCH021', message, hint: 'keep one', offset, hidden: true });
    }
    return false;
  }
}

function nameProblem(name: string): string | null {
  if (name === '' || Buffer.byteLength(name) > maxFileName) return `file name ${quote(name)} must have 1 to ${maxFileName} bytes`;
  if (name === '.' || name.includes('/') || name.startsWith('..')) return `file name ${quote(name)} may not contain "/" or ".."`;
  return null;
}

function readFiles(context: SpecContext, pattern: string, path: Path): readonly Piece[] {
  if (pattern === '') {
    reportAt(context, path, { code: 'CFG001', message: 'the path is empty' });
    return [];
  }
  return askFor(context, { kind: 'files', pattern: resolve(context.directory, pattern) }, path);
}

/** Nothing while nobody has read it. */
function askFor(context: SpecContext, want: Want, path: Path): readonly Piece[] {
  const answer = context.ask(want);
  if (answer === null) return [];
  if (!('problem' in answer)) return answer.pieces;
  reportAt(context, path, { code: 'CFG001', message: answer.problem });
  return [];
}

/** A path that is no pattern. */
function escaped(path: string): string {
  return path.replace(/[\\*?]/g, '\\$&');
}

function readBase64(context: SpecContext, text: string, path: Path): Buffer | null {
  const compact = text.replace(/\s+/g, '');
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return Buffer.from(compact, 'base64');
  reportAt(context, path, { code: 'SCH035', message: `${path.join('.')} is not base64`, hint: 'base64 -w0 FILE', hidden: true });
  return null;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function checkSize(context: SpecContext, sizes: readonly number[]): void {
  const bytes = Math.ceil(sizes.reduce((sum, size) => sum + size, 0));
  if (bytes <= maxContentBytes) return;
  const message = `${context.name} carries ${bytes} bytes, the limit is 1Mi`;
  reportAt(context, [], { code: 'CFG002', message, hint: 'a Volume holds data', hidden: true });
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return createRecord([...entries].sort(([left], [right]) => compareText(left, right)));
}
