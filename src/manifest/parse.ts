import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type ParsedNode,
  Parser,
  type Scalar,
} from 'yaml';
import { cut, escapeControls, type Finding, quote, type Report } from './diagnostic.ts';
import { parseJson } from './json.ts';
import { formatMebibytes, lineAt, maxDepth, maxDocumentBytes, positionAt, type Source } from './source.ts';
import { type Entry, type MappingNode, readPlain, type ScalarNode, type TreeNode } from './tree.ts';

/** One document of a file. `broken`: its text has errors, so nothing after the reader looks at it. */
export interface ParsedDocument {
  readonly root: TreeNode;
  readonly broken: boolean;
}

export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  readonly findings: readonly Finding[];
}

const maxAliasNodes = 100_000;

/** Text → documents whose every node knows its place. Total: whatever the text is, the answer is documents and findings. */
export function parseText(source: Source): ParsedFile {
  if (source.text.trim() === '') return { documents: [], findings: [] };
  if (/\.json$/i.test(source.file)) {
    const { root, findings } = parseJson(source);
    return { documents: root === null ? [] : [{ root, broken: findings.length > 0 }], findings };
  }
  const refused = [...findConflicts(source), ...findLargeDocuments(source)];
  if (refused.length > 0) return { documents: [], findings: refused };
  try {
    return parseYaml(source);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return { documents: [], findings: [{ code: 'YAML011', offset: error.offset, message: `nested deeper than ${maxDepth} levels` }] };
  }
}

function parseYaml(source: Source): ParsedFile {
  const findings: Finding[] = [];
  const documents: ParsedDocument[] = [];
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, logLevel: 'silent' });
  for (const document of composer.compose(guardedTokens(source.text), false, source.text.length)) {
    const found: Finding[] = [];
    const root = readDocument(source, document as Document.Parsed, (finding) => found.push(finding));
    findings.push(...found);
    if (root !== null) documents.push({ root, broken: found.some((finding) => finding.code !== 'YAML003') });
  }
  return { documents, findings };
}

function readDocument(source: Source, document: Document.Parsed, report: Report): TreeNode | null {
  // Only the first: what a reader says after it lost its way is noise.
  const error = document.errors[0];
  if (error !== undefined) report(describeSyntaxError(source, document, error));
  if (document.contents === null) return null;
  const root = readContents(source, document.contents, error === undefined ? report : () => undefined);
  return root?.type === 'scalar' && root.value === null && error === undefined ? null : root;
}

// ----------------------------------------------------------------------------------------------------------------------- nodes

const knownTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));

interface Reader {
  readonly source: Source;
  readonly report: Report;
  readonly anchors: Map<string, TreeNode | 'open'>;
  /** Nodes below a tree with its aliases written out. */
  readonly sizes: Map<TreeNode, number>;
  aliasNodes: number;
}

class AliasBomb extends Error {}

function readContents(source: Source, contents: ParsedNode, report: Report): TreeNode | null {
  const reader: Reader = { source, report, anchors: new Map(), sizes: new Map(), aliasNodes: 0 };
  try {
    return readNode(reader, contents, contents.range[0]);
  } catch (error) {
    if (!(error instanceof AliasBomb)) throw error;
    return null;
  }
}

function readNode(reader: Reader, node: Node | null, fallback: number): TreeNode {
  const offset = node?.range?.[0] ?? fallback;
  if (isAlias(node)) return readAlias(reader, node.source, offset);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) reader.anchors.set(anchor, 'open');
  if (node?.tag !== undefined && !knownTags.has(node.tag)) reportTag(reader, node.tag, offset);
  const tree = readValue(reader, node, offset);
  if (anchor !== undefined) reader.anchors.set(anchor, tree);
  return tree;
}

function readValue(reader: Reader, node: Node | null, offset: number): TreeNode {
  let tree: TreeNode;
  let size = 1;
  if (isMap(node)) {
    tree = readMapping(reader, node.items as readonly { key: Node | null; value: Node | null }[], offset);
    for (const entry of tree.entries.values()) size += reader.sizes.get(entry.node) ?? 1;
  } else if (isSeq(node)) {
    tree = { type: 'sequence', items: node.items.map((item) => readNode(reader, item as Node | null, offset)), offset };
    for (const item of tree.items) size += reader.sizes.get(item) ?? 1;
  } else {
    tree = readScalar(node as Scalar | null, offset);
  }
  reader.sizes.set(tree, size);
  return tree;
}

function readScalar(node: Scalar | null, offset: number): ScalarNode {
  if (node === null) return { type: 'scalar', value: null, source: '', plain: true, offset };
  const plain = node.type === 'PLAIN' && node.tag === undefined;
  const source = node.source ?? '';
  if (plain) return { type: 'scalar', value: readPlain(source), source, plain, offset };
  const value = node.tag === undefined || node.tag.endsWith(':str') ? source : readPlain(source);
  return { type: 'scalar', value, source, plain: node.type === 'PLAIN', offset };
}

function readAlias(reader: Reader, name: string, offset: number): TreeNode {
  const target = reader.anchors.get(name);
  const empty: ScalarNode = { type: 'scalar', value: null, source: '', plain: true, offset };
  if (target === undefined) {
    reader.report({
      code: 'YAML015',
      offset,
      message: `alias *${cut(name)} is not defined in this document`,
      hint: 'anchors do not cross "---"',
    });
    return empty;
  }
  if (target === 'open') {
    reader.report({ code: 'YAML015', offset, message: `alias *${cut(name)} stands inside its own anchor`, hint: 'write the values out' });
    return empty;
  }
  reader.aliasNodes += reader.sizes.get(target) ?? 1;
  if (reader.aliasNodes > maxAliasNodes) {
    reader.report({
      code: 'YAML010',
      offset,
      message: 'aliases expand to more than 100 000 nodes',
      hint: 'write the values out, or split the file',
    });
    throw new AliasBomb();
  }
  return target;
}

function readMapping(reader: Reader, pairs: readonly { key: Node | null; value: Node | null }[], offset: number): MappingNode {
  const entries = new Map<string, Entry>();
  const merged: MappingNode[] = [];
  for (const pair of pairs) {
    const keyOffset = pair.key?.range?.[0] ?? offset;
    const keyEnd = pair.key?.range?.[1] ?? keyOffset;
    const key = readKey(reader, pair.key, keyOffset);
    const node = readNode(reader, pair.value, keyEnd);
    if (key === null) continue;
    if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      merged.push(...mergeSources(reader, node, keyOffset));
      continue;
    }
    const first = entries.get(key);
    if (first === undefined) entries.set(key, { keyOffset, node });
    else {
      const { line, column } = positionAt(reader.source, first.keyOffset);
      const message = `key ${quote(key)} is set twice, first at ${line}:${column}`;
      reader.report({ code: 'YAML003', offset: keyOffset, message, hint: 'keep one' });
    }
  }
  // Earlier sources win over later ones, keys that are written out over all of them.
  for (const source of merged) for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  return { type: 'mapping', entries, offset };
}

function mergeSources(reader: Reader, node: TreeNode, keyOffset: number): readonly MappingNode[] {
  const sources = node.type === 'sequence' ? node.items : [node];
  if (sources.every((source) => source.type === 'mapping')) return sources;
  reader.report({ code: 'YAML017', offset: keyOffset, message: '"<<" merges maps only', hint: '<<: *anchor, or <<: [*one, *two]' });
  return [];
}

function readKey(reader: Reader, key: Node | null, offset: number): string | null {
  if (isScalar(key)) return key.source ?? '';
  if (isAlias(key)) {
    const target = readAlias(reader, key.source, offset);
    if (target.type === 'scalar') return target.source;
  }
  const template = findTemplate(reader.source, offset);
  reader.report(template ?? { code: 'YAML018', offset, message: 'a key must be text', hint: 'quote it' });
  return null;
}

function reportTag(reader: Reader, tag: string, offset: number): void {
  const shown = tag.startsWith('tag:yaml.org,2002:') ? `!!${tag.slice('tag:yaml.org,2002:'.length)}` : tag;
  const at = reader.source.text.lastIndexOf(shown, offset);
  reader.report({ code: 'YAML014', offset: at < 0 ? offset : at, message: `tag ${quote(shown)} is not supported` });
}

// ---------------------------------------------------------------------------------------------------------------------- syntax

class TooDeep extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super('nested too deeply');
    this.offset = offset;
  }
}

/** Tokens of the text; throws TooDeep before anything that recurses sees a structure deeper than the limit. */
function* guardedTokens(text: string): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The stack holds the document and, besides collections, at most the scalar that is being read.
    if (parser.stack.length > maxDepth && countCollections(parser.stack) >= maxDepth) throw new TooDeep(parser.offset - lexeme.length);
  }
  yield* parser.end();
}

function countCollections(stack: readonly CST.Token[]): number {
  return stack.filter(({ type }) => type === 'flow-collection' || type === 'block-map' || type === 'block-seq').length;
}

function findConflicts(source: Source): readonly Finding[] {
  return [...source.text.matchAll(/^<{7} .*$/gm)].map((match) => ({
    code: 'YAML021',
    offset: match.index,
    message: `git conflict marker ${quote(match[0].trimEnd())}`,
    hint: 'resolve the merge first',
  }));
}

/** Found before anything is parsed: what a parser makes of a document is many times its size. */
function findLargeDocuments(source: Source): readonly Finding[] {
  if (source.text.length <= maxDocumentBytes / 3) return [];
  const starts = [0, ...[...source.text.matchAll(/^---(?=\s|$)/gm)].map((match) => match.index + 3)];
  return starts.flatMap((start, index) => {
    const text = source.text.slice(start, starts[index + 1]);
    const size = Buffer.byteLength(text);
    if (size <= maxDocumentBytes) return [];
    const message = `document is ${formatMebibytes(size)}, the limit is ${formatMebibytes(maxDocumentBytes)}`;
    const hint = 'is this a manifest? data belongs in a Volume or Config';
    return [{ code: 'YAML012', offset: start + Math.max(0, text.search(/^[^#\s]/m)), message, hint }];
  });
}

/** `{{ … }}` on the line of an offence: the usual reason why a template is no YAML. */
function findTemplate(source: Source, offset: number): Finding | null {
  const { line } = positionAt(source, offset);
  const match = /\{\{.*?\}\}/.exec(lineAt(source, line));
  if (match === null) return null;
  return templateFinding((source.lines[line - 1] ?? 0) + match.index, match[0]);
}

export function templateFinding(offset: number, text: string): Finding {
  const message = `this looks like an unrendered template (${quote(text)})`;
  return { code: 'YAML022', offset, message, hint: `render it first, or use $\{tag} with --var` };
}

type SyntaxError = Document.Parsed['errors'][number];

function describeSyntaxError(source: Source, document: Document.Parsed, error: SyntaxError): Finding {
  const [offset] = error.pos;
  const { line } = positionAt(source, offset);
  const tab = /^ *\t/.exec(lineAt(source, line));
  if (error.code === 'TAB_AS_INDENT' || tab !== null) {
    const at = tab === null ? offset : (source.lines[line - 1] ?? 0) + tab[0].length - 1;
    return { code: 'YAML001', offset: at, message: 'tab used for indentation', hint: 'YAML allows only spaces here, use 2 spaces' };
  }
  const unclosed = error.code === 'MISSING_CHAR' ? /^Missing closing (["'])quote/.exec(error.message)?.[1] : undefined;
  if (unclosed !== undefined) {
    const start = openQuote(document, offset) ?? offset;
    const end = positionAt(source, source.text.length);
    const message = `string opened here is never closed (end of file at ${end.line}:${end.column})`;
    return { code: 'YAML002', offset: start, message, hint: `add a closing ${unclosed} on line ${positionAt(source, start).line}` };
  }
  const template = findTemplate(source, offset);
  if (template !== null) return template;
  if (source.text.slice(offset - 1, offset + 1) === '${') {
    return { code: 'YAML004', offset: offset - 1, message: 'a variable inside [ ] or { } needs quotes', hint: `write "$\{NAME}"` };
  }
  return {
    code: 'YAML004',
    offset: Math.min(offset, source.text.length),
    message: escapeControls(lowerFirst(error.message.split('\n')[0] ?? '')),
  };
}

/** Start of the quoted scalar that ends where the quote is missed. */
function openQuote(document: Document.Parsed, end: number): number | null {
  let found: number | null = null;
  const look = (node: unknown): void => {
    if (isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') && node.range?.[1] === end) found = node.range[0];
    if (isMap(node)) for (const pair of node.items) [pair.key, pair.value].forEach(look);
    if (isSeq(node)) node.items.forEach(look);
  };
  look(document.contents);
  return found;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
