import type { ResolvedImageName } from '../../model/image-pin.ts';
import type { Digest } from '../../model/reference.ts';
import { algorithmOf, type ContentStore, digestOf } from './content-store.ts';
import { digestMismatch, malformed } from './faults.ts';
import {
  chooseEntries,
  formatPlatform,
  type LayerDescriptor,
  limits,
  type ParsedConfig,
  type Platform,
  parseConfig,
  parseManifest,
  platformMissing,
  variantRank,
} from './oci.ts';
import type { FetchedManifest, ImageSource } from './source.ts';

/** An image of one platform, down to the digests of everything it needs. Manifest and config are in the content store. */
export interface ResolvedImage extends ResolvedImageName {
  readonly parsed: ParsedConfig;
  readonly layers: readonly LayerDescriptor[];
}

/** Most documents read for one image: a hostile index can name many that lead nowhere. */
const maxDocuments = 24;

export interface ResolveOptions {
  readonly source: ImageSource;
  readonly content: Pick<ContentStore, 'readBlob' | 'writeBlob'>;
  readonly host: Platform;
  /** Null: by the name the source was opened with. */
  readonly digest: Digest | null;
  readonly signal: AbortSignal;
}

/** From a name or digest through indexes of indexes to the image for this host. Walks with a list, at most `limits.indexDepth` deep. IMG010 when there is none for it. */
export async function resolveImage(options: ResolveOptions): Promise<ResolvedImage> {
  const { source, host } = options;
  const waiting: { readonly digest: Digest | null; readonly depth: number }[] = [{ digest: options.digest, depth: 0 }];
  const otherPlatforms: Platform[] = [];
  let topDigest: Digest | null = null;
  for (let read = 0; waiting.length > 0; read++) {
    const next = waiting.shift();
    if (next === undefined) break;
    if (read === maxDocuments) throw malformed(source.label, `no image found in the first ${maxDocuments} manifests`);
    const fetched = await readManifest(options, next.digest);
    topDigest ??= fetched.digest;
    const manifest = parseManifest(fetched.bytes, fetched.contentType, source.label);
    if (manifest.is === 'index') {
      if (next.depth === limits.indexDepth) throw malformed(source.label, `indexes are nested deeper than ${limits.indexDepth}`);
      const depth = next.depth + 1;
      waiting.unshift(...chooseEntries(manifest.entries, host, source.label).map(({ digest }) => ({ digest, depth })));
      continue;
    }
    const parsed = parseConfig(await readConfig(options, manifest.config), source.label);
    if (parsed.platform !== null && variantRank(parsed.platform, host) === null) {
      otherPlatforms.push(parsed.platform);
      continue;
    }
    if (parsed.diffIds.length !== manifest.layers.length) {
      throw malformed(source.label, `manifest has ${manifest.layers.length} layers, its config names ${parsed.diffIds.length}`);
    }
    const platform = formatPlatform(parsed.platform ?? host);
    return { topDigest, digest: fetched.digest, configDigest: manifest.config.digest, platform, parsed, layers: manifest.layers };
  }
  throw platformMissing(otherPlatforms, host, source.label);
}

/** By digest from the content store if it is there, else from the source; kept either way. */
async function readManifest({ source, content, signal }: ResolveOptions, digest: Digest | null): Promise<FetchedManifest> {
  const kept = digest === null ? null : await content.readBlob(digest, limits.manifestBytes);
  if (digest !== null && kept !== null) return { bytes: kept, digest, contentType: null };
  const fetched = await source.manifest(digest, signal);
  await content.writeBlob(fetched.bytes, algorithmOf(fetched.digest));
  return fetched;
}

async function readConfig(
  { source, content, signal }: ResolveOptions,
  descriptor: { readonly mediaType: string; readonly digest: Digest; readonly size: number },
): Promise<Uint8Array> {
  if (descriptor.size > limits.configBytes)
    throw malformed(source.label, `image config has ${descriptor.size} bytes, at most ${limits.configBytes} are read`);
  const kept = await content.readBlob(descriptor.digest, limits.configBytes);
  if (kept !== null && kept.byteLength === descriptor.size) return kept;
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.blob(descriptor, 0, signal)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const found = digestOf(bytes, algorithmOf(descriptor.digest));
  if (found !== descriptor.digest)
    throw digestMismatch('image config', source.originOf?.(descriptor.digest) ?? source.label, descriptor.digest, found, bytes.byteLength);
  await content.writeBlob(bytes, algorithmOf(descriptor.digest));
  return bytes;
}
