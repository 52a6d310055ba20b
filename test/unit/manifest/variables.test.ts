// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the manifests have placeholders of their own
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../src/manifest/diagnostic.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { load } from '../../support/manifests.ts';

/** Spec and messages of a Container with these fields. */
function fill(
  spec: string,
  variables: Readonly<Record<string, string | null>>,
): { readonly spec: Resource<'Container'>['spec'] | undefined; readonly messages: readonly string[] } {
  const text = `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n${spec}\n`;
  const { documents, diagnostics } = load({ 'web.yaml': text }, new Map(Object.entries(variables)));
  return { spec: (documents[0] as Resource<'Container'> | undefined)?.spec, messages: diagnostics.map(formatDiagnostic) };
}

test('a plain scalar is read again as a plain scalar', () => {
  expect(fill('  replicas: ${N}', { N: '3' }).spec?.replicas).toBe(3);
});

test('a quoted one stays a string', () => {
  expect(fill('  env: {A: "${N}"}', { N: '3' }).spec?.env.A).toBe('3');
  expect(fill('  env:\n    A: ${N}', { N: 'true' }).messages).toEqual([
    'web.yaml:7:8: error[SCH005]: spec.env.A must be a string, found boolean true; hint: quote it: "true"',
  ]);
});

test('a value never becomes structure, a key or another variable', () => {
  expect(fill('  env: {A: "${X}", "${X}": b}', { X: '"}, B: {c: ${X}' }).spec?.env).toEqual({ A: '"}, B: {c: ${X}', '${X}': 'b' });
});

test('a default stands in for an empty value', () => {
  expect(fill('  env: {A: "${X:-dflt}", B: "${Y:-dflt}"}', { X: '', Y: 'y' }).spec?.env).toEqual({ A: 'dflt', B: 'y' });
});

describe('a declared variable without a value is an error', () => {
  test.each([
    ['${X}', null, 'variable X has no value'],
    ['${X:?the port}', '', 'variable X has no value: the port'],
    ['${X:?}', null, 'variable X has no value'],
  ])('%s', (text, value, message) => {
    expect(fill(`  env: {A: "${text}"}`, { X: value }).messages).toEqual([`web.yaml:6:12: error[VAR001]: ${message}; hint: --var X=value`]);
  });
});

test('what was not declared is plain text; what looks meant is a warning', () => {
  const { spec, messages } = fill('  env: {A: "${lower} $5 $$ ${} ${x:-y}", B: "${UPPER_CASE}"}', { OTHER: 'x' });
  expect(spec?.env).toEqual({ A: '${lower} $5 $$ ${} ${x:-y}', B: '${UPPER_CASE}' });
  expect(messages).toEqual([
    'web.yaml:6:45: warning[VAR002]: "${UPPER_CASE}" is not a declared variable; hint: --var UPPER_CASE=value; without it the text stays as it is',
  ]);
});

test('text of a Config is never touched', () => {
  const text = 'apiVersion: tsdock/v1\nkind: Config\nmetadata: {name: "${NAME}"}\nspec: {data: {a: "${NAME} ${OTHER}"}}\n';
  const { documents, diagnostics } = load({ 'c.yaml': text }, new Map([['NAME', 'site']]));
  expect(diagnostics).toEqual([]);
  expect(documents[0]).toMatchObject({ name: 'site', spec: { data: { a: '${NAME} ${OTHER}' } } });
});
