import { expect, test } from 'vitest';
import { newestTag } from '../../../src/controllers/image/tags.ts';

test.each([
  ['1.29', ['1.28', '1.29', '1.30', '1.31.2', '2.0', 'latest'], '2.0'],
  ['1.29.1', ['1.29.0', '1.29.10', '1.29.9'], '1.29.10'],
  ['22-alpine', ['24', '23-alpine', '24-alpine', '25-slim'], '24-alpine'],
  ['v1.2', ['1.3', 'v1.3', 'v1.4-rc1'], 'v1.3'],
  ['v1.2.0', ['v1.3.0-rc1', 'v1.3.0-beta.2'], null],
  ['latest', ['1.0', '2.0'], null],
  ['bookworm', ['trixie'], null],
  ['2.0', ['1.9', '2.0'], null],
  ['20240101', ['20250101'], '20250101'],
])('newer than %s among %j is %s', (tag, tags, newest) => {
  expect(newestTag(tag, tags)).toBe(newest);
});
