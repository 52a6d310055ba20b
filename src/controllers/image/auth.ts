/** Who we are to a registry: challenges, credentials, and where a credential may be sent. Pure but for `readCredential`. */
import { isIP } from 'node:net';
import { TsdockError } from '../../model/errors.ts';
import { readBounded } from './files.ts';

/** One challenge of WWW-Authenticate (RFC 9110, 11.6.1). Scheme and parameter names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

export interface Credential {
  readonly user: string;
  readonly password: string;
  /** Where it is from, for messages: the path of the file. */
  readonly source: string;
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

/** Keys of `auths` under which programs keep the credential of one registry. */
function configKeys(host: string): readonly string[] {
  const names = host === 'docker.io' ? ['index.docker.io', 'docker.io', 'registry-1.docker.io'] : [host];
  return names.flatMap((name) => [`https://${name}/v1/`, name, `https://${name}`, `https://${name}/v2/`, `https://${name}/`]);
}

/**
 * The basic entry for `host` in a `config.json` as `docker login` writes it; null when there is none. A file that cannot be read as such is an error that names the file and
 * never quotes it. Read at each pull, since a login may happen at any time.
 */
export async function readCredential(path: string | null, host: string): Promise<Credential | null> {
  const bytes = path === null ? null : await readBounded(path, 1 << 20);
  if (path === null || bytes === null) return null;
  let config: unknown;
  try {
    config = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new TsdockError('REG401', {
      message: `${path} is no JSON, so the login for ${host} cannot be read`,
      hint: 'repair or remove the file',
    });
  }
  const auths = (config as { auths?: unknown } | null)?.auths;
  if (typeof auths !== 'object' || auths === null) return null;
  for (const key of configKeys(host)) {
    const entry: unknown = Object.hasOwn(auths, key) ? (auths as Record<string, unknown>)[key] : null;
    const credential = readEntry(entry, path);
    if (credential !== null) return credential;
  }
  return null;
}

function readEntry(entry: unknown, source: string): Credential | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { auth, username, password } = entry as Record<string, unknown>;
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon > 0 ? { user: text.slice(0, colon), password: text.slice(colon + 1), source } : null;
  }
  return typeof username === 'string' && typeof password === 'string' && username !== '' ? { user: username, password, source } : null;
}

export function basicHeader(credential: Credential): string {
  return `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString('base64')}`;
}

/** What a bearer challenge asks us to fetch. `service` and `scope` are encoded; other parameters of the realm's URL stay. REG021 when the realm is no place for it. */
export function tokenUrl(challenge: Challenge, registry: URL, scope: string, credential: Credential | null): URL {
  const realm = challenge.params.get('realm') ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : null;
  if (url === null || !realmAllowed(registry, url, credential !== null)) throw realmElsewhere(registry, realm, credential !== null);
  const service = challenge.params.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  return url;
}

/** Registry → token server of another registrable domain, as their operators document it. */
const knownRealms: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['nvcr.io', 'authn.nvidia.com'],
]);

/**
 * Whether a token may be asked for at `realm`. With a credential: the registry's own host, its registrable domain, or a known pair; without: any public https host.
 * A loopback registry may name another loopback port; nobody else may name loopback, link-local or private addresses, or plain http (reliability.md S09).
 */
export function realmAllowed(registry: URL, realm: URL, withCredential: boolean): boolean {
  if (realm.username !== '' || realm.password !== '') return false;
  if (realm.protocol !== 'https:' && realm.protocol !== 'http:') return false;
  if (isLoopback(registry.hostname))
    return isLoopback(realm.hostname) || (realm.protocol === 'https:' && !withCredential && !isInside(realm.hostname));
  if (realm.protocol !== 'https:') return false;
  if (realm.hostname === registry.hostname) return true;
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

function realmElsewhere(registry: URL, realm: string, withCredential: boolean): TsdockError {
  const what = withCredential ? 'your password' : 'a token request';
  return new TsdockError('REG021', {
    message: `${registry.host} wants ${what} sent to ${JSON.stringify(realm.slice(0, 60)).slice(1, -1)}; refused`,
    hint: 'if that is right, allow this realm in its Registry',
  });
}

function bareHost(hostname: string): string {
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
