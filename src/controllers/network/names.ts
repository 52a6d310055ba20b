import { createHash } from 'node:crypto';
import type { DesiredGraph } from '../../model/graph.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Allocation, NameEntry, NetworkInput } from '../../model/plan.ts';
import { type Resource, type ResourceKey, slotKey } from '../../model/resource.ts';
import { parseAddress, parseSubnet } from './ipv4.ts';

/**
 * The members of each network and the names they are found by, by address. Of several replicas those that run are ready; one that is alone always is, since nobody else could
 * answer for it. Networks without members are absent. Pure.
 */
export function namesByNetwork(
  desired: DesiredGraph,
  allocation: Allocation,
  observed: ObservedState,
): ReadonlyMap<ResourceKey, readonly NameEntry[]> {
  const names = new Map<ResourceKey, NameEntry[]>();
  for (const resource of desired.resources.values()) {
    if (resource.kind !== 'Container' || resource.spec.networkMode !== 'bridge') continue;
    for (const { network, aliases } of resource.spec.networks) {
      for (let slot = 1; slot <= resource.spec.replicas; slot++) {
        const address = allocation.slots.get(slotKey(resource.key, slot))?.addresses[network];
        if (address === undefined) continue;
        const entry: NameEntry = {
          address,
          namespace: resource.namespace,
          names: namesOf(resource, slot, aliases),
          ready: resource.spec.replicas === 1 || isRunning(observed, resource.key, slot),
          forwarders: resource.spec.dns.servers,
        };
        const entries = names.get(network);
        if (entries === undefined) names.set(network, [entry]);
        else entries.push(entry);
      }
    }
  }
  for (const entries of names.values()) entries.sort((a, b) => (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0));
  return names;
}

/** Text of the names file, which `tsdock-rt net` reads: see `rt/src/net/dns/names.rs`. What is no host name is left out. Pure. */
export function namesText({ subnet, gateway, spec, names }: Pick<NetworkInput, 'subnet' | 'gateway' | 'spec' | 'names'>): string {
  const { forwarders, domain } = spec.dns;
  const members = names.map((entry) => ({ ...entry, names: entry.names.filter(isHostName) }));
  return `${JSON.stringify({ gateway: gatewayCidr({ subnet, gateway }), domain, forwarders, members })}\n`;
}

/** The bridge's own address with the length of its network. Pure. */
export function gatewayCidr({ subnet, gateway }: Pick<NetworkInput, 'subnet' | 'gateway'>): string {
  return `${gateway}/${parseSubnet(subnet)?.prefix ?? 32}`;
}

/** What observed and wanted names are compared by. Pure. */
export function namesHashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function namesOf(container: Resource<'Container'>, slot: number, aliases: readonly string[]): readonly string[] {
  const { name, spec } = container;
  const own = spec.hostname === null ? [] : [spec.hostname];
  return [...new Set([`${name}-${slot}`, name, ...own, ...aliases])];
}

function isRunning({ resources }: ObservedState, key: ResourceKey<'Container'>, slot: number): boolean {
  const container = resources.get(key);
  return container?.kind === 'Container' && container.slots.some((instance) => instance.slot === slot && instance.phase === 'running');
}

function isHostName(text: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(text);
}
