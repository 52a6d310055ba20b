import { type Cidr, containsAddress, formatCidr, overlaps, parseAddress, parseCidr, sizeOf } from '../model/address.ts';
import type { AnyResource, Origin, Resource, ResourceKey } from '../model/resource.ts';
import { type Diagnostic, diagnosticAt, quote } from './diagnostic.ts';
import type { HostFacts } from './graph-host.ts';
import { byPrecedence, isWatched } from './precedence.ts';

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
  const holders = new Map<string, { readonly name: string; readonly origin: Origin }>();
  return [...resources.values()].flatMap((resource) => {
    if (resource.kind !== 'Container') return [];
    return resource.spec.networks.flatMap(({ network: key, ipv4 }) => {
      if (ipv4 === null) return [];
      const origin =
        Object.entries(resource.fields).find(([path]) => path.startsWith('networks.') && path.endsWith('.ipv4'))?.[1] ?? resource.origin;
      const report = (message: string): readonly Diagnostic[] => [diagnosticAt(origin, { code: 'NET003', message, key: resource.key })];
      const target = resources.get(key);
      const placed = networks.get(key);
      const address = parseAddress(ipv4);
      if (target?.kind === 'Network' && placed === undefined) {
        return report(`static address ${ipv4} needs a subnet, Network ${quote(target.name)} has none`);
      }
      if (placed === undefined || address === null) return [];
      if (!containsAddress(placed.cidr, address))
        return report(`${ipv4} is outside Network ${quote(placed.network.name)} (${formatCidr(placed.cidr)})`);
      const last = placed.cidr.base + sizeOf(placed.cidr) - 1;
      const gateway = placed.network.spec.gateway === null ? placed.cidr.base + 1 : parseAddress(placed.network.spec.gateway);
      if (address === placed.cidr.base || address === last || address === gateway) {
        const what = address === gateway ? 'the gateway' : address === last ? 'the broadcast address' : 'the address of the network';
        return report(`${ipv4} is ${what} of Network ${quote(placed.network.name)} (${formatCidr(placed.cidr)})`);
      }
      const holder = holders.get(`${key} ${address}`);
      holders.set(`${key} ${address}`, holder ?? { name: resource.name, origin });
      if (holder === undefined) return [];
      const { file, line, column } = holder.origin;
      return report(
        `${ipv4} in Network ${quote(placed.network.name)} is already used by Container ${quote(holder.name)} (${file}:${line}:${column})`,
      );
    });
  });
}
