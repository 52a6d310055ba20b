import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type LayerOptions, type LayerResult, type LayerSink, type Layers, NativeError } from '../../src/native/index.ts';

export interface FakeLayers extends Layers {
  /** Directories that were unpacked to their end, in order. */
  readonly unpacked: readonly string[];
  /** How often the filesystem was flushed. */
  readonly syncs: () => number;
}

/**
 * `Layers` in JavaScript, for tests of what surrounds it: gunzips at the end, writes files, directories and links below the directory it was given. Knows neither zstd nor
 * ownership, and bounds and escapes only as far as the errors it must show.
 */
export function createFakeLayers(): FakeLayers {
  const unpacked: string[] = [];
  let syncs = 0;
  return {
    unpacked,
    syncs: () => syncs,
    begin: (options) => new FakeSink(options, unpacked),
    async sync() {
      syncs++;
    },
    removeTree: (path) => rm(path, { recursive: true, force: true }),
    exchange: async (left, right) => {
      const aside = `${left}.exchange`;
      await rename(left, aside);
      await rename(right, left);
      await rename(aside, right);
    },
    usage,
    inherit: async (tree, lower, implied) => {
      for (const name of implied) {
        const mode = lower.map((path) => modeBelow(path, name)).find((found) => found !== null);
        if (mode !== undefined && mode !== null) chmodSync(join(tree, name), mode);
      }
    },
    differences: async () => [],
  };
}

/** Mode of a directory that is reached by directories alone. */
function modeBelow(root: string, name: string): number | null {
  let path = root;
  let mode: number | null = null;
  for (const part of name.split('/')) {
    path = join(path, part);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || !found.isDirectory()) return null;
    mode = found.mode & 0o7777;
  }
  return mode;
}

class FakeSink implements LayerSink {
  readonly #options: LayerOptions;
  readonly #unpacked: string[];
  readonly #chunks: Uint8Array[] = [];

  constructor(options: LayerOptions, unpacked: string[]) {
    if (existsSync(options.directory)) throw failure('EEXIST', `${options.directory} exists`);
    mkdirSync(options.directory);
    this.#options = options;
    this.#unpacked = unpacked;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(Buffer.from(chunk));
  }

  async end(): Promise<LayerResult> {
    const { directory, maxBytes, maxEntries } = this.#options;
    const compressed = Buffer.concat(this.#chunks);
    const tar = decompress(compressed, maxBytes);
    const entries = readEntries(tar);
    if (entries.length > maxEntries) throw failure('E_LAYER_ENTRIES', `more than ${maxEntries} entries`);
    const impliedDirectories = extract(directory, entries);
    this.#unpacked.push(directory);
    return {
      digest: digestOf(compressed),
      diffId: digestOf(tar),
      compressedBytes: compressed.byteLength,
      unpackedBytes: entries.reduce((sum, entry) => sum + entry.content.byteLength, 0),
      entries: entries.length,
      impliedDirectories,
      warnings: [],
    };
  }

  abort(): Promise<void> {
    return rm(this.#options.directory, { recursive: true, force: true });
  }
}

function decompress(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(maxBytes, 2 ** 30) });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      throw failure('E_LAYER_BYTES', `unpacks to more than ${maxBytes} bytes`);
    throw failure('E_LAYER_FORMAT', `gzip: ${String(error)}`);
  }
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly link: string;
  readonly content: Buffer;
}

function readEntries(tar: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  const text = (at: number, from: number, length: number): string =>
    tar
      .subarray(at + from, at + from + length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    if (text(at, 257, 5) !== 'ustar') throw failure('E_LAYER_FORMAT', `no tar header at ${at}`);
    const size = Number.parseInt(text(at, 124, 12), 8);
    entries.push({
      name: text(at, 0, 100),
      type: text(at, 156, 1),
      mode: Number.parseInt(text(at, 100, 8), 8),
      link: text(at, 157, 100),
      content: tar.subarray(at + 512, at + 512 + size),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

function extract(directory: string, entries: readonly Entry[]): readonly string[] {
  const made = new Set<string>();
  const implied = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    const parts = entry.name.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw failure('E_LAYER_ESCAPE', `entry ${i + 1} "${entry.name}" points outside the image`);
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join('/');
      if (!made.has(parent)) implied.add(parent);
    }
    const name = parts.join('/');
    const path = join(directory, name);
    if (entry.type === '5') {
      mkdirSync(path, { recursive: true });
      chmodSync(path, entry.mode);
      made.add(name);
      implied.delete(name);
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    if (entry.type === '2') symlinkSync(entry.link, path);
    else writeFileSync(path, entry.content, { mode: entry.mode });
  }
  return [...implied];
}

async function usage(path: string): Promise<{ bytes: number; inodes: number }> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(names.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))));
  return { bytes: sizes.reduce((sum, file) => sum + file.size, 0), inodes: names.length + 1 };
}

function failure(code: string, message: string): NativeError {
  return new NativeError({ code, syscall: null, step: 'layer', message });
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
