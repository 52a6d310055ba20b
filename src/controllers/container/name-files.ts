import type { ContainerCreateInput } from '../../model/plan.ts';
import type { Resource } from '../../model/resource.ts';
import { instanceName } from './instance.ts';

/** Whose names, and where it is attached. */
export interface NamesOwner {
  readonly resource: Resource<'Container'>;
  readonly slot: number;
  readonly networks: ContainerCreateInput['networks'];
}

/** The name a container's processes see. Pure. */
export function hostNameOf({ resource, slot }: Pick<NamesOwner, 'resource' | 'slot'>): string {
  return resource.spec.hostname ?? instanceName(resource.name, slot);
}

/** Text of `/etc/hosts`: loopback, its own name and what the manifest adds. Names of others are asked of the network's name server. Pure. */
export function hostsText(owner: NamesOwner): string {
  const { spec } = owner.resource;
  const host = hostNameOf(owner);
  const own = [...(spec.domainname === null ? [] : [`${host}.${spec.domainname}`]), host].join(' ');
  const address = owner.networks[0]?.address;
  return [
    `127.0.0.1\tlocalhost${address === undefined ? ` ${own}` : ''}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...(address === undefined ? [] : [`${address}\t${own}`]),
    ...Object.entries(spec.hostAliases).map(([name, to]) => `${to}\t${name}`),
    '',
  ].join('\n');
}

/**
 * Text of `/etc/resolv.conf` of a container with a network: the name server at its gateway, its own namespace before what the manifest says to search, or the host. Null
 * without a network: nobody could be asked. Pure.
 */
export function resolvText({ resource, networks }: NamesOwner, hostText: string): string | null {
  const [network] = networks;
  if (network === undefined) return null;
  const { searches, options } = resource.spec.dns;
  const search = [...new Set([resource.namespace, ...(searches.length > 0 ? searches : searchesOf(hostText))])];
  return [
    `nameserver ${network.gateway}`,
    `search ${search.join(' ')}`,
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');
}

/** The last `search` or `domain` line counts (resolv.conf(5)). */
function searchesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? [];
}
