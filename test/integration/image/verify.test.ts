/** `image verify` on trees of the real unpacker: needs root, as every layer does. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import type { VerifiedImage, VerifyReport } from '../../../src/model/engine-api.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { createLayers } from '../../../src/native/layers.ts';
import { type BuiltImage, buildImage, type ImagePlan } from '../../support/image-builder.ts';
import { scratch } from '../../support/scratch.ts';
import { startScriptedRegistry } from '../../support/scripted-registry.ts';
import { loadAddon } from '../native/addon.ts';

const plan: ImagePlan = {
  name: '1',
  layers: [
    {
      entries: [
        { name: 'etc', type: 'directory', mode: 0o750, uid: 7 },
        { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\n' },
        { name: 'data', content: randomBytes(300_000) },
      ],
    },
    // `etc` is implied: it takes owner and mode of the one below.
    { entries: [{ name: 'etc/app.conf', content: 'answer = 42\n' }] },
  ],
};

async function pulled() {
  const state = join(scratch('/var/tmp'), 'state');
  const registry = await startScriptedRegistry();
  onTestFinished(() => registry.close());
  const built = buildImage(plan);
  registry.publish('team/app', '1', built);
  const ref = `${registry.host}/team/app:1`;
  const open = (): Images => {
    const made = createImages({
      stateDir: state,
      layers: createLayers(loadAddon()),
      log: silentLogger,
      dockerConfig: null,
      registry: { tries: 2, firstWaitMs: 5 },
    });
    onTestFinished(() => made.close());
    return made;
  };
  const images = open();
  await images.pull(ref, { signal: new AbortController().signal, report: () => undefined });
  const [observed] = await images.controller.observe();
  const trees = observed?.layers.map((layer) => layer.directory) ?? [];
  const before = registry.requests.length;
  /** Paths that were asked for after the pull. */
  const asked = (): readonly string[] => registry.requests.slice(before).map((request) => request.path);
  return { state, registry, built, ref, images, open, trees, asked };
}

function verify(images: Images, repair = true): Promise<VerifyReport> {
  return images.verify([], { repair, signal: new AbortController().signal, report: () => undefined });
}

async function only(images: Images, repair = true): Promise<VerifiedImage> {
  const [image] = (await verify(images, repair)).images;
  if (image === undefined) throw new Error('no image was verified');
  return image;
}

/** Names, modes, owners and contents of everything below a directory, and times of all but directories, in which names may have come and gone. */
function picture(directory: string): string {
  const parts = ['-printf "%p %y %m %U\\n"', '! -type d -printf "%p %s %T@\\n"', '-type f -exec sha256sum {} +'];
  return execFileSync('sh', ['-c', parts.map((part) => `find . ${part} | sort`).join('; ')], { cwd: directory, encoding: 'utf8' });
}

const blobPath = (state: string, digest: string) => join(state, 'content/blobs/sha256', digest.slice('sha256:'.length));

/** Other bytes, the same length and times: what a scan by size and time does not see. */
function flip(path: string): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

test('an image as it came is right, and verifying it leaves nothing behind and asks nobody', async () => {
  const { state, images, asked } = await pulled();
  const before = picture(state);
  expect(await only(images)).toMatchObject({ state: 'ok', findings: [] });
  expect(picture(state)).toBe(before);
  expect(asked()).toEqual([]);
});

const damages: readonly (readonly [string, (trees: readonly string[]) => void, RegExp])[] = [
  ['other bytes of the same length and time', ([tree]) => flip(join(tree ?? '', 'data')), /data/],
  ['a file a power cut left empty', ([tree]) => writeFileSync(join(tree ?? '', 'data'), ''), /data/],
  ['a missing file', ([tree]) => rmSync(join(tree ?? '', 'data')), /data" is missing/],
  ['a file too many', ([tree]) => writeFileSync(join(tree ?? '', 'extra'), ''), /extra" is not of the layer/],
  ['another mode', ([tree]) => execFileSync('chmod', ['4755', join(tree ?? '', 'data')]), /data/],
  ['another owner of an implied directory', ([, tree]) => execFileSync('chown', ['0', join(tree ?? '', 'etc')]), /etc/],
  ['no tree', ([tree]) => rmSync(tree ?? '', { recursive: true }), /tree is missing/],
  ['no directory at all', ([tree]) => rmSync(join(tree ?? '', '..'), { recursive: true }), /tree is missing/],
  ['no marker', ([tree]) => rmSync(join(tree ?? '', '../complete')), /no marker/],
];

test.each(damages)('%s is found and repaired from the blob that is here', async (_, damage, told) => {
  const { images, trees, ref, state, asked } = await pulled();
  const whole = trees.map(picture);
  damage(trees);
  const damaged = picture(join(state, 'layers'));
  const found = await only(images, false);
  expect(found).toMatchObject({ ref, state: 'damaged', findings: [{ repaired: false, error: null }] });
  expect(found.findings[0]?.problems.join('\n')).toMatch(told);
  expect(picture(join(state, 'layers'))).toBe(damaged);
  expect(await only(images)).toMatchObject({ state: 'repaired' });
  expect(trees.map(picture)).toEqual(whole);
  expect((await images.controller.observe())[0]?.unpacked).toBe(true);
  expect(await only(images)).toMatchObject({ state: 'ok' });
  expect(asked()).toEqual([]);
});

const blobsOf = (built: BuiltImage) => [built.manifest, built.config, ...built.layers];

test.each([
  ['damaged', flip],
  ['missing', (path: string) => rmSync(path)],
  ['cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20))],
])('what is %s is fetched again, and nothing else', async (_, damage) => {
  const { state, built, images, trees, asked } = await pulled();
  for (const { digest, bytes } of blobsOf(built)) {
    const path = blobPath(state, digest);
    const tree = trees.map((directory) => statSync(directory).ino);
    damage(path);
    const already = asked().length;
    const found = await only(images);
    expect(found).toMatchObject({ state: 'repaired', findings: [{ digest, repaired: true }] });
    expect(found.findings[0]?.problems).toHaveLength(1);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(
      asked()
        .slice(already)
        .map((path) => path.split('/').at(-1)),
    ).toEqual([digest]);
    expect(trees.map((directory) => statSync(directory).ino)).toEqual(tree);
  }
  expect(await only(images)).toMatchObject({ state: 'ok' });
});

test('a dry run fetches nothing and drops nothing', async () => {
  const { state, built, images, asked } = await pulled();
  for (const { digest } of built.layers) flip(blobPath(state, digest));
  rmSync(blobPath(state, built.config.digest));
  const before = picture(state);
  const found = await only(images, false);
  expect(found.findings.map(({ part, repaired, error }) => [part, repaired, error])).toEqual([
    ['config', false, null],
    ['layer 1 of 2', false, null],
    ['layer 2 of 2', false, null],
  ]);
  expect(picture(state)).toBe(before);
  expect(asked()).toEqual([]);
});

test('what nobody has any more stays damaged, and the tree that is right stays', async () => {
  const { state, registry, built, images, trees } = await pulled();
  const [, upper] = built.layers;
  flip(blobPath(state, upper?.digest ?? ''));
  const before = trees.map(picture);
  await registry.close();
  const found = await only(images);
  expect(found.state).toBe('damaged');
  expect(found.findings).toMatchObject([{ part: 'layer 2 of 2', repaired: false, error: expect.stringMatching(/^error\[REG030\]/) }]);
  expect(trees.map(picture)).toEqual(before);
});

test('a mounted layer never changes under a container, and goes when nothing runs from it any more', async () => {
  const { state, built, images, open, trees } = await pulled();
  const [lower = ''] = trees;
  const mount = join(scratch('/var/tmp'), 'merged');
  mkdirSync(mount);
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${[...trees].reverse().join(':')}`, mount]);
  onTestFinished(() => void execFileSync('umount', [mount]));
  flip(join(lower, 'data'));
  const seen = readFileSync(join(mount, 'data'));
  await only(images);
  const repaired = readFileSync(join(lower, 'data'));
  expect(repaired.equals(seen)).toBe(false);
  expect(readFileSync(join(mount, 'data')).equals(seen)).toBe(true);
  const old = () => readdirSync(join(state, 'layers')).filter((name) => name.startsWith('old-'));
  expect(old()).toHaveLength(1);

  const restarted = open();
  await restarted.sweep();
  await restarted.collect({ configDigests: new Set([built.config.digest]), forget: [], before: Date.now() });
  expect(old()).toHaveLength(1);
  execFileSync('sh', ['-c', 'echo 3 > /proc/sys/vm/drop_caches']);
  expect(readFileSync(join(mount, 'data')).equals(seen)).toBe(true);
  await restarted.collect({ configDigests: new Set(), forget: [], before: Date.now() });
  expect(old()).toEqual([]);
  expect(readFileSync(join(lower, 'data')).equals(repaired)).toBe(true);
});

test('a record that cannot be read is told, and gone after a repair', async () => {
  const { state, images } = await pulled();
  const directory = join(state, 'content/refs');
  const [name = ''] = readdirSync(directory);
  writeFileSync(join(directory, name), '{"version":1,');
  expect(await verify(images, false)).toEqual({ images: [], damagedRecords: [join(directory, name)] });
  expect(readdirSync(directory)).toEqual([name]);
  expect(await verify(images)).toEqual({ images: [], damagedRecords: [join(directory, name)] });
  expect(readdirSync(directory)).toEqual([]);
});
