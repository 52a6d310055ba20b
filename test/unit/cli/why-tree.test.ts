import { expect, test } from 'vitest';
import { renderCause } from '../../../src/cli/why-tree.ts';
import type { Cause } from '../../../src/model/engine-api.ts';
import { cause, now } from '../../support/fake-engine.ts';

test('a chain leads from the symptom to what a person can change', () => {
  expect(renderCause(cause, { depth: null, now })).toBe(`web is not Ready
└─ web WaitingForDependency: Container/shop/db is not started (web.yaml:42)
   └─ db CrashLoopBackOff: db-1: exit 1, 4 restarts, next try in 16s   <- root cause
      last log   FATAL: no space left
                 on device
      try        tsdock logs db -n shop --previous
`);
});

test('every root is marked, and what is below the wished depth is counted', () => {
  const root = (object: Cause['object']): Cause => ({
    ...cause,
    object,
    causes: [],
    evidence: [],
    next: [],
    reason: 'Stopped',
    message: '',
  });
  const forked: Cause = {
    ...cause,
    message: '',
    causes: [root('Network/shop/front'), { ...cause, message: '', causes: [root('Container/shop/db')] }],
  };
  expect(renderCause(forked, { depth: null, now })).toBe(`web is not Ready
└─ web WaitingForDependency
   ├─ Network front Stopped   <- root cause
   └─ web WaitingForDependency
      └─ db Stopped   <- root cause
`);
  expect(renderCause(forked, { depth: 0, now })).toBe(`web is not Ready
└─ web WaitingForDependency
   … 2 below, --depth shows more
`);
});

test('what is ready says so, since when, and where it has completed', () => {
  const ready: Cause = { ...cause, phase: 'Ready', reason: 'Ready', message: '', since: now - 7_200_000, causes: [] };
  expect(renderCause(ready, { depth: null, now })).toBe('web is Ready (since 2h)\n');
  const completed: Cause = { ...ready, reason: 'Completed', message: 'web-1 has ended with 0', since: null };
  expect(renderCause(completed, { depth: null, now })).toBe('web is Ready: Completed, web-1 has ended with 0\n');
});

test('control characters of a log stay text', () => {
  const hostile: Cause = { ...cause, causes: [], evidence: ['\u001b[2Jgone'], next: [] };
  expect(renderCause(hostile, { depth: null, now })).not.toContain('\u001b');
});
