/** A causal chain as a tree for people (product.md 10.4): what is the matter, what is to blame, and under each root what ends it. */
import type { Cause } from '../model/engine-api.ts';
import { type Instant, type Origin, parseKey } from '../model/resource.ts';
import { formatAge } from '../model/time.ts';
import { escapeControls, noPaint, type Paint } from './output.ts';

/** `depth`: how many links are shown below the first; null: all. */
export function renderCause(cause: Cause, form: { readonly depth: number | null; readonly now: Instant; readonly paint?: Paint }): string {
  const paint = form.paint ?? noPaint;
  const name = nameOf(cause);
  if (cause.phase === 'Ready') {
    const reason = cause.reason === 'Ready' ? '' : `: ${cause.reason}, ${cause.message}`;
    const since = cause.since === null ? '' : ` (since ${formatAge(form.now - cause.since)})`;
    return `${paint('good', escapeControls(`${name} is Ready`))}${escapeControls(`${reason}${since}`)}\n`;
  }
  const lines = [
    paint('strong', escapeControls(`${name} is not Ready`)),
    ...linesOf(cause, { depth: form.depth, paint, indent: '', last: true }),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface Place {
  readonly depth: number | null;
  readonly paint: Paint;
  readonly indent: string;
  readonly last: boolean;
}

function linesOf(cause: Cause, { depth, paint, indent, last }: Place): readonly string[] {
  const isRoot = cause.causes.length === 0;
  const places = cause.causes.flatMap(({ origin }) => (origin === null ? [] : [placeOf(origin)]));
  const where = places.length === 0 ? '' : ` (${[...new Set(places)].join(', ')})`;
  const text = escapeControls(`${nameOf(cause)} ${cause.reason}${cause.message === '' ? '' : `: ${cause.message}`}${where}`);
  const head = `${indent}${last ? '└─' : '├─'} ${isRoot ? paint('bad', text) : text}${isRoot ? '   <- root cause' : ''}`;
  const inner = `${indent}${last ? '   ' : '│  '}`;
  const details = [...labelled('last log', cause.evidence, inner, paint), ...labelled('try', cause.next, inner, paint)];
  if (depth === 0 && !isRoot) return [head, ...details, `${inner}${paint('dim', `… ${cause.causes.length} below, --depth shows more`)}`];
  const below = cause.causes.flatMap((one, index) =>
    linesOf(one, { depth: depth === null ? null : depth - 1, paint, indent: inner, last: index === cause.causes.length - 1 }),
  );
  return [head, ...details, ...below];
}

function labelled(label: string, texts: readonly string[], indent: string, paint: Paint): readonly string[] {
  return texts.map((text, index) => `${indent}${paint('dim', (index === 0 ? label : '').padEnd(8))}   ${escapeControls(text)}`);
}

function nameOf({ object }: Cause): string {
  const { kind, name } = parseKey(object);
  return kind === 'Container' ? name : `${kind} ${name}`;
}

function placeOf({ file, line }: Origin): string {
  return `${file}:${line}`;
}
