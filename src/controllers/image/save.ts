import { createHash } from 'node:crypto';
import type { ArchiveFormat } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import type { Digest } from '../../model/reference.ts';
import { containerdNameAnnotation, refNameAnnotation } from './archive.ts';
import { algorithmOf, type ContentStore, hexOf } from './content-store.ts';
import { limits, parseObject } from './oci.ts';
import type { RefRecord } from './refs.ts';
import { parseSource } from './source.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts';

type Content = Pick<ContentStore, 'hasBlob' | 'readBlob' | 'streamBlob'>;

/** A file of an archive: bytes that are made for it, or a blob as it lies in the content store. */
type Member = { readonly name: string } & (
  | { readonly bytes: Uint8Array }
  | { readonly blob: { readonly digest: Digest; readonly size: number; readonly label: string } }
);

/**
 * Images as one tar archive, in pieces: an OCI image layout, or what `docker load` reads. Blobs are what came from the registry, bit by bit, so that all digests stay: layers are never
 * packed anew. IMG032 before the first piece when a blob is missing, and in the middle when one proves to be damaged: an archive without its end is refused by whoever reads it.
 */
export async function* saveImages(
  records: readonly RefRecord[],
  format: ArchiveFormat,
  content: Content,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const members = format === 'oci' ? await layoutMembers(records, content) : await dockerMembers(records, content);
  const written = new Set<string>();
  for (const member of members) {
    if (written.has(member.name)) continue;
    written.add(member.name);
    signal.throwIfAborted();
    const size = 'bytes' in member ? member.bytes.byteLength : member.blob.size;
    yield tarHeader(member.name, size);
    if ('bytes' in member) yield member.bytes;
    else yield* checkedBlob(member.blob, content, signal);
    yield tarPadding(size);
  }
  yield tarEnd;
}

async function* checkedBlob(
  { digest, size, label }: { readonly digest: Digest; readonly size: number; readonly label: string },
  content: Content,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const algorithm = algorithmOf(digest);
  const hash = createHash(algorithm);
  let sent = 0;
  for await (const chunk of content.streamBlob(digest)) {
    signal.throwIfAborted();
    hash.update(chunk);
    sent += chunk.byteLength;
    yield chunk;
  }
  if (sent !== size || `${algorithm}:${hash.digest('hex')}` !== digest) throw notWhole(`${label} does not match its digest`);
}

async function layoutMembers(records: readonly RefRecord[], content: Content): Promise<readonly Member[]> {
  const manifests: unknown[] = [];
  const blobs: Member[] = [];
  for (const record of records) {
    const bytes = await document(record, 'manifest', record.digest, content);
    const { mediaType } = parseObject(bytes.toString('utf8'), 'manifest', record.ref);
    const [os, architecture, variant] = record.platform.split('/');
    manifests.push({
      mediaType: typeof mediaType === 'string' ? mediaType : 'application/vnd.oci.image.manifest.v1+json',
      digest: record.digest,
      size: bytes.byteLength,
      platform: { architecture, os, ...(variant === undefined ? {} : { variant }) },
      annotations: namesOf(record.ref),
    });
    blobs.push({ name: blobName(record.digest), bytes }, ...(await contentMembers(record, content)));
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  return [
    { name: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { name: 'index.json', bytes: Buffer.from(JSON.stringify(index)) },
    ...blobs,
  ];
}

async function dockerMembers(records: readonly RefRecord[], content: Content): Promise<readonly Member[]> {
  const list = records.map((record) => ({
    Config: blobName(record.configDigest),
    RepoTags: tagOf(record.ref) === null ? null : [record.ref],
    Layers: record.layers.map((layer) => blobName(layer.digest)),
  }));
  const blobs: Member[] = [];
  for (const record of records) blobs.push(...(await contentMembers(record, content)));
  return [{ name: 'manifest.json', bytes: Buffer.from(JSON.stringify(list)) }, ...blobs];
}

/** Config and layers. */
async function contentMembers(record: RefRecord, content: Content): Promise<readonly Member[]> {
  const members: Member[] = [
    { name: blobName(record.configDigest), bytes: await document(record, 'config', record.configDigest, content) },
  ];
  for (const [i, { digest, size }] of record.layers.entries()) {
    const label = `layer ${i + 1} of ${record.ref}`;
    if (!(await content.hasBlob(digest, size))) throw notWhole(`${label} is missing or cut off`);
    members.push({ name: blobName(digest), blob: { digest, size, label } });
  }
  return members;
}

async function document(record: RefRecord, what: string, digest: Digest, content: Content): Promise<Buffer> {
  const bytes = await content.readBlob(digest, what === 'manifest' ? limits.manifestBytes : limits.configBytes);
  if (bytes === null) throw notWhole(`the ${what} of ${record.ref} is missing or damaged`);
  return bytes;
}

function notWhole(message: string): TsdockError {
  return new TsdockError('IMG032', { message, hint: 'tsdock image verify' });
}

function blobName(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** The tag for tools that look for one, the whole reference for those that take it. A reference by digest alone has no name. */
function namesOf(ref: string): Readonly<Record<string, string>> {
  const tag = tagOf(ref);
  return tag === null ? {} : { [refNameAnnotation]: tag, [containerdNameAnnotation]: ref };
}

function tagOf(ref: string): string | null {
  const source = parseSource(ref);
  return source.type === 'registry' && source.digest === null ? source.tag : null;
}
