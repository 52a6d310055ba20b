import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codePages } from '../../../src/model/code-pages.ts';
import { errorCodes } from '../../../src/model/errors.ts';

const source = join(import.meta.dirname, '..', '..', '..', 'src');

/** Codes that stand in the sources as texts of their own. */
function codesInSources(): Set<string> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/native|generated|code-pages/.test(file),
  );
  const codes = files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/'([A-Z]{2,4}\d{3})'/g)].map((found) => found[1] ?? ''),
  );
  return new Set(codes);
}

test('every code that anything can end with has a page', () => {
  const codes = [...codesInSources(), ...Object.keys(errorCodes)];
  expect(codes.length).toBeGreaterThan(100);
  expect(codes.filter((code) => codePages[code] === undefined)).toEqual([]);
});

test('no page is about a code that nothing has', () => {
  const codes = new Set([...codesInSources(), ...Object.keys(errorCodes)]);
  expect(Object.keys(codePages).filter((code) => !codes.has(code))).toEqual([]);
});

test.each(Object.entries(codePages))('the page of %s has sentences', (_code, page) => {
  for (const text of Object.values(page)) expect(text).toMatch(/^\S.{9,}[.…)]$|^\S.*\.$/);
});
