import { expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/main.ts';
import { type ErrorCode, TsdockError } from '../../../src/model/errors.ts';

test('ends without an error have the codes of contract.md', () => {
  expect(exitCodeOf({ is: 'ok' })).toBe(0);
  expect(exitCodeOf({ is: 'changes' })).toBe(2);
  expect(exitCodeOf({ is: 'invalid' })).toBe(3);
  expect(exitCodeOf({ is: 'exit', code: 42 })).toBe(42);
});

test.each([
  ['MANIFEST', 3],
  ['TIMEOUT', 4],
  ['CLI022', 6],
  ['CLI030', 6],
  ['DMN001', 6],
  ['IMG030', 6],
  ['CLI024', 7],
  ['CLI025', 7],
  ['CLI001', 8],
  ['CLI002', 8],
  ['CLI010', 64],
  ['ABORTED', 130],
  ['CLI011', 1],
  ['CLI021', 1],
  ['DMN030', 1],
  ['INTERNAL', 1],
] as const satisfies readonly (readonly [ErrorCode, number])[])('%s ends with %d', (code, exit) => {
  expect(exitCodeOf(new TsdockError(code, { message: 'x' }))).toBe(exit);
});
