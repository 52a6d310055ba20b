import { statfs } from 'node:fs/promises';
import type { DiskPart, DiskUsage, GcReport, PruneReport } from '../model/engine-api.ts';
import type { GcPolicy } from '../model/gc-policy.ts';
import { type AnyResource, type InstanceId, type Instant, parseKey } from '../model/resource.ts';
import { formatInstant } from '../model/time.ts';
import { directoriesOf } from '../store/directories.ts';
import {
  amountOf,
  chooseGarbage,
  type DiskSpace,
  excessOf,
  fillOf,
  type ImageUse,
  isUnused,
  type Part,
  type UnusedImage,
  unusedImages,
  without,
} from './garbage.ts';
import { nothingSeen, observe } from './observer.ts';
import type { CollectOptions, EngineOptions } from './options.ts';
import { observedContainers, observerOptionsOf, type View } from './reader.ts';

/**
 * Looks at what runs and at what is under way. To be called while no wish is accepted and no action started (`Mutex`): an action that ends meanwhile was seen as one under way, or what it
 * made is seen.
 */
export async function findImageUse(
  engine: EngineOptions,
  view: Pick<View, 'graph' | 'running'>,
  kept: readonly AnyResource[],
): Promise<ImageUse> {
  const underWay = [...view.running.values()];
  const before = await engine.native.containers.ids();
  const observation = await observe(nothingSeen, 'all', observerOptionsOf(engine));
  const refs = usedRefs([...view.graph.resources.values(), ...kept]);
  const instances = observedContainers({ observation }).flatMap((container) => container.slots.map((slot) => slot.imageConfig));
  const coming = underWay.flatMap((action) =>
    action.kind === 'Container' && action.input.verb === 'create' ? [action.input.create.image.configDigest] : [],
  );
  const [unseen] = observation.unseen.keys();
  const unread = await unreadInstance(engine, before, observation);
  return {
    refs,
    configDigests: new Set([...instances, ...coming]),
    unknown: unseen === undefined ? unread : `what is there of kind ${unseen} could not be looked at`,
  };
}

/** An instance that is there and says nothing that can be read runs from an image nobody can name. */
async function unreadInstance(
  engine: EngineOptions,
  before: readonly InstanceId[],
  observation: View['observation'],
): Promise<string | null> {
  const read = new Set(observedContainers({ observation }).flatMap(({ slots }) => slots.map(({ instance }) => instance)));
  const unread = before.filter((id) => !read.has(id));
  if (unread.length === 0) return null;
  const present = new Set(await engine.native.containers.ids());
  const found = unread.find((id) => present.has(id));
  return found === undefined ? null : `instance ${found} cannot be read`;
}

/** References of images that documents name: as Images that are to be kept, or through what they use. */
function usedRefs(documents: readonly AnyResource[]): ReadonlySet<string> {
  const images = documents.filter((document) => document.kind === 'Image');
  const named = new Set(documents.flatMap(({ refs }) => refs.map(({ key }) => key)));
  const own = images.filter(({ key, spec }) => spec.keep || named.has(key)).map(({ spec }) => spec.ref);
  const implicit = [...named].map((key) => parseKey(key)).filter(({ kind, namespace }) => kind === 'Image' && namespace === '_');
  return new Set([...own, ...implicit.map(({ name }) => name)]);
}

/** Deletes what a removal took the names of: long work that nobody has to wait for. To be called once; what is left when `signal` ends it goes with the next sweep. */
export type Finish<T> = (signal: AbortSignal) => Promise<T>;

/** What a collection has taken the names of. */
export interface Taken<T> {
  /** References that are forgotten. */
  readonly gone: readonly string[];
  readonly finish: Finish<T>;
}

/** What `prune` would remove. Changes nothing. */
export async function prunable(engine: EngineOptions, use: ImageUse, olderThanMs: number): Promise<PruneReport> {
  if (use.unknown !== null) return { ...nothingPruned, dryRun: true, held: use.unknown };
  const { images, what } = await unusedBefore(engine, use, olderThanMs);
  const { parts, held } = await engine.images.collectable(what);
  return { dryRun: true, images: held === null ? images : [], ...countOf(parts), held };
}

/**
 * Removes images that nothing uses, and content that no image needs. On an incomplete picture nothing goes, and the report says why. To be called as `findImageUse`; what it
 * gives back is not.
 */
export async function prune(engine: EngineOptions, use: ImageUse, olderThanMs: number): Promise<Taken<PruneReport>> {
  if (use.unknown !== null) return { gone: [], finish: async () => ({ ...nothingPruned, held: use.unknown }) };
  const { images: unused, what } = await unusedBefore(engine, use, olderThanMs);
  const { blobs, layers, held, empty } = await engine.images.collect(what);
  const images = held === null ? unused : [];
  return {
    gone: images.map(({ ref }) => ref),
    finish: async (signal) => ({ dryRun: false, images, blobs, layers, bytes: await empty(signal), held }),
  };
}

const nothingPruned: PruneReport = { dryRun: false, images: [], blobs: 0, layers: 0, bytes: 0, held: null };

async function unusedBefore(
  engine: EngineOptions,
  use: ImageUse,
  olderThanMs: number,
): Promise<{ readonly images: PruneReport['images']; readonly what: CollectOptions }> {
  const before = engine.now() - olderThanMs;
  const unused = (await engine.images.list()).filter((item) => isUnused(item, use) && Date.parse(item.resolvedAt) <= before);
  const images = unused.map(({ ref, digest, sizeBytes }) => ({ ref, digest, sizeBytes }));
  return { images, what: { forget: images.map(({ ref }) => ref), configDigests: use.configDigests, before } };
}

function countOf(parts: readonly Part[]): { readonly blobs: number; readonly layers: number; readonly bytes: number } {
  const layers = parts.filter(({ is }) => is === 'layer').length;
  return { blobs: parts.length - layers, layers, bytes: amountOf(parts).bytes };
}

// ------------------------------------------------------------------------------------------------------------------- by pressure

/** How full the disk of the state directory is. */
export function spaceOf({ diskSpace = statDisk, ...engine }: EngineOptions): Promise<DiskSpace> {
  return diskSpace(directoriesOf(engine).state);
}

async function statDisk(path: string): Promise<DiskSpace> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  return { usedBytes: (blocks - bfree) * bsize, freeBytes: bavail * bsize, usedInodes: files - ffree, freeInodes: ffree };
}

/** What a collection would do. */
export interface GarbageChoice {
  readonly report: GcReport;
  /** Oldest first. */
  readonly images: readonly UnusedImage[];
  /** Nothing is to go, not even content without an image. */
  readonly isEmpty: boolean;
  /** What came later stays. */
  readonly before: Instant;
}

/** Chooses what has to go until the disk is at `gc.low`. Changes nothing; as some of it may be in use by the time it is done, `collectChoice` looks again. */
export async function chooseForDisk(engine: EngineOptions, use: ImageUse): Promise<GarbageChoice> {
  const { high, low, minAgeMs } = engine.gc;
  const now = engine.now();
  const before = now - minAgeMs;
  const space = await spaceOf(engine);
  const need = excessOf(space, low);
  const report = { dryRun: true, path: directoriesOf(engine).state, usedBefore: fillOf(space), high, low };
  const nothing = { ...report, images: [], blobs: 0, layers: 0, bytes: 0, usedAfter: report.usedBefore };
  if (need.bytes === 0 && need.inodes === 0) return { report: { ...nothing, held: null }, images: [], isEmpty: true, before };
  const candidates = unusedImages(await engine.images.list(), use, { now, minAgeMs });
  const what = { forget: candidates.map(({ ref }) => ref), configDigests: use.configDigests, before };
  const { parts: all, held } = use.unknown === null ? await engine.images.collectable(what) : { parts: [], held: use.unknown };
  if (held !== null) return { report: { ...nothing, held }, images: [], isEmpty: true, before };
  const { images, parts } = chooseGarbage(candidates, all, need);
  const usedAfter = fillOf(without(space, amountOf(parts)));
  return {
    report: { ...report, images: images.map(toReported), ...countOf(parts), held, usedAfter },
    images,
    isEmpty: parts.length === 0,
    before,
  };
}

/** Removes what was chosen, as far as nothing uses it by now. To be called as `findImageUse`; what it gives back is not. */
export async function collectChoice(engine: EngineOptions, use: ImageUse, choice: GarbageChoice): Promise<Taken<GcReport>> {
  const { now, gc, images: store } = engine;
  const unused = new Set(unusedImages(await store.list(), use, { now: now(), minAgeMs: gc.minAgeMs }).map(({ ref }) => ref));
  const chosen = choice.images.filter(({ ref }) => unused.has(ref));
  const nothing = { ...choice.report, dryRun: false, images: [], blobs: 0, layers: 0, bytes: 0, usedAfter: choice.report.usedBefore };
  const none = (held: string): Taken<GcReport> => ({ gone: [], finish: async () => ({ ...nothing, held }) });
  if (use.unknown !== null) return none(use.unknown);
  const what = { forget: chosen.map(({ ref }) => ref), configDigests: use.configDigests, before: choice.before };
  const { blobs, layers, held, empty } = await store.collect(what);
  if (held !== null) return none(held);
  const finish = async (signal: AbortSignal): Promise<GcReport> => {
    const bytes = await empty(signal);
    return { ...nothing, images: chosen.map(toReported), blobs, layers, bytes, held, usedAfter: fillOf(await spaceOf(engine)) };
  };
  return { gone: what.forget, finish };
}

const toReported = ({ unusedSince, ...image }: UnusedImage) => ({ ...image, unusedSince: formatInstant(unusedSince) });

/**
 * Notes what is in use, so that the age of an image counts from its last use. To a small part of the age that matters, so that it is seldom written. It only helps to choose well: a disk
 * that is full is no reason not to collect.
 */
export async function noteImageUse(engine: EngineOptions, use: ImageUse): Promise<void> {
  if (use.unknown !== null) return;
  const used = (await engine.images.list()).filter((item) => !isUnused(item, use)).map(({ ref }) => ref);
  const now = engine.now();
  try {
    await engine.images.noteUse(used, { at: now, unlessSince: now - useNotedMs(engine.gc) });
  } catch (error) {
    engine.log.warn(`when images were used cannot be noted: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How old a note of use may be: an hour for an age of a day. */
export function useNotedMs({ minAgeMs }: GcPolicy): number {
  return Math.max(60_000, minAgeMs / 24);
}

// ------------------------------------------------------------------------------------------------------------------------- all of it

/** What lies on the disk of the state directory, by what it is for. */
export async function diskUsage(engine: EngineOptions, view: View, use: ImageUse): Promise<DiskUsage> {
  const directories = directoriesOf(engine);
  const { bsize, blocks, bavail } = await statfs(directories.state);
  const [content, layers, upper, volumes, logs, store] = await Promise.all(
    (['content', 'layers', 'upper', 'volumes', 'logs', 'store'] as const).map((name) => usageOf(engine, directories[name])),
  );
  const images = await engine.images.list();
  const { bytes: reclaimableBytes } = await prunable(engine, use, 0);
  const part = (name: DiskPart['name'], count: number | null, bytes = 0): DiskPart => ({ name, count, bytes, reclaimableBytes: 0 });
  const instances = observedContainers(view).flatMap((container) => container.slots).length;
  const kept = [...view.observation.observed.resources.values()].filter(({ kind }) => kind === 'Volume').length;
  return {
    path: directories.state,
    totalBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    parts: [
      { name: 'images', count: images.length, bytes: (content ?? 0) + (layers ?? 0), reclaimableBytes },
      part('writable', instances, upper),
      part('volumes', kept, volumes),
      part('logs', null, logs),
      part('state', null, store),
    ],
  };
}

/** Bytes on disk; 0 for a directory that was never made. */
async function usageOf(engine: EngineOptions, path: string): Promise<number> {
  try {
    return (await engine.native.layers.usage(path)).bytes;
  } catch (error) {
    if (error instanceof Error && (error as { readonly code?: unknown }).code === 'ENOENT') return 0;
    throw error;
  }
}
