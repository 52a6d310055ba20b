/** Challenges of a registry, and where it may send us for a token. Pure. */
import { isIP } from 'node:net';
import { TsdockError } from '../../model/errors.ts';

/** One challenge of WWW-Authenticate (RFC 9110, 11.6.1). Scheme and parameter names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Challenges of one or several header lines; what does not parse ends the list. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ');
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  const part = /[\s,]*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)(?=\s|,|$))/y;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const [, name, quoted, plain, scheme] = match;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    else if (name !== undefined) challenges.at(-1)?.params.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return challenges;
}

/** What decides where a token may be asked for. */
export interface RealmRules {
  /** Where the registry itself is reached. */
  readonly registry: URL;
  /** Hosts its Registry allows beside those of the rules: `auth.example.com`, `10.0.0.5:8443`. */
  readonly realms: readonly string[];
  /** Whether a secret goes along. */
  readonly withCredential: boolean;
}

/** Where a bearer challenge sends us, its own parameters as they are. REG021 when that is no place for it. */
export function realmOf(challenge: Challenge, rules: RealmRules): URL {
  const realm = challenge.params.get('realm') ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : null;
  if (url === null || !realmAllowed(url, rules)) throw realmElsewhere(realm, rules);
  return url;
}

/** What is asked for there. All of it is encoded by whoever sends it. */
export function tokenParams(challenge: Challenge, scope: string): readonly (readonly [string, string])[] {
  const service = challenge.params.get('service');
  return [...(service === undefined ? [] : [['service', service] as const]), ['scope', scope]];
}

/** Registry → token server of another registrable domain, as their operators document it. */
const knownRealms: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['nvcr.io', 'authn.nvidia.com'],
]);

/**
 * Whether a token may be asked for at `realm`. With a credential: the registry's own host, its registrable domain, a known pair, or what its Registry allows; without: any public
 * https host. A loopback registry may name another loopback port; nobody else may name loopback, link-local or private addresses. Plain http only to loopback, and to the host of a
 * registry that itself is reached by it (reliability.md S09).
 */
export function realmAllowed(realm: URL, { registry, realms, withCredential }: RealmRules): boolean {
  if (realm.username !== '' || realm.password !== '') return false;
  if (realm.protocol !== 'https:' && realm.protocol !== 'http:') return false;
  if (isLoopback(registry.hostname))
    return isLoopback(realm.hostname) || (realm.protocol === 'https:' && !withCredential && !isInside(realm.hostname));
  const isOwnHost = realm.hostname === registry.hostname;
  const isListed = realms.includes(realm.host);
  if (realm.protocol === 'http:') return registry.protocol === 'http:' && (isOwnHost || isListed);
  if (isOwnHost || isListed) return true;
  if (isInside(realm.hostname)) return false;
  if (!withCredential) return true;
  return knownRealms.get(registry.hostname) === realm.hostname || sameOwner(registry.hostname, realm.hostname);
}

/** Second labels under which others register names, and hosts that rent out their subdomains: there the last two labels name no one owner. */
const publicSecondLabels: ReadonlySet<string> = new Set([
  'ac',
  'co',
  'com',
  'edu',
  'gov',
  'gob',
  'go',
  'mil',
  'ne',
  'net',
  'nom',
  'or',
  'org',
]);
const sharedHosts =
  /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|azurecr\.(?:io|cn|us)|azurewebsites\.net|cloudfront\.net|herokuapp\.com|github\.io|gitlab\.io|run\.app|pkg\.dev|vercel\.app|ngrok\.io|workers\.dev|netlify\.app)$/;

/** Conservative stand-in for the public suffix list: equal registrable domains of ordinary names. IP addresses own only themselves. */
function sameOwner(a: string, b: string): boolean {
  if (isIP(bareHost(a)) !== 0 || isIP(bareHost(b)) !== 0 || sharedHosts.test(a) || sharedHosts.test(b)) return false;
  const domain = registrableDomain(a);
  return domain !== null && domain === registrableDomain(b);
}

function registrableDomain(host: string): string | null {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  const second = labels.at(-2);
  if (second === undefined) return null;
  const count = labels.at(-1)?.length === 2 && (publicSecondLabels.has(second) || second.length <= 2) ? 3 : 2;
  return labels.length < count ? null : labels.slice(-count).join('.');
}

function realmElsewhere(realm: string, { registry, withCredential }: RealmRules): TsdockError {
  const what = withCredential ? 'your password' : 'a token request';
  return new TsdockError('REG021', {
    message: `${registry.host} wants ${what} sent to ${JSON.stringify(realm.slice(0, 60)).slice(1, -1)}; refused`,
    hint: 'if that is right, allow this realm in its Registry',
  });
}

/** A host of a URL without the brackets of IPv6. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** `localhost`, 127.0.0.0/8 and ::1, as the hostname of a URL. */
export function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname).toLowerCase();
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || /^::ffff:7f[0-9a-f]{2}:/.test(host);
}

/** Loopback, link-local (also the metadata address 169.254.169.254), private and unspecified addresses, and names of this host alone. */
export function isInside(hostname: string): boolean {
  const host = bareHost(hostname).toLowerCase();
  if (isLoopback(host) || host.endsWith('.localhost') || host === '') return true;
  if (isIP(host) === 4) return isInsideIpv4(host);
  if (isIP(host) !== 6) return false;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped !== null) {
    const high = Number.parseInt(mapped[1] ?? '0', 16);
    const low = Number.parseInt(mapped[2] ?? '0', 16);
    return isInsideIpv4(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`);
  }
  return host === '::' || /^f[cd]/.test(host) || /^fe[89ab]/.test(host);
}

function isInsideIpv4(host: string): boolean {
  const [a = 0, b = 0] = host.split('.').map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  );
}
