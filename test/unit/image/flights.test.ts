import { expect, test } from 'vitest';
import { Flights } from '../../../src/controllers/image/flights.ts';

interface Started {
  readonly signal: AbortSignal;
  readonly report: (progress: number) => void;
  readonly done: (result: string) => void;
  readonly fail: (error: unknown) => void;
}

function setUp() {
  const flights = new Flights<string, number>();
  const started: Started[] = [];
  const work = (signal: AbortSignal, report: (progress: number) => void) =>
    new Promise<string>((done, fail) => {
      started.push({ signal, report, done, fail });
      signal.addEventListener('abort', () => fail(signal.reason));
    });
  const join = (signal = new AbortController().signal, report: (progress: number) => void = () => undefined) =>
    flights.join('k', { signal, report }, work);
  return { started, join };
}
const soon = () => new Promise((resolve) => setImmediate(resolve));

test('twenty waiters share one piece of work and its progress', async () => {
  const { started, join } = setUp();
  const seen: number[] = [];
  const waiters = Array.from({ length: 20 }, () => join(undefined, (progress) => seen.push(progress)));
  await soon();
  expect(started.length).toBe(1);
  started[0]?.report(7);
  started[0]?.done('x');
  expect(await Promise.all(waiters)).toEqual(Array.from({ length: 20 }, () => 'x'));
  expect(seen).toEqual(Array.from({ length: 20 }, () => 7));
});

test('one waiter that gives up does not disturb the others', async () => {
  const { started, join } = setUp();
  const cancel = new AbortController();
  const first = join(cancel.signal);
  const second = join();
  await soon();
  cancel.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect(started[0]?.signal.aborted).toBe(false);
  started[0]?.done('x');
  expect(await second).toBe('x');
});

test('the last one to leave ends the work', async () => {
  const { started, join } = setUp();
  const cancel = new AbortController();
  const only = join(cancel.signal);
  await soon();
  cancel.abort(new Error('enough'));
  await expect(only).rejects.toThrow('enough');
  expect(started[0]?.signal.aborted).toBe(true);
});

test('new work on a key begins after aborted work has ended', async () => {
  const flights = new Flights<string, number>();
  const order: string[] = [];
  let release = (): void => undefined;
  const cancel = new AbortController();
  const first = flights.join('k', { signal: cancel.signal, report: () => undefined }, async (signal) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    order.push('first ended');
    signal.throwIfAborted();
    return 'x';
  });
  await soon();
  cancel.abort(new Error('enough'));
  const gone = expect(first).rejects.toThrow('enough');
  await soon();
  const second = flights.join('k', { signal: new AbortController().signal, report: () => undefined }, async () => {
    order.push('second began');
    return 'y';
  });
  await soon();
  expect(order).toEqual([]);
  release();
  await gone;
  expect(await second).toBe('y');
  expect(order).toEqual(['first ended', 'second began']);
});

test('a failure is told to everyone and forgotten', async () => {
  const { started, join } = setUp();
  const both = [join(), join()];
  await soon();
  started[0]?.fail(new Error('broken'));
  for (const result of await Promise.allSettled(both)) expect(result.status).toBe('rejected');
  const next = join();
  await soon();
  started[1]?.done('z');
  expect(await next).toBe('z');
});
