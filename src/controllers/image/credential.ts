/** Who we are to a registry: from a Registry's Secret, or from the `config.json` of `docker login`, its credential programs included. */
import { createHash } from 'node:crypto';
import { TsdockError } from '../../model/errors.ts';
import { askHelper } from './credential-helper.ts';
import { readBounded } from './files.ts';

/** `password`: user and password. `identity`: a refresh token that is traded for tokens. `source` is where it is from, for messages. */
export type Credential =
  | { readonly type: 'password'; readonly user: string; readonly password: string; readonly source: string }
  | { readonly type: 'identity'; readonly user: string; readonly token: string; readonly source: string };

/** What was found out about a login. `note`: why there may be one that could not be read; it helps whoever is refused. */
export interface FoundCredential {
  readonly credential: Credential | null;
  readonly note: string | null;
}

const configBytes = 1 << 20;

/**
 * The login for `host` in a `config.json`: the credential program of that host, else the entry in `auths`, else the program for all hosts, as `docker` itself looks them up. A file
 * that cannot be read as such is REG401 naming the file and never quoting it; a program that fails leaves a note, for most images need no login. Read at each pull, since a login
 * may happen at any time.
 */
export async function readDockerConfig(path: string | null, host: string, signal: AbortSignal): Promise<FoundCredential> {
  const bytes = path === null ? null : await readBounded(path, configBytes);
  if (path === null || bytes === null) return nobody;
  const config = parseConfig(bytes, path, host);
  const keys = configKeys(host);
  const helpers = asMap(config.credHelpers);
  const ownKey = keys.find((key) => typeof helpers[key] === 'string');
  if (ownKey !== undefined) return await askHelper(String(helpers[ownKey]), [ownKey], signal);
  const auths = asMap(config.auths);
  for (const key of keys) {
    const credential = readEntry(auths[key], path);
    if (credential !== null) return { credential, note: null };
  }
  if (typeof config.credsStore !== 'string' || config.credsStore === '') return nobody;
  const known = keys.filter((key) => Object.hasOwn(auths, key)); // `docker login` leaves an empty entry behind for each host the program knows
  return await askHelper(config.credsStore, known.length > 0 ? known : keys.slice(0, 2), signal);
}

/** From the keys of a Secret: `user` or `username` with `password`, or `token` for an identity token. REG401 when it has neither. */
export function readSecret(data: ReadonlyMap<string, string>, source: string): Credential {
  const user = (data.get('user') ?? data.get('username') ?? '').trim();
  const password = data.get('password');
  const token = data.get('token');
  if (token !== undefined && token.trim() !== '') return { type: 'identity', user, token: token.trim(), source };
  if (user !== '' && password !== undefined) return { type: 'password', user, password: password.replace(/\r?\n$/, ''), source };
  throw new TsdockError('REG401', { message: `the login from ${source} has neither "user" and "password" nor "token"` });
}

export function basicHeader({ user, password }: Extract<Credential, { type: 'password' }>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Tells two logins apart without keeping either. */
export function fingerprint(credential: Credential | null): string {
  return credential === null ? '' : createHash('sha256').update(JSON.stringify(credential)).digest('hex');
}

export const nobody: FoundCredential = { credential: null, note: null };

/** Names under which programs keep the login of one registry. */
function configKeys(host: string): readonly string[] {
  const names = host === 'docker.io' ? ['index.docker.io', 'docker.io', 'registry-1.docker.io'] : [host];
  const forms = names.flatMap((name) => [`https://${name}/v1/`, name, `https://${name}`, `https://${name}/v2/`, `https://${name}/`]);
  return host === 'docker.io' ? forms : [host, ...forms.filter((form) => form !== host)];
}

function parseConfig(bytes: Buffer, path: string, host: string): Readonly<Record<string, unknown>> {
  try {
    return asMap(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new TsdockError('REG401', {
      message: `${path} is no JSON, so the login for ${host} cannot be read`,
      hint: 'repair or remove the file',
    });
  }
}

/** A map without prototype: a host may be called like a member of an object. */
function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null), typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
}

function readEntry(entry: unknown, source: string): Credential | null {
  const { auth, username, password, identitytoken } = asMap(entry);
  const decoded = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
  const colon = decoded.indexOf(':');
  const user = colon > 0 ? decoded.slice(0, colon) : typeof username === 'string' ? username : '';
  if (typeof identitytoken === 'string' && identitytoken !== '') return { type: 'identity', user, token: identitytoken, source };
  if (colon > 0) return { type: 'password', user, password: decoded.slice(colon + 1), source };
  return user !== '' && typeof password === 'string' ? { type: 'password', user, password, source } : null;
}
