import { isUtf8 } from 'node:buffer';
import type { Finding } from './diagnostic.ts';

/** The text of one file with its lines, so that offsets become positions. */
export interface Source {
  readonly file: string;
  /** Without byte order mark. */
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lines: readonly number[];
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Limits of product.md 4.1. A scalar inside 63 collections stands on level 64. */
export const maxFileBytes = 4 * 1024 * 1024;
export const maxDocumentBytes = 1024 * 1024;
export const maxDepth = 64;

export function createSource(file: string, text: string): Source {
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  return { file, text, lines };
}

/** Line and column of an offset, counted from 1; columns are UTF-16 units, as editors count them. */
export function positionAt(source: Source, offset: number): Position {
  let low = 0;
  let high = source.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (source.lines[low] ?? 0) + 1 };
}

export function lineAt(source: Source, line: number): string {
  const start = source.lines[line - 1] ?? source.text.length;
  return source.text.slice(start, source.lines[line] ?? source.text.length).replace(/\r?\n$/, '');
}

export interface Decoded {
  readonly source: Source;
  readonly findings: readonly Finding[];
}

/**
 * Bytes or text of a file → text with positions. Too large, not UTF-8 and control characters are findings with an empty text beside them, so that nothing after this has
 * to look. A UTF-8 byte order mark is dropped.
 */
export function decode(file: string, input: string | Uint8Array): Decoded {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (size > maxFileBytes) return { source: createSource(file, ''), findings: [tooLarge(size)] };
  if (typeof input !== 'string' && !isUtf8(input)) return notUtf8(file, input);
  const decoded = typeof input === 'string' ? input : Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  const control = controlCharacters.exec(text);
  if (control === null) return { source: createSource(file, text), findings: [] };
  const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const message = `character U+${code} is not allowed in a manifest`;
  return { source: { ...createSource(file, text) }, findings: [{ code: 'YAML016', offset: control.index, message }] };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

/** The finding for a file above the limit, for callers that know its size without reading it. */
export function tooLarge(sizeBytes: number): Finding {
  const message = `file is ${formatMebibytes(sizeBytes)}, the limit is ${formatMebibytes(maxFileBytes)}`;
  return { code: 'YAML012', offset: null, message, hint: 'is this a manifest? data belongs in a Volume or Config' };
}

export function formatMebibytes(bytes: number): string {
  const mebibytes = bytes / (1024 * 1024);
  return `${mebibytes >= 10 || Number.isInteger(mebibytes) ? Math.round(mebibytes) : mebibytes.toFixed(1)} MiB`;
}

function notUtf8(file: string, bytes: Uint8Array): Decoded {
  const offset = firstBadByte(bytes);
  const before = Buffer.from(bytes.buffer, bytes.byteOffset, offset).toString('utf8');
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  const utf16 = offset === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe);
  const line =
    Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.min(bytes.length - offset, 80))
      .toString('latin1')
      .split(/\r?\n/)[0] ?? '';
  const message = `byte 0x${byte} is not valid UTF-8`;
  const hint = `convert with iconv -f ${utf16 ? 'utf-16' : 'latin1'} -t utf-8`;
  return { source: createSource(file, utf16 ? '' : before + line), findings: [{ code: 'YAML013', offset: before.length, message, hint }] };
}

/** Bisects over prefixes that end at a character: a prefix is valid exactly until the first bad byte. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, characterStart(bytes, middle)))) good = middle;
    else bad = middle;
  }
  return characterStart(bytes, good);
}

function characterStart(bytes: Uint8Array, offset: number): number {
  let start = offset;
  while (start > 0 && offset - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
