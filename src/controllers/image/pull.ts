import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type PQueue from 'p-queue';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { Digest } from '../../model/reference.ts';
import type { Instant } from '../../model/resource.ts';
import type { RequiredSignature } from '../../model/signature-rule.ts';
import { showSize } from '../../model/size.ts';
import { type ContentStore, hexOf } from './content-store.ts';
import { freeSpace, removeImages } from './disk.ts';
import { fetchLayer, type LayerLimits, type LayerProgress } from './fetch-layer.ts';
import type { Flights } from './flights.ts';
import { chainIds, type LayerDescriptor, type Platform } from './oci.ts';
import type { RefRecord } from './refs.ts';
import { type ResolvedImage, resolveImage } from './resolve.ts';
import type { LayerPlace, SnapshotFacts, Snapshots } from './snapshots.ts';
import type { ImageSource } from './source.ts';
import { verifySignatures } from './verify-signatures.ts';

export interface PullDeps {
  readonly content: ContentStore;
  readonly snapshots: Snapshots;
  readonly log: Logger;
  readonly now: () => Instant;
  readonly host: Platform;
  readonly stateDir: string;
  readonly layerLimits: LayerLimits;
  /** Says what is going to be looked for or brought, so that it does not go meanwhile. */
  readonly need: (names: readonly string[]) => Promise<void>;
  /** Layers that come at the same time, over all pulls. */
  readonly queue: PQueue;
  /** By digest of the blob: a layer two images share is fetched once, and a partial file has one writer. */
  readonly flights: Flights<SnapshotFacts, LayerProgress>;
}

export interface PullProgress {
  /** `layer 2 of 5`. */
  readonly part: string;
  /** `wait`: its turn has not come; it tells only how much there will be. */
  readonly stage: 'resolve' | 'wait' | 'download' | 'unpack' | 'commit';
  readonly done: number;
  readonly total: number | null;
}

export interface PullRequest {
  readonly ref: string;
  readonly source: ImageSource;
  /** What to pull, when it is known already; null: what the name points at now. */
  readonly digest: Digest | null;
  /** The index above it, as a lock or an earlier pull says; null: none is known. */
  readonly topDigest: Digest | null;
  /** Signatures that are required of it. */
  readonly signatures: readonly RequiredSignature[];
  readonly signal: AbortSignal;
  readonly report: (progress: PullProgress) => void;
}

/**
 * Brings everything an image needs and returns its record, without holders; the caller writes it, which is what makes the image visible. Blobs, trees and markers are on disk
 * then. An image without the signatures that are required is refused before a layer of it is asked for. Repeatable at any point: what is complete is used.
 */
export async function pull(request: PullRequest, deps: PullDeps): Promise<Omit<RefRecord, 'holders'>> {
  const { ref, source, signal, report } = request;
  report({ part: ref, stage: 'resolve', done: 0, total: null });
  const resolve = { source, content: deps.content, host: deps.host, digest: request.digest, signal };
  const image = await resolveImage(resolve);
  const signedBy = await verifySignatures({ ref, rules: request.signatures, image, claimedTop: request.topDigest }, resolve);
  const jobs = layerJobs(image);
  await deps.need(jobs.flatMap(({ descriptor, place }) => [descriptor.digest, hexOf(place.diffId), hexOf(place.chainId)]));
  await refuseWithoutSpace(ref, jobs, deps);
  const trees = await flushingMeanwhile(fetchAll(request, jobs, deps), deps.snapshots);
  report({ part: ref, stage: 'commit', done: 0, total: null });
  await deps.snapshots.commit(trees);
  return {
    version: 1,
    ref,
    digest: image.digest,
    topDigest: image.topDigest,
    configDigest: image.configDigest,
    platform: image.platform,
    config: image.parsed.config,
    layers: jobs.map(({ descriptor, place }, i) => ({
      digest: descriptor.digest,
      diffId: place.diffId,
      size: descriptor.size,
      mediaType: descriptor.mediaType,
      snapshot: trees[i]?.name ?? '',
    })),
    unpackedBytes: trees.reduce((sum, tree) => sum + tree.unpackedBytes, 0),
    resolvedAt: deps.now(),
    signedBy,
  };
}

interface Job {
  readonly descriptor: LayerDescriptor;
  readonly place: LayerPlace;
  readonly label: string;
}

function layerJobs(image: ResolvedImage): readonly Job[] {
  const { diffIds } = image.parsed;
  const chain = chainIds(diffIds, (text) => createHash('sha256').update(text).digest('hex'));
  return image.layers.flatMap((descriptor, i) => {
    const diffId = diffIds[i];
    const chainId = chain[i];
    return diffId === undefined || chainId === undefined
      ? []
      : [{ descriptor, place: { diffId, chainId }, label: `layer ${i + 1} of ${image.layers.length}` }];
  });
}

/** All layers, each in its turn of the shared queue. The first failure aborts the rest and is the one reported, after all of them have ended. */
async function fetchAll(request: PullRequest, jobs: readonly Job[], deps: PullDeps): Promise<readonly SnapshotFacts[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  setMaxListeners(0, signal); // every layer listens
  const layerDeps = {
    source: request.source,
    content: deps.content,
    snapshots: deps.snapshots,
    log: deps.log,
    limits: deps.layerLimits,
    stateDir: deps.stateDir,
  };
  let firstFailure: { readonly error: unknown } | null = null;
  const fetchOne = async (job: Job): Promise<SnapshotFacts | null> => {
    const total = job.descriptor.size;
    const waiter = { signal, report: ({ stage, done }: LayerProgress) => request.report({ part: job.label, stage, done, total }) };
    for (;;) {
      let own = false;
      try {
        const facts = await deps.flights.join(job.descriptor.digest, waiter, (shared, report) => {
          own = true;
          return inTurn(deps.queue, shared, () => fetchLayer(job, layerDeps, shared, report));
        });
        const mine = own ? facts : deps.snapshots.find(job.place);
        if (mine !== null) return mine; // else: the same blob, brought for another place or diff id
      } catch (error) {
        if (!own && !signal.aborted) continue; // another pull's source failed; ours may do better
        firstFailure ??= { error };
        failed.abort(error);
        return null;
      }
    }
  };
  // What is still to come is known before its turn comes.
  for (const { label, place, descriptor } of jobs) {
    if (deps.snapshots.find(place) === null) request.report({ part: label, stage: 'wait', done: 0, total: descriptor.size });
  }
  const trees = await Promise.all(jobs.map(fetchOne));
  request.signal.throwIfAborted();
  if (firstFailure !== null) throw (firstFailure as { readonly error: unknown }).error;
  return trees.filter((tree) => tree !== null);
}

/** Pause between two flushes: short beside the second and a half that all of it takes at the end of an image of 400 MB. */
const flushPauseMs = 250;

/** What `work` unpacks goes to disk while it goes on: the disk would idle until the end and then be all that is waited for. The kernel tells each write error once, so a failed flush fails the pull. */
async function flushingMeanwhile<T>(work: Promise<T>, snapshots: Pick<Snapshots, 'flush'>): Promise<T> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  void work.then(end, end);
  let failure: { readonly error: unknown } | null = null;
  while (failure === null && (await elapsed(flushPauseMs, ended.signal))) {
    await snapshots.flush().catch((error: unknown) => (failure = { error }));
  }
  const result = await work;
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return result;
}

/** False when the signal came first. */
async function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** Runs `work` when the queue has room. Aborted before that it never runs; once it runs, its own end counts, so that it has cleaned up when this settles. */
function inTurn<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let begun = false;
    const leave = (): void => {
      if (!begun) reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    const run = async (): Promise<void> => {
      if (signal.aborted) return leave();
      begun = true;
      await work().then(resolve, reject);
    };
    queue.add(run).catch(reject);
  });
}

/** Before the first byte: what is still to come against what is free. DSK001. */
async function refuseWithoutSpace(ref: string, jobs: readonly Job[], deps: PullDeps): Promise<void> {
  let needed = 0;
  for (const { descriptor, place } of jobs) {
    const present = deps.snapshots.find(place) !== null || (await deps.content.hasBlob(descriptor.digest, descriptor.size));
    if (!present) needed += descriptor.size;
  }
  if (needed === 0) return;
  const free = await freeSpace(deps.stateDir);
  if (free.bytes >= needed) return;
  throw new TsdockError('DSK001', {
    message: `need ${showSize(needed)} for ${ref}, ${showSize(free.bytes)} free on ${deps.stateDir}`,
    hint: removeImages,
  });
}
