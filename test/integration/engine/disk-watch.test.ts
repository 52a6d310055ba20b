import { expect, onTestFinished, test } from 'vitest';
import type { GcReport } from '../../../src/model/engine-api.ts';
import type { NewEvent } from '../../../src/model/event.ts';
import { DiskWatch } from '../../../src/reconciler/disk-watch.ts';
import { makeHost } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

/** A disk of 100 bytes; each collection frees what it is told to. */
function watched() {
  const seen = { used: 0, frees: 0, looks: 0, collections: 0, told: [] as NewEvent[] };
  const engine = {
    ...makeHost().options(),
    diskSpace: async () => {
      seen.looks += 1;
      return { usedBytes: seen.used, freeBytes: 100 - seen.used, usedInodes: 0, freeInodes: 0 };
    },
  };
  const collect = async (): Promise<GcReport> => {
    seen.collections += 1;
    seen.used -= seen.frees;
    const report = await fakeEngine().collectGarbage({ dryRun: false });
    return seen.frees > 0 ? report : { ...report, images: [], blobs: 0, layers: 0, usedAfter: seen.used / 100 };
  };
  const tell = async (event: NewEvent): Promise<void> => void seen.told.push(event);
  const watch = new DiskWatch({ engine, everyMs: 1, collect, noteUse: async () => undefined, tell });
  onTestFinished(() => watch.stop());
  /** Until the disk was looked at some more times. */
  const looked = async (): Promise<void> => {
    const before = seen.looks;
    await eventually(() => expect(seen.looks).toBeGreaterThan(before + 5));
  };
  return { seen, looked };
}

test('a collection begins above high and goes on, look by look, until low', async () => {
  const { seen, looked } = watched();
  seen.used = 85;
  await looked();
  expect(seen.collections).toBe(0);
  Object.assign(seen, { frees: 4, used: 90 });
  await looked();
  expect(seen).toMatchObject({ used: 74, collections: 4, told: [] });
  seen.used = 85;
  await looked();
  expect(seen.collections).toBe(4);
});

test('a disk that stays full is told once, and again when it had space meanwhile', async () => {
  const { seen, looked } = watched();
  seen.used = 90;
  await looked();
  await looked();
  expect(seen.told).toMatchObject([{ reason: 'DiskPressure', type: 'Warning', message: expect.stringContaining('90% full') }]);
  seen.used = 70;
  await looked();
  seen.used = 91;
  await looked();
  expect(seen.told).toHaveLength(2);
});

test('a disk between low and high from which nothing may go is nothing to tell', async () => {
  const { seen, looked } = watched();
  Object.assign(seen, { frees: 6, used: 90 });
  await eventually(() => expect(seen.collections).toBeGreaterThan(0));
  seen.frees = 0;
  await looked();
  expect(seen.told).toEqual([]);
});
