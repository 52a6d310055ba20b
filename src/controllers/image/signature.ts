/** One signature: which of some keys made it, and what it says. Pure. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { TsdockError } from '../../model/errors.ts';
import { type Digest, isDigest } from '../../model/reference.ts';
import { keyId, repositoryOf, type SignedBy } from '../../model/signature-rule.ts';
import { show } from './faults.ts';
import { type JsonObject, parseObject } from './oci.ts';

/** As it came from a registry: nothing of it is to be believed. */
export type FoundSignature =
  /** `signature` in base64 over the bytes of the payload (cosign, SIGNATURE_SPEC.md). */
  | { readonly form: 'simple-signing'; readonly payload: Uint8Array; readonly signature: string }
  /** JSON text of a Sigstore bundle with a DSSE envelope (cosign 3, or `--new-bundle-format`). */
  | { readonly form: 'bundle'; readonly text: Uint8Array }
  /** One that was not read, and why. */
  | { readonly form: 'unreadable'; readonly problem: string };

export type CheckedSignature = { readonly ok: true; readonly signedBy: SignedBy } | { readonly ok: false; readonly problem: string };

/** `critical.type` of a payload: a text signed with the same key for another purpose is no signature of an image. */
const payloadType = 'cosign container image signature';
/** Payload and predicate of a signature in a bundle; the same key may also have signed statements about an image, which say nothing of approval. */
const statementType = 'application/vnd.in-toto+json';
const signPredicate = 'https://sigstore.dev/cosign/sign/v1';

/** Whether one of `keys` (PEM) signed this very digest. The key is tried first: no text is read as a claim before it is known to be the signer's. */
export function checkSignature(found: FoundSignature, digest: Digest, keys: readonly string[]): CheckedSignature {
  if (found.form === 'unreadable') return { ok: false, problem: found.problem };
  try {
    const { signed, signature, claim } = found.form === 'bundle' ? readBundle(found.text) : readSimple(found.payload, found.signature);
    const key = keys.find((pem) => isSignedBy(createPublicKey(pem), signed, signature));
    if (key === undefined) return { ok: false, problem: 'made with none of the keys, or altered afterwards' };
    const { digests, repository } = claim();
    if (!digests.includes(digest)) return { ok: false, problem: `for another image, ${digests[0] ?? 'none'}` };
    return { ok: true, signedBy: { key: keyId(key), repository } };
  } catch (error) {
    if (error instanceof TsdockError) return { ok: false, problem: `unreadable (${error.message})` };
    throw error;
  }
}

interface ReadSignature {
  /** The bytes that were signed. */
  readonly signed: Uint8Array;
  readonly signature: Buffer;
  /** What they say; only to be called when the signature is right. */
  readonly claim: () => { readonly digests: readonly Digest[]; readonly repository: string | null };
}

function readSimple(payload: Uint8Array, signature: string): ReadSignature {
  const claim: ReadSignature['claim'] = () => {
    const { critical } = parseObject(new TextDecoder().decode(payload), 'payload', 'signature');
    const type = at(critical, 'type');
    if (type !== payloadType) throw unreadable(`payload has type ${show(type)}, not ${show(payloadType)}`);
    const digest = at(at(critical, 'image'), 'docker-manifest-digest');
    const reference = at(at(critical, 'identity'), 'docker-reference');
    return { digests: asDigests([digest]), repository: typeof reference === 'string' ? repositoryOf(reference) : null };
  };
  return { signed: payload, signature: Buffer.from(signature, 'base64'), claim };
}

function readBundle(text: Uint8Array): ReadSignature {
  const { dsseEnvelope } = parseObject(new TextDecoder().decode(text), 'bundle', 'signature');
  const [payload, type, signatures] = ['payload', 'payloadType', 'signatures'].map((name) => at(dsseEnvelope, name));
  const signature = Array.isArray(signatures) && signatures.length === 1 ? at(signatures[0], 'sig') : null;
  if (typeof payload !== 'string' || typeof type !== 'string' || typeof signature !== 'string')
    throw unreadable('bundle has no DSSE envelope with one signature');
  const statement = Buffer.from(payload, 'base64');
  const claim: ReadSignature['claim'] = () => {
    if (type !== statementType) throw unreadable(`bundle has a payload of type ${show(type)}`);
    const { subject, predicateType } = parseObject(statement.toString('utf8'), 'statement', 'signature');
    if (predicateType !== signPredicate) throw unreadable(`statement has predicate ${show(predicateType)}, which approves nothing`);
    const subjects = Array.isArray(subject) ? subject : [];
    const digests = subjects.flatMap((one: unknown) =>
      (['sha256', 'sha512'] as const).map((algorithm) => `${algorithm}:${String(at(at(one, 'digest'), algorithm))}`),
    );
    return { digests: asDigests(digests), repository: null };
  };
  return { signed: preAuthentication(type, statement), signature: Buffer.from(signature, 'base64'), claim };
}

/** What is signed of a DSSE envelope: `DSSEv1`, then type and body with their lengths in bytes (secure-systems-lab/dsse, protocol.md). */
function preAuthentication(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.byteLength} `), body]);
}

/** ECDSA with SHA-256 (DER), RSA PKCS #1 v1.5 with SHA-256, or Ed25519 over the bytes themselves, as cosign does by the kind of key. */
function isSignedBy(key: KeyObject, signed: Uint8Array, signature: Buffer): boolean {
  return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key, signature);
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}

function asDigests(values: readonly unknown[]): readonly Digest[] {
  return values.filter((value): value is Digest => typeof value === 'string' && isDigest(value));
}

function unreadable(message: string): TsdockError {
  return new TsdockError('IMG041', { message });
}
