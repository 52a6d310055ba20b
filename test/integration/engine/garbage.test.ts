import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Engine, type EngineOptions } from '../../../src/reconciler/engine.ts';
import type { DiskSpace } from '../../../src/reconciler/garbage.ts';
import { revisions } from '../../../src/store/collections.ts';
import { openStore } from '../../../src/store/store.ts';
import { eventsOf, type Host, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';
import { buildLayout } from '../../support/image-builder.ts';

const day = 24 * 3_600_000;
const gc = { high: 0.85, low: 0.75, minAgeMs: day, keepRevisions: 2 };

interface Disk {
  readonly host: Host;
  /** `oci:` references of images with a layer of a tenth of the disk each. */
  readonly refs: Readonly<Record<'a' | 'b' | 'c' | 'd', string>>;
  /** Tenths of the disk that others take. */
  others: number;
  /** How much later than it is. */
  laterMs: number;
  open(over?: Partial<EngineOptions>): Promise<Engine>;
}

/** A host with a disk of ten layers, which are all its inodes: bytes of the fake kernel's trees are too small to count. */
function makeDisk(): Disk {
  const host = makeHost();
  const layout = join(host.directory, 'more');
  mkdirSync(layout);
  const names = ['a', 'b', 'c', 'd'] as const;
  const layer = (name: string) => ({ entries: [{ name: 'app', content: `program ${name}`, mode: 0o755 }] });
  buildLayout(
    layout,
    names.map((name) => ({ name, layers: [layer(name)], run: { Entrypoint: ['/app'] } })),
  );
  const trees = (): number => readdirSync(join(host.directory, 'state/layers')).filter((name) => !name.startsWith('tmp-')).length;
  const disk: Disk = {
    host,
    refs: Object.fromEntries(names.map((name) => [name, `oci:${layout}:${name}`])) as Disk['refs'],
    others: 0,
    laterMs: 2 * day,
    async open(over = {}) {
      const options = host.options();
      const diskSpace = async (): Promise<DiskSpace> => {
        // A tree of the fake kernel has two inodes and its own directory, and the blobs of its image are three.
        const used = 6 * (trees() + disk.others);
        return { usedBytes: 0, freeBytes: 1, usedInodes: used, freeInodes: 60 - used };
      };
      const engine = await Engine.open({ ...options, gc, diskSpace, now: () => Date.now() + disk.laterMs, ...over });
      onTestFinished(() => engine.close());
      return engine;
    },
  };
  return disk;
}

const container = (name: string, image: string, more = ''): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${image}"${more}}\n`;
const nobody = { signal: new AbortController().signal, onProgress: () => undefined };
const refsOf = (images: readonly { readonly ref: string }[]) => images.map(({ ref }) => ref).sort();
const all = ({ refs }: Disk) => Object.values(refs);

async function pull(engine: Engine, refs: readonly string[]): Promise<void> {
  for (const ref of refs) await engine.pullImage(ref, nobody);
}

async function collections(engine: Engine): Promise<readonly string[]> {
  return (await eventsOf(engine)).filter(({ reason }) => /^(?:Collected|DiskPressure)$/.test(reason)).map(({ message }) => message);
}

test('the oldest unused images go until the disk is at low, and a dry run tells which', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  const { a, b, c, d } = disk.refs;
  await pull(engine, [b, a, c, d]);
  disk.others = 5;
  const dry = await engine.collectGarbage({ dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, usedBefore: 0.9, held: null, layers: 2, blobs: 6, high: 0.85, low: 0.75 });
  expect(dry.images.map(({ ref }) => ref)).toEqual([b, a]);
  expect(refsOf(await engine.images())).toEqual(all(disk));
  const done = await engine.collectGarbage({ dryRun: false });
  expect(done).toEqual({ ...dry, dryRun: false, usedAfter: 0.7 });
  expect(refsOf(await engine.images())).toEqual([c, d]);
  expect(await collections(engine)).toEqual([expect.stringMatching(/ 90% to 70%: oci:.*:b, oci:.*:a$/)]);
  expect(await engine.collectGarbage({ dryRun: false })).toMatchObject({ images: [], blobs: 0, layers: 0 });
});

test('what runs, is stopped, is desired, or that a kept revision names never goes', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  const { a, b, c, d } = disk.refs;
  const apply = (yaml: string) => engine.apply([snapshot(yaml)], waiting({ maxDelete: 1 }));
  await pull(engine, [d]);
  await apply(container('runs', a) + container('before', b));
  await apply(container('runs', a) + container('stopped', c));
  await engine.stop(['Container/default/stopped'], waiting());
  disk.others = 6;
  expect((await engine.collectGarbage({ dryRun: false })).images.map(({ ref }) => ref)).toEqual([d]);
  expect(refsOf(await engine.images())).toEqual([a, b, c]);
  // Two revisions are kept: with the next one nothing knows of b any more.
  await apply(container('runs', a) + container('stopped', c, ', restartPolicy: Never'));
  disk.laterMs += day;
  expect((await engine.collectGarbage({ dryRun: false })).images.map(({ ref }) => ref)).toEqual([b]);
  expect(await engine.instances({ namespace: null })).toHaveLength(2);
  expect(refsOf(await engine.images())).toEqual([a, c]);
});

test('an image whose use has ended lately stays, though it was pulled long ago', async () => {
  const disk = makeDisk();
  const engine = await disk.open({ gc: { ...gc, keepRevisions: 1 } });
  const { a, b } = disk.refs;
  await engine.apply([snapshot(container('web', a))], waiting());
  await pull(engine, [b]);
  disk.others = 9;
  await engine.collectGarbage({ dryRun: false }); // sees that a is used
  expect(refsOf(await engine.images())).toEqual([a]);
  await engine.apply([snapshot('')], waiting({ maxDelete: 1 }));
  expect(await engine.collectGarbage({ dryRun: false })).toMatchObject({ images: [], layers: 0 });
  disk.laterMs += day;
  expect(refsOf((await engine.collectGarbage({ dryRun: false })).images)).toEqual([a]);
});

test('fewer revisions that are kept count at once, and the others go with the next one of their set', async () => {
  const disk = makeDisk();
  const { a, b, c, d } = disk.refs;
  const before = await disk.open({ gc: { ...gc, keepRevisions: 10 } });
  for (const ref of [a, b, c]) await before.apply([snapshot(container('web', ref))], waiting());
  disk.others = 7;
  expect(await before.collectGarbage({ dryRun: true })).toMatchObject({ images: [], usedBefore: 1 });
  await before.close();
  disk.laterMs += day;
  const engine = await disk.open({ gc: { ...gc, keepRevisions: 1 } });
  expect((await engine.collectGarbage({ dryRun: true })).images.map(({ ref }) => ref)).toEqual([a, b]);
  await engine.apply([snapshot(container('web', d))], waiting());
  await engine.close();
  const store = await openStore(join(disk.host.directory, 'state/store'), { readOnly: true });
  expect([...store.range(revisions)].map(([, { revision }]) => revision)).toEqual([4]);
  await store.close();
});

test('an image that is not to be kept goes when nothing else uses it, stays away, and comes back when something does', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  const { a, b } = disk.refs;
  const image = (name: string, ref: string, keep: boolean) =>
    `---\napiVersion: tsdock/v1\nkind: Image\nmetadata: {name: ${name}}\nspec: {ref: "${ref}", keep: ${keep}}\n`;
  const images = image('cache', a, false) + image('base', b, true);
  const apply = (yaml: string) => engine.apply([snapshot(yaml)], waiting({ maxDelete: 1 }));
  await apply(images);
  expect(refsOf(await engine.images())).toEqual([a, b]);
  disk.others = 9;
  expect(refsOf((await engine.collectGarbage({ dryRun: false })).images)).toEqual([a]);
  // Everything is looked at again, and another wish accepted: nothing of it is a reason to pull.
  expect(await apply(`${images}---\napiVersion: tsdock/v1\nkind: Config\nmetadata: {name: c}\nspec: {data: {a: b}}\n`)).toMatchObject({
    result: 'applied',
  });
  expect(refsOf(await engine.images())).toEqual([b]);
  const [cache] = await engine.resources({ kind: 'Image', namespace: 'default', name: 'cache' });
  expect(cache?.status).toMatchObject({ phase: 'Ready', conditions: [{ message: expect.stringMatching(/^collected/) }, {}, {}] });
  await apply(images + container('web', 'cache'));
  expect(refsOf(await engine.images())).toEqual([a, b]);
  disk.laterMs += 2 * day;
  expect((await engine.collectGarbage({ dryRun: false })).images).toEqual([]);
});

test('what prune takes of an image that is not to be kept stays away as well', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  const manifest = `apiVersion: tsdock/v1\nkind: Image\nmetadata: {name: cache}\nspec: {ref: "${disk.refs.a}", keep: false}\n`;
  await engine.apply([snapshot(manifest)], waiting());
  expect(refsOf((await engine.pruneImages({ olderThanMs: 0, dryRun: false })).images)).toEqual([disk.refs.a]);
  await engine.apply([snapshot(manifest)], waiting());
  expect(await engine.images()).toEqual([]);
});

test('what begins to be used between the choice and the removal stays', async () => {
  const disk = makeDisk();
  const { a, b } = disk.refs;
  let meanwhile = async (): Promise<void> => undefined;
  const diskSpace = async (): Promise<DiskSpace> => {
    await meanwhile();
    return { usedBytes: 2 ** 40, freeBytes: 1, usedInodes: 0, freeInodes: 0 };
  };
  const engine = await disk.open({ diskSpace });
  await pull(engine, [a, b]);
  // The disk is asked after it was looked at what is used.
  meanwhile = async () => void (await engine.apply([snapshot(container('web', a))], waiting()));
  expect(refsOf((await engine.collectGarbage({ dryRun: false })).images)).toEqual([b]);
  expect(await engine.instances({ namespace: null })).toMatchObject([{ phase: 'running' }]);
});

test('while an instance is there that cannot be read, nothing goes', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  await pull(engine, all(disk));
  await engine.apply([snapshot(container('web', disk.refs.a))], waiting());
  disk.others = 6;
  const [[id, found] = []] = disk.host.world.instances;
  if (id === undefined || found === undefined) throw new Error('it was made');
  disk.host.world.instances.set('ffffffffffff', { ...found, status: { ...found.status, id: 'ffffffffffff', identity: '{"key":' } });
  const report = await engine.collectGarbage({ dryRun: false });
  expect(report).toMatchObject({ images: [], blobs: 0, layers: 0, held: 'instance ffffffffffff cannot be read' });
  disk.host.world.instances.delete('ffffffffffff');
  expect((await engine.collectGarbage({ dryRun: false })).held).toBeNull();
});

test('an apply that comes while collected trees are being deleted fetches its image again', async () => {
  const disk = makeDisk();
  const { images, now: _now, ...options } = disk.host.options();
  let deleted: () => void = () => undefined;
  const deleting = new Promise<void>((resolve) => {
    deleted = resolve;
  });
  const engine = await disk.open({
    ...options,
    gc,
    images: {
      ...images,
      collect: async (what) => {
        const collected = await images.collect(what);
        return { ...collected, empty: async (signal) => deleting.then(() => collected.empty(signal)) };
      },
    },
  });
  await pull(engine, all(disk));
  disk.others = 9;
  const collection = engine.collectGarbage({ dryRun: false });
  await eventually(async () => expect(await engine.images()).toEqual([]));
  expect(await engine.apply([snapshot(container('web', disk.refs.a))], waiting())).toMatchObject({ result: 'applied', exitCode: 0 });
  deleted();
  await collection;
});

test('what a save reads stays', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  await pull(engine, all(disk));
  disk.others = 6;
  const reading = engine.saveImages([disk.refs.a], { format: 'oci', signal: nobody.signal })[Symbol.asyncIterator]();
  await reading.next();
  expect(refsOf((await engine.collectGarbage({ dryRun: false })).images)).toEqual([disk.refs.b, disk.refs.c, disk.refs.d]);
  while ((await reading.next()).done !== true);
  disk.others = 9;
  expect(refsOf((await engine.collectGarbage({ dryRun: false })).images)).toEqual([disk.refs.a]);
});

test('after it, prune and df find what is left', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  await engine.apply([snapshot(container('web', disk.refs.a))], waiting());
  await pull(engine, [disk.refs.b, disk.refs.c, disk.refs.d]);
  const images = async () => (await engine.diskUsage()).parts.find(({ name }) => name === 'images');
  const before = await images();
  disk.others = 5;
  const { bytes } = await engine.collectGarbage({ dryRun: false });
  expect(await images()).toMatchObject({ count: 2, reclaimableBytes: (before?.reclaimableBytes ?? 0) - bytes });
  const pruned = await engine.pruneImages({ olderThanMs: 0, dryRun: false });
  expect(pruned).toMatchObject({ blobs: 3, layers: 1, held: null });
  expect(refsOf(pruned.images)).toEqual([disk.refs.d]);
  expect(await images()).toMatchObject({ count: 1, reclaimableBytes: 0 });
  expect(readdirSync(join(disk.host.directory, 'state/layers'))).toHaveLength(1);
});

test('by itself it begins above high, goes on to low, and tells once when nothing more may go', async () => {
  const disk = makeDisk();
  const engine = await disk.open({ resyncMs: 20 });
  const { a, b, c, d } = disk.refs;
  await engine.apply([snapshot(container('web', a))], waiting());
  await pull(engine, [b, c, d]);
  disk.others = 4; // 80%: above low only
  disk.laterMs += day / 24; // what is used is noted once in this time
  await eventually(async () => expect((await engine.images()).find(({ ref }) => ref === a)?.usedAt).not.toBeNull());
  expect(refsOf(await engine.images())).toEqual(all(disk));
  disk.others = 5;
  await eventually(async () => expect(refsOf(await engine.images())).toEqual([a, d]));
  await eventually(async () => expect(await collections(engine)).toEqual([expect.stringMatching(/ 90% to 70%: oci:.*:b, oci:.*:c$/)]));
  disk.others = 9;
  await eventually(async () => expect(await collections(engine)).toHaveLength(3));
  const [, second, third] = await collections(engine);
  expect(second).toMatch(/ 110% to 100%: oci:.*:d$/);
  expect(third).toMatch(/ is 100% full .* nothing else may go: it is used, or not old enough$/);
  expect(refsOf(await engine.images())).toEqual([a]);
});

test('without a resync, in an engine that lives for one command, nothing goes by itself', async () => {
  const disk = makeDisk();
  const engine = await disk.open();
  await pull(engine, all(disk));
  disk.others = 6;
  await engine.apply([snapshot(container('web', disk.refs.a))], waiting());
  expect(refsOf(await engine.images())).toEqual(all(disk));
});
