import { describe, expect, test } from 'vitest';
import { exitCodeOfDiagnostics } from '../../../src/manifest/diagnostic.ts';
import { badFields, badText, container } from '../../support/bad-manifests.ts';
import { check } from '../../support/manifests.ts';

describe.each([
  ['text', badText],
  ['fields', badFields],
] as const)('bad %s gives one message a mistake, at its place', (_name, rows) => {
  test.each(rows)('$input', ({ files, says, host }) => {
    const { messages, diagnostics } = check(files, host);
    expect(messages).toEqual(says);
    expect(exitCodeOfDiagnostics(diagnostics)).toBe(says.some((message) => message.includes(': error[')) ? 3 : 0);
  });
});

test('warnings and notes do not fail', () => {
  const rows = [...badText, ...badFields].filter(({ says }) => says.every((message) => !message.includes(': error[')));
  expect(rows.length).toBeGreaterThan(8);
  for (const { files, host } of rows) expect(exitCodeOfDiagnostics(check(files, host).diagnostics)).toBe(0);
});

test('all mistakes of all files come in one run, in order of their places', () => {
  const { messages } = check({
    'b.yaml': container({ 7: '  comand: x', 8: '  replicas: three', 9: '  restartPolicy: sometimes' }),
    'a.yaml': container({ 7: '  tty: 1' }, { 4: '  name: A' }),
  });
  expect(messages.map((message) => message.replace(/: error.*/, ''))).toEqual([
    'a.yaml:4:9',
    'a.yaml:7:8',
    'b.yaml:7:3',
    'b.yaml:8:13',
    'b.yaml:9:18',
  ]);
});

test('a document that is wrong does not take the others of its file along', () => {
  const { documents } = check({ 'web.yaml': `${container({ 7: '  comand: x' })}---\n${container({}, { 4: '  name: good' })}` });
  expect(documents.map(({ name }) => name)).toEqual(['good']);
});
