import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import { malformed } from './faults.ts';
import { compressionOf } from './fetch-layer.ts';
import { isAbsent, readBounded } from './files.ts';
import { findMember, indexTar, type TarMember } from './tar.ts';

/** A tree of named files: a directory, or a tar file that is read in place. */
export interface FileTree {
  readonly label: string;
  /** Null: no such file. IMG022 when it is longer than `maxBytes`. */
  readSmall(name: string, maxBytes: number): Promise<Uint8Array | null>;
  size(name: string): Promise<number | null>;
  stream(name: string, start: number, end: number): AsyncIterable<Uint8Array>;
}

export async function openDirectory(path: string): Promise<FileTree> {
  const found = await statLocal(path);
  if (!found.isDirectory()) throw missing(`${path} is no directory`, 'oci-archive: for an OCI layout in a tar file');
  const sizeOf = async (name: string): Promise<number | null> => {
    try {
      const file = await stat(join(path, name));
      return file.isFile() ? file.size : null;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };
  return {
    label: path,
    size: sizeOf,
    async readSmall(name, maxBytes) {
      const size = await sizeOf(name);
      if (size !== null && size > maxBytes) throw malformed(path, `${name} has ${size} bytes, at most ${maxBytes} are read`);
      return size === null ? null : readBounded(join(path, name), maxBytes);
    },
    stream: (name, start, end) => readRange(join(path, name), start, end),
  };
}

/** A tar file that is not compressed. `label`: what messages call it. */
export async function openArchive(path: string, label = path): Promise<FileTree> {
  const found = await statLocal(path);
  if (!found.isFile()) throw missing(`${path} is no file`, 'oci: for an OCI layout in a directory');
  const members = await readIndex(path, found.size, label);
  const sizeOf = (name: string): TarMember | null => findMember(members, name);
  return {
    label,
    size: async (name) => sizeOf(name)?.size ?? null,
    async readSmall(name, maxBytes) {
      const member = sizeOf(name);
      if (member === null) return null;
      if (member.size > maxBytes) throw malformed(label, `${name} has ${member.size} bytes, at most ${maxBytes} are read`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of readRange(path, member.offset, member.offset + member.size)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async *stream(name, start, end) {
      const member = sizeOf(name);
      if (member === null || end > member.size) throw malformed(label, `${name} became shorter while it was read`);
      yield* readRange(path, member.offset + start, member.offset + end);
    },
  };
}

async function readIndex(path: string, size: number, label: string): Promise<ReadonlyMap<string, TarMember>> {
  const file = await open(path, 'r');
  try {
    const read = async (position: number, length: number): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(length), position, length });
      return buffer.subarray(0, bytesRead);
    };
    const compression = compressionOf(await read(0, 4));
    if (compression !== 'none') {
      throw new TsdockError('IMG022', {
        message: `${label} is compressed with ${compression}`,
        hint: `${compression === 'gzip' ? 'gunzip' : 'zstd -d'} it first: members are read in place`,
      });
    }
    return await indexTar(read, size);
  } catch (error) {
    if (error instanceof TsdockError) throw error;
    throw malformed(label, `is no archive that can be read: ${error instanceof Error ? error.message : String(error)}`, error);
  } finally {
    await file.close();
  }
}

async function* readRange(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let position = start; position < end; ) {
      const length = Math.min(256 * 1024, end - position);
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(length), position, length });
      if (bytesRead === 0) throw malformed(path, 'became shorter while it was read');
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function statLocal(path: string): Promise<Awaited<ReturnType<typeof stat>> & { readonly size: number }> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) throw missing(`${path} does not exist`);
    throw error;
  }
}

/** REG404. */
export function missing(message: string, hint?: string): TsdockError {
  return new TsdockError('REG404', { message, ...(hint === undefined ? {} : { hint }) });
}
