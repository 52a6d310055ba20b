import { createHash } from 'node:crypto';
import type { Digest } from '../../model/reference.ts';
import { algorithmOf, digestOf, hexOf } from './content-store.ts';
import { malformed } from './faults.ts';
import { compressionOf } from './fetch-layer.ts';
import { type FileTree, missing, openArchive, openDirectory } from './file-tree.ts';
import { type Compression, type Descriptor, type IndexEntry, type JsonObject, limits, parseManifest, parseObject } from './oci.ts';
import type { FetchedManifest, ImageSource, SourceRef } from './source.ts';

/** Opens an image that lies on this host. REG404 when path or name is not there, IMG022 when it is not what it should be. */
export async function openLocalSource(ref: Exclude<SourceRef, { type: 'registry' }>): Promise<ImageSource> {
  if (ref.type === 'oci') return new Layout(await openDirectory(ref.path), ref.name);
  const tree = await openArchive(ref.path);
  return ref.type === 'oci-archive' ? new Layout(tree, ref.name) : openDockerArchive(tree, ref.name);
}

/** One image of a layout or archive. */
export interface ArchivedImage {
  /** As they are written there: whole references, or tags alone. */
  readonly names: readonly string[];
  open(): Promise<ImageSource>;
}

/** All images of an archive, found by what is in it: an OCI layout, or what `docker save` writes. One that is both is read as the layout, whose digests are those of a registry. */
export async function openArchivedImages(path: string, label: string): Promise<readonly ArchivedImage[]> {
  const tree = await openArchive(path, label);
  if ((await tree.size('index.json')) === null) {
    const list = await archiveList(tree);
    if (list !== null) return list.map((image) => ({ names: tagsOf(image), open: () => openArchivedImage(tree, image) }));
  }
  const entries = await layoutEntries(tree);
  return entries.map(({ annotations, digest }) => {
    const name = annotations[containerdNameAnnotation] ?? annotations[refNameAnnotation];
    return { names: name === undefined ? [] : [name], open: async () => new Layout(tree, null, digest) };
  });
}

// ---------------------------------------------------------------------------------------------------------------------------- OCI layout

export const refNameAnnotation = 'org.opencontainers.image.ref.name';
/** The whole reference where the other one has a tag only; written by containerd and newer docker. */
export const containerdNameAnnotation = 'io.containerd.image.name';

async function layoutEntries(tree: FileTree): Promise<readonly IndexEntry[]> {
  const bytes = await tree.readSmall('index.json', limits.manifestBytes);
  if (bytes === null) throw missing(`${tree.label} has no index.json, so it is no OCI layout`);
  const index = parseManifest(bytes, null, tree.label);
  if (index.is !== 'index') throw malformed(tree.label, 'index.json is no index');
  return index.entries;
}

/** An OCI image layout (image spec, "image-layout"): `index.json` names manifests, `blobs/<algorithm>/<hex>` holds everything. */
class Layout implements ImageSource {
  readonly label: string;
  readonly #tree: FileTree;
  readonly #name: string | null;
  readonly #digest: Digest | null;

  /** `digest` null: found by the name. */
  constructor(tree: FileTree, name: string | null, digest: Digest | null = null) {
    this.#tree = tree;
    this.#name = name;
    this.#digest = digest;
    this.label = tree.label;
  }

  async manifest(digest: Digest | null): Promise<FetchedManifest> {
    const wanted = digest ?? this.#digest ?? (await this.#namedDigest());
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
    const entries = await layoutEntries(this.#tree);
    const names = entries.map((entry) => entry.annotations[refNameAnnotation] ?? null);
    const at =
      this.#name === null ? (entries.length === 1 ? 0 : -1) : names.findIndex((name) => name !== null && layoutName(name) === this.#name);
    const entry = entries[at] ?? (this.#name === null ? undefined : entries[names.indexOf(this.#name)]);
    if (entry !== undefined) return entry.digest;
    const known = names.filter((name) => name !== null);
    const has = known.length === 0 ? `${entries.length} images without a name` : known.slice(0, 8).join(', ');
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
  const list = await archiveList(tree);
  if (list === null)
    throw missing(`${tree.label} has no manifest.json, so it is no docker archive`, 'oci-archive: for an archive of an OCI layout');
  return openArchivedImage(tree, chooseArchived(list, name, tree.label));
}

/** Null: there is no `manifest.json`. */
async function archiveList(tree: FileTree): Promise<readonly JsonObject[] | null> {
  const bytes = await tree.readSmall('manifest.json', limits.manifestBytes);
  if (bytes === null) return null;
  const list = parseObject(`{"images":${Buffer.from(bytes).toString('utf8')}}`, 'manifest.json', tree.label).images;
  const isObject = (image: unknown): image is JsonObject => typeof image === 'object' && image !== null && !Array.isArray(image);
  if (!Array.isArray(list) || !list.every(isObject)) throw malformed(tree.label, 'manifest.json is no list of images');
  if (list.length > limits.indexEntries) throw malformed(tree.label, `manifest.json lists ${list.length} images`);
  return list;
}

function tagsOf(image: JsonObject): readonly string[] {
  return Array.isArray(image.RepoTags) ? image.RepoTags.map(textOf).filter((tag) => tag !== '') : [];
}

async function openArchivedImage(tree: FileTree, image: JsonObject): Promise<ImageSource> {
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

// ---------------------------------------------------------------------------------------------------------------------------------- both

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
