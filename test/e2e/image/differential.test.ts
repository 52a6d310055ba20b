import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createImages } from '../../../src/controllers/image/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import { type BuiltImage, descriptor, hostArchitecture, sha256, toBlob, writeLayout } from '../../support/image-builder.ts';
import { type RegistryServer, startRegistryServer } from '../../support/registry-server.ts';

/** What umoci and skopeo make of the same images is the second opinion. */
let native: Native;
let registry: RegistryServer;
let home: string;
let root: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tsdock-differential-'));
  native = await openNative({ stateDir: join(home, 'native'), runDir: join(home, 'run'), prefix: 'tsdif' });
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
  await native.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  root = mkdtempSync(join(home, 'case-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A tree with everything that a layer can hold and a tool can pack. */
function makeTree(at: string): void {
  const path = (name: string): string => join(at, name);
  mkdirSync(path('usr/share/doc'), { recursive: true });
  mkdirSync(path('tmp'));
  mkdirSync(path('empty'));
  for (let i = 0; i < 40; i++) writeFileSync(path(`usr/share/doc/${i}`), randomBytes(i * 301));
  writeFileSync(path(`usr/${'n'.repeat(180)}`), 'long name');
  writeFileSync(path('usr/ö ü'), 'not ASCII');
  writeFileSync(path('su'), 'setuid');
  chownSync(path('su'), 1_000_000, 4_000_000_000);
  chmodSync(path('su'), 0o6751);
  chmodSync(path('tmp'), 0o1777);
  chownSync(path('empty'), 7, 8);
  linkSync(path('usr/share/doc/7'), path('twin'));
  symlinkSync('../usr/share', path('usr/link'));
  symlinkSync(`/${'t'.repeat(150)}`, path('long-link'));
  execFileSync('mknod', [path('null'), 'c', '1', '3']);
  execFileSync('mkfifo', [path('pipe')]);
  writeFileSync(path('capable'), 'x');
  execFileSync('setfattr', ['-n', 'security.capability', '-v', '0x0100000200040000000000000000000000000000', path('capable')]);
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', path('usr/share')]);
  const sparse = openSync(path('sparse'), 'w');
  ftruncateSync(sparse, 3 << 20);
  writeSync(sparse, 'begin', 0);
  writeSync(sparse, 'middle', 1 << 20);
  closeSync(sparse);
  lutimesSync(path('usr/link'), 1_500_000_000, 1_500_000_000);
  execFileSync('touch', ['-d', '1969-12-31 23:59:50.25 UTC', path('usr/share/doc/1')]);
  execFileSync('touch', ['-d', '2030-01-02 03:04:05.123456789 UTC', path('usr/share/doc/2')]);
  execFileSync('touch', ['-d', '2001-01-01 UTC', path('usr/share'), path('usr'), path('empty'), at]);
}

function pack(tree: string, options: readonly string[]): Buffer {
  return execFileSync('tar', ['-C', tree, '--numeric-owner', '--sort=name', ...options, '-c', '.'], { maxBuffer: 1 << 28, stdio: 'pipe' });
}

/** An OCI layout with these tars as layers, each travelling as `gzip` or `zstd` makes it. */
function layoutOf(tars: readonly Buffer[], compress: 'gzip' | 'zstd' | null): { readonly directory: string; readonly image: BuiltImage } {
  const layers = tars.map((tar) => {
    const bytes = compress === null ? tar : execFileSync(compress, ['-q', '-c'], { input: tar, maxBuffer: 1 << 28 });
    return { ...toBlob(bytes, `application/vnd.oci.image.layer.v1.tar${compress === null ? '' : `+${compress}`}`), diffId: sha256(tar) };
  });
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) };
  const config = toBlob(
    Buffer.from(JSON.stringify({ os: 'linux', architecture: hostArchitecture, config: {}, rootfs })),
    'application/vnd.oci.image.config.v1+json',
  );
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const text = JSON.stringify({ schemaVersion: 2, mediaType: type, config: descriptor(config), layers: layers.map(descriptor) });
  const image = { name: '1', manifest: toBlob(Buffer.from(text), type), config, layers };
  const directory = join(root, 'layout');
  writeLayout(directory, [image]);
  return { directory, image };
}

/** Pulled from a real registry, where skopeo put it. */
async function pulled(layout: string): Promise<ObservedImage> {
  const name = `diff/${createHash('sha256').update(layout).digest('hex').slice(0, 8)}:1`;
  await registry.push(`oci:${layout}:1`, name);
  const images = createImages({ stateDir: join(root, 'state'), layers: native.layers, log: silentLogger, dockerConfig: null });
  try {
    const ref = `${registry.host}/${name}`;
    await images.pull(ref, { signal: new AbortController().signal, report: () => undefined });
    const [observed] = await images.controller.observe(resourceKey('Image', '_', ref));
    if (observed === undefined) throw new Error('not observed');
    return observed;
  } finally {
    await images.close();
  }
}

function unpackedByUmoci(layout: string): string {
  execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:1`, join(root, 'umoci')], { stdio: 'pipe' });
  return join(root, 'umoci');
}

/** GNU tar knows its own sparse files, which umoci does not. */
function unpackedByTar(tar: Buffer): string {
  mkdirSync(join(root, 'tar'));
  execFileSync('tar', ['-C', join(root, 'tar'), '--numeric-owner', '-p', ...xattrs, '-x'], { input: tar, stdio: 'pipe' });
  return join(root, 'tar');
}

const xattrs = ['--xattrs', '--xattrs-include=*'];

/** What a container sees, copied out of an overlay that exists in a mount namespace of its own. */
function merged(observed: ObservedImage): string {
  const lower = observed.layers.map((layer) => layer.directory).reverse();
  for (const name of ['merged', 'copy']) mkdirSync(join(root, name));
  const mount = `mount -t overlay overlay -o lowerdir=${lower.join(':')} ${join(root, 'merged')}`;
  execFileSync('unshare', ['-m', 'sh', '-ec', `${mount}; cp -a --sparse=always ${join(root, 'merged')}/. ${join(root, 'copy')}/`]);
  return join(root, 'copy');
}

test.each([
  ['PAX', ['--format=pax', ...xattrs], 'gzip'],
  ['PAX, sparse 0.0', ['--format=pax', ...xattrs, '--sparse', '--sparse-version=0.0'], 'gzip'],
  ['PAX, sparse 0.1', ['--format=pax', ...xattrs, '--sparse', '--sparse-version=0.1'], null],
  ['PAX, sparse 1.0', ['--format=pax', ...xattrs, '--sparse', '--sparse-version=1.0'], 'gzip'],
  ['GNU', ['--format=gnu'], 'gzip'],
  ['GNU, sparse', ['--format=gnu', '--sparse'], null],
] as const)('a layer of GNU tar (%s) is the tree that was packed, and the one another tool makes', async (_, options, compress) => {
  const source = join(root, 'source');
  mkdirSync(source);
  makeTree(source);
  const tar = pack(source, options);
  const { directory } = layoutOf([tar], compress);
  const observed = await pulled(directory);
  const found = observed.layers[0]?.directory ?? '';
  const isGnuSparse = (options as readonly string[]).includes('--format=gnu') && (options as readonly string[]).includes('--sparse');
  const other = isGnuSparse ? unpackedByTar(tar) : unpackedByUmoci(directory);
  expect(await native.layers.differences(other, found)).toEqual([]);
  if ((options as readonly string[]).includes('--format=pax')) expect(await native.layers.differences(source, found)).toEqual([]);
});

test('a stack of layers with whiteouts, replaced types and implied directories is the tree umoci makes', async () => {
  const [base, above, top] = ['base', 'above', 'top'].map((name) => join(root, name)) as [string, string, string];
  for (const path of [base, above, top]) mkdirSync(path);
  makeTree(base);
  mkdirSync(join(above, 'usr/share'), { recursive: true });
  writeFileSync(join(above, 'usr/share/.wh.doc'), '');
  writeFileSync(join(above, '.wh.twin'), '');
  writeFileSync(join(above, 'empty'), 'a file now');
  mkdirSync(join(above, 'su'));
  writeFileSync(join(above, 'su/x'), 'a directory now');
  mkdirSync(join(top, 'usr/share/doc'), { recursive: true });
  writeFileSync(join(top, 'usr/share/doc/new'), 'again');
  mkdirSync(join(top, 'tmp'));
  writeFileSync(join(top, 'tmp/.wh..wh..opq'), '');
  writeFileSync(join(top, 'tmp/x'), 'x');
  chmodSync(join(top, 'tmp'), 0o1777);
  for (const path of [above, top])
    execFileSync('touch', ['-d', '2001-01-01 UTC', ...readdirSync(path).map((name) => join(path, name)), path]);
  const all = ['--format=pax', ...xattrs];
  const tars = [pack(base, all), pack(above, all), pack(top, all)];
  const { directory } = layoutOf(tars, 'gzip');
  const seen = merged(await pulled(directory));
  expect(readFileSync(join(seen, 'usr/share/doc/new'), 'utf8')).toBe('again');
  expect(await native.layers.differences(unpackedByUmoci(directory), seen)).toEqual([]);
});

test('zstd layers are what skopeo makes of them in a directory', async () => {
  const source = join(root, 'source');
  mkdirSync(source);
  makeTree(source);
  const tar = pack(source, ['--format=pax', ...xattrs]);
  const { directory } = layoutOf([tar], 'zstd');
  const observed = await pulled(directory);
  execFileSync('skopeo', ['--insecure-policy', 'copy', '-q', '--dest-decompress', `oci:${directory}:1`, `dir:${join(root, 'dir')}`]);
  const plain = readFileSync(join(root, 'dir', sha256(tar).slice('sha256:'.length)));
  const expected = join(root, 'expected');
  mkdirSync(expected);
  execFileSync('tar', ['-C', expected, '--numeric-owner', '-p', ...xattrs, '-x'], { input: plain, stdio: 'pipe' });
  expect(await native.layers.differences(expected, observed.layers[0]?.directory ?? '')).toEqual([]);
});
