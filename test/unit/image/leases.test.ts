import { mkdtempSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createContentStore, digestOf } from '../../../src/controllers/image/content-store.ts';
import { Leases, leasedContent } from '../../../src/controllers/image/leases.ts';

test('nobody begins to need anything while something is removed', async () => {
  const leases = new Leases();
  const order: string[] = [];
  let end = (): void => undefined;
  const removal = leases.remove(async (needed) => {
    order.push(`removing, ${needed.size} needed`);
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    order.push('removed');
  });
  await Promise.resolve();
  const need = leases
    .open()
    .need(['a'])
    .then(() => order.push('needed'));
  await new Promise((resolve) => setImmediate(resolve));
  end();
  await Promise.all([removal, need]);
  expect(order).toEqual(['removing, 0 needed', 'removed', 'needed']);
});

test('what was needed before a removal is told to it until the lease is closed, and a removal that fails holds up nobody', async () => {
  const leases = new Leases();
  const lease = leases.open();
  await lease.need(['a', 'b']);
  expect([...(await leases.remove(async (needed) => needed))]).toEqual(['a', 'b']);
  await expect(leases.remove(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await lease.need(['c']);
  lease.close();
  expect([...(await leases.remove(async (needed) => needed))]).toEqual([]);
});

/** Each step of every task may be the next one: fast-check chooses. */
test('whatever the order, a blob that was found or brought is there until the lease is closed', async () => {
  const wanted = ['one', 'two', 'three'].map((text) => Buffer.from(text));
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }), async (scheduler, picks) => {
      const directory = mkdtempSync('/dev/shm/tsdock-leases-');
      try {
        const leases = new Leases();
        const content = createContentStore(directory);
        for (const bytes of wanted) await content.writeBlob(bytes);
        const pull = async (pick: number): Promise<void> => {
          const bytes = wanted[pick] ?? Buffer.alloc(0);
          const digest = digestOf(bytes);
          const lease = leases.open();
          const own = leasedContent(content, lease);
          await scheduler.schedule(Promise.resolve(), 'look');
          if ((await own.readBlob(digest, 100)) === null) {
            await scheduler.schedule(Promise.resolve(), 'fetch');
            await own.writeBlob(bytes);
          }
          await scheduler.schedule(Promise.resolve(), 'use');
          expect(await content.check(digest)).toBe('whole');
          lease.close();
        };
        const collect = (): Promise<void> =>
          leases.remove(async (needed) => {
            const { blobs } = await content.list();
            await scheduler.schedule(Promise.resolve(), 'decide');
            for (const { digest } of blobs) if (!needed.has(digest)) await content.dropBlob(digest);
            await scheduler.schedule(Promise.resolve(), 'removed');
          });
        const all = Promise.all([...picks.map(pull), collect(), collect()]);
        let over = false;
        all
          .finally(() => {
            over = true;
          })
          .catch(() => undefined);
        while (!over) {
          if (scheduler.count() > 0) await scheduler.waitOne();
          else await new Promise((resolve) => setImmediate(resolve));
        }
        await all;
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
