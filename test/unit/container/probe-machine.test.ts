import { describe, expect, test } from 'vitest';
import {
  askedProbes,
  firstProbeState,
  nextProbeState,
  type ProbeState,
  pauseBefore,
  resumedProbeState,
} from '../../../src/controllers/container/probes/machine.ts';
import type { ProbeName, Probes } from '../../../src/model/probes.ts';
import type { Probe } from '../../../src/model/spec.ts';

const began = 1_000;

function probe(over: Partial<Probe> = {}): Probe {
  const check = { type: 'tcp', port: 80 } as const;
  const times = { initialDelayMs: 0, periodMs: 10_000, timeoutMs: 1_000, graceMs: null };
  return { check, ...times, successThreshold: 1, failureThreshold: 3, ...over };
}

function probes(over: Partial<Probes>): Probes {
  return { startup: null, readiness: null, liveness: null, startupFailed: 'restart', ...over };
}

/** Tries of one probe, a period apart: `+` succeeds, `-` fails. */
function tried(all: Probes, name: ProbeName, tries: string, from: ProbeState = firstProbeState(all, began)): ProbeState {
  let state = from;
  let now = began + 1_000_000 * (state.tracks.startup.tries + state.tracks.readiness.tries + state.tracks.liveness.tries);
  for (const sign of tries) {
    now += all[name]?.periodMs ?? 0;
    state = nextProbeState(all, state, name, { success: sign === '+', message: sign === '+' ? 'ok' : 'refused' }, now);
  }
  return state;
}

describe('readiness', () => {
  const all = probes({ readiness: probe({ successThreshold: 2 }) });

  test.each([
    ['', false],
    ['+', false],
    ['++', true],
    ['+-+', false],
    ['++--', true],
    ['++--+-', true],
    ['++---', false],
    ['++---+', false],
    ['++---++', true],
  ])('after %j it is ready: %s', (tries, ready) => {
    expect(tried(all, 'readiness', tries).verdict.ready).toBe(ready);
  });

  test('a failure says how often it may still fail, and why', () => {
    expect(tried(all, 'readiness', '--').verdict.failing).toEqual({
      probe: 'readiness',
      message: 'readiness failed (2 of 3): refused',
      final: false,
    });
    expect(tried(all, 'readiness', '------').verdict.failing).toMatchObject({ message: 'readiness failed (3 of 3): refused', final: true });
  });

  test('never ends a process', () => {
    expect(tried(all, 'readiness', '-'.repeat(50)).verdict.condemned).toBeNull();
  });

  test('is tried soon until its first success, and then in its period', () => {
    const readiness = probe();
    const eager = probes({ readiness });
    const pauses = ['-', '--', '---', '-'.repeat(9), '+', '+-'].map((tries) =>
      pauseBefore(readiness, 'readiness', tried(eager, 'readiness', tries), began),
    );
    expect(pauses).toEqual([250, 500, 1_000, 10_000, 10_000, 10_000]);
  });
});

describe('startup', () => {
  const all = probes({ startup: probe(), readiness: probe(), liveness: probe() });

  test('holds back the others until it has succeeded', () => {
    expect(askedProbes(all, firstProbeState(all, began))).toEqual(['startup']);
    expect(askedProbes(all, tried(all, 'startup', '--+'))).toEqual(['readiness', 'liveness']);
  });

  test('that fails as often as it may condemns the process, and nothing is asked any more', () => {
    const state = tried(all, 'startup', '---');
    expect(state.verdict.condemned).toEqual({ probe: 'startup', message: 'startup failed (3 of 3): refused' });
    expect(askedProbes(all, state)).toEqual([]);
  });

  test('alone makes it ready', () => {
    const only = probes({ startup: probe() });
    expect(firstProbeState(only, began).verdict.ready).toBe(false);
    expect(tried(only, 'startup', '+').verdict.ready).toBe(true);
  });

  test('of a start period gives way instead', () => {
    const period = probes({ startup: probe(), readiness: probe(), startupFailed: 'go-on' });
    const state = tried(period, 'startup', '---');
    expect(state.verdict).toMatchObject({ started: true, ready: false, condemned: null });
  });

  test('tries before its period is over take nothing away from a slow program', () => {
    let state = firstProbeState(all, began);
    for (let now = began; now < began + 18_000; now += 100) {
      state = nextProbeState(all, state, 'startup', { success: false, message: 'refused' }, now);
    }
    expect(state.tracks.startup.failures).toBe(2);
    expect(state.verdict.condemned).toBeNull();
  });
});

describe('liveness', () => {
  const all = probes({ liveness: probe() });

  test.each([
    ['--', false],
    ['--+--', false],
    ['+++---', true],
  ])('after %j the process is condemned: %s', (tries, condemned) => {
    expect(tried(all, 'liveness', tries).verdict.condemned !== null).toBe(condemned);
  });

  test('is never tried before its period', () => {
    expect(pauseBefore(probe(), 'liveness', tried(all, 'liveness', '-'), began)).toBe(10_000);
  });
});

describe('an engine that takes over', () => {
  const all = probes({ startup: probe(), readiness: probe(), liveness: probe() });

  test('asks no startup probe again, and keeps what is ready', () => {
    const ready = tried(all, 'readiness', '+', tried(all, 'startup', '+'));
    const resumed = resumedProbeState(all, ready.verdict);
    expect(resumed.verdict).toEqual(ready.verdict);
    expect(askedProbes(all, resumed)).toEqual(['readiness', 'liveness']);
  });

  test('ends nothing for failures it has not seen itself', () => {
    const failing = tried(all, 'liveness', '--', tried(all, 'startup', '+'));
    expect(tried(all, 'liveness', '--', resumedProbeState(all, failing.verdict)).verdict.condemned).toBeNull();
  });

  test('goes on to end a process that was condemned', () => {
    const condemned = tried(all, 'startup', '---');
    expect(resumedProbeState(all, condemned.verdict).verdict.condemned).not.toBeNull();
  });

  test('holds nothing against a container that the manifest no longer asks', () => {
    const failing = tried(all, 'readiness', '---', tried(all, 'startup', '+'));
    expect(resumedProbeState(probes({ liveness: probe() }), failing.verdict).verdict).toMatchObject({ ready: true, failing: null });
  });
});
