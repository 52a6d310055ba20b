import type { DesiredGraph } from '../../model/graph.ts';
import type { ObservedContainer } from '../../model/observed.ts';
import type { NetworkLease, Reason, SlotLease } from '../../model/plan.ts';
import { type Resource, type ResourceKey, type SlotKey, type SubjectKey, slotKey } from '../../model/resource.ts';
import { type AllocationFacts, observedOf, ofKind, reason } from './facts.ts';
import { formatAddress, formatSubnet, parseAddress, parseSubnet, type Subnet, subnetAt } from './ipv4.ts';

interface SlotWork extends AllocationFacts {
  readonly networks: ReadonlyMap<ResourceKey, NetworkLease>;
}

/** One place that needs an address in one network. */
interface Place {
  readonly subject: SlotKey;
  readonly container: Resource<'Container'>;
  readonly slot: number;
  readonly network: ResourceKey<'Network'>;
  readonly fixed: string | null;
}

/** An address in each of its networks for every slot that can have them. */
export function allocateAddresses(
  facts: AllocationFacts,
  networks: ReadonlyMap<ResourceKey, NetworkLease>,
): ReadonlyMap<SubjectKey, SlotLease> {
  const work: SlotWork = { ...facts, networks };
  const pools = new Map<ResourceKey, AddressPool>();
  for (const [key, lease] of work.networks) {
    const network = work.desired.resources.get(key);
    if (network?.kind === 'Network') pools.set(key, addressPool(lease, network.spec.ipRange));
  }
  const places = placesOf(work.desired);
  const desiredSlots = new Set<SubjectKey>(places.map((place) => place.subject));
  holdForOthers(work, pools, desiredSlots);

  const found = new Map<SubjectKey, Record<ResourceKey, string>>();
  const give = (place: Place, pool: AddressPool, address: number) => {
    pool.taken.set(address, place.subject);
    found.set(place.subject, { ...found.get(place.subject), [place.network]: formatAddress(address) });
  };
  const open = new Set(places);
  // What a slot has on the host, what it is remembered with, then static addresses, then what is free: nobody loses an address to a newcomer.
  for (const held of [heldByInstance, heldByRecord]) {
    for (const place of open) {
      const pool = pools.get(place.network);
      const address = held(place, work);
      if (pool === undefined || address === null || !mayKeep(pool, address, place)) continue;
      give(place, pool, address);
      open.delete(place);
    }
  }
  for (const place of open) {
    if (place.fixed === null) continue;
    open.delete(place);
    const pool = pools.get(place.network);
    const address = parseAddress(place.fixed);
    const conflict = pool === undefined || address === null ? null : staticConflict(pool, address, place);
    if (pool === undefined) work.missing.set(place.subject, networkMissing(place.network, work));
    else if (address === null || conflict !== null) {
      const message = `${place.fixed} in ${place.network} ${conflict ?? 'is no IPv4 address'}`;
      work.missing.set(place.subject, reason('AddressInUse', message, 'networks'));
    } else give(place, pool, address);
  }
  for (const place of open) {
    const pool = pools.get(place.network);
    const address = pool === undefined ? null : nextFree(pool);
    if (pool === undefined) work.missing.set(place.subject, networkMissing(place.network, work));
    else if (address === null) {
      work.missing.set(
        place.subject,
        reason(
          'PoolExhausted',
          `no free address in ${formatAddress(pool.from)} to ${formatAddress(pool.to)} of ${place.network}: ${pool.taken.size} used`,
          'networks',
        ),
      );
    } else give(place, pool, address);
  }
  for (const subject of work.missing.keys()) found.delete(subject);
  return new Map([...found].map(([subject, addresses]) => [subject, { addresses }]));
}

interface AddressPool {
  readonly subnet: Subnet;
  readonly gateway: number;
  /** Leased addresses lie in `from`…`to`. */
  readonly from: number;
  readonly to: number;
  /** Who has what; the slot itself, or a word for what is not a slot. */
  readonly taken: Map<number, string>;
  next: number;
}

function addressPool(lease: NetworkLease, ipRange: string | null): AddressPool {
  const subnet = parseSubnet(lease.subnet) ?? subnetAt(0, 32);
  const gateway = parseAddress(lease.gateway) ?? subnet.first;
  const range = (ipRange === null ? null : parseSubnet(ipRange)) ?? subnet;
  const from = Math.max(range.first, subnet.first + 1);
  return { subnet, gateway, from, to: Math.min(range.last, subnet.last - 1), taken: new Map(), next: from };
}

/** Every slot of every container on a bridge, in key order. */
function placesOf(desired: DesiredGraph): readonly Place[] {
  const places: Place[] = [];
  for (const container of ofKind(desired, 'Container')) {
    if (container.spec.networkMode !== 'bridge') continue;
    for (let slot = 1; slot <= container.spec.replicas; slot++) {
      for (const join of container.spec.networks) {
        places.push({ subject: slotKey(container.key, slot), container, slot, network: join.network, fixed: join.ipv4 });
      }
    }
  }
  return places;
}

/** Addresses of what is not desired any more but still there, or still remembered. */
function holdForOthers(
  { desired, records, observed }: SlotWork,
  pools: ReadonlyMap<ResourceKey, AddressPool>,
  desiredSlots: ReadonlySet<SubjectKey>,
): void {
  const hold = (subject: SlotKey, network: ResourceKey, text: string) => {
    const address = parseAddress(text);
    const pool = pools.get(network);
    if (address !== null && pool !== undefined && !desiredSlots.has(subject)) pool.taken.set(address, subject);
  };
  for (const record of records.values()) {
    // A desired container holds what its replicas need, no more: what it was scaled down from is free.
    if (!isContainerKey(record.key) || desired.resources.has(record.key)) continue;
    for (const [slot, lease] of Object.entries(record.slots)) {
      for (const [network, address] of Object.entries(lease.addresses))
        hold(slotKey(record.key, Number(slot)), network as ResourceKey, address);
    }
  }
  for (const container of observedOf(observed, 'Container')) {
    for (const instance of container.slots) {
      for (const network of instance.uses)
        if (instance.address !== null) hold(slotKey(container.key, instance.slot), network, instance.address);
    }
  }
}

function heldByRecord(place: Place, { records }: SlotWork): number | null {
  const text = records.get(place.container.key)?.slots[place.slot]?.addresses[place.network];
  return text === undefined ? null : parseAddress(text);
}

/** The address of the instance, which is the one in its first network: what runs stays where it is, also when a rebuilt store knows no leases. */
function heldByInstance(place: Place, { observed }: SlotWork): number | null {
  if (place.container.spec.networks[0]?.network !== place.network) return null;
  const container = observed.resources.get(place.container.key) as ObservedContainer | undefined;
  const instance = container?.slots.find((candidate) => candidate.slot === place.slot && candidate.address !== null);
  return instance?.address == null ? null : parseAddress(instance.address);
}

/** A leased address is kept while it lies in the range and is nobody else's, a static one as long as the manifest still says it. */
function mayKeep(pool: AddressPool, address: number, place: Place): boolean {
  if (place.fixed !== null) return address === parseAddress(place.fixed) && staticConflict(pool, address, place) === null;
  const holder = pool.taken.get(address);
  return address >= pool.from && address <= pool.to && address !== pool.gateway && (holder === undefined || holder === place.subject);
}

function nextFree(pool: AddressPool): number | null {
  while (pool.next <= pool.to) {
    const address = pool.next++;
    if (address !== pool.gateway && !pool.taken.has(address)) return address;
  }
  return null;
}

/** A static address may lie outside the leased range but not outside the subnet. */
function staticConflict(pool: AddressPool, address: number, place: Place): string | null {
  if (address <= pool.subnet.first || address >= pool.subnet.last) return `is outside ${formatSubnet(pool.subnet)}`;
  if (address === pool.gateway) return 'is its gateway';
  const holder = pool.taken.get(address);
  return holder === undefined || holder === place.subject ? null : `is held by ${holder}`;
}

function networkMissing(network: ResourceKey, work: SlotWork): Reason {
  return work.missing.get(network) ?? reason('NetworkMissing', `${network} does not exist`, 'networks');
}

function isContainerKey(key: ResourceKey): key is ResourceKey<'Container'> {
  return key.startsWith('Container/');
}
