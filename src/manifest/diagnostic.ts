import type { DiagnosticFacts } from '../model/errors.ts';
import type { Origin, ResourceKey } from '../model/resource.ts';
import { lineAt, positionAt, type Source } from './source.ts';

/** Everything an author of a manifest can get wrong, as a value: collected, never thrown. Form and codes: product.md 6.2. */
export interface Diagnostic extends DiagnosticFacts {
  /** JSON pointer into the document; null: about the file. */
  readonly pointer: string | null;
  /** The resource it is about, so that one object can be set aside; null: not known or about the file. */
  readonly key: ResourceKey | null;
  /** The other resources it names: the holder of a port, the rest of a cycle. */
  readonly others: readonly ResourceKey[];
  /** The line with the offence, for the frame; null: none, or it must not be shown. */
  readonly sourceLine: string | null;
}

export type Path = readonly (string | number)[];

/** A diagnostic before its offset became a position. */
export interface Finding {
  /** `error` unless given. */
  readonly severity?: Diagnostic['severity'];
  readonly code: string;
  /** Null: about the file as a whole. */
  readonly offset: number | null;
  readonly path?: Path;
  readonly message: string;
  readonly hint?: string | null;
  /** The line holds a secret and is not shown. */
  readonly hidden?: boolean;
}

export type Report = (finding: Finding) => void;

export function toDiagnostic(source: Source, finding: Finding, key: ResourceKey | null = null): Diagnostic {
  const position = finding.offset === null ? null : positionAt(source, finding.offset);
  return {
    severity: finding.severity ?? 'error',
    code: finding.code,
    file: source.file,
    line: position?.line ?? null,
    column: position?.column ?? null,
    message: finding.message,
    hint: finding.hint ?? null,
    pointer: finding.path === undefined ? null : toPointer(finding.path),
    key,
    others: [],
    sourceLine: position === null || finding.hidden === true ? null : lineAt(source, position.line),
  };
}

/** A diagnostic about a place whose text is no longer at hand. */
export function diagnosticAt(
  origin: Origin,
  fields: Pick<Diagnostic, 'code' | 'message'> & Partial<Pick<Diagnostic, 'severity' | 'hint' | 'key' | 'others'>>,
): Diagnostic {
  return {
    severity: fields.severity ?? 'error',
    code: fields.code,
    file: origin.file,
    line: origin.line,
    column: origin.column,
    message: fields.message,
    hint: fields.hint ?? null,
    pointer: null,
    key: fields.key ?? null,
    others: fields.others ?? [],
    sourceLine: null,
  };
}

/** RFC 6901. */
export function toPointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `spec.mounts[0].path` */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text === '' ? '' : '.'}${step}`),
    '',
  );
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Exit code of contract.md for a run that ends with these: 3 when the manifest is invalid, else 0. */
export function exitCodeOfDiagnostics(diagnostics: readonly Diagnostic[]): 0 | 3 {
  return hasErrors(diagnostics) ? 3 : 0;
}

/** By file, position, code; the same finding once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = [...diagnostics].sort(
    (left, right) =>
      compareText(left.file, right.file) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0) ||
      compareText(left.code, right.code) ||
      compareText(left.message, right.message),
  );
  return sorted.filter(
    (diagnostic, index) => index === 0 || formatDiagnostic(diagnostic) !== formatDiagnostic(sorted[index - 1] ?? diagnostic),
  );
}

/** Byte order, the same on every machine. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `file:line:column: error[CODE]: what is wrong; hint: what to do` */
export function formatDiagnostic(diagnostic: DiagnosticFacts): string {
  const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter((part) => part !== null).join(':');
  const hint = diagnostic.hint === null ? '' : `; hint: ${diagnostic.hint}`;
  return `${place}: ${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}${hint}`;
}

export interface FormatOptions {
  /** The source line with a caret below each message. */
  readonly frame: boolean;
  readonly limit?: number;
}

/** Sorted, at most `limit` (20) and then "and N more"; errors are never cut away in favour of warnings. Empty text for an empty list. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  const limit = options.limit ?? 20;
  const sorted = sortDiagnostics(diagnostics);
  const kept = new Set([...sorted].sort((left, right) => rankOf(left) - rankOf(right)).slice(0, limit));
  const lines = sorted
    .filter((diagnostic) => kept.has(diagnostic))
    .flatMap((diagnostic) => [formatDiagnostic(diagnostic), ...frameOf(diagnostic, options)]);
  if (sorted.length > limit) lines.push(`and ${sorted.length - limit} more`);
  return lines.join('\n');
}

/** The shape of contract.md's errors, with the JSON pointer. */
export function diagnosticJson(diagnostic: Diagnostic): Readonly<Record<string, unknown>> {
  const { severity, code, message, file, line, column, hint, pointer } = diagnostic;
  return { severity, code, message, file, line, column, hint, pointer };
}

function rankOf(diagnostic: Diagnostic): number {
  return { error: 0, warning: 1, note: 2 }[diagnostic.severity];
}

const frameWidth = 120;

function frameOf(diagnostic: Diagnostic, options: FormatOptions): readonly string[] {
  if (!options.frame || diagnostic.sourceLine === null || diagnostic.line === null || diagnostic.column === null) return [];
  const start = diagnostic.column > frameWidth ? diagnostic.column - frameWidth / 2 : 0;
  const text = escapeControls(diagnostic.sourceLine.slice(start, start + frameWidth).replaceAll('\t', ' '));
  const gutter = `  ${diagnostic.line} | `;
  return [`${gutter}${text}`, `${' '.repeat(gutter.length + diagnostic.column - 1 - start)}^`];
}

// ------------------------------------------------------------------------------------------------------------------------ words

const maxQuoted = 60;

/** A value as messages show it: escaped, cut at 60 characters. Texts are quoted. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return escapeControls(JSON.stringify(value.length > maxQuoted ? `${value.slice(0, maxQuoted)}…` : value));
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : String(value);
}

/** A value that stands bare in a message, such as a name in a hint. */
export function cut(text: string): string {
  return escapeControls(text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text);
}

/** Nothing that moves the cursor or turns the reading direction reaches a terminal. */
export function escapeControls(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The candidate within edit distance 2 (case and separators count nothing), or one that begins with the same letters; null when none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | null {
  if (word.startsWith('__')) return null; // a name of JavaScript, not a slip
  const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');
  const wanted = plain(word);
  const allowed = Math.min(2, Math.floor(wanted.length / 2));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((left, right) => left.distance - right.distance);
  const nearest = ranked[0]?.candidate ?? null;
  if (nearest !== null || wanted.length < 3) return nearest;
  const begins = candidates.filter((candidate) => plain(candidate).startsWith(wanted));
  return begins.length === 1 ? (begins[0] ?? null) : null;
}

/** Edits (insert, delete, replace, swap of neighbours) from one word to another; any number above `limit` when there are more. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit || from.length > maxQuoted) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[to.length] ?? limit + 1;
}
