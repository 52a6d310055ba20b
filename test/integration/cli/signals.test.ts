import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { Streams } from '../../../src/cli/command.ts';
import { main } from '../../../src/cli/main.ts';
import { serve } from '../../support/api.ts';
import { applied, fakeEngine } from '../../support/fake-engine.ts';

test('an interrupted wait ends with 130 and tells the engine', async () => {
  let waiting = () => undefined as unknown;
  const began = new Promise((resolve) => {
    waiting = () => resolve(null);
  });
  const engine = fakeEngine({
    restart: (_keys, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        onTestFinished(() => resolve(applied));
        waiting();
      }),
  });
  const { directory } = await serve(engine);
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() } as unknown as Streams;
  const ended = main(['--run-dir', directory, 'restart', 'web', '-n', 'shop'], streams);
  await began;
  process.emit('SIGINT');
  expect(await ended).toBe(130);
  expect(String((streams.stderr as unknown as PassThrough).read())).toMatch(/^error\[ABORTED\]: interrupted\n$/);
});

test.each([
  ['logs', ['logs', '-f', 'web', '-n', 'shop']],
  ['events', ['events', '-w']],
] as const)('%s that are followed end with 130 and without a word when interrupted', async (_name, line) => {
  let following = () => undefined as unknown;
  const began = new Promise((resolve) => {
    following = () => resolve(null);
  });
  async function* never({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<never> {
    following();
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  const engine = fakeEngine({ logs: never, events: never });
  const { directory } = await serve(engine);
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() } as unknown as Streams;
  const ended = main(['--run-dir', directory, ...line], streams);
  await began;
  process.emit('SIGINT');
  expect(await ended).toBe(130);
  expect((streams.stderr as unknown as PassThrough).read()).toBeNull();
});
