import type { EngineApi } from '../model/engine-api.ts';
import type { SourceSnapshot } from '../model/graph.ts';
import { resourceKey } from '../model/resource.ts';
import { type LoadedInput, mayNameImageObject } from './inputs.ts';

/** Snapshots of an input for an engine: only when an `image` could name an Image object is the engine asked which ones it knows. */
export async function snapshotsFor(engine: EngineApi, input: LoadedInput): Promise<readonly SourceSnapshot[]> {
  if (!input.loaded.documents.some(mayNameImageObject)) return await input.snapshots(new Set());
  const known = await engine.resources({ kind: 'Image', namespace: null, name: null });
  const declared = known.filter(({ metadata }) => metadata.namespace !== '_');
  return await input.snapshots(new Set(declared.map(({ metadata }) => resourceKey('Image', metadata.namespace, metadata.name))));
}
