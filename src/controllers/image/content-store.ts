import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '../../model/reference.ts';
import { isAbsent, readBounded, writeWhole } from './files.ts';

/**
 * Blobs by digest below `<state>/content`:
 *
 *   blobs/<algorithm>/<hex> whole and verified when it got this name; on disk for certain once a ref file names it
 *   ingest/<digest>.part    what has arrived of a blob; the next try goes on from here
 *
 * After a power cut a blob that no ref file names may be damaged: whoever reads one checks it again (`readBlob`, or the layer sink) and calls `dropBlob`.
 */
export interface ContentStore {
  /** Whether a blob of this size has its name. */
  hasBlob(digest: Digest, size: number): Promise<boolean>;
  /** Whether the bytes of a blob are those its digest says; reads all of them. */
  check(digest: Digest): Promise<BlobState>;
  /** A small blob, verified; null when absent or damaged (the damaged one is removed). */
  readBlob(digest: Digest, maxBytes: number): Promise<Buffer | null>;
  /** Bytes of a blob as they are on disk, not verified. */
  streamBlob(digest: Digest): AsyncIterable<Uint8Array>;
  /** Stores bytes under their own digest, which is returned. */
  writeBlob(bytes: Uint8Array, algorithm?: DigestAlgorithm): Promise<Digest>;
  dropBlob(digest: Digest): Promise<void>;
  /** Opens the partial file of a blob for one writer. */
  ingest(digest: Digest): Promise<Ingest>;
  /** Writes bytes that come once to a file that can be read at any place, until `discard`. What a crash leaves of it goes with the next sweep. */
  spool(bytes: AsyncIterable<Uint8Array>): Promise<Spool>;
  list(): Promise<ContentListing>;
  /** Removes partial files untouched for longer than `olderThanMs`, except those in `keep`. */
  sweep(options: { readonly now: number; readonly olderThanMs: number; readonly keep: ReadonlySet<string> }): Promise<void>;
}

export interface Spool {
  readonly path: string;
  discard(): Promise<void>;
}

export type BlobState = 'whole' | 'absent' | 'damaged';

/** A blob on its way in. Only `commit` makes it visible; `close` keeps what arrived for the next try. */
export interface Ingest {
  /** Bytes that are in the file. */
  readonly size: number;
  /** The bytes that were there when it was opened. */
  existing(): AsyncIterable<Uint8Array>;
  append(chunk: Uint8Array): Promise<void>;
  /** Digest of the whole file, read back, by the algorithm of the one it was opened for. */
  digest(): Promise<Digest>;
  /** Throws away what arrived and goes on with an empty file. */
  restart(): Promise<void>;
  /** Throws away what arrived, and the file. */
  discard(): Promise<void>;
  commit(): Promise<void>;
  close(): Promise<void>;
}

export interface ContentListing {
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: number; readonly modifiedAt: number }[];
  readonly parts: readonly { readonly digest: string; readonly bytes: number; readonly modifiedAt: number }[];
}

export function createContentStore(directory: string): ContentStore {
  const blobs = digestAlgorithms.map((algorithm) => join(directory, 'blobs', algorithm));
  const parts = join(directory, 'ingest');
  const blobPath = (digest: Digest): string => join(directory, 'blobs', algorithmOf(digest), hexOf(digest));
  const partPath = (digest: Digest): string => join(parts, `${digest}.part`);
  const prepare = async (): Promise<void> => {
    for (const path of blobs) await mkdir(path, { recursive: true, mode: 0o700 });
    await mkdir(parts, { recursive: true, mode: 0o700 });
  };
  const dropBlob = (digest: Digest): Promise<void> => rm(blobPath(digest), { force: true });

  return {
    async hasBlob(digest, size) {
      const found = await statOrNull(blobPath(digest));
      return found?.isFile() === true && found.size === size;
    },
    async check(digest) {
      const algorithm = algorithmOf(digest);
      const hash = createHash(algorithm);
      try {
        for await (const chunk of createReadStream(blobPath(digest), { highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer);
      } catch (error) {
        if (isAbsent(error)) return 'absent';
        throw error;
      }
      return `${algorithm}:${hash.digest('hex')}` === digest ? 'whole' : 'damaged';
    },
    async readBlob(digest, maxBytes) {
      const bytes = await readBounded(blobPath(digest), maxBytes);
      if (bytes === null || digestOf(bytes, algorithmOf(digest)) === digest) return bytes;
      await dropBlob(digest);
      return null;
    },
    streamBlob: (digest) => createReadStream(blobPath(digest), { highWaterMark: 256 * 1024 }),
    async writeBlob(bytes, algorithm = 'sha256') {
      await prepare();
      const digest = digestOf(bytes, algorithm);
      await writeWhole(blobPath(digest), bytes, 'plain');
      return digest;
    },
    dropBlob,
    async ingest(digest) {
      await prepare();
      return openIngest(partPath(digest), blobPath(digest), algorithmOf(digest));
    },
    async spool(bytes) {
      await prepare();
      const path = join(parts, `${randomBytes(8).toString('hex')}.tmp`);
      const discard = (): Promise<void> => rm(path, { force: true });
      try {
        await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
        return { path, discard };
      } catch (error) {
        await discard();
        throw error;
      }
    },
    async list() {
      const [blobFiles, partFiles] = await Promise.all([Promise.all(blobs.map(listFiles)), listFiles(parts)]);
      return {
        blobs: blobFiles.flatMap((files, i) =>
          files.flatMap((file) => {
            const digest = `${digestAlgorithms[i]}:${file.name}`;
            return isDigest(digest) ? [{ digest, bytes: file.bytes, modifiedAt: file.modifiedAt }] : [];
          }),
        ),
        parts: partFiles
          .filter((file) => file.name.endsWith('.part'))
          .map((file) => ({ digest: file.name.slice(0, -'.part'.length), bytes: file.bytes, modifiedAt: file.modifiedAt })),
      };
    },
    async sweep({ now, olderThanMs, keep }) {
      for (const file of await listFiles(parts)) {
        if (!keep.has(file.name.replace(/\.part$/, '')) && now - file.modifiedAt > olderThanMs)
          await rm(join(parts, file.name), { force: true });
      }
      for (const path of [...blobs, parts]) {
        for (const file of await listFiles(path)) if (file.name.endsWith('.tmp')) await rm(join(path, file.name), { force: true });
      }
    },
  };
}

async function openIngest(partPath: string, blobPath: string, algorithm: DigestAlgorithm): Promise<Ingest> {
  const file = await open(partPath, 'a+', 0o600);
  return new PartFile(file, { partPath, blobPath, algorithm }, (await file.stat()).size);
}

/** Holds the descriptor of one partial file. */
class PartFile implements Ingest {
  readonly #file: FileHandle;
  readonly #partPath: string;
  readonly #blobPath: string;
  readonly #algorithm: DigestAlgorithm;
  #size: number;

  constructor(
    file: FileHandle,
    blob: { readonly partPath: string; readonly blobPath: string; readonly algorithm: DigestAlgorithm },
    size: number,
  ) {
    this.#file = file;
    this.#partPath = blob.partPath;
    this.#blobPath = blob.blobPath;
    this.#algorithm = blob.algorithm;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async *existing(): AsyncIterable<Uint8Array> {
    const end = this.#size;
    for (let position = 0; position < end; ) {
      const { bytesRead, buffer } = await this.#file.read({
        buffer: Buffer.allocUnsafe(256 * 1024),
        position,
        length: Math.min(256 * 1024, end - position),
      });
      if (bytesRead === 0) throw new Error(`${this.#partPath} became shorter while it was read`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.byteLength; ) {
      const { bytesWritten } = await this.#file.write(chunk, done);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async digest(): Promise<Digest> {
    const hash = createHash(this.#algorithm);
    for await (const chunk of this.existing()) hash.update(chunk);
    return `${this.#algorithm}:${hash.digest('hex')}`;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#size = 0;
  }

  discard(): Promise<void> {
    return rm(this.#partPath, { force: true });
  }

  commit(): Promise<void> {
    return rename(this.#partPath, this.#blobPath);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

export type DigestAlgorithm = 'sha256' | 'sha512';
const digestAlgorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512'];

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

async function statOrNull(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

async function listFiles(directory: string): Promise<readonly ListedFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await statOrNull(join(directory, name));
      return found === null ? null : { name, bytes: Number(found.size), modifiedAt: Number(found.mtimeMs) };
    }),
  );
  return files.filter((file) => file !== null);
}
