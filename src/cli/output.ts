/** What commands print: tables, colours on a terminal only, JSON and YAML. Nothing from outside reaches a terminal with control characters in it. */
import type { CommandContext, OutputFormat, Streams } from './command.ts';

// ----------------------------------------------------------------------------------------------------------------- escaping

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text in which nothing moves the cursor, sets a link, rings or turns the reading direction; each such character is shown as its number. */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// ------------------------------------------------------------------------------------------------------------------- colours

export type Tone = 'good' | 'bad' | 'warn' | 'drift' | 'dim' | 'strong' | 'plain';

/** SGR parameters (ECMA-48 8.3.117). */
const sgr: { readonly [T in Tone]: string } = { good: '32', bad: '31', warn: '33', drift: '35', dim: '2', strong: '1', plain: '' };

export type Paint = (tone: Tone, text: string) => string;

export const noPaint: Paint = (_tone, text) => text;
const colourPaint: Paint = (tone, text) => (tone === 'plain' || text === '' ? text : `\u001b[${sgr[tone]}m${text}\u001b[0m`);

/** Colours when asked for, or on a terminal that has them and `NO_COLOR` (no-color.org) is not set. */
export function paintFor({ globals, env }: CommandContext, stream: NodeJS.WriteStream): Paint {
  if (globals.color !== 'auto') return globals.color === 'always' ? colourPaint : noPaint;
  const wanted = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return wanted ? colourPaint : noPaint;
}

// -------------------------------------------------------------------------------------------------------------------- tables

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}
export type Row = readonly (string | Cell)[];

/** Columns two spaces apart; the last one is not padded. Cells are escaped here, so that no caller can forget it. */
export function table(head: readonly string[], rows: readonly Row[], paint: Paint = noPaint): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'string' ? { text: escapeControls(cell) } : { ...cell, text: escapeControls(cell.text) })),
  );
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.text.length ?? 0)));
  const line = (row: readonly Cell[]) =>
    row
      .map(
        ({ text, tone = 'plain' }, column) =>
          `${paint(tone, text)}${column === head.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length)}`,
      )
      .join('  ')
      .trimEnd();
  return [line(head.map((title) => ({ text: title, tone: 'dim' }))), ...cells.map(line)].map((text) => `${text}\n`).join('');
}

// ---------------------------------------------------------------------------------------------------------------------- data

/** Writes data as `-o json` or `-o yaml`; false when another form was asked for. */
export async function printData(streams: Streams, output: OutputFormat, data: unknown): Promise<boolean> {
  if (output === 'json') {
    streams.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return true;
  }
  if (output === 'yaml') {
    const { stringify } = await import('yaml');
    streams.stdout.write(stringify(data, { aliasDuplicateObjects: false }));
    return true;
  }
  return false;
}

/** Several objects as contract.md has them. */
export function listOf(items: readonly unknown[]): {
  readonly apiVersion: 'tsdock/v1';
  readonly kind: 'List';
  readonly items: readonly unknown[];
} {
  return { apiVersion: 'tsdock/v1', kind: 'List', items };
}

// --------------------------------------------------------------------------------------------------------------------- words

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `812 B`, `38.2 MB`: powers of 1000, as registries tell sizes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${sizeUnits[unit]}`;
}

/** `1 object`, `2 objects` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `sha256:1c0f2a…`, enough to tell two apart. */
export function shortDigest(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return hex.length > 12 ? `${algorithm}:${hex.slice(0, 12)}…` : digest;
}
