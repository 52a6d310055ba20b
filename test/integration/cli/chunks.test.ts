import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../../support/scratch.ts';

interface Bundle {
  load(name: string): Record<string, unknown>;
  store(): void;
}

const loader = createRequire(import.meta.url).resolve('../../../bin/chunks.cjs');
const { openBundle } = createRequire(import.meta.url)(loader) as { openBundle(directory: string): Bundle };

function bundleOf(chunks: Readonly<Record<string, string>>): string {
  const directory = scratch();
  mkdirSync(join(directory, 'cache'));
  for (const [name, text] of Object.entries(chunks)) writeFileSync(join(directory, name), text);
  return directory;
}

const codeIn = (directory: string) => readdirSync(join(directory, 'cache'));

test('chunks require each other, each once, and the packages and modules others require', () => {
  const directory = bundleOf({
    'main.cjs': "module.exports = { a: require('./a.cjs'), b: require('./b.cjs'), join: require('node:path').join, file: __filename };",
    'a.cjs': "exports.same = {}; exports.b = require('./b.cjs');",
    'b.cjs': "exports.a = require('./a.cjs'); exports.hash = () => require('node:crypto').createHash('sha256').update('').digest('hex');",
  });
  const main = openBundle(directory).load('main.cjs') as {
    a: { same: object; b: unknown };
    b: { a: { same: object }; hash(): string };
    join: unknown;
    file: string;
  };
  expect(main.b.a, 'also in a circle').toBe(main.a);
  expect(main.join).toBe(join);
  expect(main.file).toBe(join(directory, 'main.cjs'));
  expect(main.b.hash()).toMatch(/^e3b0c442/);
});

test('code of chunks that ran is kept once and used by the next process', () => {
  const directory = bundleOf({
    'main.cjs': "exports.run = () => require('./late.cjs').value;",
    'late.cjs': 'exports.value = 7;',
    'never.cjs': '',
  });
  const first = openBundle(directory);
  (first.load('main.cjs').run as () => number)();
  expect(codeIn(directory)).toEqual([]);
  first.store();
  expect(codeIn(directory).map((name) => name.split('.cjs.')[0])).toEqual(['late', 'main']);
  const kept = readFileSync(join(directory, 'cache', codeIn(directory)[1] ?? ''));
  const second = openBundle(directory);
  expect((second.load('main.cjs').run as () => number)()).toBe(7);
  second.store();
  expect(readFileSync(join(directory, 'cache', codeIn(directory)[1] ?? ''))).toEqual(kept);
});

/** What one more process prints of the bundle; a process keeps compiled code of its own, beside the cache. */
function runElsewhere(directory: string): string {
  const program = `const bundle = require(process.argv[1]).openBundle(process.argv[2]); console.log(bundle.load('main.cjs').value); bundle.store();`;
  return execFileSync(process.execPath, ['-e', program, loader, directory], { encoding: 'utf8' });
}

test('code that is damaged is made anew', () => {
  const directory = bundleOf({ 'main.cjs': 'exports.value = 1;' });
  expect(runElsewhere(directory)).toBe('1\n');
  const path = join(directory, 'cache', codeIn(directory)[0] ?? '');
  const good = readFileSync(path);
  for (const bad of [Buffer.alloc(0), good.subarray(0, good.length - 8), Buffer.alloc(good.length), Buffer.from('text')]) {
    writeFileSync(path, bad);
    expect(runElsewhere(directory)).toBe('1\n');
    expect(readFileSync(path).length).toBe(good.length);
    expect(readFileSync(path).equals(bad)).toBe(false);
  }
});

test('where code cannot be kept, chunks run all the same', () => {
  const directory = scratch(); // without cache/
  writeFileSync(join(directory, 'main.cjs'), 'exports.value = 2;');
  const bundle = openBundle(directory);
  expect(bundle.load('main.cjs').value).toBe(2);
  expect(() => bundle.store()).not.toThrow();
  expect(readdirSync(directory)).toEqual(['main.cjs']);
});
