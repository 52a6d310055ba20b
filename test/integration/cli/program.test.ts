import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratch } from '../../support/scratch.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

test('bin/tsdock of a checkout where nothing is built names the build command', () => {
  const directory = scratch();
  copyFileSync(join(root, 'package.json'), join(directory, 'package.json'));
  cpSync(join(root, 'bin'), join(directory, 'bin'), { recursive: true });
  const result = spawnSync(process.execPath, [join(directory, 'bin', 'tsdock'), 'ps'], { encoding: 'utf8' });
  expect(result.stderr).toBe(`error: tsdock is not built in ${directory}; hint: npm run build\n`);
  expect(result.status).toBe(1);
});

test('bin/tsdock may be run as a program', () => {
  expect(() => execFileSync('test', ['-x', join(root, 'bin', 'tsdock')])).not.toThrow();
});

/** Value imports of a file that run when it is loaded, and those of what it imports. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(?<from>[^']+)';/gm);
  for (const { groups } of imports) {
    const from = groups?.from ?? '';
    if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

test('the start of every command loads commander and the table, no more', () => {
  const loaded = [...loadedBy(join(root, 'src', 'cli', 'main.ts'))];
  const packages = loaded.filter((name) => !name.startsWith('/') && !builtinModules.includes(name.replace('node:', '')));
  expect(packages).toEqual(['commander']);
  const own = loaded.filter((name) => name.startsWith('/')).map((name) => name.slice(root.length + 1));
  expect(own.sort()).toEqual(['src/cli/main.ts', 'src/cli/table.ts', 'src/model/errors.ts']);
});

test.each(['diff', 'ps', 'get', 'logs', 'exec', 'version'])(
  'what %s loads before it knows whether there is a daemon is free of engine and packages',
  (name) => {
    const loaded = [...loadedBy(join(root, 'src', 'cli', 'commands', `${name}.ts`))];
    expect(
      loaded.filter((each) => /^(?:yaml|lmdb|undici|ajv|chokidar|p-queue)$|\/src\/(?:controllers|reconciler|store|native)\//.test(each)),
    ).toEqual([]);
  },
);
