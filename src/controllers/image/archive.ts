import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { Digest } from '../../model/reference.ts';
import { algorithmOf, digestOf, hexOf } from './content-store.ts';
import { malformed } from './faults.ts';
import { compressionOf } from './fetch-layer.ts';
import { isAbsent, readBounded } from './files.ts';
import { type Compression, type Descriptor, type JsonObject, limits, parseManifest, parseObject } from './oci.ts';
import type { FetchedManifest, ImageSource, SourceRef } from './source.ts';
import { findMember, indexTar, type TarMember } from './tar.ts';

/** A tree of named files: a directory, or a tar file that is read in place. */
interface FileTree {
  readonly label: string;
  /** Null: no such file. IMG022 when it is longer than `maxBytes`. */
  readSmall(name: string, maxBytes: number): Promise<Uint8Array | null>;
  size(name: string): Promise<number | null>;
  stream(name: string, start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Opens an image that lies on this host. REG404 when path or name is not there, IMG022 when it is not what it should be. */
export async function openLocalSource(ref: Exclude<SourceRef, { type: 'registry' }>): Promise<ImageSource> {
  if (ref.type === 'oci') return new Layout(await openDirectory(ref.path), ref.name);
  const tree = await openArchive(ref.path);
  return ref.type === 'oci-archive' ? new Layout(tree, ref.name) : openDockerArchive(tree, ref.name);
}

// ---------------------------------------------------------------------------------------------------------------------------- OCI layout

export const refNameAnnotation = 'org.opencontainers.image.ref.name';

/** An OCI image layout (image spec, "image-layout"): `index.json` names manifests, `blobs/<algorithm>/<hex>` holds everything. */
class Layout implements ImageSource {
  readonly label: string;
  readonly #tree: FileTree;
  readonly #name: string | null;

  constructor(tree: FileTree, name: string | null) {
    this.#tree = tree;
    this.#name = name;
    this.label = tree.label;
  }

  async manifest(digest: Digest | null): Promise<FetchedManifest> {
    const wanted = digest ?? (await this.#namedDigest());
    const bytes = await this.#tree.readSmall(blobName(wanted), limits.manifestBytes);
    if (bytes === null) throw missing(`${this.label} has no manifest ${wanted}`);
    const found = digestOf(bytes, algorithmOf(wanted));
    if (found !== wanted) throw malformed(this.label, `manifest ${wanted} has other content, its digest is ${found}`);
    return { bytes, digest: found, contentType: null };
  }

  async *blob(descriptor: Descriptor, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* streamWhole(this.#tree, blobName(descriptor.digest), descriptor, start, signal);
  }

  /** The manifest the name stands for; without a name the only one there is. */
  async #namedDigest(): Promise<Digest> {
    const bytes = await this.#tree.readSmall('index.json', limits.manifestBytes);
    if (bytes === null) throw missing(`${this.label} has no index.json, so it is no OCI layout`);
    const index = parseManifest(bytes, null, this.label);
    if (index.is !== 'index') throw malformed(this.label, 'index.json is no index');
    const names = index.entries.map((entry) => entry.annotations[refNameAnnotation] ?? null);
    const at =
      this.#name === null
        ? index.entries.length === 1
          ? 0
          : -1
        : names.findIndex((name) => name !== null && layoutName(name) === this.#name);
    const entry = index.entries[at] ?? (this.#name === null ? undefined : index.entries[names.indexOf(this.#name)]);
    if (entry !== undefined) return entry.digest;
    const known = names.filter((name) => name !== null);
    const has = known.length === 0 ? `${index.entries.length} images without a name` : known.slice(0, 8).join(', ');
    throw missing(
      this.#name === null ? `${this.label} has ${has}; say which one` : `${this.label} has no image "${this.#name}"`,
      known.length === 0 ? undefined : `it has ${has}`,
    );
  }
}

/** Some tools write the whole reference into the annotation; its tag is what people type. */
function layoutName(annotation: string): string {
  return /[:/]/.test(annotation) ? annotation.slice(annotation.lastIndexOf(':') + 1) : annotation;
}

function blobName(digest: Digest): string {
  return `blobs/${digest.slice(0, digest.indexOf(':'))}/${hexOf(digest)}`;
}

// ------------------------------------------------------------------------------------------------------------------------ docker-archive

/**
 * The form of `docker save`: `manifest.json` lists config and layers by member name. It has no manifest of an image, so one is made from what the members are; every layer is
 * hashed for that once.
 */
async function openDockerArchive(tree: FileTree, name: string | null): Promise<ImageSource> {
  const bytes = await tree.readSmall('manifest.json', limits.manifestBytes);
  if (bytes === null)
    throw missing(`${tree.label} has no manifest.json, so it is no docker archive`, 'oci-archive: for an archive of an OCI layout');
  const list = parseObject(`{"images":${Buffer.from(bytes).toString('utf8')}}`, 'manifest.json', tree.label).images;
  const image = chooseArchived(Array.isArray(list) ? (list as readonly JsonObject[]) : [], name, tree.label);
  const configName = textOf(image.Config);
  const layerNames = Array.isArray(image.Layers) ? image.Layers.map(textOf) : [];
  const config = await tree.readSmall(configName, limits.configBytes);
  if (config === null) throw malformed(tree.label, `manifest.json names the config "${configName.slice(0, 60)}", which is not there`);
  if (layerNames.length > limits.layers)
    throw malformed(tree.label, `image has ${layerNames.length} layers, at most ${limits.layers} can be mounted`);
  const files = new Map<Digest, string>([[digestOf(config), configName]]);
  const layers: Descriptor[] = [];
  for (const layerName of layerNames) {
    const layer = await describeMember(tree, layerName);
    files.set(layer.digest, layerName);
    layers.push(layer);
  }
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.byteLength },
      layers,
    }),
  );
  return dockerSource(tree, files, manifest);
}

function dockerSource(tree: FileTree, files: ReadonlyMap<Digest, string>, manifest: Uint8Array): ImageSource {
  return {
    label: tree.label,
    async manifest(digest) {
      const found = digestOf(manifest);
      if (digest !== null && digest !== found) throw missing(`${tree.label} has no manifest ${digest}`);
      return { bytes: manifest, digest: found, contentType: null };
    },
    async *blob(descriptor, start, signal) {
      const name = files.get(descriptor.digest);
      if (name === undefined) throw missing(`${tree.label} has no blob ${descriptor.digest}`);
      yield* streamWhole(tree, name, descriptor, start, signal);
    },
  };
}

/** By `repository:tag` as it stands in the archive or at its end, or by the tag alone; without a name the only one. */
function chooseArchived(images: readonly JsonObject[], name: string | null, label: string): JsonObject {
  const tagsOf = (image: JsonObject): readonly string[] => (Array.isArray(image.RepoTags) ? image.RepoTags.map(textOf) : []);
  const fits = (tag: string): boolean => tag === name || tag.endsWith(`/${name}`) || tag.slice(tag.lastIndexOf(':') + 1) === name;
  const candidates = name === null ? images : images.filter((image) => tagsOf(image).some(fits));
  const [found, ...more] = candidates;
  if (found !== undefined && more.length === 0) return found;
  const tags = images.flatMap(tagsOf).slice(0, 8).join(', ');
  throw missing(
    name === null || candidates.length > 0
      ? `${label} has ${candidates.length} images${name === null ? '' : ` for "${name}"`}; say which one`
      : `${label} has no image "${name}"`,
    tags === '' ? undefined : `it has ${tags}`,
  );
}

async function describeMember(tree: FileTree, name: string): Promise<Descriptor> {
  const size = await tree.size(name);
  if (size === null) throw malformed(tree.label, `manifest.json names the layer "${name.slice(0, 60)}", which is not there`);
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  for await (const chunk of tree.stream(name, 0, size)) {
    if (head.length < 4) head = Buffer.concat([head, chunk.subarray(0, 4)]);
    hash.update(chunk);
  }
  return { mediaType: layerMediaTypes[compressionOf(head)], digest: `sha256:${hash.digest('hex')}`, size };
}

const layerMediaTypes: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

// ------------------------------------------------------------------------------------------------------------------------------ file trees

async function openDirectory(path: string): Promise<FileTree> {
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

async function openArchive(path: string): Promise<FileTree> {
  const found = await statLocal(path);
  if (!found.isFile()) throw missing(`${path} is no file`, 'oci: for an OCI layout in a directory');
  const members = await readIndex(path, found.size);
  const sizeOf = (name: string): TarMember | null => findMember(members, name);
  return {
    label: path,
    size: async (name) => sizeOf(name)?.size ?? null,
    async readSmall(name, maxBytes) {
      const member = sizeOf(name);
      if (member === null) return null;
      if (member.size > maxBytes) throw malformed(path, `${name} has ${member.size} bytes, at most ${maxBytes} are read`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of readRange(path, member.offset, member.offset + member.size)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async *stream(name, start, end) {
      const member = sizeOf(name);
      if (member === null || end > member.size) throw malformed(path, `${name} became shorter while it was read`);
      yield* readRange(path, member.offset + start, member.offset + end);
    },
  };
}

async function readIndex(path: string, size: number): Promise<ReadonlyMap<string, TarMember>> {
  const file = await open(path, 'r');
  try {
    const read = async (position: number, length: number): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(length), position, length });
      return buffer.subarray(0, bytesRead);
    };
    const compression = compressionOf(await read(0, 4));
    if (compression !== 'none') {
      throw new TsdockError('IMG022', {
        message: `${path} is compressed with ${compression}`,
        hint: `${compression === 'gzip' ? 'gunzip' : 'zstd -d'} it first: members are read in place`,
      });
    }
    return await indexTar(read, size);
  } catch (error) {
    if (error instanceof TsdockError) throw error;
    throw malformed(path, `is no archive that can be read: ${error instanceof Error ? error.message : String(error)}`, error);
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

async function* streamWhole(
  tree: FileTree,
  name: string,
  descriptor: Descriptor,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const size = await tree.size(name);
  if (size === null) throw missing(`${tree.label} has no blob ${descriptor.digest}`);
  if (size !== descriptor.size)
    throw malformed(tree.label, `blob ${descriptor.digest} has ${size} bytes, its manifest says ${descriptor.size}`);
  for await (const chunk of tree.stream(name, start, size)) {
    signal.throwIfAborted();
    yield chunk;
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

function missing(message: string, hint?: string): TsdockError {
  return new TsdockError('REG404', { message, ...(hint === undefined ? {} : { hint }) });
}
