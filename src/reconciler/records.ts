import type { NewEvent } from '../model/event.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { Allocation, AnyAction, ResourceRecord } from '../model/plan.ts';
import { type ActingKind, parseKey, parseSlot, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';
import type { Observation } from './observer.ts';
import type { Records } from './plan.ts';

/** Records whose leases a plan has changed. A lease stays with its slot for as long as the record lives. Pure. */
export function leaseRecords(leases: Allocation, graph: DesiredGraph, records: Records): ReadonlyMap<ResourceKey, ResourceRecord> {
  const changed = new Map<ResourceKey, ResourceRecord>();
  const current = (key: ResourceKey): ResourceRecord | undefined => changed.get(key) ?? records.get(key);
  for (const [key, lease] of leases.networks) {
    const record = current(key);
    if (record === undefined || !graph.resources.has(key) || same(record.network, lease)) continue;
    changed.set(key, { ...record, network: lease });
  }
  for (const [subject, lease] of leases.slots) {
    const key = resourceOf(subject);
    const slot = parseSlot(subject)?.slot;
    const record = current(key);
    if (slot === undefined || record === undefined || !graph.resources.has(key) || same(record.slots[slot], lease)) continue;
    changed.set(key, { ...record, slots: { ...record.slots, [slot]: lease } });
  }
  return changed;
}

/**
 * Records of what nobody desires and the world no longer has: they are let go only now, after the removal was seen. Nothing is forgotten while its kind could not be
 * looked at. Pure.
 */
export function forgottenRecords(moment: {
  readonly graph: DesiredGraph;
  readonly observation: Observation;
  readonly records: Records;
  readonly running: ReadonlyMap<SubjectKey, AnyAction>;
}): { readonly records: ReadonlyMap<ResourceKey, null>; readonly events: readonly NewEvent[] } {
  const { graph, observation, records } = moment;
  const busy = new Set([...moment.running.keys()].map(resourceOf));
  const forgotten = new Map<ResourceKey, null>();
  const events: NewEvent[] = [];
  for (const [key, record] of records) {
    if (graph.resources.has(key) || observation.observed.resources.has(key) || busy.has(key)) continue;
    if (observation.unseen.has(key) || observation.unseen.has(parseKey(key).kind as ActingKind)) continue;
    forgotten.set(key, null);
    if (record.source === 'implicit') continue;
    const isDeleted = record.deletedAt !== null;
    events.push({
      type: 'Normal',
      reason: isDeleted ? 'Deleted' : 'Pruned',
      object: key,
      generation: record.generation,
      message: isDeleted ? 'it is gone' : `it is gone; ${record.set} no longer names it`,
      actor: 'engine',
    });
  }
  return { records: forgotten, events };
}

/** Records of declared images that are not to be kept, nor used, and that a collection has taken: those whose reference is `gone`. Pure. */
export function collectedRecords(
  { graph, state }: { readonly graph: DesiredGraph; readonly state: { readonly records: Records } },
  gone: (ref: string) => boolean,
): ReadonlyMap<ResourceKey, ResourceRecord> {
  const collected = new Map<ResourceKey, ResourceRecord>();
  for (const resource of graph.resources.values()) {
    const record = state.records.get(resource.key);
    if (resource.kind === 'Image' && !resource.spec.keep && record !== undefined && gone(resource.spec.ref))
      collected.set(resource.key, { ...record, collected: resource.spec.ref });
  }
  return collected;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
