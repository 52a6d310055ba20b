import { statfs } from 'node:fs/promises';
import type { DiskPart, DiskUsage, ImageItem, PruneReport } from '../model/engine-api.ts';
import type { Digest } from '../model/reference.ts';
import { type AnyResource, parseKey } from '../model/resource.ts';
import { directoriesOf } from '../store/directories.ts';
import { nothingSeen, observe } from './observer.ts';
import type { EngineOptions } from './options.ts';
import { observedContainers, observerOptionsOf, type View } from './reader.ts';

/** What must stay of images. */
export interface ImageUse {
  /** References that are desired, or that a kept revision names: it can be made desired again without a registry. */
  readonly refs: ReadonlySet<string>;
  /** Config digests that instances were made from, or are being made from. */
  readonly configDigests: ReadonlySet<Digest>;
  /** Why that is not known; null: it is. */
  readonly unknown: string | null;
}

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
  const observation = await observe(nothingSeen, 'all', observerOptionsOf(engine));
  const refs = [...view.graph.resources.values(), ...kept].flatMap(refsOf);
  const instances = observedContainers({ observation }).flatMap((container) => container.slots.map((slot) => slot.imageConfig));
  const coming = underWay.flatMap((action) =>
    action.kind === 'Container' && action.input.verb === 'create' ? [action.input.create.image.configDigest] : [],
  );
  const [unseen] = observation.unseen.keys();
  return {
    refs: new Set(refs),
    configDigests: new Set([...instances, ...coming]),
    unknown: unseen === undefined ? null : `what is there of kind ${unseen} could not be looked at`,
  };
}

/** References of images that a document names, itself or through what it uses. */
function refsOf(resource: AnyResource): readonly string[] {
  const own = resource.kind === 'Image' ? [resource.spec.ref] : [];
  const used = resource.refs.flatMap(({ key }) => {
    const { kind, namespace, name } = parseKey(key);
    return kind === 'Image' && namespace === '_' ? [name] : [];
  });
  return [...own, ...used];
}

/** Whether nothing names or runs an image. Pure. */
export function isUnused({ ref, configDigest }: Pick<ImageItem, 'ref' | 'configDigest'>, use: ImageUse): boolean {
  return !use.refs.has(ref) && ![...use.configDigests].some((digest) => digest === configDigest);
}

export interface PruneOptions {
  readonly olderThanMs: number;
  readonly dryRun: boolean;
}

/** Removes images that nothing uses, and content that no image needs. On an incomplete picture nothing goes, and the report says why. */
export async function prune(engine: EngineOptions, use: ImageUse, { olderThanMs, dryRun }: PruneOptions): Promise<PruneReport> {
  if (use.unknown !== null) return { dryRun, images: [], blobs: 0, layers: 0, bytes: 0, held: use.unknown };
  const now = engine.now();
  const unused = (await engine.images.list()).filter((item) => isUnused(item, use) && Date.parse(item.resolvedAt) <= now - olderThanMs);
  const { blobs, layers, bytes, held } = await engine.images.collect({
    forget: unused.map(({ ref }) => ref),
    configDigests: use.configDigests,
    before: now - olderThanMs,
    dryRun,
  });
  const images = held === null ? unused.map(({ ref, digest, sizeBytes }) => ({ ref, digest, sizeBytes })) : [];
  return { dryRun, images, blobs, layers, bytes, held };
}

/** What lies on the disk of the state directory, by what it is for. */
export async function diskUsage(engine: EngineOptions, view: View, use: ImageUse): Promise<DiskUsage> {
  const directories = directoriesOf(engine);
  const { bsize, blocks, bavail } = await statfs(directories.state);
  const [content, layers, upper, volumes, logs, store] = await Promise.all(
    (['content', 'layers', 'upper', 'volumes', 'logs', 'store'] as const).map((name) => usageOf(engine, directories[name])),
  );
  const images = await engine.images.list();
  const { bytes: reclaimableBytes } = await prune(engine, use, { olderThanMs: 0, dryRun: true });
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
