import { expect, test } from 'vitest';
import { formatDiagnostics } from '../../../src/manifest/diagnostic.ts';
import { loadManifests } from '../../../src/manifest/load.ts';
import { type Answer, type Want, wantKey } from '../../../src/manifest/outside.ts';

const marker = 'hunter2-marker';
const placeholder = `\${NAME}`;

interface LoadFacts {
  readonly answers?: readonly (readonly [Want, Answer])[];
  readonly variables?: ReadonlyMap<string, string>;
}

function loaded(kind: 'Config' | 'Secret', spec: string, facts: LoadFacts = {}) {
  const text = `apiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: site}\nspec:\n${spec}\n`;
  return loadManifests([{ file: 'app/site.yaml', text }], {
    set: () => 'cli:default',
    namespace: 'default',
    baseDirectory: '/srv',
    outside: new Map((facts.answers ?? []).map(([want, answer]) => [wantKey(want), answer])),
    ...(facts.variables === undefined ? {} : { variables: facts.variables }),
  });
}

const say = (kind: 'Config' | 'Secret', spec: string, facts: LoadFacts = {}): string =>
  formatDiagnostics(loaded(kind, spec, facts).diagnostics, { frame: true });
const piece = (name: string, text: string | Uint8Array) => ({ name, bytes: Buffer.from(text) });

test('files become text where they are text, and bytes where they are not', () => {
  const want: Want = { kind: 'files', pattern: '/srv/app/conf/*.conf' };
  const answer = { pieces: [piece('a.conf', 'ä\n'), piece('b.conf', Uint8Array.of(0xff, 0))] };
  const { documents, wants } = loaded('Config', '  files: ["conf/*.conf"]', { answers: [[want, answer]] });
  expect(documents[0]?.spec).toEqual({
    data: { 'a.conf': 'ä\n' },
    binaryData: { 'b.conf': '/wA=' },
    interpolate: false,
    immutable: false,
  });
  expect(wants).toEqual([]);
});

test('what is not read yet is asked for', () => {
  const { wants } = loaded('Secret', '  from: {exec: [pass, show, db]}');
  expect(wants).toEqual([{ kind: 'exec', argv: ['pass', 'show', 'db'], directory: '/srv/app' }]);
  expect(loaded('Secret', '  from: {file: "a*.key"}').wants).toEqual([{ kind: 'files', pattern: '/srv/app/a\\*.key' }]);
});

test('variables are put into a Config that asks for it, and never into a Secret', () => {
  const variables = new Map([['NAME', 'shop']]);
  expect(loaded('Config', `  data: {a: "${placeholder}"}`, { variables }).documents[0]?.spec).toMatchObject({ data: { a: placeholder } });
  expect(loaded('Config', `  interpolate: true\n  data: {a: "${placeholder}"}`, { variables }).documents[0]?.spec).toMatchObject({
    data: { a: 'shop' },
  });
  expect(loaded('Secret', `  stringData: {a: "${placeholder}"}`, { variables }).documents[0]?.spec).toMatchObject({
    values: { a: { form: 'plain', base64: Buffer.from(placeholder).toString('base64') } },
  });
});

test.each([
  ['Config', '  data: {"../x": a}', 'VOL005'],
  ['Config', '  binaryData: {"a/b": aGk=}', 'VOL005'],
  ['Config', '  binaryData: {a: "not base64!"}', 'SCH035'],
  ['Config', '  data: {a: x}\n  binaryData: {a: aGk=}', 'SCH021'],
  ['Config', `  data: {a: ${'x'.repeat(1_048_577)}}`, 'YAML0'],
  ['Config', '  files: [""]', 'CFG001'],
  ['Secret', '  data: {a: "%%%"}', 'SCH035'],
  ['Secret', '  encrypted: {a: plain}', 'SEC005'],
  ['Secret', '  stringData: {a: x}\n  generate: {a: {}}', 'SCH021'],
  ['Secret', '  from: {file: a, env: B}', 'SCH034'],
  ['Secret', '  from: {}', 'SCH034'],
  ['Secret', '  from: {file: a, keys: [b]}', 'SCH034'],
  ['Secret', '  from: {exec: []}', 'SCH034'],
  ['Secret', '  generate: {a: {length: 4}}', 'SCH004'],
  ['Secret', '  generate: {a: {charset: emoji}}', 'SCH031'],
] as const)('%s with %s is refused', (kind, spec, code) => {
  expect(say(kind, spec)).toContain(`error[${code}`);
});

test('a problem with what is beside the manifest stands at the field that names it', () => {
  const answers = [[{ kind: 'env', name: 'DB' }, { problem: 'variable "DB" is not set here' }]] as const;
  expect(say('Secret', '  from: {env: DB}', { answers })).toBe('app/site.yaml:5:15: error[CFG001]: variable "DB" is not set here');
});

test('a plain secret in a Git work tree is a warning that does not show it', () => {
  const answers = [[{ kind: 'git', directory: '/srv/app' }, { pieces: [piece('.git', '')] }]] as const;
  expect(say('Secret', `  stringData: {password: ${marker}}`, { answers })).toBe(
    'app/site.yaml:5:26: warning[SEC001]: password is in plain text, or as good as that, and lies in a Git work tree; hint: encrypt it with age and move it to encrypted, or let generate make it',
  );
  expect(say('Secret', '  generate: {password: {}}', { answers })).toBe('');
});

test.each([
  `  stringData: {password: {deep: ${marker}}}`,
  `  stringData: {password: [${marker}]}`,
  `  stringdata: {password: ${marker}}`,
  `  data: {password: "${marker}!"}`,
  `  encrypted: {password: "${marker}"}`,
  `  stringData: {"../x": "${marker}"}`,
  `  stringData: {a: "${marker}", a: "${marker}"}`,
  `  stringData: {a: "{{ ${marker} }}"}`,
  `  stringData: {a: "${marker}\n`,
  `  stringData:\n    a: ${marker}: b`,
  `  stringData:\n    a: !tag ${marker}`,
  `\t${marker}`,
  `  stringData: {a: "\${${marker.toUpperCase().replace('-', '_')}}"}`,
])('no message about a Secret shows its value: %s', (spec) => {
  const said = say('Secret', spec).toLowerCase();
  expect(said).not.toContain(marker);
  expect(said).not.toContain('hunter2');
});

test('a number where a text belongs is not shown either', () => {
  const said = say('Secret', '  stringData: {pin: 4711}');
  expect(said).toContain('error[SCH003]: spec.stringData.pin must be a string, found integer (value not shown)');
  expect(said).not.toContain('4711');
});

test('clear values are in no hash', () => {
  expect(loaded('Secret', `  stringData: {a: ${marker}}`).documents[0]?.specHash).toBe('unsealed');
});
