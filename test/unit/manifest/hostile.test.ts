import { describe, expect, test } from 'vitest';
import { load } from '../../support/manifests.ts';

const head = 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n';
const codes = (text: string, file = 'web.yaml'): readonly string[] => [
  ...new Set(load({ [file]: text }).diagnostics.map(({ code }) => code)),
];

describe('hostile text gives a message in bounded time', () => {
  const deepMap = Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
  const quadratic = `a: &a x\nb: [${Array(200_000).fill('*a').join(',')}]`;
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['100,000 nested [', '['.repeat(100_000), ['YAML011']],
    ['100,000 nested {', '{a: '.repeat(100_000), ['YAML011']],
    ['100,000 nested -', '- '.repeat(100_000), ['YAML011']],
    ['a map 1,400 deep', deepMap, ['YAML011']],
    ['200,000 aliases', quadratic, ['YAML010']],
    ['an alias within its own anchor', `${head}  env: &a {b: *a}`, ['YAML015']],
    ['a million keys', Array.from({ length: 300_000 }, (_, index) => `k${index}: 1`).join('\n'), ['YAML012']],
    ['a document of 2 MiB beside a small one', `a: 1\n---\nb: ${'x'.repeat(2 ** 21)}\n`, ['YAML012']],
    ['merge of what is no map', `${head}  <<: [1]`, ['YAML017']],
    ['NUL', `${head}  hostname: "a\0b"`, ['YAML016']],
    ['a key that is a list', `${head}  ? [a]\n  : b`, ['YAML018']],
    ['10,000 documents', '---\na: 1\n'.repeat(10_000), ['SCH002']],
    ['a document that is a list', '- a', ['SCH003']],
    ['a document that is text', 'hello', ['SCH003']],
    ['a variable in a flow map', `${head}  env: {A: $\{N}}`, ['YAML004']],
    ['unclosed flow', `${head}  ports: [`, ['YAML004']],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    const started = performance.now();
    expect(codes(text)).toEqual(expected);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('JSON nested too deep', () => {
    expect(codes('['.repeat(100_000), 'web.json')).toEqual(['YAML011']);
  });
});

test('scalars have the types of YAML 1.2', () => {
  const env = (text: string): readonly string[] =>
    load({ 'web.yaml': `${head}  env: {A: ${text}}` }).diagnostics.map(({ message }) => message);
  expect(['0777', '1e3', '0o7', '0x1F', '.inf', '~', 'True'].map((text) => env(text)[0])).toEqual([
    'spec.env.A must be a string, found integer 777',
    'spec.env.A must be a string, found integer 1000',
    'spec.env.A must be a string, found integer 7',
    'spec.env.A must be a string, found integer 31',
    'spec.env.A must be a string, found number Infinity',
    'spec.env.A must be a string, found null',
    'spec.env.A must be a string, found boolean true',
  ]);
  expect(['12:30:45', '2026-11-24', '1_000', '!!str 12', '0b1'].flatMap(env)).toEqual([]);
});

test('anchors, aliases and merge keys mean what they say, explicit keys win', () => {
  const text = `${head}  env: &base {A: "1", B: "2"}\n---\n${head.replace('web', 'two')}  env:\n    <<: [{A: "x", C: "y"}, {A: "z"}]\n    B: "3"\n`;
  const { documents, diagnostics } = load({ 'web.yaml': text });
  expect(diagnostics).toEqual([]);
  expect(documents.map(({ spec }) => 'env' in spec && { ...spec.env })).toEqual([
    { A: '1', B: '2' },
    { A: 'x', B: '3', C: 'y' },
  ]);
});

describe('JSON', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['{"a": 1,}', '1:9 unexpected "}" after ","'],
    ['[1,]', '1:4 unexpected "]" after ","'],
    ['{"a" 1}', '1:6 unexpected "1" after a key'],
    ['{a: 1}', '1:2 unexpected "a" after "{"'],
    ['{"a": 1 "b": 2}', '1:9 unexpected "\\"" after a value'],
    ['{"a": "x', '1:7 string opened here is never closed'],
    ['{"a": "\\x"}', '1:7 string "\\\\x" has an escape or a character that JSON does not know'],
    ['{"a": 01}', '1:7 unexpected "0"'],
    ['{} {}', '1:4 unexpected "{" after the end of the value'],
    ['{"a":', '1:6 unexpected end of file'],
    ['{"a": 1, "a": 2}', '1:10 key "a" is set twice, first at 1:2'],
  ];
  test.each(rows)('%s', (text, expected) => {
    const [first] = load({ 'web.json': text }).diagnostics;
    expect(`${first?.line}:${first?.column} ${first?.message}`).toBe(expected);
  });

  test('is a manifest like any other', () => {
    const text = JSON.stringify({
      apiVersion: 'tsdock/v1',
      kind: 'Container',
      metadata: { name: 'web' },
      spec: { image: 'nginx', env: { A: 'a\n"é' } },
    });
    expect(load({ 'web.json': text }).documents[0]?.specHash).toBe(load({ 'web.yaml': text }).documents[0]?.specHash);
  });
});

test('what the YAML parser says is told in full', () => {
  expect(
    load({ 'web.yaml': 'kind: [\n' })
      .diagnostics.map(({ message }) => message)
      .join(),
  ).not.toContain('…');
});
