import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ImageFinding } from '../../model/engine-api.ts';
import { describeError, TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { Digest } from '../../model/reference.ts';
import type { BlobState, ContentStore } from './content-store.ts';
import { fetchLayer, type LayerDeps, type LayerJob, type LayerLimits, type LayerProgress } from './fetch-layer.ts';
import type { Flights } from './flights.ts';
import { chainIds, layerCompression, type Platform } from './oci.ts';
import type { PullProgress } from './pull.ts';
import type { RefRecord } from './refs.ts';
import { resolveImage } from './resolve.ts';
import type { OpenSnapshot, SnapshotFacts, Snapshots } from './snapshots.ts';
import type { ImageSource } from './source.ts';

export interface VerifyRequest {
  readonly record: RefRecord;
  /** Asked only for what is damaged, and only to repair it. */
  readonly source: ImageSource;
  readonly repair: boolean;
  /** What was found of layers, by blob and place: images share them. Filled as it goes. */
  readonly seen: Map<string, CheckedLayer>;
  readonly signal: AbortSignal;
  readonly report: (progress: PullProgress) => void;
}

export interface CheckedLayer {
  readonly finding: ImageFinding | null;
  /** Name of a tree that is as the layer should be; where nothing is repaired it may be a temporary one. */
  readonly tree: string;
  /** The temporary tree; to be thrown away when all is verified. */
  readonly kept: OpenSnapshot | null;
}

export interface VerifyDeps {
  readonly content: ContentStore;
  readonly snapshots: Snapshots;
  readonly log: Logger;
  readonly host: Platform;
  readonly stateDir: string;
  readonly layerLimits: LayerLimits;
  readonly flights: Flights<SnapshotFacts, LayerProgress>;
}

/**
 * Whether everything of an image is as it was when it came: manifest and config against their digests; each layer's blob against its digest and diff id by unpacking it anew, and the
 * tree that stands against the one this gives: names, types, modes, owners, times, attributes, contents. What differs is replaced in one step by what is right, from the blob that
 * is here or, if that is damaged, from the source. Returns what was found wrong.
 */
export async function verifyImage(request: VerifyRequest, deps: VerifyDeps): Promise<readonly ImageFinding[]> {
  const documents = await verifyDocuments(request, deps);
  const jobs = layerJobs(request.record);
  const findings: ImageFinding[] = [];
  const below: string[] = [];
  // Lowest first: a tree takes owner and mode of its implied directories from those below, which are right by then.
  for (const job of jobs) {
    const key = `${job.descriptor.digest} ${job.place.chainId}`;
    const checked = request.seen.get(key) ?? (await verifyLayer(job, below, request, deps));
    request.seen.set(key, checked);
    below.push(checked.tree);
    if (checked.finding !== null) findings.push({ ...checked.finding, part: job.label });
  }
  return [...documents, ...findings];
}

interface Job extends LayerJob {
  readonly snapshot: string;
}

function layerJobs(record: RefRecord): readonly Job[] {
  const chain = chainIds(
    record.layers.map((layer) => layer.diffId),
    (text) => createHash('sha256').update(text).digest('hex'),
  );
  return record.layers.map(({ digest, diffId, size, mediaType, snapshot }, i) => ({
    snapshot,
    descriptor: { digest, size, mediaType, compression: layerCompression(mediaType) ?? 'none' },
    place: { diffId, chainId: chain[i] ?? diffId },
    label: `layer ${i + 1} of ${record.layers.length}`,
  }));
}

// --------------------------------------------------------------------------------------------------------------------- documents

async function verifyDocuments(request: VerifyRequest, deps: VerifyDeps): Promise<readonly ImageFinding[]> {
  const { digest, topDigest, configDigest } = request.record;
  const parts: readonly (readonly [string, Digest])[] = [
    ['manifest', digest],
    ['config', configDigest],
    ...(topDigest === digest ? [] : [['index', topDigest] as const]),
  ];
  const findings: ImageFinding[] = [];
  for (const [part, wanted] of parts) {
    const problem = problemOf(await deps.content.check(wanted), part);
    if (problem === null) continue;
    const error = request.repair ? await failureOf(() => fetchDocument(part, wanted, request, deps), request.signal) : null;
    findings.push({ part, digest: wanted, problems: [problem], repaired: request.repair && error === null, error });
  }
  return findings;
}

/** An image that was brought by its own digest never had an index. */
function problemOf(state: BlobState, part: string): string | null {
  if (state === 'damaged') return `the ${part} does not match its digest`;
  return state === 'absent' && part !== 'index' ? `the ${part} is missing` : null;
}

async function fetchDocument(
  part: string,
  digest: Digest,
  { source, record, signal }: VerifyRequest,
  { content, host }: VerifyDeps,
): Promise<void> {
  await content.dropBlob(digest);
  await resolveImage({ source, content, host, digest: part === 'index' ? digest : record.digest, signal });
}

// ------------------------------------------------------------------------------------------------------------------------ layers

/** Ends a layer that only a download could bring, where nothing is to be repaired. */
class NotRepaired extends Error {}

async function verifyLayer(
  job: Job,
  below: readonly string[],
  { source, repair, signal, report }: VerifyRequest,
  deps: VerifyDeps,
): Promise<CheckedLayer> {
  const problems: string[] = [];
  let kept: OpenSnapshot | null = null;
  const snapshots: LayerDeps['snapshots'] = {
    find: () => null, // so that it is unpacked, and what stands in its place compared with that
    begin: (limits) => deps.snapshots.begin(limits),
    discard: (open) => deps.snapshots.discard(open),
    async adopt(open, place, result) {
      const differences = await deps.snapshots.compare(open, place, result, below);
      problems.push(...differences);
      if (differences.length > 0 && repair) return deps.snapshots.replace(open, place, result);
      if (differences.length > 0) kept = open;
      else await deps.snapshots.discard(open);
      return { name: job.snapshot, diffId: place.diffId, unpackedBytes: result.unpackedBytes, entries: result.entries, implied: [] };
    },
  };
  const content = watchedContent(deps.content, repair, problems);
  const layerDeps: LayerDeps = { source, content, snapshots, log: deps.log, limits: deps.layerLimits, stateDir: deps.stateDir };
  const total = job.descriptor.size;
  const told = ({ stage, done }: LayerProgress): void => report({ part: job.label, stage, done, total });
  const work = (shared: AbortSignal, tell: (progress: LayerProgress) => void): Promise<SnapshotFacts> =>
    fetchLayer(job, layerDeps, shared, tell);
  const error = await failureOf(() => deps.flights.join(job.descriptor.digest, { signal, report: told }, work), signal);
  const tree = kept === null ? job.snapshot : basename((kept as OpenSnapshot).temporary);
  if (problems.length === 0 && error === null) return { finding: null, tree, kept };
  const finding: ImageFinding = {
    part: job.label,
    digest: job.descriptor.digest,
    problems: problems.length === 0 ? ['the layer cannot be checked'] : problems,
    repaired: repair && error === null,
    error,
  };
  return { finding, tree, kept };
}

/** Tells of a blob that is not as it should be. Without repair nothing is dropped and nothing fetched. */
function watchedContent(content: ContentStore, repair: boolean, problems: string[]): LayerDeps['content'] {
  let bad = false;
  const tell = (problem: string): void => {
    if (!bad) problems.push(problem);
    bad = true;
  };
  return {
    streamBlob: (digest) => content.streamBlob(digest),
    ingest: async (digest) => {
      if (!repair) throw new NotRepaired();
      return content.ingest(digest);
    },
    async hasBlob(digest, size) {
      if (bad && !repair) return false;
      const present = await content.hasBlob(digest, size);
      if (!present) tell('the blob is missing or cut off');
      return present;
    },
    async dropBlob(digest) {
      tell('the blob does not match its digest');
      if (repair) await content.dropBlob(digest);
    },
  };
}

/** Why something could not be done; null: it was, or it was not to be. An abort is thrown. */
async function failureOf(work: () => Promise<unknown>, signal: AbortSignal): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotRepaired) return null;
    if (error instanceof TsdockError) return describeError(error);
    throw error;
  }
}
