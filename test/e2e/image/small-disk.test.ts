import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { openNative } from '../../../src/native/index.ts';
import { buildLayout } from '../../support/image-builder.ts';
import { scratch } from '../../support/scratch.ts';

const nobody = { signal: new AbortController().signal, report: () => undefined };

/** Images with their state on a tmpfs of its own. */
async function onSmallDisk(options: string): Promise<{ readonly images: Images; readonly root: string }> {
  const root = scratch();
  const state = join(root, 'state');
  mkdirSync(state);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', state]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', state]));
  const native = await openNative({ stateDir: join(root, 'native'), runDir: join(root, 'run'), prefix: 'tsimg' });
  const images = createImages({ stateDir: state, layers: native.layers, log: silentLogger, dockerConfig: null });
  onTestFinished(async () => {
    await images.close();
    await native.close();
  });
  return { images, root };
}

/** Nothing is in use. */
const free = { forget: [], configDigests: new Set<never>() };

test('what an image took is free again when it was removed', async () => {
  const { images, root } = await onSmallDisk('size=8m');
  const [one, other] = ['one', 'other'].map((name) => {
    buildLayout(join(root, name), [{ name: '1', layers: [{ entries: [{ name, content: randomBytes(3 << 20) }] }] }]);
    return `oci:${join(root, name)}:1`;
  });
  if (one === undefined || other === undefined) throw new Error('nothing built');
  await images.pull(one, nobody);
  await expect(images.pull(other, nobody)).rejects.toMatchObject({ code: 'DSK001' });
  await images.remove(one);
  await (await images.collect({ ...free, before: Date.now() + 1_000 })).empty(new AbortController().signal);
  await images.pull(other, nobody);
  expect((await images.list()).map((item) => item.ref)).toEqual([other]);
});
