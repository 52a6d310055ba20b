import { type Finding, quote } from './diagnostic.ts';
import { maxDepth, positionAt, type Source } from './source.ts';
import type { Entry, ScalarNode, TreeNode } from './tree.ts';

class JsonError extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

interface Cursor {
  readonly source: Source;
  readonly findings: Finding[];
  at: number;
}

/** Strict JSON with a place for each node: the platform's reader tells no positions. The first mistake ends it; keys set twice are reported and go on. */
export function parseJson(source: Source): { readonly root: TreeNode | null; readonly findings: readonly Finding[] } {
  const cursor: Cursor = { source, findings: [], at: 0 };
  try {
    const root = readValue(cursor, 1);
    skipSpace(cursor);
    if (cursor.at < source.text.length) fail(cursor, 'after the end of the value');
    return { root, findings: cursor.findings };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { root: null, findings: [...cursor.findings, error.finding] };
  }
}

function readValue(cursor: Cursor, depth: number): TreeNode {
  skipSpace(cursor);
  const { text } = cursor.source;
  const offset = cursor.at;
  const character = text[offset];
  if (character === '{' || character === '[') {
    if (depth >= maxDepth) throw new JsonError({ code: 'YAML011', offset, message: `nested deeper than ${maxDepth} levels` });
    return character === '{' ? readObject(cursor, depth) : readArray(cursor, depth);
  }
  if (character === '"') {
    const value = readString(cursor);
    return { type: 'scalar', value, source: value, plain: false, offset };
  }
  return readLiteral(cursor, offset);
}

function readObject(cursor: Cursor, depth: number): TreeNode {
  const offset = cursor.at;
  const entries = new Map<string, Entry>();
  cursor.at += 1;
  for (let comma: number | null = null; ; ) {
    skipSpace(cursor);
    if (cursor.source.text[cursor.at] === '}') {
      if (comma !== null) trailingComma(cursor, comma);
      cursor.at += 1;
      return { type: 'mapping', entries, offset };
    }
    if (cursor.source.text[cursor.at] !== '"') fail(cursor, comma === null ? 'after "{"' : 'after ","', 'keys stand in double quotes');
    const keyOffset = cursor.at;
    const key = readString(cursor);
    skipSpace(cursor);
    if (cursor.source.text[cursor.at] !== ':') fail(cursor, 'after a key', 'put ":" between key and value');
    cursor.at += 1;
    const node = readValue(cursor, depth + 1);
    const first = entries.get(key);
    if (first === undefined) entries.set(key, { keyOffset, node });
    else {
      const { line, column } = positionAt(cursor.source, first.keyOffset);
      const message = `key ${quote(key)} is set twice, first at ${line}:${column}`;
      cursor.findings.push({ code: 'YAML003', offset: keyOffset, message, hint: 'keep one' });
    }
    comma = readSeparator(cursor, '}');
    if (comma === null) return { type: 'mapping', entries, offset };
  }
}

function readArray(cursor: Cursor, depth: number): TreeNode {
  const offset = cursor.at;
  const items: TreeNode[] = [];
  cursor.at += 1;
  for (let comma: number | null = null; ; ) {
    skipSpace(cursor);
    if (cursor.source.text[cursor.at] === ']') {
      if (comma !== null) trailingComma(cursor, comma);
      cursor.at += 1;
      return { type: 'sequence', items, offset };
    }
    items.push(readValue(cursor, depth + 1));
    comma = readSeparator(cursor, ']');
    if (comma === null) return { type: 'sequence', items, offset };
  }
}

/** Position of the comma; null when the collection ended. */
function readSeparator(cursor: Cursor, end: '}' | ']'): number | null {
  skipSpace(cursor);
  const character = cursor.source.text[cursor.at];
  if (character !== ',' && character !== end) fail(cursor, 'after a value', `put "," or "${end}" before it`);
  cursor.at += 1;
  return character === end ? null : cursor.at - 1;
}

function readString(cursor: Cursor): string {
  const { text } = cursor.source;
  const start = cursor.at;
  let end = start + 1;
  while (end < text.length && text[end] !== '"' && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
  if (text[end] !== '"') {
    const line = positionAt(cursor.source, start).line;
    throw new JsonError({
      code: 'JSON001',
      offset: start,
      message: 'string opened here is never closed',
      hint: `add a closing " on line ${line}`,
    });
  }
  try {
    const value: unknown = JSON.parse(text.slice(start, end + 1));
    cursor.at = end + 1;
    return String(value);
  } catch {
    throw new JsonError({
      code: 'JSON001',
      offset: start,
      message: `string ${quote(text.slice(start + 1, end))} has an escape or a character that JSON does not know`,
    });
  }
}

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function readLiteral(cursor: Cursor, offset: number): ScalarNode {
  const word = /^[-+.\w]+/.exec(cursor.source.text.slice(offset, offset + 64))?.[0] ?? '';
  const known = literals.get(word);
  const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word);
  if (known === undefined && !isNumber) fail(cursor, null);
  cursor.at += word.length;
  return { type: 'scalar', value: known === undefined ? Number(word) : known, source: word, plain: true, offset };
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor.source;
  while (cursor.at < text.length && ' \t\r\n'.includes(text.charAt(cursor.at))) cursor.at += 1;
}

function trailingComma(cursor: Cursor, comma: number): never {
  const { line, column } = positionAt(cursor.source, comma);
  fail(cursor, 'after ","', `remove the comma at ${line}:${column}`);
}

function fail(cursor: Cursor, place: string | null, hint?: string): never {
  const character = cursor.source.text[cursor.at];
  const found = character === undefined ? 'unexpected end of file' : `unexpected ${quote(character)}`;
  throw new JsonError({ code: 'JSON001', offset: cursor.at, message: place === null ? found : `${found} ${place}`, hint: hint ?? null });
}
