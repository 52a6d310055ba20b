import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Prober } from '../../../src/controllers/container/probes/prober.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { ProbeTarget, ProbeVerdict } from '../../../src/model/probes.ts';
import type { Probe } from '../../../src/model/spec.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const readiness: Probe = {
  check: { type: 'tcp', port: 80 },
  initialDelayMs: 0,
  periodMs: 10_000,
  timeoutMs: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
  graceMs: null,
};

function target(instance: string, over: Partial<ProbeTarget> = {}): ProbeTarget {
  const probes = { startup: null, readiness, liveness: null, startupFailed: 'restart' } as const;
  return { key: `Container/default/${instance}`, instance, startedAt: 0, probes, host: '10.0.0.2', keepsOutput: true, ...over };
}

/** A prober whose checks are counted; those of `stuck` instances end when they are given up. */
function setup(options: { readonly kept?: ProbeVerdict; readonly stuck?: readonly string[] } = {}) {
  vi.setSystemTime(0);
  const asked: { readonly instance: string; readonly at: number }[] = [];
  const open = new Set<string>();
  const prober = new Prober({
    check: async ({ instance }, _check, signal) => {
      asked.push({ instance, at: Date.now() });
      if (options.stuck?.includes(instance) !== true) return { success: true, message: 'connected' };
      if (open.has(instance)) throw new Error('two at once');
      open.add(instance);
      return await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          open.delete(instance);
          reject(signal.reason);
        });
      });
    },
    load: () => options.kept ?? null,
    save: () => undefined,
    now: Date.now,
    random: randoms(),
    log: silentLogger,
  });
  return { prober, asked };
}

/** Numbers in [0, 1) that are spread evenly. */
function randoms(): () => number {
  let last = 0;
  return () => {
    last = (last + 0.618_034) % 1;
    return last;
  };
}

test('without targets there is no timer, and none is left when they go', async () => {
  const { prober } = setup();
  prober.follow([]);
  expect(vi.getTimerCount()).toBe(0);
  prober.follow([target('a'), target('b')]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(vi.getTimerCount()).toBe(2);
  prober.follow([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a hundred that were ready before are asked all over their period, not in one tick', async () => {
  const ready = { startedAt: 0, started: true, ready: true, readyAt: 0, wasReady: true, failing: null, condemned: null };
  const { prober, asked } = setup({ kept: ready });
  prober.follow(Array.from({ length: 100 }, (_, index) => target(`i${index}`)));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(asked.map(({ instance }) => instance)).size).toBe(100);
  for (let second = 0; second < 10; second++) expect(asked.filter(({ at }) => Math.floor(at / 1_000) === second).length).toBeLessThan(25);
  prober.follow([]);
});

test('one that began together with another drifts away from it', async () => {
  const { prober, asked } = setup();
  prober.follow([target('a'), target('b')]);
  await vi.advanceTimersByTimeAsync(100_000);
  const last = (instance: string) => asked.filter((one) => one.instance === instance).at(-1)?.at;
  expect(last('a')).not.toBe(last('b'));
  prober.follow([]);
});

test('one that hangs is given up at its timeout, never asked twice at once, and nobody waits for it', async () => {
  const { prober, asked } = setup({ stuck: ['stuck'] });
  prober.follow([target('stuck'), target('fine')]);
  await vi.advanceTimersByTimeAsync(0);
  expect(prober.verdictOf('fine')?.ready).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(prober.verdictOf('stuck')).toMatchObject({
    ready: false,
    failing: { message: 'readiness failed (3 of 3): TCP 10.0.0.2:80: no answer within 1s', final: true },
  });
  expect(asked.filter(({ instance }) => instance === 'stuck').length).toBeGreaterThan(3);
  prober.follow([]);
});

test('another run of the process is asked from the beginning', async () => {
  const { prober } = setup();
  prober.follow([target('a')]);
  await vi.advanceTimersByTimeAsync(0);
  expect(prober.verdictOf('a')).toMatchObject({ startedAt: 0, ready: true });
  prober.follow([target('a', { startedAt: 5_000 })]);
  expect(prober.verdictOf('a')).toMatchObject({ startedAt: 5_000, ready: false });
  prober.follow([]);
});

test('whoever listens hears of a verdict that has changed, and of no other try', async () => {
  const { prober } = setup();
  const heard: string[] = [];
  prober.listen((key) => heard.push(key), new AbortController().signal);
  prober.follow([target('a')]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual(['Container/default/a', 'Container/default/a']);
  prober.follow([]);
});
