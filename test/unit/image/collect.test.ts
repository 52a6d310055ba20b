import { expect, test } from 'vitest';
import { collectable, type Holds, type Inventory } from '../../../src/controllers/image/collect.ts';

const d = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const none: Holds = { configs: [], needed: new Set(), before: 100 };
const tree = (name: string) => ({ name, modifiedAt: 100 });
const inventory: Inventory = {
  refs: [{ digest: d('1'), topDigest: d('2'), configDigest: d('3'), layers: [{ digest: d('4'), snapshot: 'four' }] }],
  damagedRefs: [],
  blobs: ['1', '2', '3', '4', '5', '6'].map((digit) => ({ digest: d(digit), bytes: 10, modifiedAt: 100 })),
  snapshots: ['four', 'five', 'six', 'tmp-1'].map(tree),
};

test('what a reference names stays, the rest may go', () => {
  const found = collectable(inventory, none);
  expect(found.blobs.map((blob) => blob.digest)).toEqual([d('5'), d('6')]);
  expect(found.snapshots).toEqual(['five', 'six']);
});

test('what an instance was made from outlives its reference', () => {
  const found = collectable(
    { ...inventory, refs: [] },
    { ...none, configs: [{ digest: d('3'), snapshots: ['four'] }], needed: new Set(['six']) },
  );
  expect(found.blobs.map((blob) => blob.digest)).not.toContain(d('3'));
  expect(found.snapshots).toEqual(['five']);
});

test('what work under way needs stays, under whatever it is named', () => {
  const found = collectable({ ...inventory, refs: [] }, { ...none, needed: new Set([d('1'), d('4'), 'four']) });
  expect(found.blobs.map((blob) => blob.digest)).toEqual([d('2'), d('3'), d('5'), d('6')]);
  expect(found.snapshots).toEqual(['five', 'six']);
});

test('what came lately stays: a pull may go on with it', () => {
  expect(collectable(inventory, { ...none, before: 99 })).toEqual({ blobs: [], snapshots: [], held: null });
});

test('a tree that was replaced stays while something runs from an image with that layer', () => {
  const replaced = { ...inventory, snapshots: ['4a', 'old-4a-01', 'old-5b-02'].map(tree) };
  const found = collectable(replaced, { ...none, configs: [{ digest: d('9'), snapshots: ['4a'] }] });
  expect(found.snapshots).toEqual(['old-5b-02']);
});

test('of a config that cannot be read a reference may know the layers', () => {
  const found = collectable(inventory, { ...none, configs: [{ digest: d('3'), snapshots: null }] });
  expect(found.held).toBeNull();
  expect(found.snapshots).toEqual(['five', 'six']);
});

test.each([
  ['a reference cannot be read', { ...inventory, damagedRefs: ['/x.json'] }, none, '/x.json cannot be read'],
  [
    'the layers of something that runs are not known',
    inventory,
    { ...none, configs: [{ digest: d('9'), snapshots: null }] },
    `the layers of ${d('9')}, which something runs from, are not known`,
  ],
])('nothing goes while %s', (_, what, leases, held) => {
  expect(collectable(what, leases)).toEqual({ blobs: [], snapshots: [], held });
});
