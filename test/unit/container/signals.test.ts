import { expect, test } from 'vitest';
import { signalName, signalNumber } from '../../../src/controllers/container/signals.ts';

test.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['9', 9],
  [' SIGUSR1 ', 10],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
  ['SIGRTMIN-1', null],
  ['SIGRTMAX+1', null],
  ['0', null],
  ['65', null],
  ['-9', null],
  ['SIGFOO', null],
  ['toString', null],
  ['', null],
])('%o is signal %o', (name, number) => expect(signalNumber(name)).toBe(number));

test('a number is told by its name', () => {
  expect(signalName(9)).toBe('SIGKILL');
  expect(signalName(40)).toBe('signal 40');
});
