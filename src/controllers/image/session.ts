import { setTimeout as delay } from 'node:timers/promises';
import { RegistryError, TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { Instant } from '../../model/resource.ts';
import { formatDuration } from '../../model/time.ts';
import { basicHeader, type Credential, isLoopback, parseChallenges, readCredential, tokenUrl } from './auth.ts';
import { htmlInstead, show } from './faults.ts';
import { untilAborted } from './flights.ts';
import { defaultHttpLimits, discard, type HttpClient, type HttpLimits, type HttpResponse, headerOf } from './http.ts';
import { parseObject } from './oci.ts';
import type { SourceRef } from './source.ts';

export interface RegistryOptions {
  readonly log: Logger;
  readonly now: () => Instant;
  /** 0 ≤ random() < 1, for the jitter of waits between tries. */
  readonly random: () => number;
  /** Path of the `config.json` with logins; null: always anonymous. */
  readonly dockerConfig: string | null;
  readonly http: HttpLimits;
  /** Tries of one request, or of one blob without progress, before the pull gives up; first wait in milliseconds, doubled each time. */
  readonly tries: number;
  readonly firstWaitMs: number;
  /** Further certificate authority, PEM. */
  readonly ca: string | null;
}

export const defaultRegistryOptions = { http: defaultHttpLimits, tries: 5, firstWaitMs: 500, ca: null } as const;

export type RegistryRef = Extract<SourceRef, { type: 'registry' }>;

/** Longest wait a registry can ask for, and the one taken when it says 429 and no time. */
const maxRetryAfterMs = 3_600_000;
const defaultRetryAfterMs = 60_000;
/** Bound of a token and of an error's text, in bytes. */
export const tokenBytes = 4 << 20;
/** A token is renewed this long before it ends. */
const tokenReserveMs = 10_000;

/**
 * Requests to one repository of one registry, with our authorization and the patience its answers ask for. A credential or token goes to this registry (and the realm it may
 * go to) only; tokens live as long as the session. Each failure is a TsdockError that names the host.
 */
export class Session {
  readonly http: HttpClient;
  readonly options: RegistryOptions;
  readonly #ref: RegistryRef;
  readonly #base: URL;
  readonly #waits: Map<string, Instant>;
  #authorization: Authorization | null = null;
  #authorizing: Promise<Authorization> | null = null;
  #credential: Promise<Credential | null> | null = null;

  /** `waits`: hosts that asked to be left alone, shared by all sessions. */
  constructor(ref: RegistryRef, options: RegistryOptions, http: HttpClient, waits: Map<string, Instant>) {
    this.#ref = ref;
    this.options = options;
    this.http = http;
    this.#waits = waits;
    this.#base = baseUrl(ref.host);
  }

  /** `host/repository:tag` for messages. */
  get name(): string {
    const { host, repository, tag, digest } = this.#ref;
    return `${host}/${repository}${digest === null ? `:${tag}` : `@${digest}`}`;
  }

  /** Repeats a small exchange while its failure may pass by itself. */
  async persist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const since = this.options.now();
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (failures >= this.options.tries) throw this.gaveUp(error, failures, since, null);
        this.options.log.warn(`${error.message}; ${what} again (try ${failures + 1} of ${this.options.tries})`, { code: error.code });
        await this.wait(failures, signal);
      }
    }
  }

  /** The last failure with what was tried; `progress` of a blob, null for anything else. */
  gaveUp(error: RegistryError, tries: number, since: Instant, progress: { at: number; size: number } | null): RegistryError {
    const got = progress === null || progress.at === 0 ? '' : `, got ${progress.at} of ${progress.size} bytes`;
    const spent = `${tries} tries in ${formatDuration(this.options.now() - since)}`;
    return new RegistryError(error.code, {
      message: `${error.message} (${spent}${got})`,
      cause: error,
      retryAt: error.retryAt,
      ...(error.status === null ? {} : { status: error.status }),
    });
  }

  /** Longer with each failure, never twice the same. */
  async wait(failures: number, signal: AbortSignal): Promise<void> {
    const ms = this.options.firstWaitMs * 2 ** (failures - 1) * (0.5 + this.options.random());
    await delay(ms, undefined, { signal });
  }

  /** GET below this repository with our authorization; one new token when the one we have is refused. Other statuses than 200, 206, 404, 416 throw. */
  async get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse> {
    this.#refuseWhileLimited();
    const url = new URL(`/v2/${this.#ref.repository}/${path}`, this.#base);
    const used = this.#currentAuthorization();
    const first = await this.http.get({ url, headers, authorization: used?.header ?? null, signal });
    if (first.status !== 401 || first.url.origin !== this.#base.origin) return this.#accept(first);
    const challenge = first.headers['www-authenticate'];
    await discard(first);
    const renewed = await untilAborted(this.#authorize(challenge, used), signal);
    const second = await this.http.get({ url, headers, authorization: renewed.header, signal });
    return this.#accept(second);
  }

  #currentAuthorization(): Authorization | null {
    const current = this.#authorization;
    return current !== null && current.expiresAt > this.options.now() ? current : null;
  }

  /** Parallel requests that met the same 401 share one token request, which none of them may cancel for the others. */
  #authorize(challenge: string | string[] | undefined, refused: Authorization | null): Promise<Authorization> {
    const current = this.#currentAuthorization();
    if (current !== null && current !== refused) return Promise.resolve(current);
    this.#authorizing ??= this.#newAuthorization(challenge, new AbortController().signal)
      .then((authorization) => {
        this.#authorization = authorization;
        return authorization;
      })
      .finally(() => {
        this.#authorizing = null;
      });
    return this.#authorizing;
  }

  async #newAuthorization(challenge: string | string[] | undefined, signal: AbortSignal): Promise<Authorization> {
    const challenges = parseChallenges(challenge);
    const credential = await this.#readCredential();
    const bearer = challenges.find((one) => one.scheme === 'bearer');
    if (bearer !== undefined) {
      const url = tokenUrl(bearer, this.#base, `repository:${this.#ref.repository}:pull`, credential);
      return this.persist('token', signal, () => this.#fetchToken(url, credential, signal));
    }
    if (challenges.some((one) => one.scheme === 'basic') && credential !== null)
      return { header: basicHeader(credential), expiresAt: Number.POSITIVE_INFINITY };
    throw this.#unauthorized(credential, 401);
  }

  async #fetchToken(url: URL, credential: Credential | null, signal: AbortSignal): Promise<Authorization> {
    const response = await this.http.get({
      url,
      headers: { accept: 'application/json' },
      authorization: credential === null ? null : basicHeader(credential),
      signal,
    });
    if (response.status === 401 || response.status === 403 || response.status === 400) {
      await discard(response);
      throw this.#unauthorized(credential, response.status);
    }
    const accepted = await this.#accept(response);
    if (headerOf(accepted, 'content-type')?.startsWith('text/html') === true) {
      await discard(accepted);
      throw htmlInstead(url.host, 'a token');
    }
    const body = parseObject((await this.http.readAll(accepted, tokenBytes, 'token')).toString('utf8'), 'token', url.host);
    const token = [body.token, body.access_token].find(
      (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
    );
    if (token === undefined) throw new TsdockError('REG401', { message: `${url.host} answered without a token for ${this.name}` });
    const seconds = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : 60;
    return { header: `Bearer ${token}`, expiresAt: this.options.now() + Math.max(1000, seconds * 1000 - tokenReserveMs) };
  }

  #readCredential(): Promise<Credential | null> {
    this.#credential ??= readCredential(this.options.dockerConfig, this.#ref.host);
    return this.#credential;
  }

  async #accept(response: HttpResponse): Promise<HttpResponse> {
    const { status, url } = response;
    if ([200, 206, 404, 416].includes(status)) return response;
    if (status === 429) throw await this.#limited(response);
    await discard(response);
    if (status === 401) throw this.#unauthorized(await this.#readCredential(), 401);
    if (status === 403) throw this.#unauthorized(await this.#readCredential(), 403);
    if (status >= 500 || status === 408)
      throw new RegistryError('REG503', { status, message: `${url.host} answered ${status}`, retryAt: this.#retryAfter(response, null) });
    throw new RegistryError('REG020', { status, message: `${url.host} answered ${status}` });
  }

  #unauthorized(credential: Credential | null, status: number): RegistryError {
    const { host, repository } = this.#ref;
    if (credential === null) {
      return new RegistryError(status === 403 ? 'REG403' : 'REG401', {
        status,
        message: `${host}: "${repository}" not found or no access (anonymous)`,
        hint: `tsdock login ${host}`,
      });
    }
    const who = `user ${show(credential.user)} (from ${credential.source})`;
    if (status === 403)
      return new RegistryError('REG403', { status, message: `${host}: authenticated as ${who}, not allowed to pull "${repository}"` });
    return new RegistryError('REG401', { status, message: `${host} rejected ${who}` });
  }

  async #limited(response: HttpResponse): Promise<RegistryError> {
    await discard(response);
    const { now, random } = this.options;
    const retryAt = this.#retryAfter(response, defaultRetryAfterMs * (1 + random())) ?? now();
    this.#waits.set(this.#ref.host, retryAt);
    return this.#limitedUntil(retryAt, headerOf(response, 'ratelimit-limit'));
  }

  /** A host that said 429 is left alone until its time has come, by all pulls. */
  #refuseWhileLimited(): void {
    const until = this.#waits.get(this.#ref.host);
    if (until === undefined) return;
    if (until > this.options.now()) throw this.#limitedUntil(until, null);
    this.#waits.delete(this.#ref.host);
  }

  #limitedUntil(retryAt: Instant, limit: string | null): RegistryError {
    const [, count, seconds] = /^(\d+)(?:;w=(\d+))?/.exec(limit ?? '') ?? [];
    const used =
      count === undefined ? '' : `: ${count}${seconds === undefined ? '' : ` per ${formatDuration(Number(seconds) * 1000)}`} used`;
    const clock = new Date(retryAt).toTimeString().slice(0, 8);
    return new RegistryError('REG429', {
      status: 429,
      retryAt,
      message: `${this.#ref.host} limits pulls${used}; next try in ${formatDuration(retryAt - this.options.now())} (${clock})`,
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

interface Authorization {
  readonly header: string;
  readonly expiresAt: Instant;
}

/** Loopback registries speak plain HTTP, all others TLS; Docker Hub's registry has another name than its images. */
export function baseUrl(host: string): URL {
  if (host === 'docker.io') return new URL('https://registry-1.docker.io/');
  const url = new URL(`https://${host}/`);
  return isLoopback(url.hostname) ? new URL(`http://${host}/`) : url;
}

/** Whether the same request may succeed in a moment. */
export function isTransient(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  if (error.code === 'REG030') return !/\(ENOTFOUND\)/.test(error.message);
  return error.code === 'REG503' || error.code === 'REG011' || error.code === 'REG012';
}
