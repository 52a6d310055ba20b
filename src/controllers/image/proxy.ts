import { BlockList, isIP } from 'node:net';
import { bareHost, isLoopback } from './auth.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy a request goes through, by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (lower case first, as everywhere); null: straight to its host. Loopback never goes through one.
 * A proxy that is no URL counts as none given. Pure.
 */
export function proxyFor(url: URL, env: Environment): URL | null {
  if (isLoopback(url.hostname) || isExempt(url, env.no_proxy ?? env.NO_PROXY ?? '')) return null;
  const text = url.protocol === 'https:' ? (env.https_proxy ?? env.HTTPS_PROXY) : (env.http_proxy ?? env.HTTP_PROXY);
  if (text === undefined || text.trim() === '') return null;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(withScheme) ? new URL(withScheme) : null;
  return proxy !== null && /^(?:https?|socks5):$/.test(proxy.protocol) ? proxy : null;
}

/** Entries of NO_PROXY: `*`, `host`, `.domain`, `*.domain`, an address or a CIDR, each with an optional port. A host stands for what is below it as well. */
function isExempt(url: URL, list: string): boolean {
  const host = bareHost(url.hostname).toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', onlyPort] = /^(\[[^\]]*\]|[^:]*|[0-9a-fA-F:.]*(?:\/\d+)?)(?::(\d+))?$/.exec(entry) ?? [];
      if (onlyPort !== undefined && onlyPort !== port) return false;
      const pattern = bareHost(name)
        .toLowerCase()
        .replace(/^\*?\./, '');
      if (pattern === '') return false;
      return pattern.includes('/') ? isInside(host, pattern) : host === pattern || (isIP(host) === 0 && host.endsWith(`.${pattern}`));
    });
}

function isInside(host: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const block = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(network, Number(bits), type);
  return block.check(host, type);
}
