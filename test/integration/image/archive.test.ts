/** Archives and layouts that `image save` writes, against skopeo in both directions. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { packLayout, unpackLayout } from '../../../src/cli/layout-files.ts';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import { indexTar } from '../../../src/controllers/image/tar.ts';
import { tarEnd, tarHeader, tarPadding } from '../../../src/controllers/image/tar-writer.ts';
import type { ArchiveFormat } from '../../../src/model/engine-api.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { createFakeLayers } from '../../support/fake-layers.ts';
import { buildImage, type ImagePlan } from '../../support/image-builder.ts';
import { scratch } from '../../support/scratch.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

const plan: ImagePlan = {
  name: '1',
  run: { Cmd: ['/bin/app'], Env: ['A=b'] },
  layers: [{ entries: [{ name: 'a', content: randomBytes(700_000) }] }, { entries: [{ name: 'b', content: 'bee' }], compression: 'none' }],
};

let root: string;
let registry: ScriptedRegistry;

beforeEach(async () => {
  root = scratch();
  registry = await startScriptedRegistry();
  onTestFinished(() => registry.close());
});

function images(name: string): Images {
  const made = createImages({ stateDir: join(root, name), layers: createFakeLayers(), log: silentLogger, dockerConfig: null });
  onTestFinished(() => made.close());
  return made;
}

const signal = new AbortController().signal;
const quiet = { signal, report: () => undefined };

/** Pulled by an engine of its own. */
async function pulled() {
  const built = buildImage(plan);
  registry.publish('team/app', '1', built);
  const ref = `${registry.host}/team/app:1`;
  const from = images('from');
  await from.pull(ref, quiet);
  return { built, ref, from };
}

async function save(from: Images, refs: readonly string[], format: ArchiveFormat, name = `${format}.tar`): Promise<string> {
  const path = join(root, name);
  await pipeline(from.save(refs, { format, signal }), createWriteStream(path));
  return path;
}

const load = (into: Images, path: string, options: { as?: string; replace?: boolean } = {}) =>
  into.load(createReadStream(path), { ...quiet, label: path, as: options.as ?? null, replace: options.replace ?? false });

const skopeo = (...args: readonly string[]): string => execFileSync('skopeo', ['--insecure-policy', ...args], { encoding: 'utf8' });
const inspect = (source: string) =>
  JSON.parse(skopeo('inspect', '--raw', source)) as { config: { digest: string }; layers: { digest: string }[] };
const diffIds = (source: string) =>
  (JSON.parse(skopeo('inspect', '--config', source)) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids;

test('skopeo reads an OCI archive of ours with the digests of the registry', async () => {
  const { built, ref, from } = await pulled();
  const path = await save(from, [ref], 'oci');
  expect(skopeo('inspect', '--format', '{{.Digest}}', `oci-archive:${path}:1`).trim()).toBe(built.manifest.digest);
  expect(inspect(`oci-archive:${path}`).layers.map((layer) => layer.digest)).toEqual(built.layers.map((layer) => layer.digest));
  skopeo('copy', `oci-archive:${path}:1`, `docker-archive:${join(root, 'copied.tar')}:${ref}`);
});

test('skopeo reads a docker archive of ours: the same config and layers', async () => {
  const { built, ref, from } = await pulled();
  const path = await save(from, [ref], 'docker');
  expect(diffIds(`docker-archive:${path}:${ref}`)).toEqual(built.layers.map((layer) => layer.diffId));
  expect(inspect(`docker-archive:${path}:${ref}`).config.digest).toBe(built.config.digest);
  skopeo('copy', `docker-archive:${path}:${ref}`, `oci:${join(root, 'copied')}:1`);
  expect(diffIds(`oci:${join(root, 'copied')}:1`)).toEqual(built.layers.map((layer) => layer.diffId));
});

test.each(['oci', 'docker'] as const)(
  'an archive of ours (%s) loads into an empty engine under its name, without a registry',
  async (format) => {
    const { built, ref, from } = await pulled();
    const path = await save(from, [ref], format);
    await registry.close();
    const into = images('into');
    const [item] = await load(into, path);
    expect(item).toMatchObject({ ref, configDigest: built.config.digest });
    if (format === 'oci') expect(item?.digest).toBe(built.manifest.digest);
    expect((await into.controller.observe())[0]?.unpacked).toBe(true);
    expect(readdirSync(join(root, 'into/content/ingest'))).toEqual([]);
  },
);

test('two images with a layer in common are one archive with each blob once', async () => {
  const { ref, from } = await pulled();
  const other = buildImage({ ...plan, name: '2', run: { Cmd: ['/bin/other'] } });
  registry.publish('team/app', '2', other);
  const second = `${registry.host}/team/app:2`;
  await from.pull(second, quiet);
  for (const format of ['oci', 'docker'] as const) {
    const path = await save(from, [ref, second], format);
    const names = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n');
    expect(new Set(names).size).toBe(names.length);
    const into = images(`into-${format}`);
    expect((await load(into, path)).map((item) => item.ref)).toEqual([ref, second]);
  }
});

test.each(['oci-archive', 'docker-archive'])('an archive by skopeo (%s) loads with the same config', async (transport) => {
  const { built, ref, from } = await pulled();
  const ours = await save(from, [ref], 'oci');
  const path = join(root, 'theirs.tar');
  skopeo('copy', `oci-archive:${ours}:1`, `${transport}:${path}:${transport === 'oci-archive' ? '1' : ref}`);
  const into = images('into');
  const [item] = await load(into, path, transport === 'oci-archive' ? { as: ref } : {});
  expect(item).toMatchObject({ ref, configDigest: built.config.digest });
});

test('a layout directory goes out and in, and skopeo reads it', async () => {
  const { built, ref, from } = await pulled();
  const directory = join(root, 'layout');
  await unpackLayout(from.save([ref], { format: 'oci', signal }), directory);
  expect(inspect(`oci:${directory}:1`).config.digest).toBe(built.config.digest);
  await expect(unpackLayout(from.save([ref], { format: 'oci', signal }), directory)).rejects.toMatchObject({ code: 'CLI011' });
  writeFileSync(join(directory, 'notes.txt'), 'not of the image');
  const [item] = await images('into').load(packLayout(directory), { ...quiet, label: directory, as: null, replace: false });
  expect(item).toMatchObject({ ref, digest: built.manifest.digest });
});

test('the same images are the same archive, bit by bit', async () => {
  const { ref, from } = await pulled();
  const [one, two] = [await save(from, [ref], 'oci', 'one.tar'), await save(from, [ref], 'oci', 'two.tar')];
  expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
});

test('a missing blob is told before anything is written, a damaged one in the middle', async () => {
  const { built, ref, from } = await pulled();
  const blob = join(root, 'from/content/blobs/sha256', built.layers[0]?.digest.slice('sha256:'.length) ?? '');
  const bytes = readFileSync(blob);
  bytes[1000] = (bytes[1000] ?? 0) ^ 0xff;
  writeFileSync(blob, bytes);
  await expect(save(from, [ref], 'oci')).rejects.toMatchObject({ code: 'IMG032', message: expect.stringContaining('layer 1 of') });
  rmSync(blob);
  const pieces = from.save([ref], { format: 'oci', signal })[Symbol.asyncIterator]();
  await expect(pieces.next()).rejects.toMatchObject({ code: 'IMG032' });
});

test('a name that stands for another image is not taken over in silence', async () => {
  const { ref, from } = await pulled();
  const path = await save(from, [ref], 'oci');
  const other = buildImage({ ...plan, run: { Cmd: ['/bin/other'] } });
  registry.publish('team/app', '1', other);
  const into = images('into');
  await into.pull(ref, quiet);
  await expect(load(into, path)).rejects.toMatchObject({ code: 'IMG031' });
  expect((await into.list())[0]?.configDigest).toBe(other.config.digest);
  await load(into, path, { replace: true });
  expect((await into.list())[0]?.configDigest).not.toBe(other.config.digest);
});

test('what is no archive leaves nothing behind', async () => {
  const path = join(root, 'noise.tar');
  writeFileSync(path, randomBytes(100_000));
  await expect(load(images('into'), path)).rejects.toMatchObject({ code: 'IMG022', message: expect.stringContaining(path) });
  expect(readdirSync(join(root, 'into/content/ingest'))).toEqual([]);
  expect(existsSync(join(root, 'into/layers'))).toBe(false);
});

test('long names and sizes over eight gibibytes are written as pax records that tar and we read', async () => {
  const name = `blobs/sha512/${'a'.repeat(128)}`;
  const head = tarHeader(name, 3);
  const archive = Buffer.concat([head, Buffer.from('abc'), tarPadding(3), tarEnd]);
  writeFileSync(join(root, 'long.tar'), archive);
  expect(execFileSync('tar', ['-tf', join(root, 'long.tar')], { encoding: 'utf8' }).trim()).toBe(name);
  const read = async (position: number, length: number) => archive.subarray(position, position + length);
  expect((await indexTar(read, archive.byteLength)).get(name)?.size).toBe(3);
  const big = 9 * 2 ** 30;
  const bigHead = tarHeader('blobs/big', big);
  const sparse = async (position: number, length: number) =>
    Buffer.concat([bigHead.subarray(position, position + length), Buffer.alloc(length)]).subarray(0, length);
  expect((await indexTar(sparse, bigHead.byteLength + big + 1024)).get('blobs/big')?.size).toBe(big);
});
