import type { Observed, ObservedContainer } from '../model/observed.ts';
import type { ResourceRecord, SlotLease } from '../model/plan.ts';
import type { Instant, ResourceKey } from '../model/resource.ts';

/**
 * Records of things that carry an identity of this engine and that the store knows nothing of, as after the store was lost: whose they are, what they were made from and
 * the leases they hold. Their sets are unknown until a source names them again, so nothing of it is pruned. Images and Configs need none: they are cache and content. Pure.
 */
export function recordsFromWorld(
  observed: Iterable<Observed>,
  records: ReadonlyMap<ResourceKey, ResourceRecord>,
  now: Instant,
): ReadonlyMap<ResourceKey, ResourceRecord> {
  const rebuilt = new Map<ResourceKey, ResourceRecord>();
  for (const thing of observed) {
    if (thing.identity === null || thing.identity.uid === '' || records.has(thing.key)) continue;
    if (thing.kind !== 'Container' && thing.kind !== 'Network' && thing.kind !== 'Volume') continue;
    rebuilt.set(thing.key, {
      key: thing.key,
      uid: thing.identity.uid,
      set: thing.identity.set,
      source: 'world',
      generation: 1,
      specHash: thing.identity.specHash,
      schemaVersion: thing.identity.schemaVersion,
      createdAt: now,
      lastApplied: null,
      labels: {},
      network: thing.kind === 'Network' ? { link: thing.link, subnet: thing.subnet, gateway: thing.gateway } : null,
      slots: thing.kind === 'Container' ? slotLeases(thing) : {},
      stoppedAt: stoppedAt(thing),
      restartAfter: null,
      deletedAt: null,
    });
  }
  return rebuilt;
}

/** Addresses by slot, from what the instances hold: the first address is on the slot, all of them are among the claims. */
function slotLeases(container: ObservedContainer): Readonly<Record<number, SlotLease>> {
  const leases: Record<number, SlotLease> = {};
  for (const slot of container.slots) {
    for (const claim of container.claims) {
      const [, network, address] = /^address:(Network\/[^:]+):(.+)$/.exec(claim) ?? [];
      if (network === undefined || address === undefined || address !== slot.address) continue;
      leases[slot.slot] = { addresses: { ...leases[slot.slot]?.addresses, [network as ResourceKey]: address } };
    }
  }
  return leases;
}

/** A person's stop outlives the store: the supervisor remembers who stopped it. */
function stoppedAt(thing: Observed): Instant | null {
  if (thing.kind !== 'Container' || thing.slots.length === 0) return null;
  const stopped = thing.slots.filter((slot) => slot.stoppedBy === 'user');
  return stopped.length === thing.slots.length ? Math.max(...stopped.map((slot) => slot.since)) : null;
}
