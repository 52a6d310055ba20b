import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createImages } from '../../../src/controllers/image/controller.ts';
import { serveLayout } from '../../../src/controllers/image/serve.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import { buildLayout } from '../../support/image-builder.ts';
import { startScriptedRegistry } from '../../support/scripted-registry.ts';

const puller = join(dirname(fileURLToPath(import.meta.url)), 'puller.mjs');
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

/** Runs the puller in a process of its own, below strace when calls are to be hit: `done`, `killed`, or what it said when it failed. */
function pullIn(state: string, name: string = ref, trace: readonly string[] = []): Promise<string> {
  const [program = process.execPath, ...args] = [...trace, process.execPath, puller, state, name];
  const env = { ...process.env, UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: '1' };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 60_000 }, (error, _, stderr) => {
      if (error === null) resolve('done');
      else resolve(error.signal === 'SIGKILL' || error.code === 137 ? 'killed' : stderr);
    });
  });
}

async function look(state: string): Promise<readonly ObservedImage[]> {
  const images = createImages({ stateDir: state, layers: native.layers, log: silentLogger, dockerConfig: null });
  try {
    return await images.controller.observe();
  } finally {
    await images.close();
  }
}

/** Every entry of every layer: path, type, mode, owner, content. */
function treesOf(images: readonly ObservedImage[]): readonly string[] {
  return images.flatMap((image) =>
    image.layers.flatMap(({ directory, diffId }) =>
      ['.', ...readdirSync(directory, { recursive: true }).map(String).sort()].map((name) => {
        const path = join(directory, name);
        const found = lstatSync(path);
        const content = found.isFile()
          ? createHash('sha256').update(readFileSync(path)).digest('hex')
          : found.isSymbolicLink()
            ? readlinkSync(path)
            : '';
        return `${diffId.slice(7, 15)} ${name} ${found.mode.toString(8)} ${found.uid}:${found.gid} ${found.rdev} ${content}`;
      }),
    ),
  );
}

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
  const blobs = join(state, 'content/blobs/sha256');
  for (const name of readdirSync(blobs))
    expect(
      createHash('sha256')
        .update(readFileSync(join(blobs, name)))
        .digest('hex'),
    ).toBe(name);
  expect(readdirSync(join(state, 'content/ingest'))).toEqual([]);
  expect(
    readdirSync(join(state, 'layers')).filter(
      (name) => !/^[0-9a-f]{64}$/.test(name) || !existsSync(join(state, 'layers', name, 'complete')),
    ),
  ).toEqual([]);
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
    const pulling = execFile(process.execPath, [puller, state, `${registry.host}/app:1`]);
    const ended = new Promise((resolve) => pulling.once('exit', resolve));
    await expect.poll(() => (existsSync(part) ? statSync(part).size : 0), { timeout: 20_000 }).toBe(2 << 20);
    pulling.kill('SIGKILL');
    await ended;
    expect(await look(state)).toEqual([]);
    expect(await pullIn(state, `${registry.host}/app:1`)).toBe('done');
    expect(registry.requestsOf(path).at(-1)?.headers.range).toBe(`bytes=${2 << 20}-`);
  } finally {
    await registry.close();
  }
});
