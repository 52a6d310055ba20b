import type { DesiredGraph } from '../../model/graph.ts';
import type { ObservedContainer, ObservedNetwork, ObservedState } from '../../model/observed.ts';
import type { Reason, ResourceRecord } from '../../model/plan.ts';
import type { Resource, ResourceKey, SubjectKey } from '../../model/resource.ts';

/** What an allocation is made from. `missing` is where both halves of it put what they could not give. */
export interface AllocationFacts {
  readonly desired: DesiredGraph;
  readonly records: ReadonlyMap<ResourceKey, ResourceRecord>;
  readonly observed: ObservedState;
  readonly missing: Map<SubjectKey, Reason>;
}

/** Desired resources of a kind, in key order. */
export function ofKind<K extends 'Network' | 'Container'>(desired: DesiredGraph, kind: K): readonly Resource<K>[] {
  const found = [...desired.resources.values()].filter((resource): resource is Resource<K> & typeof resource => resource.kind === kind);
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function observedOf(observed: ObservedState, kind: 'Network'): readonly ObservedNetwork[];
export function observedOf(observed: ObservedState, kind: 'Container'): readonly ObservedContainer[];
export function observedOf(observed: ObservedState, kind: 'Network' | 'Container'): readonly (ObservedNetwork | ObservedContainer)[] {
  return [...observed.resources.values()].flatMap((state) =>
    state.kind === kind && (state.kind === 'Network' || state.kind === 'Container') ? [state] : [],
  );
}

export function reason(code: Reason['code'], message: string, path: string): Reason {
  return { code, message, paths: [path] };
}
