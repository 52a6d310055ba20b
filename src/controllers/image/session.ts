import { setTimeout as delay } from 'node:timers/promises';
import { RegistryError, TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { Instant, ResourceKey } from '../../model/resource.ts';
import { formatDuration } from '../../model/time.ts';
import { type Challenge, parseChallenges, realmOf, tokenParams } from './auth.ts';
import type { TlsIdentity } from './connections.ts';
import { basicHeader, type Credential, type FoundCredential, fingerprint, readDockerConfig, readSecret } from './credential.ts';
import type { Endpoint } from './endpoints.ts';
import { htmlInstead, show } from './faults.ts';
import { untilAborted } from './flights.ts';
import { defaultHttpLimits, discard, type HttpClient, type HttpLimits, type HttpResponse, headerOf } from './http.ts';
import { parseObject } from './oci.ts';

/** Values of a Secret by key; null when there is none of that name. */
export type SecretOf = (key: ResourceKey<'Secret'>) => Promise<ReadonlyMap<string, string> | null>;

export interface RegistryOptions {
  readonly log: Logger;
  readonly now: () => Instant;
  /** 0 ≤ random() < 1, for the jitter of waits between tries. */
  readonly random: () => number;
  /** Path of the `config.json` with logins; null: none. */
  readonly dockerConfig: string | null;
  readonly secretOf: SecretOf;
  readonly http: HttpLimits;
  /** Tries of one request, or of one blob without progress, before the pull gives up; first wait in milliseconds, doubled each time. */
  readonly tries: number;
  readonly firstWaitMs: number;
}

export const defaultRegistryOptions = { http: defaultHttpLimits, tries: 5, firstWaitMs: 500 } as const;

/** What all sessions of an engine share. */
export interface SharedSessions {
  readonly options: RegistryOptions;
  readonly http: HttpClient;
  /** Hosts that asked to be left alone, and until when. */
  readonly waits: Map<string, Instant>;
  /** By registry, repository and login, so that none is ever used for another. */
  readonly tokens: Map<string, Authorization>;
}

export interface Authorization {
  readonly header: string;
  readonly expiresAt: Instant;
}

/** Longest wait a registry can ask for, and the one taken when it says 429 and no time. */
const maxRetryAfterMs = 3_600_000;
const defaultRetryAfterMs = 60_000;
/** A registry that wants to be left alone for longer than this is asked again by the next pull, not by this one. */
const patienceMs = 30_000;
/** Bound of a token and of an error's text, in bytes. */
export const tokenBytes = 4 << 20;
/** A token is renewed this long before it ends; one of a registry that does not say lives this long (distribution spec: 60 s). */
const tokenReserveMs = 10_000;
const tokenSeconds = 60;
/** More tokens than this are not kept: the oldest go. */
const maxTokens = 1000;

/**
 * Requests to one repository by one way, with our authorization and the patience its answers ask for. A credential or token goes to this registry (and the realm it may go to)
 * only. Each failure is a TsdockError that names the host.
 */
export class Session {
  readonly endpoint: Endpoint;
  readonly http: HttpClient;
  readonly options: RegistryOptions;
  readonly #shared: SharedSessions;
  /** `host/repository:tag` for messages. */
  readonly name: string;
  #authorization: Authorization | null = null;
  #authorizing: Promise<Authorization> | null = null;
  #login: Promise<FoundCredential> | null = null;
  #identity: Promise<TlsIdentity> | null = null;

  constructor(endpoint: Endpoint, name: string, shared: SharedSessions) {
    this.endpoint = endpoint;
    this.name = name;
    this.options = shared.options;
    this.http = shared.http;
    this.#shared = shared;
  }

  /** A mirror that fails is not waited for: the next one may do better. */
  get tries(): number {
    return this.endpoint.isMirror ? 1 : this.options.tries;
  }

  /** Repeats a small exchange while its failure may pass by itself. */
  async persist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const since = this.options.now();
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (failures >= this.tries || this.#isTooLong(error)) throw this.gaveUp(error, failures, since, null);
        this.options.log.warn(`${error.message}; ${what} again (try ${failures + 1} of ${this.tries})`, { code: error.code });
        await this.wait(failures, error, signal);
      }
    }
  }

  /** The last failure with what was tried; `progress` of a blob, null for anything else. */
  gaveUp(error: RegistryError, tries: number, since: Instant, progress: { at: number; size: number } | null): RegistryError {
    const got = progress === null || progress.at === 0 ? '' : `, got ${progress.at} of ${progress.size} bytes`;
    const spent = tries === 1 ? '1 try' : `${tries} tries in ${formatDuration(this.options.now() - since)}`;
    return new RegistryError(error.code, {
      message: `${error.message} (${spent}${got})`,
      cause: error,
      retryAt: error.retryAt,
      ...(error.hint === null ? {} : { hint: error.hint }),
      ...(error.status === null ? {} : { status: error.status }),
    });
  }

  /** Whether nothing is to be had by trying once more: enough tries, or the registry named a time far away. */
  isHopeless(error: RegistryError, failures: number): boolean {
    return failures >= this.tries || this.#isTooLong(error);
  }

  /** Longer with each failure, never twice the same, and not before the time the registry named. */
  async wait(failures: number, error: RegistryError, signal: AbortSignal): Promise<void> {
    const backOffMs = this.options.firstWaitMs * 2 ** (failures - 1) * (0.5 + this.options.random());
    const askedMs = error.retryAt === null ? 0 : error.retryAt - this.options.now();
    await delay(Math.max(backOffMs, askedMs), undefined, { signal });
  }

  #isTooLong(error: RegistryError): boolean {
    return error.retryAt !== null && error.retryAt - this.options.now() > patienceMs;
  }

  /** GET below this repository with our authorization; one new token when the one we have is refused. Other statuses than 200, 206, 404, 416 throw. */
  async get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse> {
    this.#refuseWhileLimited();
    const { base, repository } = this.endpoint;
    const url = new URL(`/v2/${repository}/${path}`, base);
    const tls = await this.#tls();
    const used = await this.#currentAuthorization();
    const first = await this.http.get({ url, headers, authorization: used?.header ?? null, tls, signal });
    if (first.status !== 401 || first.url.origin !== base.origin) return this.#accept(first);
    const challenge = first.headers['www-authenticate'];
    await discard(first);
    const renewed = await untilAborted(this.#authorize(challenge, used), signal);
    const second = await this.http.get({ url, headers, authorization: renewed.header, tls, signal });
    return this.#accept(second);
  }

  // ------------------------------------------------------------------------------------------------------------------- who we are

  /** Read once a session: it may be a program that asks somebody. Nobody's abort: others wait for it as well, and it is bounded. */
  #readLogin(): Promise<FoundCredential> {
    this.#login ??= this.#findLogin();
    return this.#login;
  }

  async #findLogin(): Promise<FoundCredential> {
    const { host, registry } = this.endpoint;
    const key = registry?.spec.auth ?? null;
    if (registry === null || key === null) return readDockerConfig(this.options.dockerConfig, host, neverAborted());
    const source = `Registry "${registry.name}", secret ${nameOf(key)}`;
    return { credential: readSecret(await this.#secret(key, source), source), note: null };
  }

  #tls(): Promise<TlsIdentity> {
    this.#identity ??= this.#findIdentity();
    return this.#identity;
  }

  async #findIdentity(): Promise<TlsIdentity> {
    const { registry } = this.endpoint;
    const key = registry?.spec.clientCertificate ?? null;
    const ca = registry?.spec.ca ?? null;
    if (registry === null || key === null) return { ca, certificate: null };
    const source = `Registry "${registry.name}", secret ${nameOf(key)}`;
    const data = await this.#secret(key, source);
    const [cert, privateKey] = [data.get('tls.crt'), data.get('tls.key')];
    if (cert === undefined || privateKey === undefined)
      throw new TsdockError('TLS001', { message: `the client certificate from ${source} needs the keys "tls.crt" and "tls.key"` });
    return { ca, certificate: { cert, key: privateKey } };
  }

  async #secret(key: ResourceKey<'Secret'>, source: string): Promise<ReadonlyMap<string, string>> {
    const data = await this.options.secretOf(key);
    if (data === null) throw new TsdockError('REG401', { message: `${this.endpoint.host}: there is no login, ${source} does not exist` });
    return data;
  }

  // ----------------------------------------------------------------------------------------------------------------- authorization

  /** This session's own, or one another session got for the same repository and login. */
  async #currentAuthorization(): Promise<Authorization | null> {
    const now = this.options.now();
    if (this.#authorization !== null) return this.#authorization.expiresAt > now ? this.#authorization : null;
    const { tokens } = this.#shared;
    if (![...tokens.keys()].some((key) => key.startsWith(this.#tokenPrefix()))) return null; // no login is read for nothing
    const kept = tokens.get(await this.#tokenKey());
    return kept !== undefined && kept.expiresAt > now ? kept : null;
  }

  #tokenPrefix(): string {
    return `${this.endpoint.base.origin} ${this.endpoint.repository} `;
  }

  async #tokenKey(): Promise<string> {
    return `${this.#tokenPrefix()}${fingerprint((await this.#readLogin()).credential)}`;
  }

  /** Parallel requests that met the same 401 share one token request, which none of them may cancel for the others. */
  #authorize(challenge: string | string[] | undefined, refused: Authorization | null): Promise<Authorization> {
    const current = this.#authorization;
    if (current !== null && current !== refused && current.expiresAt > this.options.now()) return Promise.resolve(current);
    this.#authorizing ??= this.#newAuthorization(challenge, neverAborted())
      .then(async (authorization) => {
        this.#authorization = authorization;
        keepToken(this.#shared.tokens, await this.#tokenKey(), authorization);
        return authorization;
      })
      .finally(() => {
        this.#authorizing = null;
      });
    return this.#authorizing;
  }

  async #newAuthorization(challenge: string | string[] | undefined, signal: AbortSignal): Promise<Authorization> {
    const challenges = parseChallenges(challenge);
    const login = await this.#readLogin();
    const { credential } = login;
    const bearer = challenges.find((one) => one.scheme === 'bearer');
    if (bearer !== undefined) return this.persist('token', signal, () => this.#fetchToken(bearer, login, signal));
    if (challenges.some((one) => one.scheme === 'basic') && credential?.type === 'password')
      return { header: basicHeader(credential), expiresAt: Number.POSITIVE_INFINITY };
    throw this.#unauthorized(login, 401);
  }

  async #fetchToken(challenge: Challenge, login: FoundCredential, signal: AbortSignal): Promise<Authorization> {
    const { credential } = login;
    const realms = this.endpoint.registry?.spec.realms ?? [];
    const realm = realmOf(challenge, { registry: this.endpoint.base, realms, withCredential: credential !== null });
    const { ca, certificate } = await this.#tls();
    const tls = { ca, certificate: realm.origin === this.endpoint.base.origin ? certificate : null };
    const params = tokenParams(challenge, `repository:${this.endpoint.repository}:pull`);
    const headers = { accept: 'application/json' };
    const response =
      credential?.type === 'identity'
        ? await this.http.post({ url: realm, headers, authorization: null, tls, signal }, refreshForm(credential, params))
        : await this.http.get({
            url: withParams(realm, params),
            headers,
            authorization: credential === null ? null : basicHeader(credential),
            tls,
            signal,
          });
    return this.#readToken(response, realm, login);
  }

  async #readToken(response: HttpResponse, realm: URL, login: FoundCredential): Promise<Authorization> {
    if (response.status === 401 || response.status === 403 || response.status === 400) {
      await discard(response);
      throw this.#unauthorized(login, response.status);
    }
    const accepted = await this.#accept(response);
    if (headerOf(accepted, 'content-type')?.startsWith('text/html') === true) {
      await discard(accepted);
      throw htmlInstead(realm.host, 'a token');
    }
    const body = parseObject((await this.http.readAll(accepted, tokenBytes, 'token')).toString('utf8'), 'token', realm.host);
    const token = [body.token, body.access_token].find(
      (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
    );
    if (token === undefined) throw new TsdockError('REG401', { message: `${realm.host} answered without a token for ${this.name}` });
    const seconds = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : tokenSeconds;
    return { header: `Bearer ${token}`, expiresAt: this.options.now() + Math.max(1000, seconds * 1000 - tokenReserveMs) };
  }

  // ---------------------------------------------------------------------------------------------------------------------- answers

  async #accept(response: HttpResponse): Promise<HttpResponse> {
    const { status, url } = response;
    if ([200, 206, 404, 416].includes(status)) return response;
    if (status === 429) throw await this.#limited(response);
    await discard(response);
    if (status === 401 || status === 403) throw this.#unauthorized(await this.#readLogin(), status);
    if (status >= 500 || status === 408)
      throw new RegistryError('REG503', { status, message: `${url.host} answered ${status}`, retryAt: this.#retryAfter(response, null) });
    throw new RegistryError('REG020', { status, message: `${url.host} answered ${status}` });
  }

  #unauthorized({ credential, note }: FoundCredential, status: number): RegistryError {
    const { host, repository } = this.endpoint;
    if (credential === null) {
      return new RegistryError(status === 403 ? 'REG403' : 'REG401', {
        status,
        message: `${host}: "${repository}" not found or no access (anonymous${note === null ? '' : `: ${note}`})`,
        hint: this.#loginHint(),
      });
    }
    const who = `${credential.user === '' ? 'the identity token' : `user ${show(credential.user)}`} (from ${credential.source})`;
    if (status === 403)
      return new RegistryError('REG403', { status, message: `${host}: authenticated as ${who}, not allowed to pull "${repository}"` });
    return new RegistryError('REG401', { status, message: `${host} rejected ${who}` });
  }

  /** Where a login is looked for. */
  #loginHint(): string {
    const { dockerConfig } = this.options;
    const file = dockerConfig === null ? '' : `, or a login in ${dockerConfig}`;
    return `"auth" of a Registry for ${this.endpoint.host}${file}`;
  }

  async #limited(response: HttpResponse): Promise<RegistryError> {
    await discard(response);
    const { now, random } = this.options;
    const retryAt = this.#retryAfter(response, defaultRetryAfterMs * (1 + random())) ?? now();
    this.#shared.waits.set(this.endpoint.host, retryAt);
    return this.#limitedUntil(retryAt, headerOf(response, 'ratelimit-limit'));
  }

  /** A host that said 429 is left alone until its time has come, by all pulls. */
  #refuseWhileLimited(): void {
    const { waits } = this.#shared;
    const until = waits.get(this.endpoint.host);
    if (until === undefined) return;
    const now = this.options.now();
    if (until > now && until - now <= maxRetryAfterMs) throw this.#limitedUntil(until, null); // further away: the clock was set back
    waits.delete(this.endpoint.host);
  }

  #limitedUntil(retryAt: Instant, limit: string | null): RegistryError {
    const [, count, seconds] = /^(\d+)(?:;w=(\d+))?/.exec(limit ?? '') ?? [];
    const used =
      count === undefined ? '' : `: ${count}${seconds === undefined ? '' : ` per ${formatDuration(Number(seconds) * 1000)}`} used`;
    const clock = new Date(retryAt).toTimeString().slice(0, 8);
    return new RegistryError('REG429', {
      status: 429,
      retryAt,
      message: `${this.endpoint.host} limits pulls${used}; next try in ${formatDuration(retryAt - this.options.now())} (${clock})`,
      hint: 'log in, or set a mirror',
    });
  }

  /** Retry-After as seconds or a date, at most an hour from now. */
  #retryAfter(response: HttpResponse, fallbackMs: number | null): Instant | null {
    const now = this.options.now();
    const text = headerOf(response, 'retry-after')?.trim() ?? '';
    const parsed = /^\d+$/.test(text) ? Number(text) * 1000 : text === '' ? Number.NaN : Date.parse(text) - now;
    const ms = Number.isNaN(parsed) ? fallbackMs : parsed;
    return ms === null ? null : now + Math.min(maxRetryAfterMs, Math.max(0, ms));
  }
}

/** Whether the same request may succeed in a moment. */
export function isTransient(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  if (error.code === 'REG030') return !/\(ENOTFOUND\)/.test(error.message);
  return error.code === 'REG503' || error.code === 'REG011' || error.code === 'REG012';
}

function withParams(realm: URL, params: readonly (readonly [string, string])[]): URL {
  const url = new URL(realm);
  for (const [name, value] of params) url.searchParams.set(name, value);
  return url;
}

/** OAuth 2 as the distribution spec has it: an identity token is traded for an access token. */
function refreshForm(
  credential: Extract<Credential, { type: 'identity' }>,
  params: readonly (readonly [string, string])[],
): URLSearchParams {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'tsdock', refresh_token: credential.token });
  for (const [name, value] of params) form.set(name, value);
  return form;
}

function keepToken(tokens: Map<string, Authorization>, key: string, authorization: Authorization): void {
  tokens.delete(key);
  tokens.set(key, authorization);
  const [oldest] = tokens.keys();
  if (tokens.size > maxTokens && oldest !== undefined) tokens.delete(oldest);
}

/** `team-login`, or `shop/team-login` outside the default namespace. */
function nameOf(key: ResourceKey<'Secret'>): string {
  return key.slice('Secret/'.length).replace(/^default\//, '');
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
