/** OCI layouts as directories of this machine: an engine takes and gives archives only, since it may be another process with other rights. */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tarEnd, tarHeader, tarPadding } from '../controllers/image/tar-writer.ts';
import { TsdockError } from '../model/errors.ts';

const block = 512;
/** What a layout consists of; anything else stays where it is. */
const layoutName = /^(?:oci-layout|index\.json|blobs\/sha(?:256|512)\/[0-9a-f]+)$/;

/** The files of a layout as an archive. CLI011 when there is none. */
export async function* packLayout(directory: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (const name of await layoutFiles(directory)) {
    const { size } = await stat(join(directory, name));
    yield tarHeader(name, size);
    if (size > 0) yield* createReadStream(join(directory, name), { end: size - 1, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
    yield tarPadding(size);
  }
  yield tarEnd;
}

async function layoutFiles(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => layoutName.test(name));
  if (!names.includes('index.json'))
    throw new TsdockError('CLI011', {
      message: `${directory} has no index.json, so it is no OCI layout`,
      hint: 'a directory that image save or skopeo wrote',
    });
  return names.sort();
}

/** Writes the members of an archive that an engine made to a directory, which is made. CLI011 when a layout is there already. */
export async function unpackLayout(pieces: AsyncIterable<Uint8Array>, directory: string): Promise<void> {
  if ((await stat(join(directory, 'index.json')).catch(() => null)) !== null)
    throw new TsdockError('CLI011', { message: `${directory} has an OCI layout already`, hint: 'another directory' });
  const reader = new Reader(pieces);
  let longName: string | null = null;
  let longSize: number | null = null;
  for (;;) {
    const header = await reader.exactly(block);
    if (header.every((byte) => byte === 0)) break;
    const stated = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const type = header.toString('latin1', 156, 157);
    if (type === 'x') {
      const records = (await reader.exactly(stated)).toString('utf8');
      longName = /^\d+ path=(.*)$/m.exec(records)?.[1] ?? null;
      longSize = Number(/^\d+ size=(\d+)$/m.exec(records)?.[1] ?? Number.NaN);
      await reader.exactly(tarPadding(stated).byteLength);
      continue;
    }
    const name: string = longName ?? header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
    const size: number = longSize === null || Number.isNaN(longSize) ? stated : longSize;
    if (!layoutName.test(name)) throw new TsdockError('INTERNAL', { message: `the archive has a member ${JSON.stringify(name)}` });
    await writeMember(reader, join(directory, name), size);
    await reader.exactly(tarPadding(size).byteLength);
    longName = null;
    longSize = null;
  }
}

async function writeMember(reader: Reader, path: string, size: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w', 0o644);
  try {
    await reader.copy(file, size);
  } finally {
    await file.close();
  }
}

/** Takes as many bytes from a stream of pieces as are wanted. */
class Reader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.#some(missing);
      parts.push(part);
      missing -= part.byteLength;
    }
    return Buffer.concat(parts);
  }

  async copy(file: FileHandle, length: number): Promise<void> {
    for (let missing = length; missing > 0; ) {
      const part = await this.#some(missing);
      await file.writeFile(part);
      missing -= part.byteLength;
    }
  }

  /** One to `most` bytes. */
  async #some(most: number): Promise<Uint8Array> {
    while (this.#rest.byteLength === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) throw new TsdockError('CLI001', { message: 'the archive ended too early' });
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.byteLength);
    return part;
  }
}
