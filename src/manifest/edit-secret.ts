/**
 * Changes the encrypted values of a Secret in the text of its manifest and nothing else: comments, order and the spelling of everything around stay as they are. Pure.
 */
import { isMap, isScalar, type Pair, type ParsedNode, parseAllDocuments, type Scalar, type YAMLMap } from 'yaml';
import { TsdockError } from '../model/errors.ts';

/** A Secret as it is written in a file. */
export interface WrittenSecret {
  readonly namespace: string | null;
  readonly name: string;
  /** Armoured texts by key. */
  readonly encrypted: ReadonlyMap<string, string>;
  /** Clear bytes of `stringData` and `data` by key. */
  readonly clear: ReadonlyMap<string, Uint8Array>;
  /** Line of the document's first field, from 1. */
  readonly line: number;
}

/** Which document of a file is meant: its name for messages, its number among the Secrets of the file. */
export interface SecretPlace {
  readonly file: string;
  readonly name: string;
  readonly index: number;
}

type Node = ParsedNode;
type MapNode = YAMLMap.Parsed;
type MapPair = Pair<Node, Node | null>;

/** The Secrets of a file in its order; SEC014 for a text that is no YAML. */
export function writtenSecrets(file: string, text: string): readonly WrittenSecret[] {
  return secretMaps(file, text).map(({ root, name, namespace }) => {
    const spec = mapAt(root, 'spec');
    const texts = (field: string) => [...entriesOf(mapAt(spec, field))];
    const clear = new Map<string, Uint8Array>();
    for (const [key, value] of texts('stringData')) clear.set(key, Buffer.from(value));
    for (const [key, value] of texts('data')) clear.set(key, Buffer.from(value, 'base64'));
    return { name, namespace, encrypted: new Map(texts('encrypted')), clear, line: lineAt(text, root.range[0]) };
  });
}

/** The text with these values of one Secret written under `encrypted`; null removes a key. SEC014 where that cannot be done without touching more. */
export function writeEncrypted(text: string, place: SecretPlace, values: ReadonlyMap<string, string | null>): string {
  let changed = text;
  for (const [key, armored] of values) changed = armored === null ? removeKey(changed, place, key) : setKey(changed, place, key, armored);
  return changed;
}

/**
 * The text with the sections `stringData` and `data` of one Secret made part of `encrypted`, where every one of their keys then has its armoured text. With nothing
 * encrypted so far the first section only changes its name.
 */
export function sealSections(text: string, place: SecretPlace, armored: ReadonlyMap<string, string>): string {
  let changed = text;
  for (const section of ['stringData', 'data']) {
    const spec = specOf(changed, place);
    const pair = pairOf(spec, section);
    if (pair === null) continue;
    const encrypted = pairOf(spec, 'encrypted');
    changed = encrypted === null ? splice(changed, rangeOf(pair.key), 'encrypted') : mergeSection(changed, place, spec, pair, encrypted);
  }
  return writeEncrypted(changed, place, armored);
}

// ------------------------------------------------------------------------------------------------------------------------ edits

function setKey(text: string, place: SecretPlace, key: string, armored: string): string {
  const spec = specOf(text, place);
  const section = pairOf(spec, 'encrypted');
  if (section === null) return addEntry(text, place, spec, 'encrypted', { [key]: armored });
  if (!isMap(section.value)) throw notEditable(place, 'encrypted is not a map');
  const map = section.value as MapNode;
  const pair = pairOf(map, key);
  if (pair === null) return addEntry(text, place, map, key, armored);
  if (pair.value === null) throw notEditable(place, `${JSON.stringify(key)} has no value`);
  return replaceValue(text, pair as Pair<Node, Node>, map, armored);
}

/** In a block map as a literal; inside of braces, where no literal may stand, in quotes. What follows the old value on its line stays behind the header. */
function replaceValue(text: string, pair: Pair<Node, Node>, map: MapNode, armored: string): string {
  const [start, end] = rangeOf(pair.value);
  if (map.flow === true) return splice(text, [start, end], JSON.stringify(armored));
  const isBlock = isScalar(pair.value) && (pair.value.type === 'BLOCK_LITERAL' || pair.value.type === 'BLOCK_FOLDED');
  const old = text.slice(start, end);
  const header = isBlock ? (/^[^\n]*?(?<comment>[ \t]+#[^\r\n]*)?\r?\n/.exec(old)?.groups?.comment ?? '') : '';
  const lineEnd = isBlock ? end : endOfLine(text, end);
  const rest = isBlock ? '' : text.slice(end, lineEnd).trimEnd();
  const body = literalBody(text, columnOf(text, rangeOf(pair.key)[0]), armored);
  return `${text.slice(0, start)}|${header}${rest === '' ? '' : ` ${rest.trimStart()}`}${body}${isBlock && !old.endsWith('\n') ? '' : isBlock ? newlineOf(text) : ''}${text.slice(lineEnd)}`;
}

/** A further entry at the end of a map, in its own style. */
function addEntry(text: string, place: SecretPlace, map: MapNode, key: string, value: string | Readonly<Record<string, string>>): string {
  const name = /^[A-Za-z_][\w.-]*$/.test(key) ? key : JSON.stringify(key);
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) {
    const [start, end] = rangeOf(map);
    if (text[start] !== '{') throw notEditable(place, 'a map without entries');
    const whole = text.slice(start + 1, end - 1);
    const inside = whole.trimEnd();
    const comma = inside === '' || inside.endsWith(',') ? '' : ',';
    const entry = `${flowKey(name, text)}: ${JSON.stringify(value)}`;
    return splice(text, [start, end], `{${inside}${comma} ${entry}${whole.slice(inside.length) || ' '}}`);
  }
  const column = columnOf(text, rangeOf(last.key)[0]);
  const indent = ' '.repeat(column);
  const newline = newlineOf(text);
  const entry =
    typeof value === 'string'
      ? `${indent}${name}: |${literalBody(text, column, value)}`
      : Object.entries(value).reduce(
          (lines, [inner, armored]) =>
            `${lines}${newline}${indent}  ${/^[A-Za-z_][\w.-]*$/.test(inner) ? inner : JSON.stringify(inner)}: |${literalBody(text, column + 2, armored)}`,
          `${indent}${name}:`,
        );
  const at = endOfEntry(text, last);
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') ? '' : newline}${entry}${newline}${text.slice(at)}`;
}

function removeKey(text: string, place: SecretPlace, key: string): string {
  const map = mapAt(specOf(text, place), 'encrypted');
  const pair = map === null ? null : pairOf(map, key);
  if (map === null || pair === null) return text;
  if (map.flow === true || map.items.length === 1) throw notEditable(place, `${JSON.stringify(key)} cannot be taken out of it`);
  return splice(text, [startOfLine(text, rangeOf(pair.key)[0]), endOfEntry(text, pair)], '');
}

/** Takes the lines of a section behind those of `encrypted`, indented as they are there. */
function mergeSection(text: string, place: SecretPlace, spec: MapNode, section: MapPair, encrypted: MapPair): string {
  const [from, to] = [section.value, encrypted.value];
  if (!isMap(from) || !isMap(to) || from.flow === true || to.flow === true || spec.flow === true)
    throw notEditable(place, 'braces around its values');
  const [first, target] = [(from as MapNode).items[0], (to as MapNode).items[0]];
  if (first === undefined || target === undefined) throw notEditable(place, 'a section without keys');
  const [at, end] = [startOfLine(text, rangeOf(section.key)[0]), endOfEntry(text, section)];
  const bodyStart = endOfLine(text, rangeOf(section.key)[1]) + 1;
  const shift = columnOf(text, rangeOf(target.key)[0]) - columnOf(text, rangeOf(first.key)[0]);
  const body = text
    .slice(bodyStart, end)
    .split('\n')
    .map((line) =>
      line.trim() === ''
        ? line
        : shift >= 0
          ? ' '.repeat(shift) + line
          : line.slice(Math.min(-shift, line.length - line.trimStart().length)),
    )
    .join('\n');
  const into = endOfEntry(text, encrypted);
  const piece = body.endsWith('\n') ? body : `${body}${newlineOf(text)}`;
  return into <= at
    ? text.slice(0, into) + (text[into - 1] === '\n' ? '' : newlineOf(text)) + piece + text.slice(into, at) + text.slice(end)
    : text.slice(0, at) + text.slice(end, into) + (text[into - 1] === '\n' ? '' : newlineOf(text)) + piece + text.slice(into);
}

/** Lines of a literal below a key at `column`, without the last line break. */
function literalBody(text: string, column: number, value: string): string {
  const newline = newlineOf(text);
  const indent = ' '.repeat(column + 2);
  return value
    .trim()
    .split('\n')
    .map((line) => `${newline}${indent}${line.trimEnd()}`)
    .join('');
}

/** JSON has no names without quotes. */
function flowKey(name: string, text: string): string {
  return /^\s*[[{]/.test(text) && !name.startsWith('"') ? JSON.stringify(name) : name;
}

// ------------------------------------------------------------------------------------------------------------------------- look

interface SecretMap {
  readonly root: MapNode;
  readonly name: string;
  readonly namespace: string | null;
}

function secretMaps(file: string, text: string): readonly SecretMap[] {
  const documents = parseAllDocuments(text, { keepSourceTokens: true });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const place = error.linePos?.[0];
      throw new TsdockError('SEC014', {
        message: `${file}:${place?.line ?? 1}:${place?.col ?? 1}: is no YAML that could be edited`,
        hint: 'tsdock lint says what is wrong',
      });
    }
    const root = document.contents;
    if (!isMap(root) || textAt(root as MapNode, 'kind') !== 'Secret') return [];
    const metadata = mapAt(root as MapNode, 'metadata');
    return [{ root: root as MapNode, name: textAt(metadata, 'name') ?? '', namespace: textAt(metadata, 'namespace') }];
  });
}

function specOf(text: string, place: SecretPlace): MapNode {
  const spec = mapAt(secretMaps(place.file, text)[place.index]?.root ?? null, 'spec');
  if (spec === null) throw notEditable(place, 'it has no spec');
  return spec;
}

function pairOf(map: MapNode | null, key: string): MapPair | null {
  const pair = map?.items.find((item) => isScalar(item.key) && String((item.key as Scalar).value) === key);
  return (pair as MapPair | undefined) ?? null;
}

function mapAt(map: MapNode | null, key: string): MapNode | null {
  const value = pairOf(map, key)?.value;
  return isMap(value) ? (value as MapNode) : null;
}

function textAt(map: MapNode | null, key: string): string | null {
  const value = pairOf(map, key)?.value;
  return isScalar(value) && typeof value.value === 'string' ? value.value : null;
}

function* entriesOf(map: MapNode | null): Iterable<readonly [string, string]> {
  for (const { key, value } of map?.items ?? []) {
    if (isScalar(key) && isScalar(value) && typeof value.value === 'string') yield [String(key.value), value.value];
  }
}

function notEditable({ file, name }: SecretPlace, problem: string): TsdockError {
  return new TsdockError('SEC014', {
    message: `${file}: Secret ${JSON.stringify(name)} cannot be edited in place: ${problem}`,
    hint: 'write its values one a line',
  });
}

// ------------------------------------------------------------------------------------------------------------------------- text

/** From the first to behind the last character of the value itself. */
function rangeOf(node: { readonly range?: readonly [number, number, number] | null } | null): readonly [number, number] {
  if (node?.range == null) throw new RangeError('a parsed node has a range');
  return [node.range[0], node.range[1]];
}

/** Behind the line break of a block entry's last line; comments further down belong to what comes next. */
function endOfEntry(text: string, pair: MapPair): number {
  const end = pair.value === null ? rangeOf(pair.key)[1] : lastOf(pair.value);
  if (text[end - 1] === '\n') return end;
  return Math.min(text.length, endOfLine(text, end) + 1);
}

/** Behind the last value of a node: a block map's own range takes in the comments and blank lines below it. */
function lastOf(node: Node): number {
  const last = isMap(node) && node.flow !== true ? (node as MapNode).items.at(-1) : undefined;
  if (last === undefined) return rangeOf(node)[1];
  return last.value === null ? rangeOf(last.key)[1] : lastOf(last.value);
}

function splice(text: string, [start, end]: readonly [number, number], replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function endOfLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at;
}

function columnOf(text: string, offset: number): number {
  return offset - startOfLine(text, offset);
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
