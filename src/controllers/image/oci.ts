/** What registries, layouts and archives say in JSON: read with bounds, checked against itself, and turned into our own words. Pure. */
import { TsdockError } from '../../model/errors.ts';
import type { ImageConfig } from '../../model/image-config.ts';
import { type Digest, isDigest } from '../../model/reference.ts';
import { htmlInstead, malformed, show } from './faults.ts';
import { parseStrictJson } from './strict-json.ts';

export const mediaTypes = {
  index: ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'],
  manifest: ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'],
  config: ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'],
  schema1: ['application/vnd.docker.distribution.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
} as const;

/** Media type → compression. */
const layerTypes: readonly (readonly [RegExp, Compression])[] = [
  [/^application\/vnd\.oci\.image\.layer\.v1\.tar$/, 'none'],
  [/^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip$/, 'gzip'],
  [/^application\/vnd\.oci\.image\.layer\.v1\.tar\+zstd$/, 'zstd'],
  [/^application\/vnd\.docker\.image\.rootfs\.diff\.tar$/, 'none'],
  [/^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip$/, 'gzip'],
  [/^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.zstd$/, 'zstd'],
];

/** Bounds of what is read; sizes in bytes. 499: overlayfs stacks 500 lower directories (OVL_MAX_STACK), one is the engine's own. */
export const limits = {
  manifestBytes: 4 << 20,
  configBytes: 8 << 20,
  indexEntries: 4096,
  layers: 499,
  layerBytes: 2 ** 40,
  indexDepth: 4,
} as const;

/** Layers whose content stands at `urls` of anybody's choice, which we never follow: nobody but the image's author says what is there. */
const foreignType = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.v1|docker\.image\.rootfs\.foreign\.diff)\./;

export type Compression = 'none' | 'gzip' | 'zstd';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
}

export interface IndexEntry extends Descriptor {
  /** Null: the index does not say. */
  readonly platform: Platform | null;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface LayerDescriptor extends Descriptor {
  readonly compression: Compression;
}

/** Something pushed about an image: a manifest whose `subject` it is. */
export interface Referrer extends Descriptor {
  /** `application/vnd.dev.cosign.artifact.sig.v1+json` and the like; the media type of its config where it says none. */
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export type ParsedManifest =
  | { readonly is: 'index'; readonly entries: readonly IndexEntry[] }
  | { readonly is: 'manifest'; readonly config: Descriptor; readonly layers: readonly LayerDescriptor[] };

export interface ParsedConfig {
  readonly config: ImageConfig;
  readonly platform: Platform | null;
  readonly diffIds: readonly Digest[];
}

/** A manifest or index as it came over the wire. `contentType` is what the transport called it, null if nothing. IMG011 to IMG013, IMG022, REG020. */
export function parseManifest(bytes: Uint8Array, contentType: string | null, where: string): ParsedManifest {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? null;
  const text = decodeText(bytes);
  if (type === 'text/html' || text.trimStart().startsWith('<')) throw htmlInstead(where, 'a manifest');
  const value = parseObject(text, 'manifest', where);
  if (value.schemaVersion === 1 || (type !== null && includes(mediaTypes.schema1, type))) {
    throw new TsdockError('IMG012', {
      message: `${where}: image uses the retired schema-1 format`,
      hint: 'push it again with a current tool',
    });
  }
  const declared = typeof value.mediaType === 'string' ? value.mediaType : null;
  refuseAmbiguity(value, declared, type, where);
  if (value.schemaVersion !== 2) throw malformed(where, `schemaVersion is ${show(value.schemaVersion)}, not 2`);
  if (Array.isArray(value.manifests)) return { is: 'index', entries: readIndex(value.manifests, where) };
  return readManifest(value, where);
}

/** Entries of an index of referrers (distribution spec, "Listing Referrers"). IMG022 for anything else. */
export function parseReferrers(bytes: Uint8Array, where: string): readonly Referrer[] {
  const { manifests } = parseObject(decodeText(bytes), 'list of referrers', where);
  if (!Array.isArray(manifests)) throw malformed(where, 'list of referrers has no manifests');
  if (manifests.length > limits.indexEntries) throw malformed(where, `list of referrers has ${manifests.length} entries`);
  return manifests.map((entry: unknown, i) => {
    const value = asObject(entry, `manifests[${i}]`, where);
    const descriptor = readDescriptor(value, `manifests[${i}]`, where);
    const artifactType = typeof value.artifactType === 'string' ? bare(value.artifactType) : bare(descriptor.mediaType);
    return { ...descriptor, artifactType, annotations: readStringMap(value.annotations) };
  });
}

/** What is attached to an image by a manifest of its own: a signature, a statement. */
export interface AttachedLayer extends Descriptor {
  readonly annotations: Readonly<Record<string, string>>;
}

/** Layers of a manifest that is no image. IMG022 for anything else. */
export function parseAttached(bytes: Uint8Array, where: string): readonly AttachedLayer[] {
  const { layers } = parseObject(decodeText(bytes), 'manifest', where);
  if (!Array.isArray(layers)) throw malformed(where, 'manifest of signatures has no layers');
  if (layers.length > limits.indexEntries) throw malformed(where, `manifest of signatures has ${layers.length} entries`);
  return layers.map((layer: unknown, i) => {
    const value = asObject(layer, `layers[${i}]`, where);
    return { ...readDescriptor(value, `layers[${i}]`, where), annotations: readStringMap(value.annotations) };
  });
}

/** Structure, `mediaType` inside and Content-Type outside must name one thing: two readers must never see two images (CVE-2021-41190). */
function refuseAmbiguity(value: JsonObject, declared: string | null, contentType: string | null, where: string): void {
  const looksLikeIndex = 'manifests' in value;
  if (looksLikeIndex && ('layers' in value || 'config' in value)) {
    const said = declared === null ? 'no media type' : `media type says ${kindOf(declared) ?? show(declared)}`;
    throw ambiguous(where, `has "${'layers' in value ? 'layers' : 'config'}" and "manifests", ${said}`);
  }
  const structure = looksLikeIndex ? 'index' : 'manifest';
  for (const [name, type] of [['mediaType', declared] as const, ['Content-Type', contentType] as const]) {
    const kind = type === null ? null : kindOf(type);
    if (kind !== null && kind !== structure)
      throw ambiguous(where, `${name} says ${kind}, the content is ${structure === 'index' ? 'an index' : 'a manifest'}`);
  }
  if (declared !== null && contentType !== null && kindOf(declared) !== null && kindOf(contentType) !== null && declared !== contentType) {
    throw ambiguous(where, `mediaType is ${show(declared)}, Content-Type is ${show(contentType)}`);
  }
}

function kindOf(mediaType: string): 'index' | 'manifest' | null {
  if (includes(mediaTypes.index, mediaType)) return 'index';
  return includes(mediaTypes.manifest, mediaType) ? 'manifest' : null;
}

function readIndex(entries: readonly unknown[], where: string): readonly IndexEntry[] {
  if (entries.length > limits.indexEntries)
    throw malformed(where, `index has ${entries.length} entries, at most ${limits.indexEntries} are read`);
  return entries.map((entry, i) => {
    const value = asObject(entry, `manifests[${i}]`, where);
    return {
      ...readDescriptor(value, `manifests[${i}]`, where),
      platform: readPlatform(value.platform),
      annotations: readStringMap(value.annotations),
    };
  });
}

function readManifest(value: JsonObject, where: string): ParsedManifest {
  const config = readDescriptor(asObject(value.config, 'config', where), 'config', where);
  if (!includes(mediaTypes.config, config.mediaType)) {
    const artifact = typeof value.artifactType === 'string' ? value.artifactType : config.mediaType;
    throw new TsdockError('IMG011', { message: `${where}: this is an OCI artifact of type ${bare(artifact)}, not a container image` });
  }
  if (!Array.isArray(value.layers) || value.layers.length === 0) throw malformed(where, 'manifest has no layers');
  if (value.layers.length > limits.layers)
    throw malformed(where, `image has ${value.layers.length} layers, at most ${limits.layers} can be mounted`);
  const layers = value.layers.map((layer: unknown, i) => readLayer(asObject(layer, `layers[${i}]`, where), `layers[${i}]`, where));
  refuseTwoSizes([config, ...layers], where);
  return { is: 'manifest', config, layers };
}

function readLayer(value: JsonObject, path: string, where: string): LayerDescriptor {
  const descriptor = readDescriptor(value, path, where);
  if (foreignType.test(descriptor.mediaType)) {
    throw new TsdockError('IMG011', {
      message: `${where}: ${path} is a foreign layer (${bare(descriptor.mediaType)}), whose content is elsewhere; refused`,
      hint: 'push the image with all its layers to a registry of your own',
    });
  }
  const compression = layerCompression(descriptor.mediaType);
  if (compression === null) {
    throw new TsdockError('IMG011', {
      message: `${where}: ${path} has media type ${show(descriptor.mediaType)}, which is no layer of a container image`,
    });
  }
  return { ...descriptor, compression };
}

/** What the media type of a layer says of its bytes; null: it is none of a layer. */
export function layerCompression(mediaType: string): Compression | null {
  return layerTypes.find(([pattern]) => pattern.test(mediaType))?.[1] ?? null;
}

function readDescriptor(value: JsonObject, path: string, where: string): Descriptor {
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || mediaType === '') throw malformed(where, `${path} has no mediaType`);
  if (typeof digest !== 'string' || !isDigest(digest))
    throw malformed(where, `${path}.digest ${show(digest)} is not sha256: and 64, or sha512: and 128 lower-case hex digits`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw malformed(where, `${path}.size ${show(size)} is not a length in bytes`);
  if (size > limits.layerBytes) throw malformed(where, `${path}.size ${size} is over the limit of ${limits.layerBytes} bytes`);
  return { mediaType, digest, size };
}

function refuseTwoSizes(descriptors: readonly Descriptor[], where: string): void {
  const sizes = new Map<Digest, number>();
  for (const { digest, size } of descriptors) {
    const known = sizes.get(digest);
    if (known !== undefined && known !== size) throw malformed(where, `${digest} is listed with two sizes, ${known} and ${size}`);
    sizes.set(digest, size);
  }
}

function readPlatform(value: unknown): Platform | null {
  if (!isObject(value) || typeof value.os !== 'string' || typeof value.architecture !== 'string') return null;
  return {
    os: value.os,
    architecture: value.architecture,
    variant: typeof value.variant === 'string' && value.variant !== '' ? value.variant : null,
  };
}

/** `linux/arm64/v8` as people write it. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, ...(platform.variant === null ? [] : [platform.variant])].map((part) => bare(part)).join('/');
}

const architectures: Readonly<Record<string, Platform>> = {
  x64: { os: 'linux', architecture: 'amd64', variant: null },
  arm64: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  arm: { os: 'linux', architecture: 'arm', variant: 'v7' },
  ia32: { os: 'linux', architecture: '386', variant: null },
};

/** What this host runs. `arch` as in `process.arch`. */
export function hostPlatform(arch: string): Platform {
  return architectures[arch] ?? { os: 'linux', architecture: arch, variant: null };
}

/**
 * Entries of an index that may hold the image for this host, best first: those that name the platform, then nested indexes and entries that do not say what they are
 * for (their config decides). IMG010 when there is nothing to try. Attestations (`unknown/unknown`) are no platform.
 */
export function chooseEntries(entries: readonly IndexEntry[], host: Platform, where: string): readonly IndexEntry[] {
  const readable = entries.filter((entry) => kindOf(entry.mediaType) !== null);
  const named = readable
    .map((entry) => ({ entry, rank: entry.platform === null ? null : variantRank(entry.platform, host) }))
    .filter((candidate): candidate is { entry: IndexEntry; rank: number } => candidate.rank !== null)
    .sort((a, b) => a.rank - b.rank)
    .map((candidate) => candidate.entry);
  const unnamed = readable.filter((entry) => entry.platform === null);
  const chosen = [...named, ...unnamed];
  if (chosen.length === 0)
    throw platformMissing(
      entries.flatMap((entry) => (entry.platform === null ? [] : [entry.platform])),
      host,
      where,
    );
  return chosen;
}

export function platformMissing(found: readonly Platform[], host: Platform, where: string): TsdockError {
  const names = [...new Set(found.filter((platform) => platform.os !== 'unknown').map(formatPlatform))].sort();
  const has =
    names.length === 0
      ? 'no image of a known platform'
      : names.length === 1
        ? names[0]
        : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return new TsdockError('IMG010', { message: `${where}: image has ${has}, not ${formatPlatform(host)} (this host)` });
}

/** 0 is the best; null: does not run here. An arm v7 host runs v6 and v5; of amd64 the most general variant is preferred. */
export function variantRank(offered: Platform, host: Platform): number | null {
  if (offered.os !== host.os || offered.architecture !== host.architecture) return null;
  const level = (variant: string | null): number | null => (variant === null ? null : Number(/^v(\d+)/.exec(variant)?.[1] ?? Number.NaN));
  const wanted = level(host.variant);
  const has = level(offered.variant);
  if (Number.isNaN(has)) return null;
  if (host.architecture === 'amd64') return has === null || has === 1 ? 0 : has;
  if (wanted === null || has === null) return has === wanted ? 0 : 1;
  return has > wanted ? null : (wanted - has) * 2;
}

/** Bounds of what an image may ask to be run with (reliability.md S12); the kernel's own limit of one string is 128 KiB (MAX_ARG_STRLEN). */
const configLimits = { strings: 10_000, stringBytes: 128 * 1024, totalBytes: 1 << 20, pathBytes: 4096 } as const;

/**
 * The image config, as data: nothing in it configures the engine. `User` is handed on as written, its parser has the container's own files. Entries that could never be
 * executed (no `=`, NUL) refuse the image; volumes and ports that name no clean path or port are left out, since nothing is done for them. IMG022.
 */
export function parseConfig(bytes: Uint8Array, where: string): ParsedConfig {
  const value = parseObject(decodeText(bytes), 'image config', where);
  const run = isObject(value.config) ? value.config : {};
  const rootfs = asObject(value.rootfs, 'rootfs', where);
  if (!Array.isArray(rootfs.diff_ids)) throw malformed(where, 'image config has no rootfs.diff_ids');
  const diffIds = rootfs.diff_ids.map((id: unknown, i) => {
    if (typeof id !== 'string' || !isDigest(id) || !id.startsWith('sha256:'))
      throw malformed(where, `rootfs.diff_ids[${i}] ${show(id)} is not sha256: and 64 lower-case hex digits`);
    return id;
  });
  return { config: readRunConfig(run, where), platform: readPlatform(value), diffIds };
}

function readRunConfig(run: JsonObject, where: string): ImageConfig {
  const env = readStrings(run.Env, 'Env', where);
  for (const entry of env) {
    const name = entry.slice(0, Math.max(0, entry.indexOf('=')));
    if (name === '' || /[\s\p{Cc}]/u.test(name)) throw malformed(where, `Env entry ${show(entry)} is not NAME=value`);
  }
  const stopSignal = readString(run.StopSignal, 'StopSignal', where);
  return {
    env,
    entrypoint: readStrings(run.Entrypoint, 'Entrypoint', where),
    cmd: readStrings(run.Cmd, 'Cmd', where),
    workingDir: readString(run.WorkingDir, 'WorkingDir', where, configLimits.pathBytes),
    user: readString(run.User, 'User', where, 1024),
    stopSignal: /^(?:SIG[A-Z0-9+-]{2,12}|\d{1,2})$/.test(stopSignal) ? stopSignal : null,
    volumes: keysOf(run.Volumes).filter(isCleanPath),
    exposedPorts: keysOf(run.ExposedPorts).filter(isPort),
    labels: readStringMap(run.Labels),
    healthcheck: readHealthcheck(run, where),
  };
}

/**
 * Docker's `Healthcheck`, which the OCI config does not have but builders write: `Test` is `[NONE]`, `[CMD, …]` or `[CMD-SHELL, text]` for the image's shell; times are
 * nanoseconds, 0 the default. One that is not understood is none: it would restart nothing and only say less.
 */
function readHealthcheck(run: JsonObject, where: string): ImageConfig['healthcheck'] {
  if (!isObject(run.Healthcheck)) return null;
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries } = run.Healthcheck;
  const [form, ...words] = readStrings(Test, 'Healthcheck.Test', where);
  const shell = readStrings(run.Shell, 'Shell', where);
  const command =
    form === 'CMD'
      ? words
      : form === 'CMD-SHELL' && words.length === 1
        ? [...(shell.length > 0 ? shell : ['/bin/sh', '-c']), ...words]
        : [];
  if (command.length === 0 || command[0] === '') return null;
  const ms = (value: unknown): number | null =>
    typeof value === 'number' && value >= 1e6 && value <= 1e18 ? Math.round(value / 1e6) : null;
  const retries = typeof Retries === 'number' && Number.isInteger(Retries) && Retries > 0 ? Retries : null;
  return {
    command,
    intervalMs: ms(Interval),
    timeoutMs: ms(Timeout),
    startPeriodMs: ms(StartPeriod),
    startIntervalMs: ms(StartInterval),
    retries,
  };
}

function readStrings(value: unknown, name: string, where: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw malformed(where, `${name} of the image config is not a list`);
  if (value.length > configLimits.strings)
    throw malformed(where, `${name} of the image config has ${value.length} entries, at most ${configLimits.strings} are taken`);
  const strings = value.map((entry: unknown) => readString(entry, name, where));
  const total = strings.reduce((sum, entry) => sum + Buffer.byteLength(entry) + 1, 0);
  if (total > configLimits.totalBytes)
    throw malformed(where, `${name} of the image config has ${total} bytes, at most ${configLimits.totalBytes} are taken`);
  return strings;
}

function readString(value: unknown, name: string, where: string, maxBytes: number = configLimits.stringBytes): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') throw malformed(where, `${name} of the image config is not text`);
  if (value.includes('\0')) throw malformed(where, `${name} of the image config contains a NUL`);
  if (Buffer.byteLength(value) > maxBytes) throw malformed(where, `${name} of the image config is longer than ${maxBytes} bytes`);
  return value;
}

function isCleanPath(path: string): boolean {
  const parts = path
    .split('/')
    .slice(1)
    .filter((part) => part !== '');
  return (
    path.startsWith('/') &&
    path.length <= configLimits.pathBytes &&
    !path.includes('\0') &&
    parts.length > 0 &&
    !parts.some((part) => part === '.' || part === '..')
  );
}

function isPort(text: string): boolean {
  const port = Number(/^(\d{1,5})(?:\/(?:tcp|udp|sctp))?$/.exec(text)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}

/** One step of how an image was made, as its author says; a step that made no layer is `empty`. */
export interface HistoryStep {
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly empty: boolean;
}

/** Most steps that are shown of an image. */
const maxSteps = 2000;

/** `history` of an image config, oldest first; what is no text counts as empty. An image need not have one. IMG022 for a config that is no JSON object. */
export function parseHistory(bytes: Uint8Array, where: string): readonly HistoryStep[] {
  const { history } = parseObject(decodeText(bytes), 'image config', where);
  if (!Array.isArray(history)) return [];
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, configLimits.pathBytes) : '');
  return history
    .slice(0, maxSteps)
    .filter(isObject)
    .map((step) => ({
      created: text(step.created),
      createdBy: text(step.created_by),
      comment: text(step.comment),
      empty: step.empty_layer === true,
    }));
}

/** Chain id of each layer: names a layer together with everything below it (OCI image spec, "Layer ChainID"). `hash` is sha256 in hex. */
export function chainIds(diffIds: readonly Digest[], hash: (text: string) => string): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : `sha256:${hash(`${below} ${diffId}`)}`);
  }
  return chain;
}

// -------------------------------------------------------------------------------------------------------------------------------- JSON

export type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown, path: string, where: string): JsonObject {
  if (!isObject(value)) throw malformed(where, `${path} is missing or no object`);
  return value;
}

/** Text → object; a key set twice is refused, since another reader would take the other one. IMG022. */
export function parseObject(text: string, what: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (cause) {
    throw malformed(where, `${what} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (!isObject(value)) throw malformed(where, `${what} is no JSON object`);
  return value;
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function keysOf(value: unknown): readonly string[] {
  return isObject(value) ? Object.keys(value).slice(0, configLimits.strings) : [];
}

function readStringMap(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function includes(list: readonly string[], item: string): boolean {
  return list.includes(item);
}

/** Text from outside in the middle of a sentence: printable ASCII only, cut. */
function bare(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}

function ambiguous(where: string, what: string): TsdockError {
  return new TsdockError('IMG013', { message: `${where}: ambiguous manifest (${what}); refused, see CVE-2021-41190` });
}
