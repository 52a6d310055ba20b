import { TsdockError } from '../../model/errors.ts';
import type { Digest } from '../../model/reference.ts';
import { type AttachedLayer, type Descriptor, parseAttached, type Referrer } from './oci.ts';
import type { FoundSignature } from './signature.ts';

/** How the repository is read that holds the signatures. */
export interface SignatureReader {
  readonly label: string;
  /** A manifest by tag or digest, bounded and, by digest, verified; null when there is none. */
  document(name: string): Promise<Uint8Array | null>;
  referrers(): Promise<readonly Referrer[]>;
  blob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
}

/** Most signatures and manifests of signatures that are read for one digest: whoever can push could otherwise keep us for ever. */
export const maxSignatures = 64;
/** Bytes of a payload (one is some 250 bytes long) and of a bundle. */
const maxPayloadBytes = 64 * 1024;
const maxBundleBytes = 1024 * 1024;

const payloadMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
const bundleMediaType = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d+\+json|\+json;version=0\.\d+)$/;
const signatureAnnotation = 'dev.cosignproject.cosign/signature';

/**
 * Signatures of a manifest, where cosign puts them: below the tag `sha256-<hex>.sig`, and among its referrers. One that cannot be read is told as such, and does not hide the others;
 * a registry that does not answer throws.
 */
export async function* findSignatures(reader: SignatureReader, digest: Digest): AsyncGenerator<FoundSignature> {
  let found = 0;
  for await (const layer of signatureLayers(reader, digest)) {
    if (++found > maxSignatures) return;
    yield await readSignature(reader, layer);
  }
}

async function* signatureLayers(reader: SignatureReader, digest: Digest): AsyncGenerator<AttachedLayer> {
  const tagged = await reader.document(`${digest.replace(':', '-')}.sig`);
  if (tagged !== null) yield* parseAttached(tagged, reader.label).filter(isSignature);
  const referrers = (await reader.referrers()).filter((one) => one.artifactType === artifactType || bundleMediaType.test(one.artifactType));
  for (const referrer of referrers.slice(0, maxSignatures)) {
    const manifest = await reader.document(referrer.digest);
    if (manifest !== null) yield* parseAttached(manifest, reader.label).filter(isSignature);
  }
}

function isSignature({ mediaType }: AttachedLayer): boolean {
  return mediaType === payloadMediaType || bundleMediaType.test(mediaType);
}

async function readSignature(reader: SignatureReader, layer: AttachedLayer): Promise<FoundSignature> {
  const isPayload = layer.mediaType === payloadMediaType;
  const most = isPayload ? maxPayloadBytes : maxBundleBytes;
  if (layer.size > most) return { form: 'unreadable', problem: `too large (${layer.size} bytes, at most ${most} are read)` };
  const signature = layer.annotations[signatureAnnotation];
  if (isPayload && signature === undefined) return { form: 'unreadable', problem: `without the annotation ${signatureAnnotation}` };
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.blob(layer)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return signature === undefined ? { form: 'bundle', text: bytes } : { form: 'simple-signing', payload: bytes, signature };
  } catch (error) {
    if (error instanceof TsdockError && (error.code === 'REG404' || error.code === 'REG010'))
      return { form: 'unreadable', problem: `unreadable (${error.message})` };
    throw error;
  }
}
