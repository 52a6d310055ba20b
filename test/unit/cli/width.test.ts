import { expect, test } from 'vitest';
import { cutTo, widthOf, wrapTo } from '../../../src/cli/width.ts';

const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;

test.each([
  ['', 0],
  ['abc', 3],
  ['✔ ◌ …', 5],
  ['商店', 4],
  ['e\u0301', 1],
  ['🚀', 2],
  [red('ab'), 2],
])('%j takes its columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test('a cut line fits, and its colours are closed', () => {
  expect(cutTo('abcdef', 3)).toBe('abc');
  expect(cutTo(`a${red('bcd')}e`, 2)).toBe(`a${red('b')}`);
  expect(cutTo('a商店', 2)).toBe('a');
  expect(cutTo('abc', 0)).toBe('a');
});

test('a line that is cut after a wide character ends there: what is narrow does not slip through behind it', () => {
  expect(cutTo('a商b', 2)).toBe('a');
});

test('a wrapped line loses nothing', () => {
  expect(wrapTo('abcdef', 4)).toEqual(['abcd', 'ef']);
  expect(wrapTo('a商店', 4)).toEqual(['a商', '店']);
  expect(wrapTo(red('abcdef'), 4).join('')).toBe(red('abcdef'));
  expect(wrapTo('', 4)).toEqual(['']);
  expect(wrapTo('商店', 1)).toEqual(['商', '店']);
});
