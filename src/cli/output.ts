/** What commands print: tables, colours on a terminal only, JSON and YAML. Nothing from outside reaches a terminal with control characters in it. */
import type { CommandContext } from './command.ts';

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

/** Columns two spaces apart, under their titles unless those stand above already; the last one is not padded. Cells are escaped here, so that no caller can forget it. */
export function table(head: readonly string[], rows: readonly Row[], paint: Paint = noPaint, titles = true): string {
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
  const first = titles ? [line(head.map((title) => ({ text: title, tone: 'dim' })))] : [];
  return [...first, ...cells.map(line)].map((text) => `${text}\n`).join('');
}

// ---------------------------------------------------------------------------------------------------------------------- data

/**
 * Writes data in a form for programs: `-o json`, `yaml` (several objects as documents, so that it can be applied again), `jsonpath=…`, `template=…` (a line an object).
 * False when a form for people was asked for.
 */
export async function printData({ globals, streams }: CommandContext, data: unknown): Promise<boolean> {
  const text = await dataText(globals, data);
  if (text !== null) streams.stdout.write(text);
  return text !== null;
}

async function dataText({ output, expression }: CommandContext['globals'], data: unknown): Promise<string | null> {
  switch (output) {
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return itemsOf(data)
        .map((item) => stringify(item, { aliasDuplicateObjects: false }))
        .join('---\n');
    }
    case 'jsonpath': {
      const { renderJsonPath } = await import('./jsonpath.ts');
      return `${renderJsonPath(expression, data)}\n`;
    }
    case 'template': {
      const { renderTemplate } = await import('./jsonpath.ts');
      return itemsOf(data)
        .map((item) => `${renderTemplate(expression, item)}\n`)
        .join('');
    }
    default:
      return null;
  }
}

/** What a list holds; anything else is the one item. */
function itemsOf(data: unknown): readonly unknown[] {
  return isList(data) ? data.items : [data];
}

function isList(data: unknown): data is ReturnType<typeof listOf> {
  return (
    typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'List' && 'items' in data && Array.isArray(data.items)
  );
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
