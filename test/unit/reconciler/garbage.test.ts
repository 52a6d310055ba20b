import { expect, test } from 'vitest';
import {
  chooseGarbage,
  excessOf,
  fillOf,
  type ImageUse,
  isUnused,
  type Part,
  unusedImages,
  without,
} from '../../../src/reconciler/garbage.ts';
import { image as sample } from '../../support/fake-engine.ts';

const hour = 3_600_000;
const now = 100 * hour;
const config = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const nothingUsed: ImageUse = { refs: new Set(), configDigests: new Set(), unknown: null };
const age = { now, minAgeMs: 24 * hour };

/** Pulled so many hours ago and, if it was, seen in use so many hours ago. */
function image(ref: string, pulled: number, used: number | null = null) {
  const instant = (hours: number) => new Date(now - hours * hour).toISOString();
  return { ...sample, ref, configDigest: config(ref), resolvedAt: instant(pulled), usedAt: used === null ? null : instant(used) };
}
const refsOf = (images: readonly { readonly ref: string }[]) => images.map(({ ref }) => ref);
const layer = (bytes: number, ...refs: string[]): Part => ({ is: 'layer', bytes, inodes: 1, refs });
const need = (bytes: number, inodes = 0) => ({ bytes, inodes });

test('the image that was not used for the longest time is first, whenever it was pulled', () => {
  const images = [image('a', 90, 30), image('b', 50), image('c', 60, 80)];
  expect(refsOf(unusedImages(images, nothingUsed, age))).toEqual(['c', 'b', 'a']);
});

test('what came or was used within the age stays', () => {
  expect(refsOf(unusedImages([image('a', 23), image('b', 90, 23), image('c', 24)], nothingUsed, age))).toEqual(['c']);
});

test('what is named, or run under another name, stays', () => {
  const use = { ...nothingUsed, refs: new Set(['a']), configDigests: new Set([config('b')]) };
  const alias = { ...image('d', 50), configDigest: config('b') };
  expect(refsOf(unusedImages([image('a', 50), image('b', 50), image('c', 50), alias], use, age))).toEqual(['c']);
});

test('nothing is unused as long as nobody knows what is used', () => {
  const use = { ...nothingUsed, unknown: 'Container could not be looked at' };
  expect(isUnused(image('a', 50), use)).toBe(false);
  expect(unusedImages([image('a', 50)], use, age)).toEqual([]);
});

const candidates = unusedImages([image('a', 90), image('b', 80), image('c', 70)], nothingUsed, age);

test('as few go as give back enough', () => {
  const parts = [layer(10, 'a'), layer(10, 'b'), layer(10, 'c')];
  expect(refsOf(chooseGarbage(candidates, parts, need(11)).images)).toEqual(['a', 'b']);
  expect(refsOf(chooseGarbage(candidates, parts, need(10)).images)).toEqual(['a']);
});

test('a layer counts when the last image that has it goes', () => {
  const parts = [layer(10, 'a', 'b'), layer(1, 'a')];
  expect(chooseGarbage(candidates, parts, need(5))).toEqual({ images: candidates.slice(0, 2), parts });
});

test('an image that gives back nothing is passed over: something that stays needs all of it', () => {
  expect(refsOf(chooseGarbage(candidates, [layer(10, 'b')], need(10)).images)).toEqual(['b']);
});

test('content of no image goes before any image', () => {
  expect(chooseGarbage(candidates, [layer(10), layer(10, 'a')], need(10))).toEqual({ images: [], parts: [layer(10)] });
});

test('nothing goes when nothing is needed', () => {
  expect(chooseGarbage(candidates, [layer(10), layer(10, 'a')], need(0))).toEqual({ images: [], parts: [] });
});

test('files may be what is scarce', () => {
  const parts = [layer(10, 'a'), layer(10, 'b'), layer(10, 'c')];
  expect(refsOf(chooseGarbage(candidates, parts, need(0, 2)).images)).toEqual(['a', 'b']);
});

test('a disk is as full as its bytes or its inodes, and what is above a share has to go', () => {
  const disk = { usedBytes: 90, freeBytes: 10, usedInodes: 1, freeInodes: 3 };
  expect(fillOf(disk)).toBe(0.9);
  expect(excessOf(disk, 0.75)).toEqual({ bytes: 15, inodes: 0 });
  expect(fillOf(without(disk, excessOf(disk, 0.75)))).toBe(0.75);
  expect(fillOf({ ...disk, usedInodes: 97 })).toBe(0.97);
  expect(fillOf({ ...disk, usedInodes: 0, freeInodes: 0 })).toBe(0.9); // made as they are needed
});
