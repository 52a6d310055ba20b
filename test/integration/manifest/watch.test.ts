import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DirectoryWatch, watchDirectory } from '../../../src/manifest/watch.ts';
import { eventually } from '../../support/eventually.ts';

let root: string;
let directory: string;
let watch: DirectoryWatch;
let dirty: number;
let warnings: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-watch-'));
  directory = join(root, 'manifests');
  dirty = 0;
  warnings = [];
});
afterEach(async () => {
  await watch.close();
  rmSync(root, { recursive: true, force: true });
  expect(warnings).toEqual([]);
});

async function start(path: string, options: { quietMs?: number; maxMs?: number } = {}): Promise<void> {
  const onDirty = (): void => {
    dirty += 1;
  };
  watch = watchDirectory(path, { onDirty, onWarning: (message) => warnings.push(message), quietMs: 20, maxMs: 200, ...options });
  await watch.ready;
}

const isDirty = async (): Promise<void> => {
  await eventually(() => expect(dirty).toBeGreaterThan(0));
  dirty = 0;
};

function renameOver(path: string): void {
  writeFileSync(`${path}.tmp`, 'two');
  renameSync(`${path}.tmp`, path);
}

function saveLikeVim(path: string): void {
  renameSync(path, `${path}~`);
  writeFileSync(path, 'two');
  rmSync(`${path}~`);
}

const saves: readonly (readonly [string, (path: string) => void])[] = [
  ['writing in place', (path) => writeFileSync(path, 'two')],
  ['writing beside and renaming over', renameOver],
  ['vim: moving the old one away, writing a new one', saveLikeVim],
  ['removing', (path) => rmSync(path)],
  ['a new file', (path) => writeFileSync(`${path}.yaml`, 'new')],
];

describe('a change in the directory is seen', () => {
  test.each(saves)('%s', async (_name, save) => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'a.yaml'), 'one');
    await start(directory);
    save(join(directory, 'a.yaml'));
    await isDirty();
  });
});

test('the swap of ..data, as mounted configuration does it, is seen', async () => {
  mkdirSync(join(directory, '..one'), { recursive: true });
  mkdirSync(join(directory, '..two'));
  for (const side of ['..one', '..two']) writeFileSync(join(directory, side, 'a.yaml'), side);
  symlinkSync('..one', join(directory, '..data'));
  symlinkSync('..data/a.yaml', join(directory, 'a.yaml'));
  await start(directory);
  symlinkSync('..two', join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  await isDirty();
});

test('a directory that is itself a swapped link is followed to its new side', async () => {
  for (const side of ['one', 'two']) {
    mkdirSync(join(root, side));
    writeFileSync(join(root, side, 'a.yaml'), side);
  }
  symlinkSync('one', directory);
  await start(directory);
  symlinkSync('two', join(root, 'next'));
  renameSync(join(root, 'next'), directory);
  await isDirty();
  await eventually(() => {
    writeFileSync(join(root, 'two', `${dirty}.yaml`), 'more');
    expect(dirty).toBeGreaterThan(0);
  });
});

test('a directory that is not there yet is seen when it appears, and its files after that', async () => {
  await start(directory);
  mkdirSync(directory);
  await isDirty();
  await eventually(() => {
    writeFileSync(join(directory, 'a.yaml'), String(dirty));
    expect(dirty).toBeGreaterThan(0);
  });
});

test('a burst is one call, and a writer that never rests cannot hold it back for ever', async () => {
  mkdirSync(directory);
  await start(directory, { quietMs: 300, maxMs: 1500 });
  const startedAt = performance.now();
  let first = Number.NaN;
  await eventually(() => {
    writeFileSync(join(directory, 'a.yaml'), String(performance.now()));
    if (dirty > 0 && Number.isNaN(first)) first = performance.now() - startedAt;
    expect(dirty).toBeGreaterThan(0);
  });
  expect(dirty).toBe(1);
  expect(first).toBeGreaterThan(300);
});

test('poke counts as a change', async () => {
  mkdirSync(directory);
  await start(directory);
  watch.poke();
  await isDirty();
});
