import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import type { Action } from '../../../src/model/plan.ts';
import { type Identity, type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import { createFakeLayers, type FakeLayers } from '../../support/fake-layers.ts';
import { type BuiltImage, buildImage, buildLayout, type ImagePlan, makeTar, writeLayout } from '../../support/image-builder.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

let root: string;
let state: string;
let registry: ScriptedRegistry;
let layers: FakeLayers;
let open: Images[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-store-'));
  state = join(root, 'state');
  registry = await startScriptedRegistry();
  layers = createFakeLayers();
  open = [];
});
afterEach(async () => {
  for (const images of open) await images.close();
  await registry.close();
  rmSync(root, { recursive: true, force: true });
});

/** A new engine over the same state, as after a restart. */
function images(): Images {
  const made = createImages({ stateDir: state, layers, log: silentLogger, dockerConfig: null, registry: { tries: 2, firstWaitMs: 5 } });
  open.push(made);
  return made;
}

const plan: ImagePlan = {
  name: '1',
  layers: [{ entries: [{ name: 'a', content: randomBytes(50_000) }] }, { entries: [{ name: 'b', content: 'bee' }] }],
};
const quiet = () => ({ signal: new AbortController().signal, report: () => undefined });
const identity: Identity = { uid: 'u1', set: 'cli:shop', specHash: 'v1:x', schemaVersion: 1 };

function act(key: ResourceKey<'Image'>, verb: 'pull' | 'remove', ref: string): Action<'Image'> {
  const reason = { code: 'Created', message: '', paths: [] } as const;
  return {
    id: `${key}#${verb}`,
    kind: 'Image',
    subject: key,
    verb,
    phase: 'fetch',
    input: { ref, identity, pin: null },
    reason,
    after: [],
    acquires: [],
    releases: [],
  };
}
const context = () => ({ signal: new AbortController().signal, log: silentLogger, progress: () => undefined });

function publish(tag = '1', what: ImagePlan = plan): { ref: string; built: BuiltImage } {
  const built = buildImage(what);
  registry.publish('team/app', tag, built);
  return { ref: `${registry.host}/team/app:${tag}`, built };
}
async function observed(from: Images, key: ResourceKey<'Image'>): Promise<ObservedImage | null> {
  return (await from.controller.observe(key))[0] ?? null;
}
const implicit = (ref: string) => resourceKey('Image', '_', ref);
const blobRequests = () => registry.requests.filter((request) => request.path.includes('/blobs/')).length;

describe('the controller of images', () => {
  test('observes nothing where nothing was pulled, and makes nothing by looking', async () => {
    expect(await images().controller.observe()).toEqual([]);
    expect(existsSync(state)).toBe(false);
  });

  test('run twice is run once', async () => {
    const { ref } = publish();
    const from = images();
    await from.controller.run(act(implicit(ref), 'pull', ref), context());
    const first = await from.controller.observe();
    const asked = registry.requests.length;
    await from.controller.run(act(implicit(ref), 'pull', ref), context());
    expect(await from.controller.observe()).toEqual(first);
    expect(registry.requests.length).toBe(asked);
    expect(first[0]).toMatchObject({ key: implicit(ref), identity, unpacked: true });
  });

  test('a restarted engine sees the same, without the network', async () => {
    const { ref } = publish();
    await images().pull(ref, quiet());
    const before = await images().controller.observe();
    await registry.close();
    const after = await images().controller.observe();
    expect(after).toEqual(before);
    expect(after[0]?.unpacked).toBe(true);
    registry = await startScriptedRegistry();
  });

  test('a moved tag stays where it was resolved until it is asked for by name', async () => {
    const { ref, built } = publish();
    const from = images();
    await from.controller.run(act(implicit(ref), 'pull', ref), context());
    const { built: moved } = publish('1', { ...plan, run: { Env: ['NEW=1'] } });
    await from.controller.run(act(implicit(ref), 'pull', ref), context());
    expect((await observed(from, implicit(ref)))?.digest).toBe(built.manifest.digest);
    expect((await from.pull(ref, quiet())).digest).toBe(moved.manifest.digest);
    expect(await observed(from, implicit(ref))).toMatchObject({ identity, unpacked: true });
  });

  test('a declared object that moves to another reference holds only that one', async () => {
    const one = publish('1').ref;
    const two = publish('2', { ...plan, name: '2', run: { Env: ['V=2'] } }).ref;
    const key = resourceKey('Image', 'shop', 'app');
    const from = images();
    await from.controller.run(act(key, 'pull', one), context());
    await from.controller.run(act(key, 'pull', two), context());
    expect((await observed(from, key))?.ref).toBe(two);
    await from.controller.run(act(key, 'remove', two), context());
    expect(await observed(from, key)).toBeNull();
    expect((await from.list()).map((item) => item.ref)).toEqual([one]);
  });

  test('a reference two objects hold outlives one of them', async () => {
    const { ref } = publish();
    const from = images();
    const keys = [resourceKey('Image', 'shop', 'a'), resourceKey('Image', 'shop', 'b')] as const;
    for (const key of keys) await from.controller.run(act(key, 'pull', ref), context());
    await from.controller.run(act(keys[0], 'remove', ref), context());
    expect(await observed(from, keys[0])).toBeNull();
    expect((await observed(from, keys[1]))?.unpacked).toBe(true);
    await from.controller.run(act(keys[1], 'remove', ref), context());
    expect(await from.controller.observe()).toEqual([]);
  });
});

describe('what a crash or a hand leaves behind', () => {
  test('a layer removed by hand is seen, and comes back without the network', async () => {
    const { ref } = publish();
    const from = images();
    await from.pull(ref, quiet());
    const directory = (await observed(from, implicit(ref)))?.layers[0]?.directory ?? '';
    rmSync(join(directory, '..'), { recursive: true });
    expect((await observed(from, implicit(ref)))?.unpacked).toBe(false);
    const asked = registry.requests.length;
    await from.controller.run(act(implicit(ref), 'pull', ref), context());
    expect((await observed(from, implicit(ref)))?.unpacked).toBe(true);
    expect(existsSync(join(directory, 'a'))).toBe(true);
    expect(registry.requests.length).toBe(asked);
  });

  test.each([
    ['without its marker', (path: string) => rmSync(join(path, 'complete'))],
    ['with a torn marker', (path: string) => truncateSync(join(path, 'complete'), 10)],
    ['with an empty marker', (path: string) => truncateSync(join(path, 'complete'), 0)],
  ])('a tree %s is never used and is made anew', async (_, damage) => {
    const { ref } = publish();
    await images().pull(ref, quiet());
    const directory = (await observed(images(), implicit(ref)))?.layers[1]?.directory ?? '';
    damage(join(directory, '..'));
    writeFileSync(join(directory, 'b'), 'half');
    const again = images();
    await again.pull(ref, quiet());
    expect(readFileSync(join(directory, 'b'), 'utf8')).toBe('bee');
    expect((await observed(again, implicit(ref)))?.unpacked).toBe(true);
  });

  test('temporary trees of a dead engine go before the next pull', async () => {
    mkdirSync(join(state, 'layers', 'tmp-0123', 'fs'), { recursive: true });
    const { ref } = publish();
    await images().pull(ref, quiet());
    expect(readdirSync(join(state, 'layers')).filter((name) => name.startsWith('tmp-'))).toEqual([]);
  });

  test('a damaged blob is fetched again and really written', async () => {
    const { ref, built } = publish();
    await images().pull(ref, quiet());
    const blob = join(state, 'content/blobs/sha256', built.layers[0]?.digest.slice(7) ?? '');
    writeFileSync(blob, Buffer.alloc(statSync(blob).size));
    rmSync(join(state, 'layers'), { recursive: true });
    await images().controller.run(act(implicit(ref), 'pull', ref), context());
    expect(readFileSync(blob).equals(Buffer.from(built.layers[0]?.bytes ?? ''))).toBe(true);
    expect((await observed(images(), implicit(ref)))?.unpacked).toBe(true);
  });

  test('a partial file with foreign bytes does not stop the pull', async () => {
    const { ref, built } = publish();
    mkdirSync(join(state, 'content/ingest'), { recursive: true });
    writeFileSync(join(state, 'content/ingest', `${built.layers[0]?.digest}.part`), Buffer.alloc(1000, 1));
    writeFileSync(join(state, 'content/ingest', `${built.layers[1]?.digest}.part`), Buffer.alloc((built.layers[1]?.size ?? 0) + 5, 1));
    await images().pull(ref, quiet());
    expect(readdirSync(join(state, 'content/ingest'))).toEqual([]);
  });

  test.each([
    ['garbage', (path: string) => writeFileSync(path, 'not json')],
    ['nothing', (path: string) => truncateSync(path, 0)],
    ['a foreign document', (path: string) => writeFileSync(path, '{"version":1}')],
    ['a flipped end', (path: string) => appendFileSync(path, '}')],
  ])('a record with %s counts as absent, stops collection, and is mended by a pull', async (_, damage) => {
    const { ref } = publish();
    const from = images();
    await from.pull(ref, quiet());
    const [name] = readdirSync(join(state, 'content/refs'));
    damage(join(state, 'content/refs', name ?? ''));
    expect(await from.controller.observe()).toEqual([]);
    const held = await from.collect({ configDigests: new Set(), forget: [], before: Date.now() });
    expect(held).toMatchObject({ blobs: 0, layers: 0, held: expect.stringContaining('cannot be read') });
    const asked = blobRequests();
    await from.pull(ref, quiet());
    expect((await observed(from, implicit(ref)))?.unpacked).toBe(true);
    expect(blobRequests()).toBe(asked);
  });

  test('a directory of records that cannot be read is an error, not an empty list', async () => {
    mkdirSync(join(state, 'content'), { recursive: true });
    writeFileSync(join(state, 'content/refs'), 'a file');
    await expect(images().controller.observe()).rejects.toThrow(/ENOTDIR/);
  });
});

describe('many at once', () => {
  test('twenty pulls of one image fetch each blob once', async () => {
    const { ref } = publish();
    const from = images();
    await Promise.all(Array.from({ length: 20 }, () => from.pull(ref, quiet())));
    const counts = new Map<string, number>();
    for (const { path } of registry.requests.filter((request) => request.path.includes('/blobs/')))
      counts.set(path, (counts.get(path) ?? 0) + 1);
    const layerPaths = buildImage(plan).layers.map((layer) => `/v2/team/app/blobs/${layer.digest}`);
    for (const path of layerPaths) expect(counts.get(path)).toBe(1);
    expect(layers.unpacked.length).toBe(2);
  });

  test('a failure of one source does not fail a pull of the same layer from another', async () => {
    const other = await startScriptedRegistry();
    try {
      const { ref, built } = publish();
      other.publish('team/app', '1', built);
      const layer = built.layers[1];
      const path = `/v2/team/app/blobs/${layer?.digest}`;
      registry.script(path, () => ({
        headers: { 'content-length': String(layer?.size) },
        body: Buffer.alloc(layer?.size ?? 0),
        trickleMs: 3,
      }));
      const from = images();
      const bad = from.pull(ref, quiet());
      await expect.poll(() => registry.requestsOf(path).length).toBe(1);
      const good = from.pull(`${other.host}/team/app:1`, quiet());
      await expect(bad).rejects.toMatchObject({ code: 'REG010' });
      expect(await good).toMatchObject({ digest: built.manifest.digest });
    } finally {
      await other.close();
    }
  });
});

describe('a layer that stands twice in an image', () => {
  test.each([
    [
      'as it is',
      [
        { name: 'd', type: 'directory' as const },
        { name: 'd/x', content: 'x' },
      ],
      2,
    ],
    ['with a directory it only implies', [{ name: 'd/x', content: 'x' }], 3],
  ])('%s is fetched once and mounted where it stands highest', async (_, entries, trees) => {
    const { ref, built } = publish('1', {
      name: '1',
      layers: [{ entries }, { entries: [{ name: 'between', content: 'b' }] }, { entries }],
    });
    const from = images();
    await from.pull(ref, quiet());
    const directories = (await observed(from, implicit(ref)))?.layers.map((layer) => layer.directory) ?? [];
    expect(directories.length).toBe(trees);
    expect(new Set(directories).size).toBe(trees);
    expect(existsSync(join(directories.at(-1) ?? '', 'd/x'))).toBe(true);
    expect(registry.requestsOf(`/v2/team/app/blobs/${built.layers[0]?.digest}`).length).toBe(1);
  });
});

describe('collection', () => {
  test('frees what no reference names, keeps what is shared, and what came lately', async () => {
    const shared = { entries: [{ name: 'base', content: 'base' }] };
    const one = publish('1', { name: '1', layers: [shared, { entries: [{ name: 'one', content: '1' }] }] });
    const two = publish('2', { name: '2', layers: [shared, { entries: [{ name: 'two', content: '2' }] }] });
    const from = images();
    await from.pull(one.ref, quiet());
    await from.pull(two.ref, quiet());
    const own = (await observed(from, implicit(one.ref)))?.layers[1]?.directory ?? '';
    const base = (await observed(from, implicit(one.ref)))?.layers[0]?.directory ?? '';
    await from.remove(one.ref);

    const none = { configDigests: new Set<never>(), forget: [], before: Date.now() };
    expect(await from.collect({ ...none, before: Date.now() - 3_600_000 })).toMatchObject({ layers: 0, blobs: 0 });
    const { parts, held } = await from.collectable(none);
    expect(held).toBeNull();
    expect(parts.map(({ is, refs }) => [is, ...refs]).sort()).toEqual([['blob'], ['blob'], ['blob'], ['layer']]);
    expect(existsSync(own)).toBe(true);
    const collected = await from.collect(none);
    expect(collected).toMatchObject({ layers: 1, blobs: 3, held: null });
    expect(await collected.empty(new AbortController().signal)).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(existsSync(own)).toBe(false);
    expect(existsSync(base)).toBe(true);
    expect((await observed(from, implicit(two.ref)))?.unpacked).toBe(true);
  });

  test('tells of each part which of the images to forget need it, and forgets nothing', async () => {
    const shared = { entries: [{ name: 'base', content: 'base' }] };
    const one = publish('1', { name: '1', layers: [shared, { entries: [{ name: 'one', content: '1' }] }] });
    const two = publish('2', { name: '2', layers: [shared] });
    const from = images();
    await from.pull(one.ref, quiet());
    await from.pull(two.ref, quiet());
    const { parts } = await from.collectable({ configDigests: new Set(), forget: [one.ref, two.ref], before: Date.now() });
    const trees = parts.filter(({ is }) => is === 'layer');
    expect(trees.map(({ refs }) => refs)).toEqual(expect.arrayContaining([[one.ref, two.ref], [one.ref]]));
    expect(trees).toHaveLength(2);
    expect((await from.list()).map(({ ref }) => ref)).toEqual([one.ref, two.ref]);
  });

  test('the last use of an image is noted, but not more often than is asked for', async () => {
    const { ref } = publish();
    const from = images();
    await from.pull(ref, quiet());
    const usedAt = async () => (await from.list())[0]?.usedAt;
    expect(await usedAt()).toBeNull();
    await from.noteUse([ref, 'nobody/knows:1'], { at: 10_000, unlessSince: 9_000 });
    await from.noteUse([ref], { at: 11_000, unlessSince: 9_500 });
    expect(await usedAt()).toBe(new Date(10_000).toISOString());
    await from.noteUse([ref], { at: 12_000, unlessSince: 10_000 });
    expect(await usedAt()).toBe(new Date(12_000).toISOString());
    expect((await from.list()).map((item) => item.ref)).toEqual([ref]);
  });

  test('keeps the layers of an image that an instance runs though its tag has moved', async () => {
    const old = publish('1');
    const from = images();
    await from.pull(old.ref, quiet());
    const directories = (await observed(from, implicit(old.ref)))?.layers.map((layer) => layer.directory) ?? [];
    publish('1', { name: '1', layers: [{ entries: [{ name: 'new', content: 'n' }] }] });
    await from.pull(old.ref, quiet());
    await from.collect({ configDigests: new Set([old.built.config.digest]), forget: [], before: Date.now() });
    for (const directory of directories) expect(existsSync(directory)).toBe(true);
    await from.collect({ configDigests: new Set(), forget: [], before: Date.now() });
    for (const directory of directories) expect(existsSync(directory)).toBe(false);
  });
});

describe('a layer with directories it only implies', () => {
  const base = (mode: number) => ({
    entries: [
      { name: 'srv', type: 'directory' as const, mode },
      { name: 'srv/keep', content: 'k' },
    ],
  });
  const upper = { entries: [{ name: 'srv/app', content: 'x' }] };

  test('takes their mode from the layer below, for each chain on its own', async () => {
    const one = publish('1', { name: '1', layers: [base(0o750), upper] });
    const two = publish('2', { name: '2', layers: [base(0o1777), upper] });
    const from = images();
    await from.pull(one.ref, quiet());
    await from.pull(two.ref, quiet());
    const modes = await Promise.all(
      [one, two].map(
        async ({ ref }) => statSync(join((await observed(from, implicit(ref)))?.layers[1]?.directory ?? '', 'srv')).mode & 0o7777,
      ),
    );
    expect(modes).toEqual([0o750, 0o1777]);
  });

  test('never follows a link of a lower layer', async () => {
    const canary = join(root, 'canary');
    mkdirSync(join(canary, 'sub'), { recursive: true });
    chmodSync(join(canary, 'sub'), 0o700);
    const link = { entries: [{ name: 'srv', type: 'symlink' as const, link: canary }] };
    const { ref } = publish('1', { name: '1', layers: [link, { entries: [{ name: 'srv/sub/app', content: 'x' }] }] });
    const from = images();
    await from.pull(ref, quiet());
    const directory = (await observed(from, implicit(ref)))?.layers[1]?.directory ?? '';
    expect(statSync(join(directory, 'srv/sub')).mode & 0o7777).not.toBe(0o700);
  });
});

describe('images on this disk', () => {
  const pullLocal = async (ref: string): Promise<ObservedImage | null> => {
    const from = images();
    await from.pull(ref, quiet());
    return observed(from, implicit(ref));
  };

  test('come from an OCI layout by name', async () => {
    const [one, two] = buildLayout(join(root, 'layout'), [plan, { ...plan, name: '2', run: { Env: ['V=2'] } }]);
    expect((await pullLocal(`oci:${join(root, 'layout')}:2`))?.digest).toBe(two?.manifest.digest);
    expect((await pullLocal(`oci:${join(root, 'layout')}:1`))?.digest).toBe(one?.manifest.digest);
    await expect(pullLocal(`oci:${join(root, 'layout')}`)).rejects.toMatchObject({
      code: 'REG404',
      message: `${join(root, 'layout')} has 1, 2; say which one`,
    });
    await expect(pullLocal(`oci:${join(root, 'layout')}:3`)).rejects.toMatchObject({ code: 'REG404', hint: 'it has 1, 2' });
  });

  test.each(['oci-archive', 'docker-archive'])('come from a %s made by skopeo', async (type) => {
    const [built] = buildLayout(join(root, 'layout'), [plan]);
    const file = join(root, 'image.tar');
    const name = type === 'oci-archive' ? 'v1' : 'team/app:v1';
    execFileSync('skopeo', ['--insecure-policy', 'copy', '-q', `oci:${join(root, 'layout')}:1`, `${type}:${file}:${name}`]);
    const byName = await pullLocal(`${type}:${file}:${name}`);
    expect(byName).toMatchObject({ unpacked: true });
    expect(byName?.layers.map((layer) => layer.diffId)).toEqual(built?.layers.map((layer) => layer.diffId));
    expect((await pullLocal(`${type}:${file}`))?.digest).toBe(byName?.digest);
    await expect(pullLocal(`${type}:${file}:${type === 'oci-archive' ? 'v2' : 'team/app:v2'}`)).rejects.toMatchObject({ code: 'REG404' });
  });

  test('a layout whose blob was altered is refused', async () => {
    const [built] = buildLayout(join(root, 'layout'), [plan]);
    const path = join(root, 'layout/blobs/sha256', built?.layers[0]?.digest.slice(7) ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(pullLocal(`oci:${join(root, 'layout')}:1`)).rejects.toMatchObject({ code: 'REG010' });
  });

  test.each([
    ['is not there', 'REG404', () => undefined],
    ['is compressed', 'IMG022', (file: string) => writeFileSync(file, Buffer.from('1f8b0800', 'hex'))],
    ['is no archive', 'IMG022', (file: string) => writeFileSync(file, Buffer.alloc(2048, 65))],
    [
      'is cut off',
      'IMG022',
      (file: string) => writeFileSync(file, makeTar([{ name: 'index.json', content: 'x'.repeat(3000) }]).subarray(0, 1500)),
    ],
    ['has no index', 'REG404', (file: string) => writeFileSync(file, makeTar([{ name: 'x', content: 'x' }]))],
  ])('an archive that %s is %s', async (_, code, make) => {
    make(join(root, 'image.tar'));
    await expect(pullLocal(`oci-archive:${join(root, 'image.tar')}`)).rejects.toMatchObject({ code });
  });

  test('a member whose link leaves the archive is not found', async () => {
    const built = buildImage(plan);
    writeLayout(join(root, 'layout'), [built]);
    writeFileSync(join(root, 'secret'), readFileSync(join(root, 'layout/index.json')));
    writeFileSync(
      join(root, 'image.tar'),
      makeTar([{ name: 'index.json', type: 'symlink', link: `../../../../../../../../${join(root, 'secret').slice(1)}` }]),
    );
    await expect(pullLocal(`oci-archive:${join(root, 'image.tar')}`)).rejects.toMatchObject({ code: 'REG404' });
  });
});
