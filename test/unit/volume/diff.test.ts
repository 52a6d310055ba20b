import { describe, expect, test } from 'vitest';
import { diffVolume } from '../../../src/controllers/volume/diff.ts';
import type { ObservedVolume } from '../../../src/model/observed.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { identity, record, view, volume, volumeSpec } from '../../support/samples.ts';

const key = resourceKey('Volume', 'shop', 'data');

const seen = (over: Partial<ObservedVolume> = {}): ObservedVolume => ({
  kind: 'Volume',
  key,
  identity,
  uses: [],
  claims: [],
  path: '/state/volumes/shop/data/data',
  driver: 'local',
  hostPath: null,
  owner: { uid: 0, gid: 0, mode: 0o755 },
  present: true,
  ...over,
});

function text(...args: Parameters<typeof diffVolume>): string {
  const verdict = diffVolume(...args).verdicts.get(key);
  if (verdict?.is === 'changing') return verdict.steps.map((step) => `${step.verb} ${step.phase} ${step.reason.code}`).join();
  return verdict?.is === 'blocked' ? `blocked ${verdict.reason.code}` : 'settled';
}

test('a volume is created with its identity', () => {
  const { verdicts, change } = diffVolume(volume({ owner: { uid: 999, gid: null, mode: 0o700 } }), null, view({ records: [record(key)] }));
  const verdict = verdicts.get(key);
  expect(verdict?.is === 'changing' ? verdict.steps[0]?.input : null).toMatchObject({
    verb: 'create',
    identity: { uid: 'u1', set: 'cli:shop', specHash: 'v1:spec' },
  });
  expect(change).toMatchObject({ action: 'create', dataLoss: false });
  expect(change?.fields.map((field) => `${field.path} ${field.to}`)).toEqual(['owner.uid 999', 'owner.mode 0700']);
});

test('what its users made of owner and mode is left alone', () => {
  expect(text(volume({ owner: { uid: 999, gid: null, mode: null } }), seen({ owner: { uid: 5, gid: 5, mode: 0o700 } }), view())).toBe(
    'settled',
  );
});

test.each([
  ['a changed spec', seen({ identity: { ...identity, specHash: 'v1:old' } })],
  ['another set', seen({ identity: { ...identity, set: 'cli:other' } })],
  ['another uid', seen({ identity: { ...identity, uid: 'u0' } })],
])('%s is written in place', (_, observed) => {
  expect(text(volume(), observed, view({ records: [record(key)] }))).toBe('update up SpecChanged');
});

test('a directory that is gone is made again, and said to be lost', () => {
  expect(text(volume(), seen({ present: false }), view())).toBe('create up Lost');
  expect(diffVolume(volume(), seen({ present: false }), view()).change?.action).toBe('repair');
});

describe('what would leave the data behind is refused', () => {
  test.each([
    ['driver', volume({ driver: 'tmpfs' }), seen()],
    ['driver', volume({ driver: 'bind', hostPath: '/srv' }), seen()],
    ['hostPath', volume({ driver: 'bind', hostPath: '/srv' }), seen({ driver: 'bind', hostPath: '/data' })],
  ] as const)('%s', (path, desired, observed) => {
    const result = diffVolume(desired, observed, view());
    expect(text(desired, observed, view())).toBe('blocked Protected');
    expect(result.change).toMatchObject({ dataLoss: true });
    expect(result.change?.fields[0]).toMatchObject({ path, effect: 'data-loss' });
  });
});

describe('removal', () => {
  const withPolicy = (reclaimPolicy: 'Retain' | 'Delete') =>
    view({ records: [record(key, { lastApplied: volumeSpec({ reclaimPolicy }) })] });
  const deleted = { code: 'Deleted' as const, message: 'a person deleted it', paths: [] };

  test('keeps the data with Retain, and when nobody knows the policy', () => {
    expect(text(null, seen(), withPolicy('Retain'))).toBe('blocked Retained');
    expect(text(null, seen(), view())).toBe('blocked Retained');
    expect(diffVolume(null, seen(), withPolicy('Retain')).change).toBeNull();
  });

  test('follows Delete, and a person who names it', () => {
    expect(text(null, seen(), withPolicy('Delete'))).toBe('remove down NotDesired');
    expect(text(null, seen(), view({ removal: deleted }))).toBe('remove down Deleted');
    expect(diffVolume(null, seen(), withPolicy('Delete')).change).toMatchObject({ action: 'delete', dataLoss: true });
    expect(diffVolume(null, seen({ driver: 'bind', hostPath: '/srv' }), view({ removal: deleted })).change?.dataLoss).toBe(false);
  });
});
