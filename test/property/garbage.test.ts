import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageItem } from '../../src/model/engine-api.ts';
import type { Digest } from '../../src/model/reference.ts';
import { amountOf, chooseGarbage, type ImageUse, type Part, unusedImages } from '../../src/reconciler/garbage.ts';
import { image as sample } from '../support/fake-engine.ts';

const digest = (n: number): Digest => `sha256:${String(n).padStart(64, '0')}`;
const now = 1_000;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const time = fc.integer({ min: 0, max: now }).map((ms) => new Date(ms).toISOString());

const images: fc.Arbitrary<readonly ImageItem[]> = fc.tuple(
  ...names.map((ref) =>
    fc
      .record({ config: fc.nat(3), resolvedAt: time, usedAt: fc.option(time) })
      .map(({ config, ...times }) => ({ ...sample, ref, configDigest: digest(config), ...times })),
  ),
);
const use: fc.Arbitrary<ImageUse> = fc.record({
  refs: fc.subarray(names).map((refs) => new Set(refs)),
  configDigests: fc.subarray([0, 1, 2, 3].map(digest)).map((digests) => new Set(digests)),
  unknown: fc.option(fc.constant('it could not be looked at'), { freq: 9 }),
});
const part: fc.Arbitrary<Part> = fc.record({
  is: fc.constantFrom('blob', 'layer'),
  bytes: fc.nat(100),
  inodes: fc.nat(10),
  refs: fc.subarray(names),
});
const need = fc.record({ bytes: fc.nat(300), inodes: fc.nat(20) });
const moment = fc.record({ images, use, parts: fc.array(part, { maxLength: 10 }), need, minAgeMs: fc.nat(now) });

/** As the engine does it: what may be told of are parts of candidates only. */
function choose({ images, use, parts, need, minAgeMs }: typeof moment extends fc.Arbitrary<infer M> ? M : never) {
  const candidates = unusedImages(images, use, { now, minAgeMs });
  const known = new Set(candidates.map(({ ref }) => ref));
  const told = parts.filter(({ refs }) => refs.every((ref) => known.has(ref)));
  return { candidates, told, ...chooseGarbage(candidates, told, need) };
}

test('nothing that is used, young or of unknown use is ever chosen', () => {
  fc.assert(
    fc.property(moment, (given) => {
      const { use } = given;
      for (const { ref } of choose(given).images) {
        const image = given.images.find((one) => one.ref === ref);
        expect(use.unknown).toBeNull();
        expect(use.refs.has(ref)).toBe(false);
        expect([...use.configDigests]).not.toContain(image?.configDigest);
        for (const at of [image?.resolvedAt, image?.usedAt ?? undefined])
          if (at !== undefined) expect(Date.parse(at)).toBeLessThanOrEqual(now - given.minAgeMs);
      }
    }),
  );
});

test('no part goes that an image names which stays', () => {
  fc.assert(
    fc.property(moment, (given) => {
      const { images, parts } = choose(given);
      const going = new Set(images.map(({ ref }) => ref));
      for (const { refs } of parts) expect(refs.every((ref) => going.has(ref))).toBe(true);
    }),
  );
});

test('what is chosen is enough or all there is, older before younger, and without its last image it is not enough', () => {
  fc.assert(
    fc.property(moment, (given) => {
      const { candidates, told, images, parts } = choose(given);
      const isEnough = (some: readonly Part[]) => amountOf(some).bytes >= given.need.bytes && amountOf(some).inodes >= given.need.inodes;
      expect(candidates.filter((one) => images.includes(one))).toEqual(images);
      const useful = candidates.filter(({ ref }) => told.some(({ refs }) => refs.includes(ref)));
      expect(images).toEqual(useful.slice(0, images.length));
      if (!isEnough(parts)) expect(images).toEqual(useful);
      const last = images.at(-1);
      if (last !== undefined) expect(isEnough(parts.filter(({ refs }) => !refs.includes(last.ref)))).toBe(false);
    }),
  );
});
