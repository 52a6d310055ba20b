import { describe, expect, test } from 'vitest';
import { diagnosticJson, didYouMean, formatDiagnostics, quote } from '../../../src/manifest/diagnostic.ts';
import { check, lines } from '../../support/manifests.ts';

const web = (numbered: Readonly<Record<number, string>>): string =>
  lines({ 1: 'apiVersion: tsdock/v1', 2: 'kind: Container', 3: 'metadata: {name: web}', 4: 'spec:', 5: '  image: nginx', ...numbered });

test('on a terminal the line with a caret under the offence follows', () => {
  const { diagnostics } = check({ 'web.yaml': web({ 6: '  restartPolicy: on-fail' }) });
  expect(`\n${formatDiagnostics(diagnostics, { frame: true })}\n`).toBe(`
web.yaml:6:18: error[SCH031]: restartPolicy "on-fail" is not one of Always, OnFailure, Never; hint: OnFailure
  6 |   restartPolicy: on-fail
                       ^
`);
});

test('a line with a secret is never shown', () => {
  const { diagnostics } = check({ 'web.yaml': web({ 6: '  env: {API_TOKEN: "hunter2"}' }) });
  expect(diagnostics).toHaveLength(1);
  expect(formatDiagnostics(diagnostics, { frame: true })).not.toContain('hunter2');
});

test('a long line is cut around the caret', () => {
  const { diagnostics } = check({ 'web.yaml': web({ 6: `  env: {A: "${'x'.repeat(500)}", B: true}` }) });
  const [, line = '', caret = ''] = formatDiagnostics(diagnostics, { frame: true }).split('\n');
  expect(line.length).toBeLessThan(140);
  expect(line.slice(caret.indexOf('^'))).toBe('true}');
});

test('20 are shown and the rest counted, errors before warnings', () => {
  const variables = Array.from({ length: 30 }, (_, index) => `    V${index}: no`);
  const { diagnostics } = check({ 'web.yaml': `${web({ 6: '  env:' })}${variables.join('\n')}\n  comand: x\n` });
  const shown = formatDiagnostics(diagnostics, { frame: false }).split('\n');
  expect(shown).toHaveLength(21);
  expect(shown[19]).toMatch(/SCH001.*comand/);
  expect(shown[20]).toBe('and 11 more');
});

test('programs get the same with a JSON pointer', () => {
  const { diagnostics } = check({ 'web.yaml': web({ 6: '  env: {"a/b~c": true}' }) });
  expect(diagnostics.map(diagnosticJson)).toEqual([
    {
      severity: 'error',
      code: 'SCH005',
      message: 'spec.env.a/b~c must be a string, found boolean true',
      file: 'web.yaml',
      line: 6,
      column: 18,
      hint: 'quote it: "true"',
      pointer: '/spec/env/a~1b~0c',
    },
  ]);
});

describe('values in messages', () => {
  test.each([
    ['plain', '"plain"'],
    ['a"b\nc', '"a\\"b\\nc"'],
    ['\u001b[31mred\u202e', '"\\u001b[31mred\\u202e"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [true, 'true'],
    [null, 'null'],
    [[1], 'a list'],
    [{}, 'a map'],
  ])('%j', (value, shown) => {
    expect(quote(value)).toBe(shown);
  });
});

describe('did you mean', () => {
  const known = ['readinessProbe', 'replicas', 'ports', 'OnFailure', 'env', 'envFrom'];
  test.each([
    ['readinesProbe', 'readinessProbe'],
    ['replcias', 'replicas'],
    ['on-fail', 'OnFailure'],
    ['PORTS', 'ports'],
    ['evn', 'env'],
    ['readProbe', null],
    ['x', null],
    ['__proto__', null],
  ])('%s: %s', (word, meant) => {
    expect(didYouMean(word, known)).toBe(meant);
  });
});
