import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LayerOptions } from '../../../src/native/index.ts';
import { createLayers } from '../../../src/native/layers.ts';
import { loadAddon } from './addon.ts';

describe('layers', () => {
  const layers = createLayers(loadAddon());
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsdock-layers-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const options = (change: Partial<LayerOptions> = {}): LayerOptions => ({
    directory: join(directory, 'layer'),
    digest: null,
    diffId: null,
    maxBytes: 1e9,
    maxEntries: 1e6,
    ...change,
  });

  /** A tree and its archive by GNU tar, the second opinion. */
  function makeArchive(): { source: string; tar: Buffer } {
    const source = join(directory, 'source');
    mkdirSync(join(source, 'usr/share/empty'), { recursive: true });
    for (let index = 0; index < 300; index += 1) writeFileSync(join(source, 'usr/share', `file-${index}`), Buffer.alloc(index * 97, index));
    writeFileSync(join(source, 'usr', 'n'.repeat(200)), 'long name');
    symlinkSync('../share', join(source, 'usr/link'));
    chmodSync(join(source, 'usr/share/empty'), 0o1777);
    return { source, tar: execFileSync('tar', ['-C', source, '-c', '.'], { maxBuffer: 1e8 }) };
  }

  async function unpack(bytes: Uint8Array, change: Partial<LayerOptions> = {}, chunk = 65_536) {
    const sink = layers.begin(options(change));
    try {
      for (let at = 0; at < bytes.length; at += chunk) await sink.write(bytes.subarray(at, at + chunk));
      return await sink.end();
    } catch (error) {
      await sink.abort(); // resolves when nothing is left
      throw error;
    }
  }

  test('a layer is the tree that tar packed', async () => {
    const { source, tar } = makeArchive();
    const blob = gzipSync(tar);
    const result = await unpack(blob, { digest: digestOf(blob), diffId: digestOf(tar) });
    expect(result).toMatchObject({
      digest: digestOf(blob),
      diffId: digestOf(tar),
      compressedBytes: blob.length,
      entries: 306,
      impliedDirectories: [],
    });
    execFileSync('diff', ['-r', '--no-dereference', source, join(directory, 'layer')]);
    expect(readlinkSync(join(directory, 'layer/usr/link'))).toBe('../share');
    expect(statSync(join(directory, 'layer/usr/share/empty')).mode & 0o7777).toBe(0o1777);
    await layers.sync(join(directory, 'layer'));
    const usage = await layers.usage(join(directory, 'layer'));
    expect(usage.inodes).toBe(306);
    expect(usage.bytes).toBeGreaterThanOrEqual(result.unpackedBytes);
    await layers.removeTree(join(directory, 'layer'));
    await layers.removeTree(join(directory, 'layer'));
    expect(readdirSync(directory)).toEqual(['source']);
  });

  test('many layers at once, in chunks of every size, come out alike', async () => {
    const { tar } = makeArchive();
    const blob = gzipSync(tar);
    const results = await Promise.all(
      [1_000, 4_096, 65_536, 3_000_000].map((chunk) => unpack(blob, { directory: join(directory, `layer-${chunk}`) }, chunk)),
    );
    expect(new Set(results.map(({ diffId }) => diffId))).toEqual(new Set([digestOf(tar)]));
  });

  test('failures carry a code, and nothing is left', async () => {
    const { tar } = makeArchive();
    const other = digestOf(Buffer.from('other'));
    await expect(unpack(tar, { digest: other })).rejects.toMatchObject({ name: 'NativeError', code: 'E_DIGEST', step: 'layer.sink' });
    await expect(unpack(tar, { diffId: other })).rejects.toMatchObject({ code: 'E_DIFFID' });
    await expect(unpack(tar, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'E_LAYER_BYTES' });
    await expect(unpack(tar, { maxEntries: 10 })).rejects.toMatchObject({ code: 'E_LAYER_ENTRIES' });
    await expect(unpack(tar.subarray(0, 5000))).rejects.toMatchObject({ code: 'E_LAYER_FORMAT' });
    await expect(unpack(tar, { directory: join(directory, 'no/parent') })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(unpack(tar, { directory: join(directory, 'source') })).rejects.toMatchObject({ code: 'EEXIST' });
    const climbing = execFileSync('tar', ['-C', join(directory, 'source'), '-P', '-c', '../source/usr'], { maxBuffer: 1e8 });
    await expect(unpack(climbing)).rejects.toMatchObject({
      code: 'E_LAYER_ESCAPE',
      message: expect.stringContaining('entry 1 "../source/usr/"'),
    });
    expect(existsSync(join(directory, 'layer'))).toBe(false);
    expect(() => layers.begin(options({ digest: 'md5:00' }))).toThrowError(expect.objectContaining({ code: 'E_LAYER_FORMAT' }));
    await expect(layers.usage(join(directory, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an aborted layer is gone and later calls say so', async () => {
    const sink = layers.begin(options());
    await sink.write(makeArchive().tar.subarray(0, 20_000));
    await sink.abort();
    expect(existsSync(join(directory, 'layer'))).toBe(false);
    await expect(sink.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'E_ABORTED' });
    await expect(sink.end()).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  test('a chunk may be changed after it was written', async () => {
    const { tar } = makeArchive();
    const sink = layers.begin(options());
    const chunk = Buffer.alloc(10_240);
    for (let at = 0; at < tar.length; at += chunk.length) {
      const length = tar.copy(chunk, 0, at, at + chunk.length);
      await sink.write(chunk.subarray(0, length));
      chunk.fill(0xff);
    }
    expect((await sink.end()).diffId).toBe(digestOf(tar));
    expect(readFileSync(join(directory, 'layer/usr/share/file-1'), 'latin1')).toBe('\x01'.repeat(97));
  });
});
