import { type Cidr, containsAddress, formatCidr, overlaps, parseAddress, parseCidr, sizeOf } from '../model/address.ts';
import { type AnyResource, isWatched, type Origin, type Resource, type ResourceKey } from '../model/resource.ts';
import { type Diagnostic, diagnosticAt, quote } from './diagnostic.ts';
import type { HostFacts } from './graph-host.ts';
import { byPrecedence } from './precedence.ts';

type Resources = ReadonlyMap<ResourceKey, AnyResource>;

interface Placed {
  readonly network: Resource<'Network'>;
  readonly cidr: Cidr;
  readonly origin: Origin;
}

/** Subnets against each other and the routes of the host, static addresses against their subnet and each other. */
export function checkAddresses(resources: Resources, host: HostFacts): readonly Diagnostic[] {
  const placed = [...resources.values()].flatMap((resource) => (resource.kind === 'Network' ? placedNetwork(resource) : []));
  return [...checkSubnets(placed, host), ...checkStatic(resources, new Map(placed.map((entry) => [entry.network.key, entry])))];
}

function placedNetwork(network: Resource<'Network'>): readonly Placed[] {
  const parsed = network.spec.subnet === null ? null : parseCidr(network.spec.subnet);
  return parsed === null ? [] : [{ network, cidr: parsed.cidr, origin: network.fields.subnet ?? network.origin }];
}

function checkSubnets(placed: readonly Placed[], host: HostFacts): readonly Diagnostic[] {
  const sorted = [...placed].sort((left, right) => byPrecedence(left.network, right.network));
  return sorted.flatMap(({ network, cidr, origin }, index) => {
    const other = sorted.slice(0, index).find((entry) => overlaps(entry.cidr, cidr));
    const route = (host.routes ?? []).find((entry) => {
      const destination = parseCidr(entry.destination)?.cidr;
      return destination !== undefined && destination.prefix > 0 && overlaps(destination, cidr);
    });
    if (other === undefined && route === undefined) return [];
    const device = route?.device == null ? '' : ` dev ${route.device}`;
    const rival =
      other === undefined
        ? `host route ${route?.destination}${device}`
        : `Network ${quote(other.network.name)} (${other.origin.file}:${other.origin.line}:${other.origin.column})`;
    const free = freeSubnet(placed, host);
    const message = `subnet ${formatCidr(cidr)} overlaps ${rival}`;
    return [
      diagnosticAt(origin, {
        severity: other === undefined && isWatched(network.set) ? 'warning' : 'error',
        code: 'NET001',
        message,
        hint: free === null ? 'choose another' : `free here: ${formatCidr(free)}`,
        key: network.key,
        others: other === undefined ? [] : [other.network.key],
      }),
    ];
  });
}

/** The first block of the pools that neither a Network nor a route has. */
function freeSubnet(placed: readonly Placed[], host: HostFacts): Cidr | null {
  const taken = [
    ...placed.map(({ cidr }) => cidr),
    ...(host.routes ?? []).flatMap((route) => parseCidr(route.destination)?.cidr ?? []),
  ].filter(({ prefix }) => prefix > 0);
  for (const pool of host.pools) {
    const whole = parseCidr(pool.cidr)?.cidr;
    if (whole === undefined) continue;
    const step = 2 ** (32 - pool.block);
    for (let base = whole.base; base < whole.base + sizeOf(whole); base += step) {
      const block = { base, prefix: pool.block };
      if (!taken.some((cidr) => overlaps(cidr, block))) return block;
    }
  }
  return null;
}

function checkStatic(resources: Resources, networks: ReadonlyMap<ResourceKey, Placed>): readonly Diagnostic[] {
  const holders = new Map<string, { readonly container: Resource<'Container'>; readonly origin: Origin }>();
  const containers = [...resources.values()].filter((resource) => resource.kind === 'Container').sort(byPrecedence);
  return containers.flatMap((container) => {
    const [join] = container.spec.networks.filter(({ ipv4 }) => ipv4 !== null);
    const network = join === undefined ? undefined : resources.get(join.network);
    if (join === undefined || join.ipv4 === null || network?.kind !== 'Network') return []; // a missing network is REF001
    const origin = staticOrigin(container);
    const lease = `${join.network} ${join.ipv4}`;
    const holder = holders.get(lease);
    holders.set(lease, holder ?? { container, origin });
    const problem = describeStatic(join.ipv4, network, networks.get(join.network));
    const taken =
      holder === undefined
        ? null
        : `${join.ipv4} in Network ${quote(network.name)} is already used by Container ${quote(holder.container.name)}`;
    const message =
      problem ??
      (taken === null || holder === undefined ? null : `${taken} (${holder.origin.file}:${holder.origin.line}:${holder.origin.column})`);
    if (message === null) return [];
    const others = [network.key, ...(holder === undefined ? [] : [holder.container.key])];
    return [diagnosticAt(origin, { code: 'NET003', message, key: container.key, others })];
  });
}

/** What is wrong with a static address in its network; null when it can be held. */
function describeStatic(ipv4: string, network: Resource<'Network'>, placed: Placed | undefined): string | null {
  const address = parseAddress(ipv4);
  if (placed === undefined || address === null) return `static address ${ipv4} needs a subnet, Network ${quote(network.name)} has none`;
  const { base } = placed.cidr;
  const shown = `Network ${quote(network.name)} (${formatCidr(placed.cidr)})`;
  if (!containsAddress(placed.cidr, address)) return `${ipv4} is outside ${shown}`;
  const gateway = network.spec.gateway === null ? base + 1 : parseAddress(network.spec.gateway);
  if (address === gateway) return `${ipv4} is the gateway of ${shown}`;
  if (address === base) return `${ipv4} is the address of ${shown} itself`;
  return address === base + sizeOf(placed.cidr) - 1 ? `${ipv4} is the broadcast address of ${shown}` : null;
}

function staticOrigin(container: Resource<'Container'>): Origin {
  const field = Object.entries(container.fields).find(([path]) => path.startsWith('networks.') && path.endsWith('.ipv4'));
  return field?.[1] ?? container.origin;
}
