import { isIP } from 'node:net';
import type { ContainerFields, NetworkFields } from '../model/generated/manifests.ts';
import type { ContainerSpec, NetworkSpec } from '../model/spec.ts';
import { reportAt, type SpecContext } from './context.ts';
import { compareText, type Path, quote } from './diagnostic.ts';
import { createRecord } from './tree.ts';

/** MAXNS of resolv.conf(5): no resolver asks more. */
const maxServers = 3;

/** `hostAliases` → host names in lower case, sorted. Nothing in it can add a line to a file of the container. */
export function normalizeHostAliases(
  context: SpecContext,
  aliases: NonNullable<ContainerFields['hostAliases']>,
  mode: ContainerSpec['networkMode'],
): ContainerSpec['hostAliases'] {
  const entries = Object.entries(aliases);
  if (entries.length > 0 && mode === 'host') refuseMode(context, ['hostAliases'], mode, 'add them to /etc/hosts of the host');
  for (const [name, address] of entries) {
    checkHostName(context, ['hostAliases', name], 'host name', name);
    checkAddress(context, ['hostAliases', name], address);
  }
  return createRecord(
    entries.map(([name, address]) => [name.toLowerCase(), address] as const).sort(([left], [right]) => compareText(left, right)),
  );
}

/** `dns` of a Container; the order of its lists means something and stays. */
export function normalizeContainerDns(
  context: SpecContext,
  dns: NonNullable<ContainerFields['dns']>,
  mode: ContainerSpec['networkMode'],
): ContainerSpec['dns'] {
  const { servers = [], searches = [], options = [] } = dns;
  if (mode !== 'bridge' && servers.length + searches.length + options.length > 0)
    refuseMode(context, ['dns'], mode, 'remove one of the two');
  checkServers(context, ['dns', 'servers'], servers);
  for (const [index, domain] of searches.entries()) checkHostName(context, ['dns', 'searches', index], 'search domain', domain);
  for (const [index, option] of options.entries()) {
    if (/^[a-z][a-z0-9-]*(?::\d+)?$/.test(option)) continue;
    const message = `${quote(option)} is not an option of resolv.conf`;
    reportAt(context, ['dns', 'options', index], { code: 'SCH031', message, hint: 'e.g. ndots:2 or use-vc; see resolv.conf(5)' });
  }
  return { servers, searches, options };
}

/** `dns` of a Network. */
export function normalizeNetworkDns(context: SpecContext, dns: NonNullable<NetworkFields['dns']>): NetworkSpec['dns'] {
  const { forwarders = [], domain = null } = dns;
  checkServers(context, ['dns', 'forwarders'], forwarders);
  if (domain !== null) checkHostName(context, ['dns', 'domain'], 'domain', domain);
  return { forwarders, domain: domain?.toLowerCase() ?? null };
}

function checkServers(context: SpecContext, path: Path, servers: readonly string[]): void {
  for (const [index, server] of servers.entries()) checkAddress(context, [...path, index], server);
  if (servers.length > maxServers) {
    const message = `${servers.length} servers, resolvers ask ${maxServers} at most`;
    reportAt(context, [...path, maxServers], { code: 'SCH004', message, hint: 'keep the nearest ones' });
  }
}

function checkAddress(context: SpecContext, path: Path, text: string): void {
  if (isIP(text) !== 0 && !text.includes('%')) return;
  reportAt(context, path, { code: 'NET004', message: `${quote(text)} is not an IP address`, hint: 'e.g. 192.0.2.53' });
}

/** RFC 1123, and "_" as services have it: labels up to 63, 253 in all. */
function checkHostName(context: SpecContext, path: Path, what: string, text: string): void {
  const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
  if (text.length <= 253 && text.split('.').every((part) => label.test(part))) return;
  const message = `${what} ${quote(text)} may only have letters, digits, "_" and "-" between dots`;
  reportAt(context, path, { code: 'SCH018', message });
}

function refuseMode(context: SpecContext, path: Path, mode: string, hint: string): void {
  reportAt(context, path, { code: 'NET008', message: `${path.join('.')} does not go with networkMode ${mode}`, hint });
}
