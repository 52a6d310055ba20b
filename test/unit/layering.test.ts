import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');
const pureInReconciler = [
  'plan',
  'expand',
  'order',
  'holds',
  'subject-steps',
  'backoff',
  'operation',
  'render',
  'status',
  'exits',
  'sets',
  'records',
  'settings',
  'rebuild',
  'outcomes',
  'why',
  'next-steps',
  'garbage',
  'probes',
];
const pureInControllers = /(?:diff|rollout|process-spec|allocate|firewall|names|collect|steps|change|needs|hashes|fields|machine)\.ts$/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const imports = files.flatMap(importsOf);

/** Of a whole statement: `import type …` and `export type … from` vanish in the output, everything else is a value. */
function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found: Import[] = [];
  for (const { groups } of text.matchAll(
    /^(?:import|export)\s+(?<type>type\s)?[^'";]*?from\s+'(?<path>\.[^']+)'|^import\s+'(?<bare>\.[^']+)'/gm,
  )) {
    found.push({ from: file, to: resolve(file, groups?.path ?? groups?.bare ?? ''), typeOnly: groups?.type !== undefined });
  }
  for (const { groups } of text.matchAll(/\bimport\('(?<path>\.[^']+)'\)/g))
    found.push({ from: file, to: resolve(file, groups?.path ?? ''), typeOnly: true });
  return found;
}

function resolve(file: string, path: string): string {
  return relative('.', normalize(join(dirname(file), path)));
}

function rankOf(file: string): number {
  const [top = '', second = ''] = file.split('/');
  if (top === 'model') return 0;
  if (['logger.ts', 'store', 'native', 'manifest'].includes(top)) return 1;
  if (top === 'controllers') return second === 'index.ts' ? 4 : 2;
  if (top === 'reconciler') return ['engine.ts', 'rebuild.ts'].includes(second) ? 4 : 3;
  if (top === 'api') return 5;
  return 6;
}

/** Folders of one rank are strangers to each other. */
function partOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'controllers' ? `${top}/${second}` : rankOf(file) === 6 ? 'top' : top;
}

test('imports go down the ranks; folders of one rank never import each other', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (rankOf(to) > rankOf(from)) return true;
    const shared = to === 'controllers/controller.ts';
    return rankOf(to) === rankOf(from) && partOf(to) !== partOf(from) && !shared;
  });
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('a kind never imports another kind, and nothing of manifest', () => {
  const wrong = imports.filter(({ from, to }) => rankOf(from) === 2 && to.startsWith('manifest/'));
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('the reconciler takes controllers, store and native as types only; its pure files import nothing with an effect', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const name = /^reconciler\/(?<name>[\w-]+)\.ts$/.exec(from)?.groups?.name;
    if (name === undefined || typeOnly || name === 'engine') return false;
    const down = to.startsWith('controllers/') || to.startsWith('native/') || to.startsWith('manifest/');
    const pure =
      pureInReconciler.includes(name) && !to.startsWith('model/') && !pureInReconciler.some((other) => to === `reconciler/${other}.ts`);
    return down || pure;
  });
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('pure files of the kinds import model, pure packages and pure files only', () => {
  const sources = files.filter((file) => file.startsWith('controllers/') && pureInControllers.test(file));
  const effects = sources.filter((file) => /from 'node:(?:fs|net|child_process|http|timers)/.test(readFileSync(join(src, file), 'utf8')));
  expect(effects).toEqual([]);
});

test('no cycle of value imports', () => {
  const values = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) if (!typeOnly) values.set(from, [...(values.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of values.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});
