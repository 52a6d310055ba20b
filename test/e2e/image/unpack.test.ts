import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type ImageOptions, type Images } from '../../../src/controllers/image/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import {
  buildLayout,
  descriptor,
  hostArchitecture,
  type ImagePlan,
  type LayerPlan,
  makeTar,
  sha256,
  toBlob,
} from '../../support/image-builder.ts';
import { type RegistryServer, startRegistryServer } from '../../support/registry-server.ts';
import { startScriptedRegistry } from '../../support/scripted-registry.ts';

let native: Native;
let registry: RegistryServer;
let root: string;
let home: string;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tsdock-unpack-native-'));
  native = await openNative({ stateDir: join(home, 'state'), runDir: join(home, 'run'), prefix: 'tsimg' });
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
  await native.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-unpack-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

function images(options: Partial<ImageOptions> = {}): Images {
  const made = createImages({ stateDir: join(root, 'state'), layers: native.layers, log: silentLogger, dockerConfig: null, ...options });
  closing.push(() => made.close());
  return made;
}

async function pull(ref: string, from: Images = images()): Promise<ObservedImage> {
  await from.pull(ref, { signal: new AbortController().signal, report: () => undefined });
  const [observed] = await from.controller.observe(resourceKey('Image', '_', ref));
  if (observed === undefined) throw new Error(`${ref} is not observed`);
  return observed;
}

let pushed = 0;
/** Pushes an image to the registry under a name of its own. */
async function push(layers: readonly LayerPlan[], options: readonly string[] = []): Promise<string> {
  const layout = join(root, `layout-${++pushed}`);
  buildLayout(layout, [{ name: 'x', layers }]);
  await registry.push(`oci:${layout}:x`, `unpack/test:${pushed}`, options);
  return `${registry.host}/unpack/test:${pushed}`;
}

const tree = (observed: ObservedImage, layer: number): string => observed.layers[layer]?.directory ?? '';

const rich: readonly LayerPlan[] = [
  {
    entries: [
      { name: 'etc/', type: 'directory', mode: 0o750, uid: 7, gid: 8 },
      { name: 'etc/passwd', content: 'root:x:0:0\n', mode: 0o640, uid: 1, gid: 2 },
      { name: 'bin/', type: 'directory' },
      { name: 'bin/su', content: 'setuid', mode: 0o4755 },
      { name: 'bin/link', type: 'hardlink', link: 'bin/su' },
      { name: 'lib', type: 'symlink', link: 'usr/lib' },
      { name: 'old', content: 'gone soon' },
    ],
  },
  {
    entries: [
      { name: '.wh.old', content: '' },
      { name: 'etc/extra', content: 'more' },
    ],
    compression: 'none',
  },
  { entries: [{ name: 'data', content: randomBytes(300_000) }] },
];

describe('layers of a real registry', () => {
  test.each([
    ['as they were made', []],
    ['with zstd', ['--dest-compress-format', 'zstd', '--dest-force-compress-format']],
    ['as Docker schema 2', ['--format', 'v2s2']],
  ])('%s become the same trees', async (_, options) => {
    const usable = options.includes('--dest-force-compress-format') ? supportedBySkopeo(options) : options;
    const observed = await pull(await push(rich, usable));
    expect(observed.unpacked).toBe(true);
    const base = tree(observed, 0);
    expect(statSync(join(base, 'etc'))).toMatchObject({ uid: 7, gid: 8 });
    expect(statSync(join(base, 'etc')).mode & 0o7777).toBe(0o750);
    expect(statSync(join(base, 'etc/passwd'))).toMatchObject({ uid: 1, gid: 2 });
    expect(statSync(join(base, 'bin/su')).mode & 0o7777).toBe(0o4755);
    expect(statSync(join(base, 'bin/link')).ino).toBe(statSync(join(base, 'bin/su')).ino);
    expect(lstatSync(join(base, 'lib')).isSymbolicLink()).toBe(true);
    const whiteout = lstatSync(join(tree(observed, 1), 'old'));
    expect([whiteout.isCharacterDevice(), whiteout.rdev]).toEqual([true, 0]);
    expect(statSync(join(tree(observed, 2), 'data')).size).toBe(300_000);
  });

  test('an implied directory has the owner and mode of the one below', async () => {
    const observed = await pull(await push(rich));
    const implied = statSync(join(tree(observed, 1), 'etc'));
    expect(implied).toMatchObject({ uid: 7, gid: 8 });
    expect(implied.mode & 0o7777).toBe(0o750);
  });

  test('can be stacked by overlayfs', async () => {
    const observed = await pull(await push(rich));
    const at = (name: string): string => {
      mkdirSync(join(root, name));
      return join(root, name);
    };
    const target = at('merged');
    const lower = observed.layers.map((layer) => layer.directory).reverse();
    execFileSync('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${lower.join(':')},upperdir=${at('upper')},workdir=${at('work')}`,
      target,
    ]);
    try {
      expect(readdirSync(target).sort()).toEqual(['bin', 'data', 'etc', 'lib']);
      expect(readFileSync(join(target, 'etc/extra'), 'utf8')).toBe('more');
      expect(statSync(join(target, 'etc')).mode & 0o7777).toBe(0o750);
    } finally {
      execFileSync('umount', [target]);
    }
  });

  test('an index gives the image of this host', async () => {
    const layout = join(root, 'multi');
    const foreign: ImagePlan = {
      name: 'arm',
      platform: { os: 'linux', architecture: 'riscv64' },
      layers: [{ entries: [{ name: 'foreign', content: 'x' }] }],
    };
    const [mine, other] = buildLayout(layout, [{ name: 'mine', layers: [{ entries: [{ name: 'mine', content: 'x' }] }] }, foreign]);
    const entry = (image: typeof mine, architecture: string) => ({
      mediaType: image?.manifest.mediaType,
      digest: image?.manifest.digest,
      size: image?.manifest.size,
      platform: { os: 'linux', architecture },
    });
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [entry(other, 'riscv64'), entry(mine, hostArchitecture)],
      }),
    );
    const blob = toBlob(index, 'application/vnd.oci.image.index.v1+json');
    writeFileSync(join(layout, 'blobs/sha256', blob.digest.slice(7)), index);
    writeFileSync(
      join(layout, 'index.json'),
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          { mediaType: blob.mediaType, digest: blob.digest, size: blob.size, annotations: { 'org.opencontainers.image.ref.name': 'both' } },
        ],
      }),
    );
    await registry.push(`oci:${layout}:both`, 'unpack/multi:1', ['--all']);
    const observed = await pull(`${registry.host}/unpack/multi:1`);
    expect(readdirSync(tree(observed, 0))).toEqual(['mine']);
  });
});

/** skopeo before 1.14 always compresses anew when a format is named and has no flag to force it. */
function supportedBySkopeo(options: readonly string[]): readonly string[] {
  const help = execFileSync('skopeo', ['copy', '--help']).toString();
  return help.includes('--dest-force-compress-format')
    ? options
    : ['--dest-compress', ...options.filter((option) => option !== '--dest-force-compress-format')];
}

describe('a hostile layer', () => {
  /** Serves one layer's bytes as they are and pulls it. */
  async function pullLayer(bytes: Uint8Array, options: Partial<ImageOptions> = {}, diffId?: string): Promise<unknown> {
    const server = await startScriptedRegistry();
    closing.push(() => server.close());
    const layer = toBlob(bytes, `application/vnd.oci.image.layer.v1.tar${bytes[0] === 0x1f ? '+gzip' : ''}`);
    const config = toBlob(
      Buffer.from(
        JSON.stringify({ os: 'linux', architecture: hostArchitecture, config: {}, rootfs: { diff_ids: [diffId ?? sha256(bytes)] } }),
      ),
      'application/vnd.oci.image.config.v1+json',
    );
    const manifest = toBlob(
      Buffer.from(JSON.stringify({ schemaVersion: 2, config: descriptor(config), layers: [descriptor(layer)] })),
      'application/vnd.oci.image.manifest.v1+json',
    );
    server.publishManifest('evil', '1', manifest);
    for (const blob of [config, layer]) server.publishBlob('evil', blob);
    return pull(`${server.host}/evil:1`, images(options));
  }
  test.each(['../escape', 'a/../../escape', '/../escape'])('with the entry %s is IMG021 and writes nothing', async (name) => {
    await expect(
      pullLayer(
        makeTar([
          { name: 'ok', content: 'x' },
          { name, content: 'x' },
        ]),
      ),
    ).rejects.toMatchObject({
      code: 'IMG021',
      message: expect.stringMatching(/layer 1 of 1 .*refused, nothing was written$/),
    });
    expect(readdirSync(join(root, 'state/layers'))).toEqual([]);
  });

  test('that goes through its own link stays inside', async () => {
    const canary = join(root, 'canary');
    mkdirSync(canary);
    await pullLayer(
      makeTar([
        { name: 'out', type: 'symlink', link: canary },
        { name: 'out/x', content: 'x' },
      ]),
    ).catch(() => undefined);
    expect(readdirSync(canary)).toEqual([]);
  });

  test('that unpacks to too much is IMG020', async () => {
    const bomb = gzipSync(makeTar([{ name: 'zeros', content: Buffer.alloc(64 << 20) }]), { level: 9 });
    await expect(pullLayer(bomb, { layerLimits: { maxBytes: 8 << 20, maxEntries: 100 } })).rejects.toMatchObject({
      code: 'IMG020',
      message: expect.stringMatching(/^layer 1 of 1 unpacks to more than 8 MiB \(\d+ KiB compressed\); stopped at the limit$/),
    });
    expect(readdirSync(join(root, 'state/layers'))).toEqual([]);
  });

  test('with too many entries is IMG020', async () => {
    const many = makeTar(Array.from({ length: 200 }, (_, i) => ({ name: `f${i}` })));
    await expect(pullLayer(many, { layerLimits: { maxBytes: 8 << 20, maxEntries: 100 } })).rejects.toMatchObject({ code: 'IMG020' });
  });

  test('that is cut inside is IMG022', async () => {
    const whole = gzipSync(makeTar([{ name: 'a', content: randomBytes(5000) }]));
    await expect(pullLayer(whole.subarray(0, 3000))).rejects.toMatchObject({ code: 'IMG022' });
    expect(readdirSync(join(root, 'state/layers'))).toEqual([]);
  });

  test('whose diff id is another one is IMG022', async () => {
    await expect(pullLayer(makeTar([{ name: 'a', content: 'x' }]), {}, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'IMG022',
    });
    expect(readdirSync(join(root, 'state/layers'))).toEqual([]);
  });

  test.each([
    ['space', 'size=4m', 'DSK001', [{ name: 'big', content: randomBytes(6 << 20) }]],
    ['space for what it unpacks to', 'size=4m', 'DSK001', [{ name: 'big', content: Buffer.alloc(6 << 20) }]],
    ['inodes', 'size=16m,nr_inodes=60', 'DSK002', Array.from({ length: 300 }, (_, i) => ({ name: `f${i}` }))],
  ])('that needs more %s than there is fails alone and leaves nothing', async (_, options, code, entries) => {
    mkdirSync(join(root, 'state'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tsimg', join(root, 'state')]);
    closing.push(async () => execFileSync('umount', [join(root, 'state')]));
    const tar = makeTar(entries);
    await expect(pullLayer(gzipSync(tar), {}, sha256(tar))).rejects.toMatchObject({ code });
    const left = readdirSync(join(root, 'state'), { recursive: true }).map(String);
    expect(left.filter((name) => name.startsWith('layers/') || name.startsWith('content/refs/'))).toEqual([]);
  });
});
