import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  askedProbes,
  firstProbeState,
  nextProbeState,
  type ProbeState,
  pauseBefore,
} from '../../src/controllers/container/probes/machine.ts';
import type { Probes } from '../../src/model/probes.ts';
import type { Probe } from '../../src/model/spec.ts';

const probe: fc.Arbitrary<Probe> = fc.record({
  check: fc.constant({ type: 'tcp', port: 80 } as const),
  initialDelayMs: fc.nat(5_000),
  periodMs: fc.integer({ min: 100, max: 60_000 }),
  timeoutMs: fc.integer({ min: 100, max: 60_000 }),
  successThreshold: fc.integer({ min: 1, max: 4 }),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  graceMs: fc.constant(null),
});
const probes: fc.Arbitrary<Probes> = fc.record({
  startup: fc.option(probe),
  readiness: fc.option(probe),
  liveness: fc.option(probe.map((one) => ({ ...one, successThreshold: 1 }))),
  startupFailed: fc.constantFrom('restart', 'go-on'),
});
const answers = fc.array(fc.boolean(), { maxLength: 60 });

/** Each state on the way of a run in which the probes whose turn it is are asked in turn, each as soon as it may. */
function walk(all: Probes, given: readonly boolean[]): readonly ProbeState[] {
  const states = [firstProbeState(all, 0)];
  let now = 0;
  for (const [index, success] of given.entries()) {
    const state = states.at(-1) ?? firstProbeState(all, 0);
    const asked = askedProbes(all, state);
    const name = asked[index % Math.max(1, asked.length)];
    const asking = name === undefined ? null : all[name];
    if (name === undefined || asking === null) break;
    now += pauseBefore(asking, name, state, now);
    states.push(nextProbeState(all, state, name, { success, message: 'x' }, now));
  }
  return states;
}

test('nothing is ready before it has started, and nothing that must end is ready', () => {
  fc.assert(
    fc.property(probes, answers, (all, given) => {
      for (const { verdict } of walk(all, given)) {
        if (verdict.ready) expect(verdict).toMatchObject({ started: true, condemned: null });
        expect(verdict.ready).toBe(verdict.readyAt !== null);
      }
    }),
  );
});

test('only startup and liveness end a process, and only after as many failures as they may have', () => {
  fc.assert(
    fc.property(probes, answers, (all, given) => {
      const states = walk(all, given);
      const { condemned } = states.at(-1)?.verdict ?? { condemned: null };
      if (condemned === null) return;
      expect(['startup', 'liveness']).toContain(condemned.probe);
      expect(given.slice(0, states.length - 1).filter((success) => !success).length).toBeGreaterThanOrEqual(
        all[condemned.probe]?.failureThreshold ?? Number.POSITIVE_INFINITY,
      );
    }),
  );
});

test('what was started stays started, and what was condemned stays so', () => {
  fc.assert(
    fc.property(probes, answers, (all, given) => {
      const states = walk(all, given);
      for (const [index, { verdict }] of states.entries()) {
        const before = states[index - 1]?.verdict;
        if (before?.started === true) expect(verdict.started).toBe(true);
        if (before?.condemned != null) expect(verdict.condemned).toEqual(before.condemned);
      }
    }),
  );
});
