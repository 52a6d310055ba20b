import { createHash } from 'node:crypto';
import type { DesiredGraph } from '../../model/graph.ts';
import type { Allocation, NameEntry } from '../../model/plan.ts';
import { type Resource, type ResourceKey, slotKey } from '../../model/resource.ts';
import { parseAddress } from './ipv4.ts';

/**
 * Names the members of each network see, by address: instance, container, `container.namespace`, own host name, aliases. Networks without members are absent. Pure.
 */
export function namesByNetwork(desired: DesiredGraph, allocation: Allocation): ReadonlyMap<ResourceKey, readonly NameEntry[]> {
  const names = new Map<ResourceKey, NameEntry[]>();
  for (const resource of desired.resources.values()) {
    if (resource.kind !== 'Container' || resource.spec.networkMode !== 'bridge') continue;
    for (const { network, aliases } of resource.spec.networks) {
      for (let slot = 1; slot <= resource.spec.replicas; slot++) {
        const address = allocation.slots.get(slotKey(resource.key, slot))?.addresses[network];
        if (address === undefined) continue;
        const entry: NameEntry = { address, names: namesOf(resource, slot, aliases) };
        const entries = names.get(network);
        if (entries === undefined) names.set(network, [entry]);
        else entries.push(entry);
      }
    }
  }
  for (const entries of names.values()) entries.sort((a, b) => (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0));
  return names;
}

/** Text of `/etc/hosts` of a network's members. What is no host name is left out, so that no name can add a line. Pure. */
export function hostsText(names: readonly NameEntry[]): string {
  const lines = names.map(({ address, names: all }) => `${address}\t${all.filter(isHostName).join(' ')}`);
  return ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', ...lines, ''].join('\n');
}

/** What observed and wanted names are compared by. Pure. */
export function namesHashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The host's resolv.conf for a network namespace of its own: servers on loopback addresses cannot be reached from there and are left out; search and options stay.
 * Pure.
 */
export function resolvText(hostText: string): string {
  const lines = hostText.split('\n').map((line) => line.trim());
  const kept = lines.filter(
    (line) => /^(?:nameserver|search|domain|options)\s/.test(line) && !/^nameserver\s+(?:127\.|::1(?:\s|$))/.test(line),
  );
  return kept.map((line) => `${line}\n`).join('');
}

function namesOf(container: Resource<'Container'>, slot: number, aliases: readonly string[]): readonly string[] {
  const { name, namespace, spec } = container;
  const own = spec.hostname === null ? [] : [spec.hostname];
  return [...new Set([`${name}-${slot}`, name, `${name}.${namespace}`, ...own, ...aliases])];
}

function isHostName(text: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(text);
}
