import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createImages } from '../../../src/controllers/image/controller.ts';
import { compressionOf } from '../../../src/controllers/image/fetch-layer.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { type Native, openNative } from '../../../src/native/index.ts';
import { type Tree, type Vector, vectors } from '../../fixtures/tar-vectors.ts';
import { type BuiltImage, descriptor, hostArchitecture, sha256, toBlob, writeLayout } from '../../support/image-builder.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

let native: Native;
let registry: ScriptedRegistry;
let home: string;
let root: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tsdock-vectors-native-'));
  native = await openNative({ stateDir: join(home, 'state'), runDir: join(home, 'run'), prefix: 'tsvec' });
  registry = await startScriptedRegistry();
});
afterAll(async () => {
  await registry.close();
  await native.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-vectors-'));
  mkdirSync(join(root, 'canary'), { mode: 0o700 });
  writeFileSync(join(root, 'canary', 'file'), 'do not touch');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** An image whose only layer is the vector. */
function imageOf({ tar, wire, says }: Vector): BuiltImage {
  const bytes = wire?.() ?? tar;
  const compression = compressionOf(bytes);
  const suffix = says ?? (compression === 'none' ? '' : `+${compression}`);
  const layer = { ...toBlob(bytes, `application/vnd.oci.image.layer.v1.tar${suffix}`), diffId: sha256(tar) };
  const config = toBlob(
    Buffer.from(
      JSON.stringify({ os: 'linux', architecture: hostArchitecture, config: {}, rootfs: { type: 'layers', diff_ids: [layer.diffId] } }),
    ),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = toBlob(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: descriptor(config), layers: [descriptor(layer)] })),
    manifestType,
  );
  return { name: 'registry.test/vector:1', manifest, config, layers: [layer] };
}

/** Layer directory and warnings of an image that came in by `how`. */
async function bring(
  vector: Vector,
  how: 'pull' | 'load' | 'load of a docker archive',
): Promise<{ directory: string; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: ignore, error: ignore, warn: (text: string) => void warnings.push(text) };
  const images = createImages({ stateDir: join(root, 'state'), layers: native.layers, log: log as never, dockerConfig: null });
  const image = imageOf(vector);
  const options = { signal: new AbortController().signal, report: ignore };
  try {
    let ref = 'registry.test/vector:1';
    if (how === 'pull') {
      registry.publish('vector', '1', image);
      ref = `${registry.host}/vector:1`;
      await images.pull(ref, options);
    } else {
      const archive = how === 'load' ? layoutArchive(image) : dockerArchive(image);
      await images.load(createReadStream(archive), { ...options, label: archive, as: null, replace: false });
    }
    const [observed] = await images.controller.observe(resourceKey('Image', '_', ref));
    return { directory: observed?.layers[0]?.directory ?? '', warnings };
  } finally {
    await images.close();
  }
}

function layoutArchive(image: BuiltImage): string {
  writeLayout(join(root, 'layout'), [image]);
  execFileSync('tar', ['-C', join(root, 'layout'), '-cf', join(root, 'layout.tar'), '.']);
  return join(root, 'layout.tar');
}

function dockerArchive({ name, config, layers }: BuiltImage): string {
  const directory = join(root, 'docker');
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), config.bytes);
  const [layer] = layers;
  writeFileSync(join(directory, 'layer.tar'), layer?.bytes ?? '');
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]));
  execFileSync('tar', ['-C', directory, '-cf', join(root, 'docker.tar'), '.']);
  return join(root, 'docker.tar');
}

/** Every name below a directory as bytes, one character each; depth first. */
function namesBelow(directory: Buffer, prefix = ''): readonly string[] {
  return readdirSync(directory, { encoding: 'buffer', withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name.toString('latin1')}`;
    return entry.isDirectory() ? [name, ...namesBelow(Buffer.concat([directory, Buffer.from('/'), entry.name]), `${name}/`)] : [name];
  });
}

const pathOf = (directory: string, name: string): Buffer => Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')]);

function describeEntry(path: Buffer): string {
  const found = lstatSync(path);
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  const device = `${(found.rdev >> 8) & 0xfff}:${found.rdev & 0xff}`;
  if (found.isDirectory()) return `dir ${mode}`;
  if (found.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (found.isFIFO()) return 'fifo';
  if (found.isCharacterDevice()) return found.rdev === 0 ? 'whiteout' : `char ${device}`;
  if (found.isBlockDevice()) return `block ${device}`;
  return `file ${mode} ${readFileSync(path, 'latin1')}`;
}

function treeOf(directory: string, expected: Tree): Tree {
  const names = [...namesBelow(Buffer.from(directory)), ...('.' in expected ? ['.'] : [])];
  return Object.fromEntries(names.map((name) => [name, describeEntry(pathOf(directory, name))]));
}

function expectFacts(directory: string, { facts }: Extract<Vector['ends'], { is: 'tree' }>): void {
  for (const [name, owner] of Object.entries(facts?.owner ?? {})) {
    const { uid, gid } = lstatSync(pathOf(directory, name));
    expect(`${uid}:${gid}`).toBe(owner);
  }
  for (const [name, mtime] of Object.entries(facts?.mtime ?? {})) {
    const { mtimeNs } = lstatSync(pathOf(directory, name), { bigint: true });
    const seconds = (mtimeNs - (((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n;
    expect(`${seconds}.${String(mtimeNs - seconds * 1_000_000_000n).padStart(9, '0')}`).toBe(mtime);
  }
  for (const [name, [attribute, hex]] of Object.entries(facts?.attribute ?? {})) {
    const told = execFileSync('getfattr', ['--only-values', '-h', '-n', attribute, join(directory, name)], { stdio: 'pipe' });
    expect(told.toString('hex')).toBe(hex);
  }
  for (const [one, other] of facts?.same ?? []) expect(lstatSync(pathOf(directory, one)).ino).toBe(lstatSync(pathOf(directory, other)).ino);
}

const canary = (): unknown => {
  const { mode, nlink, mtimeNs } = lstatSync(join(root, 'canary', 'file'), { bigint: true });
  return { mode, nlink, mtimeNs, names: readdirSync(join(root, 'canary')), text: readFileSync(join(root, 'canary', 'file'), 'utf8') };
};

describe.each(['pull', 'load', 'load of a docker archive'] as const)('by %s', (how) => {
  // A docker archive has no media types that could lie, and what follows the first bytes of a blob is all it says of compression.
  const fitting = how === 'load of a docker archive' ? vectors.filter((vector) => vector.says === undefined) : vectors;
  test.each(fitting.map((vector) => [vector.id, vector.title, vector] as const))('%s: %s', async (_id, _title, vector) => {
    const before = canary();
    const { ends } = vector;
    if (ends.is === 'refused') {
      await expect(bring(vector, how)).rejects.toMatchObject({ code: ends.code });
      expect(readdirSync(join(root, 'state/layers'))).toEqual([]);
    } else {
      const { directory, warnings } = await bring(vector, how);
      expect(treeOf(directory, ends.tree)).toEqual(ends.tree);
      if (ends.is === 'tree') expectFacts(directory, ends);
      if (ends.is === 'warned') expect(warnings).toContainEqual(expect.stringMatching(ends.warning));
      else expect(warnings).toEqual([]);
    }
    expect(canary()).toEqual(before);
  });
});

test('every vector of the list is there', () => {
  const ids = new Set(vectors.map((vector) => vector.id));
  expect([...ids].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `T${i + 1}`).sort());
});
