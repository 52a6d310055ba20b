/** Signatures as `cosign sign --key` makes them: payload, manifest and tag of cosign's SIGNATURE_SPEC.md, and the bundle of cosign 3. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type BuiltBlob, descriptor, toBlob } from './image-builder.ts';

export interface SigningKey {
  /** As in cosign.pub. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function signingKey(kind: 'p256' | 'rsa' | 'ed25519' = 'p256'): SigningKey {
  const made =
    kind === 'p256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  return { publicKey: made.publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey: made.privateKey };
}

const signBytes = (key: SigningKey, bytes: Uint8Array): string =>
  sign(key.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key.privateKey).toString('base64');

export interface Signed {
  readonly payload: BuiltBlob;
  readonly signature: string;
}

const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json';

/** What cosign says of an image: `type` is its only word for that. */
export function signDigest(key: SigningKey, digest: string, reference: string, type = 'cosign container image signature'): Signed {
  const critical = { identity: { 'docker-reference': reference }, image: { 'docker-manifest-digest': digest }, type };
  const payload = toBlob(Buffer.from(JSON.stringify({ critical, optional: null })), simpleSigning);
  return { payload, signature: signBytes(key, payload.bytes) };
}

/** The manifest below `signatureTag`; with `subject`, a referrer of it. */
export function signatureManifest(
  signed: readonly Signed[],
  subject?: { readonly mediaType: string; readonly digest: string; readonly size: number },
) {
  const config = toBlob(Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json');
  const layers = signed.map(({ payload, signature }) => ({
    ...descriptor(payload),
    annotations: { 'dev.cosignproject.cosign/signature': signature },
  }));
  return artifact(config, layers, 'application/vnd.dev.cosign.artifact.sig.v1+json', subject);
}

export function signatureTag(digest: string): string {
  return `${digest.replace(':', '-')}.sig`;
}

/** A bundle that approves of a digest; another predicate approves nothing. */
export function signBundle(key: SigningKey, digest: string, predicateType = 'https://sigstore.dev/cosign/sign/v1'): BuiltBlob {
  const [algorithm = '', hex = ''] = digest.split(':');
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [{ digest: { [algorithm]: hex } }], predicateType, predicate: {} };
  const body = Buffer.from(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const sig = signBytes(key, Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]));
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'key' } },
    dsseEnvelope: { payload: body.toString('base64'), payloadType, signatures: [{ sig }] },
  };
  return toBlob(Buffer.from(JSON.stringify(bundle)), bundle.mediaType);
}

/** The referrer that carries a bundle. */
export function bundleManifest(bundle: BuiltBlob, subject: { readonly mediaType: string; readonly digest: string; readonly size: number }) {
  const config = toBlob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  return artifact(config, [descriptor(bundle)], bundle.mediaType, subject);
}

function artifact(config: BuiltBlob, layers: readonly object[], artifactType: string, subject?: object) {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    ...(subject === undefined ? {} : { artifactType, subject }),
    config: descriptor(config),
    layers,
  });
  return { config, manifest: toBlob(Buffer.from(text), mediaType), artifactType };
}
