import { createHash } from 'node:crypto';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import { showSize } from '../../model/size.ts';
import { type LayerResult, type LayerSink, NativeError } from '../../native/index.ts';
import { algorithmOf, type ContentStore, type Ingest } from './content-store.ts';
import { diskError, freeSpace, fullDisk } from './disk.ts';
import { digestMismatch, malformed } from './faults.ts';
import { errnoOf } from './files.ts';
import type { Compression, LayerDescriptor } from './oci.ts';
import type { LayerPlace, OpenSnapshot, SnapshotFacts, Snapshots } from './snapshots.ts';
import type { ImageSource } from './source.ts';

export interface LayerJob {
  readonly descriptor: LayerDescriptor;
  readonly place: LayerPlace;
  /** `layer 3 of 7`. */
  readonly label: string;
}

export interface LayerDeps {
  readonly source: ImageSource;
  readonly content: Pick<ContentStore, 'hasBlob' | 'streamBlob' | 'dropBlob' | 'ingest'>;
  readonly snapshots: Pick<Snapshots, 'find' | 'begin' | 'adopt' | 'discard'>;
  readonly log: Logger;
  readonly limits: LayerLimits;
  /** Directory on the filesystem that fills up. */
  readonly stateDir: string;
}

/** What one layer may unpack to. */
export interface LayerLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export const defaultLayerLimits: LayerLimits = { maxBytes: 64 * 2 ** 30, maxEntries: 2_000_000 };

export interface LayerProgress {
  readonly stage: 'download' | 'unpack';
  readonly done: number;
}

/**
 * Brings one layer: unpacked under its name, its blob in the content store. Bytes that arrive go to the partial file and into the sink at once; neither gets its name before
 * both digests agree. What is there is used: an unpacked tree, a blob, a partial file. A blob that does not match is fetched anew once, whole.
 */
export async function fetchLayer(
  job: LayerJob,
  deps: LayerDeps,
  signal: AbortSignal,
  report: (progress: LayerProgress) => void,
): Promise<SnapshotFacts> {
  for (let attempt = 1; ; attempt++) {
    const found = deps.snapshots.find(job.place);
    if (found !== null) return found;
    try {
      const { digest, size } = job.descriptor;
      const present = await deps.content.hasBlob(digest, size);
      return present ? await unpackBlob(job, deps, signal, report) : await download(job, deps, signal, report);
    } catch (error) {
      const isMismatch = error instanceof TsdockError && error.code === 'REG010';
      if (!isMismatch || attempt === 2) throw await diskError(error, deps.stateDir, `while unpacking ${job.label}`);
      deps.log.warn(`${error.message}; fetching it once more`, { code: error.code });
    }
  }
}

/** From a blob on disk, which is dropped when its digest is wrong. */
async function unpackBlob(
  job: LayerJob,
  deps: LayerDeps,
  signal: AbortSignal,
  report: (progress: LayerProgress) => void,
): Promise<SnapshotFacts> {
  const { digest, size } = job.descriptor;
  const { content } = deps;
  const reread = async (): Promise<string> => {
    const hash = createHash(algorithmOf(digest));
    for await (const chunk of content.streamBlob(digest)) hash.update(chunk);
    return `${algorithmOf(digest)}:${hash.digest('hex')}`;
  };
  const bytes = counted(content.streamBlob(digest), (done) => report({ stage: 'unpack', done }));
  const outcome = await unpack(job, deps, bytes, signal, reread);
  if (outcome.is === 'adopted') return outcome.facts;
  await content.dropBlob(digest);
  throw digestMismatch(job.label, 'the content store', digest, outcome.found, size);
}

/** From the source, going on where the partial file ends. */
async function download(
  job: LayerJob,
  deps: LayerDeps,
  signal: AbortSignal,
  report: (progress: LayerProgress) => void,
): Promise<SnapshotFacts> {
  const { digest, size } = job.descriptor;
  const ingest = await deps.content.ingest(digest);
  try {
    if (ingest.size > size) await ingest.restart();
    const rest = async (): Promise<string> => {
      for await (const chunk of deps.source.blob(job.descriptor, ingest.size, signal)) await ingest.append(chunk);
      return ingest.digest();
    };
    const bytes = counted(arriving(job, deps, ingest, signal), (done) => report({ stage: 'download', done }));
    const outcome = await unpack(job, deps, bytes, signal, rest, () => ingest.commit());
    if (outcome.is === 'adopted') return outcome.facts;
    await ingest.discard();
    throw digestMismatch(job.label, deps.source.originOf?.(digest) ?? deps.source.label, digest, outcome.found, size);
  } finally {
    await ingest.close();
  }
}

async function* arriving(job: LayerJob, deps: LayerDeps, ingest: Ingest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* ingest.existing();
  for await (const chunk of deps.source.blob(job.descriptor, ingest.size, signal)) {
    await ingest.append(chunk);
    yield chunk;
  }
}

type Outcome = { readonly is: 'adopted'; readonly facts: SnapshotFacts } | { readonly is: 'mismatch'; readonly found: string };

/**
 * Feeds bytes into a new tree and gives it its name when blob and content are right. When the sink refuses the content, `wholeDigest` decides who is to blame: bytes that were
 * damaged on the way are a mismatch, the right bytes are a bad image. Nothing stays of a tree that was not adopted.
 */
async function unpack(
  job: LayerJob,
  deps: LayerDeps,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  wholeDigest: () => Promise<string>,
  commitBlob: () => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const limits = await sinkLimits(job, deps);
  const open = await deps.snapshots.begin(limits);
  let adopted = false;
  try {
    const fed = await feed(open, bytes, job);
    signal.throwIfAborted();
    const found = fed.is === 'unpacked' ? fed.digest : await wholeDigest();
    if (found !== job.descriptor.digest) return { is: 'mismatch', found };
    await commitBlob();
    if (fed.is === 'refused') throw layerError(fed.error, job, deps, limits);
    if (fed.result.diffId !== job.place.diffId) {
      throw malformed(deps.source.label, `${job.label} unpacks to ${fed.result.diffId}, the image config says ${job.place.diffId}`);
    }
    for (const warning of fed.result.warnings) deps.log.warn(`${job.label} of ${deps.source.label}: ${warning}`, {});
    const facts = await deps.snapshots.adopt(open, job.place, fed.result);
    adopted = true;
    return { is: 'adopted', facts };
  } finally {
    if (!adopted) await deps.snapshots.discard(open);
  }
}

type Fed =
  | { readonly is: 'unpacked'; readonly result: LayerResult; readonly digest: string }
  | { readonly is: 'refused'; readonly error: unknown };

/** Failures of `bytes` are thrown, those of the sink returned: they are about the content. */
async function feed(open: OpenSnapshot, bytes: AsyncIterable<Uint8Array>, job: LayerJob): Promise<Fed> {
  const { sink } = open;
  let refused: { readonly error: unknown } | null = null;
  let head = Buffer.alloc(0);
  // The sink counts sha256 on its way; whoever names a layer by another algorithm pays for a second pass over its bytes.
  const other = algorithmOf(job.descriptor.digest) === 'sha256' ? null : createHash(algorithmOf(job.descriptor.digest));
  for await (const chunk of bytes) {
    other?.update(chunk);
    if (head.length < 4) head = Buffer.concat([head, chunk.subarray(0, 4)]);
    refused = await refusalOf(sink, chunk);
    if (refused !== null) break;
  }
  const magic = refused ?? wrongMagic(head, job.descriptor.compression);
  if (magic !== null) return { is: 'refused', error: magic.error };
  try {
    const result = await sink.end();
    const digest = other === null ? result.digest : `${algorithmOf(job.descriptor.digest)}:${other.digest('hex')}`;
    return { is: 'unpacked', result, digest };
  } catch (error) {
    return { is: 'refused', error };
  }
}

async function refusalOf(sink: LayerSink, chunk: Uint8Array): Promise<{ readonly error: unknown } | null> {
  try {
    await sink.write(chunk);
    return null;
  } catch (error) {
    return { error };
  }
}

/** The media type must agree with the bytes: two readers must not unpack two things. */
function wrongMagic(head: Buffer, declared: Compression): { readonly error: unknown } | null {
  const found = compressionOf(head);
  return found === declared
    ? null
    : { error: new TsdockError('IMG022', { message: `is ${describe(found)}, its media type says ${describe(declared)}` }) };
}

/** By the first bytes: gzip (RFC 1952), zstd frame or skippable frame (RFC 8878), else plain. */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  return a !== undefined && a >= 0x50 && a <= 0x5f && b === 0x2a && c === 0x4d && d === 0x18 ? 'zstd' : 'none';
}

function describe(compression: Compression): string {
  return compression === 'none' ? 'not compressed' : compression;
}

/** Steps of progress in bytes: often enough for an eye, not for every packet. */
const progressStep = 512 * 1024;

async function* counted(bytes: AsyncIterable<Uint8Array>, report: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  let reported = 0;
  for await (const chunk of bytes) {
    yield chunk;
    done += chunk.byteLength;
    if (done - reported < progressStep) continue;
    reported = done;
    report(done);
  }
  report(done);
}

interface SinkLimits extends LayerLimits {
  /** Which of the two is what is free on the disk instead of what is allowed. */
  readonly bytesLeft: boolean;
  readonly inodesLeft: boolean;
}

/** Inodes that stay free for what we write beside the layer, and for deleting. */
const spareInodes = 16;

/** Absolute limits, and never more than what is free beside the blob: an image must not fill the disk before it is stopped. */
async function sinkLimits({ descriptor }: LayerJob, { limits, stateDir }: LayerDeps): Promise<SinkLimits> {
  const free = await freeSpace(stateDir);
  const bytes = Math.max(1, free.bytes - descriptor.size);
  const entries = Math.max(1, free.inodes - spareInodes);
  return {
    maxBytes: Math.min(limits.maxBytes, bytes),
    maxEntries: Math.min(limits.maxEntries, entries),
    bytesLeft: bytes < limits.maxBytes,
    inodesLeft: entries < limits.maxEntries,
  };
}

/** Why the sink refused the right bytes: the image is to blame, or the disk. */
function layerError(error: unknown, job: LayerJob, { source, stateDir }: LayerDeps, used: SinkLimits): unknown {
  if (error instanceof TsdockError) return malformed(source.label, `${job.label} ${error.message}`, error);
  const code = errnoOf(error);
  const message = sinkMessage(error);
  const limit = exceeded(code, message, used);
  if (limit !== null) {
    if (code === 'E_LAYER_ENTRIES' && used.inodesLeft)
      return fullDisk('inodes', stateDir, `${used.maxEntries} were left for ${job.label}`, error);
    if (code === 'E_LAYER_BYTES' && used.bytesLeft)
      return fullDisk('bytes', stateDir, `${showSize(used.maxBytes)} were left for ${job.label}`, error);
    return new TsdockError('IMG020', {
      message: `${job.label} ${limit} (${showSize(job.descriptor.size)} compressed); stopped at the limit`,
      ...(code === 'E_LAYER_LIMIT' ? {} : { hint: 'raise the layer limit of the EngineConfig if this is intended' }),
      cause: error,
    });
  }
  if (code === 'E_LAYER_ESCAPE')
    return new TsdockError('IMG021', { message: `${job.label} ${message}; refused, nothing was written`, cause: error });
  return code === 'E_LAYER_FORMAT' ? malformed(source.label, `${job.label}: ${message}`, error) : error;
}

/** Which limit it was, in words; null: none. */
function exceeded(code: string | null, message: string, used: SinkLimits): string | null {
  if (code === 'E_LAYER_ENTRIES') return `has more than ${used.maxEntries} entries`;
  if (code === 'E_LAYER_BYTES') return `unpacks to more than ${showSize(used.maxBytes)}`;
  return code === 'E_LAYER_LIMIT' ? `is refused: ${message}` : null;
}

/** Without the step of the native code, which is no word of the user's. */
function sinkMessage(error: unknown): string {
  if (!(error instanceof NativeError)) return String(error);
  const step = `${error.step}: `;
  return error.message.startsWith(step) ? error.message.slice(step.length) : error.message;
}
