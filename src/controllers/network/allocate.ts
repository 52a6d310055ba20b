import type { DesiredGraph } from '../../model/graph.ts';
import type { ObservedContainer, ObservedNetwork, ObservedState } from '../../model/observed.ts';
import type { Allocation, NetworkLease, Reason, ResourceRecord, SlotLease } from '../../model/plan.ts';
import { type Resource, type ResourceKey, type SlotKey, type SubjectKey, slotKey } from '../../model/resource.ts';
import { formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet, type Subnet, subnetAt } from './ipv4.ts';
import { linkName } from './link.ts';

export interface AllocateOptions {
  /** Of the engine; every link's name begins with it. */
  readonly prefix: string;
  /** CIDRs from which networks without a subnet of their own get a /24. */
  readonly pools: readonly string[];
}

/** 1,024 networks; a second range for hosts on which somebody else routes all of the first. */
export const defaultPools: readonly string[] = ['10.88.0.0/14', '172.28.0.0/14'];

const networkPrefix = 24;

type Records = ReadonlyMap<ResourceKey, ResourceRecord>;

/**
 * Gives every network its link and subnet and every slot its addresses. Keeps what records and running instances hold, hands out the rest in key order. Total while the
 * pools suffice; what gets nothing is in `missing` with the reason. What is held by something that is not desired any more stays taken until it is gone. Pure.
 */
export function allocate(desired: DesiredGraph, records: Records, observed: ObservedState, options: AllocateOptions): Allocation {
  const missing = new Map<SubjectKey, Reason>();
  const networks = allocateNetworks({ desired, records, observed, options, missing });
  const slots = allocateSlots({ desired, records, observed, networks, missing });
  return { networks, slots, missing };
}

// ------------------------------------------------------------------------------------------------------------------ networks

interface NetworkWork {
  readonly desired: DesiredGraph;
  readonly records: Records;
  readonly observed: ObservedState;
  readonly options: AllocateOptions;
  readonly missing: Map<SubjectKey, Reason>;
}

interface Taken {
  readonly subnet: Subnet;
  readonly by: string;
}

function allocateNetworks(work: NetworkWork): ReadonlyMap<ResourceKey, NetworkLease> {
  const wanted = ofKind(work.desired, 'Network');
  const routes = work.observed.hostRoutes.map(parseSubnet).filter((route): route is Subnet => route !== null && route.prefix > 1);
  const taken: Taken[] = takenByOthers(work);
  const given = new Map<ResourceKey, Subnet>();
  const give = (key: ResourceKey, subnet: Subnet) => {
    given.set(key, subnet);
    taken.push({ subnet, by: key });
  };

  const fixed = wanted.filter((network) => network.spec.subnet !== null);
  const automatic = wanted.filter((network) => network.spec.subnet === null);
  // What exists on the host comes first, whoever asks: moving it would cut connections.
  for (const network of automatic) {
    const kept = keptSubnet(network.key, work, routes);
    if (kept !== null && !taken.some((other) => overlaps(other.subnet, kept))) give(network.key, kept);
  }
  for (const network of fixed) {
    const subnet = parseSubnet(network.spec.subnet ?? '');
    const conflict = subnet === null ? 'it is not an IPv4 subnet' : conflictOf(subnet, taken, network.key, work, routes);
    if (subnet === null || conflict !== null) {
      work.missing.set(network.key, reason('SubnetConflict', `${network.spec.subnet}: ${conflict}`, 'subnet'));
    } else {
      give(network.key, subnet);
    }
  }
  for (const network of automatic) {
    if (given.has(network.key)) continue;
    const free = freeSubnet(work.options.pools, [...taken.map((other) => other.subnet), ...routes]);
    if (free === null) {
      work.missing.set(
        network.key,
        reason(
          'PoolExhausted',
          `no free /${networkPrefix} in ${work.options.pools.join(', ')}: ${taken.length} networks, ${routes.length} routes of the host`,
          'subnet',
        ),
      );
    } else {
      give(network.key, free);
    }
  }
  return leases(wanted, given, work);
}

/** Subnets of networks that nobody desires but that are still there or still remembered. */
function takenByOthers({ desired, records, observed }: NetworkWork): Taken[] {
  const taken: Taken[] = [];
  for (const state of observedOf(observed, 'Network')) {
    const subnet = desired.resources.has(state.key) ? null : parseSubnet(state.subnet);
    if (subnet !== null) taken.push({ subnet, by: state.key });
  }
  for (const record of records.values()) {
    const isKnown = desired.resources.has(record.key) || observed.resources.has(record.key);
    const subnet = isKnown || record.network === null ? null : parseSubnet(record.network.subnet);
    if (subnet !== null) taken.push({ subnet, by: record.key });
  }
  return taken;
}

/** What it has on the host, else what its record says unless a route has come in its way meanwhile. */
function keptSubnet(key: ResourceKey<'Network'>, { records, observed }: NetworkWork, routes: readonly Subnet[]): Subnet | null {
  const live = observed.resources.get(key) as ObservedNetwork | undefined;
  const lease = records.get(key)?.network;
  if (live !== undefined) return parseSubnet(lease?.subnet ?? live.subnet);
  const remembered = lease == null ? null : parseSubnet(lease.subnet);
  return remembered === null || routes.some((route) => overlaps(route, remembered)) ? null : remembered;
}

function conflictOf(
  subnet: Subnet,
  taken: readonly Taken[],
  key: ResourceKey,
  { observed }: NetworkWork,
  routes: readonly Subnet[],
): string | null {
  const other = taken.find((candidate) => overlaps(candidate.subnet, subnet));
  if (other !== undefined) return `overlaps ${formatSubnet(other.subnet)} of ${other.by}`;
  const live = observed.resources.get(key) as ObservedNetwork | undefined;
  if (live?.subnet === formatSubnet(subnet)) return null;
  const route = routes.find((candidate) => overlaps(candidate, subnet));
  return route === undefined ? null : `overlaps the host's route to ${formatSubnet(route)}`;
}

function freeSubnet(pools: readonly string[], taken: readonly Subnet[]): Subnet | null {
  for (const text of pools) {
    const pool = parseSubnet(text);
    if (pool === null) continue;
    let at = subnetAt(pool.first, Math.max(networkPrefix, pool.prefix));
    while (at.last <= pool.last) {
      const blocking = taken.filter((other) => overlaps(other, at));
      if (blocking.length === 0) return at;
      const next = Math.max(...blocking.map((other) => other.last)) + 1;
      at = subnetAt(next + (at.last - at.first), at.prefix);
    }
  }
  return null;
}

function leases(
  wanted: readonly Resource<'Network'>[],
  given: ReadonlyMap<ResourceKey, Subnet>,
  work: NetworkWork,
): ReadonlyMap<ResourceKey, NetworkLease> {
  const held = new Map<string, ResourceKey>();
  for (const state of observedOf(work.observed, 'Network')) held.set(state.link, state.key);
  for (const record of work.records.values()) if (record.network !== null) held.set(record.network.link, record.key);
  const leased = new Map<ResourceKey, NetworkLease>();
  for (const network of wanted) {
    const subnet = given.get(network.key);
    if (subnet === undefined) continue;
    const known =
      work.records.get(network.key)?.network?.link ?? (work.observed.resources.get(network.key) as ObservedNetwork | undefined)?.link;
    const link = known ?? freeLinkName(work.options.prefix, network.key, held);
    held.set(link, network.key);
    leased.set(network.key, { link, subnet: formatSubnet(subnet), gateway: network.spec.gateway ?? formatAddress(subnet.first + 1) });
  }
  return leased;
}

/** Another attempt on a collision: two of 4 billion names are equal, but a short prefix of them is what fits. */
function freeLinkName(prefix: string, key: ResourceKey, held: ReadonlyMap<string, ResourceKey>): string {
  for (let attempt = 0; ; attempt++) {
    const name = linkName(prefix, key, attempt);
    const holder = held.get(name);
    if (holder === undefined || holder === key) return name;
  }
}

// --------------------------------------------------------------------------------------------------------------------- slots

interface SlotWork extends Omit<NetworkWork, 'options'> {
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

function allocateSlots(work: SlotWork): ReadonlyMap<SubjectKey, SlotLease> {
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
  // What a slot has, then static addresses, then what is free: nobody loses an address to a newcomer.
  for (const held of [heldByRecord, heldByInstance]) {
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
  { records, observed }: SlotWork,
  pools: ReadonlyMap<ResourceKey, AddressPool>,
  desiredSlots: ReadonlySet<SubjectKey>,
): void {
  const hold = (subject: SlotKey, network: ResourceKey, text: string) => {
    const address = parseAddress(text);
    const pool = pools.get(network);
    if (address !== null && pool !== undefined && !desiredSlots.has(subject)) pool.taken.set(address, subject);
  };
  for (const record of records.values()) {
    if (!isContainerKey(record.key)) continue;
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

/** A rebuilt store knows no leases: then the address of the instance counts, which is the one in its first network. */
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

// ------------------------------------------------------------------------------------------------------------------- helpers

function ofKind<K extends 'Network' | 'Container'>(desired: DesiredGraph, kind: K): readonly Resource<K>[] {
  const found = [...desired.resources.values()].filter((resource): resource is Resource<K> & typeof resource => resource.kind === kind);
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function observedOf(observed: ObservedState, kind: 'Network'): readonly ObservedNetwork[];
function observedOf(observed: ObservedState, kind: 'Container'): readonly ObservedContainer[];
function observedOf(observed: ObservedState, kind: 'Network' | 'Container'): readonly (ObservedNetwork | ObservedContainer)[] {
  return [...observed.resources.values()].flatMap((state) =>
    state.kind === kind && (state.kind === 'Network' || state.kind === 'Container') ? [state] : [],
  );
}

function isContainerKey(key: ResourceKey): key is ResourceKey<'Container'> {
  return key.startsWith('Container/');
}

function reason(code: Reason['code'], message: string, path: string): Reason {
  return { code, message, paths: [path] };
}
