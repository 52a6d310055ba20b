import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveLayout } from '../../../src/controllers/image/serve.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import { buildLayout } from '../../support/image-builder.ts';
import { type DiskType, hasDisk, loopDisk } from '../../support/loop-disk.ts';
import { startPull } from '../../support/puller.ts';
import { scratch } from '../../support/scratch.ts';
import { expectNothingHalf, imagesIn, treesOf } from '../../support/trees.ts';

/** Cuts a filesystem; more of them by hand. */
const cuts = Number(process.env.TSDOCK_TEST_CUTS ?? 8);
let root: string;
let native: Native;
let ref: string;
let reference: readonly string[];
let pullMs: number;
let stop: () => Promise<void>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-power-'));
  native = await openNative({ stateDir: join(root, 'native'), runDir: join(root, 'run'), prefix: 'tsimg' });
  const layers = Array.from({ length: 4 }, (_, layer) => ({
    entries: [
      { name: `layer-${layer}/`, type: 'directory' as const, mode: 0o755 },
      ...Array.from({ length: 60 }, (_, file) => ({ name: `layer-${layer}/${file}`, content: randomBytes(20_000) })),
    ],
  }));
  buildLayout(join(root, 'layout'), [{ name: '1', layers }]);
  const served = await serveLayout({ directory: join(root, 'layout'), repository: 'app' });
  ref = `${served.host}/app:1`;
  stop = served.close;
  const begin = performance.now();
  expect(await startPull(join(root, 'reference'), ref).ended).toBe('done');
  pullMs = performance.now() - begin;
  reference = treesOf(await imagesIn(join(root, 'reference'), native.layers));
});
afterAll(async () => {
  await stop();
  await native.close();
  rmSync(root, { recursive: true, force: true });
});

// xfs where the kernel has it; ext4 must be there.
const types: readonly DiskType[] = hasDisk('xfs') ? ['ext4', 'xfs'] : ['ext4'];
for (const type of types) {
  const title = `after a cut of power at any moment of a pull on ${type} nothing listed is broken, what was answered is there, and the next pull finishes`;
  // xfs has no smaller one than 300 MiB
  test(title, () => cutAndRecover(type), 600_000);
}

async function cutAndRecover(type: DiskType): Promise<void> {
  const disk = loopDisk(join(scratch(), 'disk'), { type, sizeMiB: 320 });
  let answered = 0;
  for (let nth = 0; nth < cuts; nth++) {
    const state = join(disk.path, `state-${nth}`);
    const pull = startPull(state, ref);
    // Every other cut comes when the pull has just been answered.
    if (nth % 2 === 0) await delay(Math.random() * pullMs);
    else await expect.poll(() => pull.isDone(), { interval: 1, timeout: 60_000 }).toBe(true);
    const wasDone = pull.isDone();
    if (wasDone) answered++;
    disk.cutPower();
    pull.child.kill('SIGKILL');
    await pull.ended;
    disk.restorePower();
    const found = await imagesIn(state, native.layers);
    for (const image of found) {
      expect(image.unpacked).toBe(true);
      expect(treesOf([image])).toEqual(reference);
    }
    if (wasDone) expect(found).toHaveLength(1);
    expect(await startPull(state, ref).ended).toBe('done');
    expect(treesOf(await imagesIn(state, native.layers))).toEqual(reference);
    expectNothingHalf(state);
    rmSync(state, { recursive: true });
  }
  expect(answered).toBeGreaterThanOrEqual(cuts / 2);
}
