import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandTable } from '../../src/cli/table.ts';
import { formatDiagnostic } from '../../src/manifest/diagnostic.ts';
import { loadEngineConfig } from '../../src/manifest/engine-config.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { load, snapshotOf } from '../support/manifests.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));

const npmScripts = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts);
const commands = [
  ...blocks.flatMap(({ text }) => [...text.matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line)),
  ...[...readme.matchAll(/`((?:tsdock|npm) [^`]+)`/g)].map(([, line = '']) => line),
];

test.each([...new Set(commands)])('the README names a command that exists: %s', (line) => {
  const [program, first = '', second = ''] = line.split(' ');
  if (program === 'npm') expect(npmScripts).toContain(first);
  if (program !== 'tsdock') return;
  const spec = commandTable.find(({ name }) => name === first || name === `${first} ${second}`);
  expect(spec, line).toBeDefined();
  const flags = [...(line.split(' -- ')[0] ?? '').matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag);
  const known = spec?.options.map((option) => option.flags).join(' ');
  for (const flag of flags) expect(known).toContain(flag);
});

test('every command is in the README', () => {
  for (const { name } of commandTable)
    expect(
      commands.some((line) => `${line} `.startsWith(`tsdock ${name} `)),
      name,
    ).toBe(true);
});

const manifests = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);

test.each(manifests.filter((text) => !text.includes('kind: EngineConfig')))('a manifest of the README loads without a word', (text) => {
  const { documents, diagnostics } = load({ 'readme.yaml': text });
  const built = buildGraph([snapshotOf('cli:default', documents)], unknownHost);
  expect([...diagnostics, ...built.diagnostics].map(formatDiagnostic)).toEqual([]);
  expect(documents.length).toBeGreaterThan(0);
});

test.each(manifests.filter((text) => text.includes('kind: EngineConfig')))(
  'an engine config of the README loads without a word',
  (text) => {
    expect(loadEngineConfig(text, 'config.yaml').diagnostics).toEqual([]);
  },
);

test('files the README links are there', () => {
  for (const [, path = ''] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) expect(existsSync(path), path).toBe(true);
});
