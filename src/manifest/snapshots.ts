import type { SourceFile, SourceSnapshot } from '../model/graph.ts';
import type { SetId } from '../model/resource.ts';
import type { Loaded } from './load.ts';

/** Documents that were loaded without an error → one complete snapshot for each set they belong to, in the order of the sets' names. */
export function snapshotsOf(loaded: Loaded, options: { readonly prune: boolean }): readonly SourceSnapshot[] {
  const sets = [...new Set(loaded.documents.map((document) => document.set))].sort();
  return sets.map((set) => ({
    set,
    documents: loaded.documents.filter((document) => document.set === set),
    complete: true,
    prune: options.prune,
    held: new Set(),
    files: filesOf(loaded, set),
  }));
}

function filesOf(loaded: Loaded, set: SetId): readonly SourceFile[] {
  return loaded.perFile
    .filter(({ documents }) => documents.some((document) => document.set === set))
    .map(({ file }) => ({ path: file, state: 'ok', error: null }));
}
