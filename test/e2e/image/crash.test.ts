import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveLayout } from '../../../src/controllers/image/serve.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import { buildLayout } from '../../support/image-builder.ts';
import { startPull } from '../../support/puller.ts';
import { startScriptedRegistry } from '../../support/scripted-registry.ts';
import { expectNothingHalf, imagesIn, treesOf } from '../../support/trees.ts';

let root: string;
let native: Native;
let ref: string;
let reference: readonly string[];
let stop: () => Promise<void>;
const layers = [
  {
    entries: [
      { name: 'etc/', type: 'directory' as const, mode: 0o750 },
      { name: 'etc/a', content: randomBytes(300_000), mode: 0o600 },
    ],
  },
  {
    entries: [
      { name: 'etc/implied', content: 'x' },
      { name: '.wh.gone', content: '' },
    ],
    compression: 'none' as const,
  },
  {
    entries: [
      { name: 'link', type: 'symlink' as const, link: 'etc/a' },
      { name: 'big', content: randomBytes(500_000) },
    ],
  },
];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-crash-'));
  native = await openNative({ stateDir: join(root, 'native'), runDir: join(root, 'run'), prefix: 'tsimg' });
  buildLayout(join(root, 'layout'), [{ name: '1', layers }]);
  const served = await serveLayout({ directory: join(root, 'layout'), repository: 'app' });
  ref = `${served.host}/app:1`;
  stop = served.close;
  expect(await pullIn(join(root, 'reference'))).toBe('done');
  reference = treesOf(await look(join(root, 'reference')));
});
afterAll(async () => {
  await stop();
  await native.close();
  rmSync(root, { recursive: true, force: true });
});

const pullIn = (state: string, name: string = ref, trace: readonly string[] = []): Promise<string> => startPull(state, name, trace).ended;
const look = (state: string): Promise<readonly ObservedImage[]> => imagesIn(state, native.layers);

/** Whatever is visible must be whole, at any moment. */
async function expectVisibleIsWhole(state: string): Promise<void> {
  const images = await look(state);
  for (const image of images) {
    expect(image.unpacked).toBe(true);
    expect(treesOf([image])).toEqual(reference);
  }
}

/** After recovery: the same image, and nothing that belongs to a pull that died. */
async function expectRecovered(state: string): Promise<void> {
  expect(treesOf(await look(state))).toEqual(reference);
  expectNothingHalf(state);
}

test.each(['rename,renameat,renameat2', 'mkdir,mkdirat', 'unlink,unlinkat', 'fsync,fdatasync,syncfs', 'pwrite64'])(
  'a pull killed at each %s leaves nothing half visible, and the next one finishes',
  async (calls) => {
    let kills = 0;
    for (let nth = 1; nth <= 16; nth++) {
      const state = join(root, `state-${calls.slice(0, 4)}-${nth}`);
      const hit = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${nth}`];
      const outcome = await pullIn(state, ref, hit);
      if (outcome === 'done') break;
      expect(outcome).toBe('killed');
      kills++;
      await expectVisibleIsWhole(state);
      expect(await pullIn(state)).toBe('done');
      await expectRecovered(state);
      rmSync(state, { recursive: true });
    }
    expect(kills).toBeGreaterThan(0);
  },
  240_000,
);

test('a download that was killed goes on where it was, with at most one chunk twice', async () => {
  const registry = await startScriptedRegistry();
  try {
    const [built] = buildLayout(join(root, 'layout-2'), [
      { name: '1', layers: [{ entries: [{ name: 'big', content: randomBytes(4 << 20) }], compression: 'none' }] },
    ]);
    if (built === undefined) throw new Error('nothing built');
    registry.publish('app', '1', built);
    const [layer] = built.layers;
    const path = `/v2/app/blobs/${layer?.digest}`;
    const state = join(root, 'state-resume');
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', stallAt: 2 << 20 }]);
    const part = join(state, 'content/ingest', `${layer?.digest}.part`);
    const pulling = startPull(state, `${registry.host}/app:1`);
    await expect.poll(() => (existsSync(part) ? statSync(part).size : 0), { timeout: 20_000 }).toBe(2 << 20);
    pulling.child.kill('SIGKILL');
    await pulling.ended;
    expect(await look(state)).toEqual([]);
    expect(await pullIn(state, `${registry.host}/app:1`)).toBe('done');
    expect(registry.requestsOf(path).at(-1)?.headers.range).toBe(`bytes=${2 << 20}-`);
  } finally {
    await registry.close();
  }
});
