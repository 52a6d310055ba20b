import type { ObservedNetwork } from '../../model/observed.ts';
import type { NetworkLease } from '../../model/plan.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';
import { type AllocationFacts, observedOf, ofKind, reason } from './facts.ts';
import { formatAddress, formatSubnet, overlaps, parseSubnet, type Subnet, subnetAt } from './ipv4.ts';
import { linkName } from './link.ts';

/** Size of a network that asks for none. */
const networkPrefix = 24;

interface SubnetOptions {
  readonly prefix: string;
  readonly pools: readonly string[];
}

interface Taken {
  readonly subnet: Subnet;
  readonly by: string;
}

/** A subnet and a link for every network that can have one. What exists on the host comes first: moving it would cut connections. */
export function allocateSubnets(work: AllocationFacts, options: SubnetOptions): ReadonlyMap<ResourceKey, NetworkLease> {
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
    const free = freeSubnet(options.pools, [...taken.map((other) => other.subnet), ...routes]);
    if (free === null) {
      work.missing.set(
        network.key,
        reason(
          'PoolExhausted',
          `no free /${networkPrefix} in ${options.pools.join(', ')}: ${taken.length} networks, ${routes.length} routes of the host`,
          'subnet',
        ),
      );
    } else {
      give(network.key, free);
    }
  }
  return leases(wanted, given, work, options.prefix);
}

/** Subnets of networks that nobody desires but that are still there or still remembered. */
function takenByOthers({ desired, records, observed }: AllocationFacts): Taken[] {
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
function keptSubnet(key: ResourceKey<'Network'>, { records, observed }: AllocationFacts, routes: readonly Subnet[]): Subnet | null {
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
  { observed }: AllocationFacts,
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
  work: AllocationFacts,
  prefix: string,
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
    const link = known ?? freeLinkName(prefix, network.key, held);
    held.set(link, network.key);
    leased.set(network.key, { link, subnet: formatSubnet(subnet), gateway: network.spec.gateway ?? formatAddress(subnet.first + 1) });
  }
  return leased;
}

/** The first attempt whose name nobody else holds: few digits of a hash fit, so two keys may meet. */
function freeLinkName(prefix: string, key: ResourceKey, held: ReadonlyMap<string, ResourceKey>): string {
  for (let attempt = 0; ; attempt++) {
    const name = linkName(prefix, key, attempt);
    const holder = held.get(name);
    if (holder === undefined || holder === key) return name;
  }
}
