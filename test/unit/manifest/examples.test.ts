import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../../src/manifest/diagnostic.ts';
import { buildGraph } from '../../../src/manifest/graph.ts';
import { unknownHost } from '../../../src/manifest/graph-host.ts';
import { fields } from '../../../src/model/generated/fields.ts';
import { load, snapshotOf } from '../../support/manifests.ts';

const directory = 'examples/manifests';
const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
const variables = new Map([
  ['PORT', '8084'],
  ['COPIES', '2'],
  ['TITLE', 'tsdock'],
]);
const read = (name: string) => load({ [name]: readFileSync(join(directory, name)) }, variables);

test.each(names)('%s loads without a word', (name) => {
  const { documents, diagnostics } = read(name);
  const built = buildGraph([snapshotOf('cli:default', documents)], unknownHost);
  expect([...diagnostics, ...built.diagnostics].map(formatDiagnostic)).toEqual([]);
  expect(documents.length).toBeGreaterThan(0);
});

test('each example says what it shows and how to run it', () => {
  for (const name of names)
    expect(readFileSync(join(directory, name), 'utf8')).toMatch(new RegExp(`^# .*\\n(?:# .*\\n)*#   tsdock apply -f ${name}`));
});

test('all of them can be applied together', () => {
  const documents = names.flatMap((name) => read(name).documents);
  expect(buildGraph([snapshotOf('cli:default', documents)], unknownHost).diagnostics.map(formatDiagnostic)).toEqual([]);
});

test('every field of a Container of this release is shown by one of them', () => {
  const shown = new Set(names.flatMap((name) => read(name).documents).flatMap((document) => Object.keys(document.fields)));
  const wanted = fields
    .filter(({ kind, since, path }) => kind === 'Container' && since === 'M1' && !/[.[]/.test(path))
    .map(({ path }) => path);
  // Shown by their other spelling: a command would replace the server of the sample image, `security` stands for what securityContext writes out.
  expect(wanted.filter((path) => !shown.has(path))).toEqual(['command', 'args', 'security']);
});
