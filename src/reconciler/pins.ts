import { TsdockError } from '../model/errors.ts';
import type { DesiredGraph, SourceSnapshot } from '../model/graph.ts';
import type { ImagePin } from '../model/image-pin.ts';
import type { ResourceRecord } from '../model/plan.ts';
import type { Resource, ResourceKey } from '../model/resource.ts';
import type { Observation } from './observer.ts';
import type { EngineOptions } from './options.ts';
import type { Records } from './plan.ts';

/** Tags an apply found to have moved, and those it could not look up. */
export interface FoundPins {
  readonly pins: ReadonlyMap<ResourceKey, ImagePin>;
  readonly warnings: readonly string[];
}

export const noPins: FoundPins = { pins: new Map(), warnings: [] };

/** All look-ups of one apply have this long together; what does not answer stays as it is. */
const lookUpMs = 30_000;

/** Whether something in these documents is looked up again at each apply. */
export function wantsLookUp(snapshots: readonly SourceSnapshot[]): boolean {
  return snapshots.some(({ documents }) =>
    documents.some(
      (document) =>
        (document.kind === 'Image' && document.spec.pullPolicy === 'Always') ||
        (document.kind === 'Container' && document.spec.imagePullPolicy === 'Always'),
    ),
  );
}

/**
 * Asks, once an apply, what the tags of pull policy Always stand for, as far as their image is here: one that is not is fetched anyway. A registry that does not answer is a warning,
 * and what is here stays.
 */
export async function findPins(
  engine: Pick<EngineOptions, 'images' | 'now'>,
  wanted: { readonly graph: DesiredGraph; readonly keys: ReadonlySet<ResourceKey>; readonly observation: Observation },
  signal: AbortSignal,
): Promise<FoundPins> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(lookUpMs)]);
  const pins = new Map<ResourceKey, ImagePin>();
  const warnings: string[] = [];
  const lookUp = async ({ key, spec: { ref } }: Resource<'Image'>): Promise<void> => {
    const observed = wanted.observation.observed.resources.get(key);
    if (observed?.kind !== 'Image' || observed.ref !== ref) return;
    try {
      const { digest, topDigest, configDigest, platform } = await engine.images.lookUp(ref, { signal: bounded, newer: false });
      if (configDigest !== observed.configDigest) pins.set(key, { ref, digest, topDigest, configDigest, platform, at: engine.now() });
    } catch (error) {
      signal.throwIfAborted();
      if (!bounded.aborted && !(error instanceof TsdockError)) throw error;
      const why = error instanceof TsdockError ? error.message : `no answer for ${lookUpMs / 1000} s`;
      warnings.push(`${ref} could not be looked up, ${observed.digest.slice(0, 19)} stays: ${why}`);
    }
  };
  await Promise.all(lookedUp(wanted.graph, wanted.keys).map(lookUp));
  return { pins, warnings: warnings.sort() };
}

function lookedUp(graph: DesiredGraph, keys: ReadonlySet<ResourceKey>): readonly Resource<'Image'>[] {
  return [...graph.resources.values()].filter(
    (resource): resource is Resource<'Image'> & typeof resource =>
      resource.kind === 'Image' && keys.has(resource.key) && resource.spec.pullPolicy === 'Always',
  );
}

/** Records with what was found out. Pure. */
export function withPins(records: Records, { pins }: FoundPins): Records {
  const changed = new Map<ResourceKey, ResourceRecord>(records);
  for (const [key, pin] of pins) {
    const record = changed.get(key);
    if (record !== undefined) changed.set(key, { ...record, pin });
  }
  return changed;
}
