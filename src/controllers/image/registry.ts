import { setTimeout as delay } from 'node:timers/promises';
import { RegistryError, TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import { type Digest, isDigest } from '../../model/reference.ts';
import type { Instant } from '../../model/resource.ts';
import { formatDuration } from '../../model/time.ts';
import { basicHeader, type Credential, isLoopback, parseChallenges, readCredential, tokenUrl } from './auth.ts';
import { digestOf } from './content-store.ts';
import { defaultHttpLimits, discard, HttpClient, type HttpLimits, type HttpResponse, headerOf, isAbort } from './http.ts';
import { type Descriptor, htmlInstead, limits, mediaTypes, parseObject, show } from './oci.ts';
import type { FetchedManifest, ImageSource, SourceRef } from './source.ts';

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

type RegistryRef = Extract<SourceRef, { type: 'registry' }>;

/** What all repositories share: sockets, and hosts that asked us to wait. */
export class RegistryClient {
  readonly #options: RegistryOptions;
  readonly #http: HttpClient;
  readonly #waits = new Map<string, Instant>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#http = new HttpClient(options.http, options.ca);
  }

  open(ref: RegistryRef): ImageSource {
    return new Repository(ref, this.#options, this.#http, this.#waits);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** Progress that forgives earlier failures of a blob: with less a server could keep us for ever. */
const forgivingBytes = 256 * 1024;
/** Longest wait a registry can ask for, and the one taken when it says 429 and no time. */
const maxRetryAfterMs = 3_600_000;
const defaultRetryAfterMs = 60_000;
const tokenBytes = 4 << 20;
const tokenReserveMs = 10_000;

/**
 * One repository of one registry, by the OCI distribution protocol. A credential or token goes to this registry (and the realm it may go to) only; tokens live as long as the
 * source. Each failure is a TsdockError that names the host.
 */
class Repository implements ImageSource {
  readonly label: string;
  readonly #ref: RegistryRef;
  readonly #base: URL;
  readonly #options: RegistryOptions;
  readonly #http: HttpClient;
  readonly #waits: Map<string, Instant>;
  #authorization: Authorization | null = null;
  #authorizing: Promise<Authorization> | null = null;
  #credential: Promise<Credential | null> | null = null;

  constructor(ref: RegistryRef, options: RegistryOptions, http: HttpClient, waits: Map<string, Instant>) {
    this.#ref = ref;
    this.#options = options;
    this.#http = http;
    this.#waits = waits;
    this.label = ref.host;
    this.#base = baseUrl(ref.host);
  }

  async manifest(digest: Digest | null, signal: AbortSignal): Promise<FetchedManifest> {
    const name = digest ?? this.#ref.digest ?? this.#ref.tag ?? 'latest';
    const accept = [...mediaTypes.index, ...mediaTypes.manifest, ...mediaTypes.schema1].join(', ');
    return this.#persist(`manifest ${name}`, signal, async () => {
      const response = await this.#get(`manifests/${name}`, { accept }, signal);
      if (response.status === 404) throw await this.#manifestMissing(response, name, signal);
      const contentType = headerOf(response, 'content-type');
      if (contentType?.startsWith('text/html') === true) {
        await discard(response);
        throw htmlInstead(response.url.host, 'a manifest');
      }
      const said = headerOf(response, 'docker-content-digest');
      const bytes = await this.#http.readAll(response, limits.manifestBytes, 'manifest');
      const found = digestOf(bytes);
      const expected = isDigest(name) ? name : said !== null && isDigest(said) && said.startsWith('sha256:') ? said : found;
      if (found !== expected) throw digestMismatch('manifest', response.url.host, expected, found, bytes.byteLength);
      return {
        bytes,
        digest: found,
        contentType: contentType === null || /^(?:application\/(?:json|octet-stream)|text\/plain)/.test(contentType) ? null : contentType,
      };
    });
  }

  async *blob(descriptor: Descriptor, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let at = start;
    let failures = 0;
    let forgivenAt = start;
    const since = this.#options.now();
    while (at < descriptor.size) {
      try {
        for await (const chunk of this.#blobFrom(descriptor, at, signal)) {
          at += chunk.byteLength;
          yield chunk;
        }
      } catch (error) {
        if (at - forgivenAt >= forgivingBytes) failures = 0;
        forgivenAt = Math.max(forgivenAt, at);
        failures++;
        if (!isTransient(error)) throw error;
        if (failures >= this.#options.tries) throw this.#gaveUp(error, failures, since, { at, size: descriptor.size });
        this.#options.log.warn(
          `${error.message} after ${showMiB(at)} of ${showMiB(descriptor.size)} MiB; resuming at ${showMiB(at)} MiB (try ${failures + 1} of ${this.#options.tries})`,
          {
            code: error.code,
            blob: descriptor.digest,
          },
        );
        await this.#wait(failures, signal);
      }
    }
  }

  /** One request for the rest of a blob; yields exactly the bytes from `at` on, also when the server ignores the range. */
  async *#blobFrom(descriptor: Descriptor, at: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const range: Record<string, string> = at === 0 ? {} : { range: `bytes=${at}-` };
    let response = await this.#get(`blobs/${descriptor.digest}`, range, signal);
    if (response.status === 416) {
      await discard(response);
      response = await this.#get(`blobs/${descriptor.digest}`, {}, signal);
    }
    const { host } = response.url;
    if (response.status === 404) {
      await discard(response);
      throw new RegistryError('REG404', {
        status: 404,
        message: `${host} has the manifest of ${this.#name()} but not its blob ${descriptor.digest}`,
        hint: 'push the image again',
      });
    }
    const encoding = headerOf(response, 'content-encoding');
    if (encoding !== null && encoding !== 'identity') {
      await discard(response);
      throw new TsdockError('REG020', {
        message: `${host} sends blob ${descriptor.digest} with Content-Encoding ${show(encoding)}; refused`,
        hint: 'a proxy is in between',
      });
    }
    let position = rangeStart(response, at);
    const length = headerOf(response, 'content-length');
    if (length !== null && /^\d+$/.test(length) && Number(length) !== descriptor.size - position) {
      await discard(response);
      if (headerOf(response, 'content-type')?.startsWith('text/html') === true) throw htmlInstead(host, 'a layer');
      throw new TsdockError('REG010', {
        message: `${host} sends ${Number(length)} bytes of blob ${descriptor.digest}, ${descriptor.size - position} were expected`,
        hint: 'a proxy or mirror may be altering data',
      });
    }
    for await (const piece of this.#http.read(response)) {
      const skip = Math.min(piece.byteLength, Math.max(0, at - position));
      position += piece.byteLength;
      if (position > descriptor.size)
        throw new TsdockError('REG010', {
          message: `${host} sends more than the ${descriptor.size} bytes of blob ${descriptor.digest}`,
          hint: 'a proxy or mirror may be altering data',
        });
      if (skip < piece.byteLength) yield piece.subarray(skip);
    }
    if (position < descriptor.size) throw new RegistryError('REG011', { message: `connection to ${host} closed` });
  }

  /** Repeats a small exchange while its failure may pass by itself. */
  async #persist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const since = this.#options.now();
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (failures >= this.#options.tries) throw this.#gaveUp(error, failures, since, null);
        this.#options.log.warn(`${error.message}; ${what} again (try ${failures + 1} of ${this.#options.tries})`, { code: error.code });
        await this.#wait(failures, signal);
      }
    }
  }

  #gaveUp(error: RegistryError, tries: number, since: Instant, progress: { at: number; size: number } | null): RegistryError {
    const got = progress === null || progress.at === 0 ? '' : `, got ${progress.at} of ${progress.size} bytes`;
    const spent = `${tries} tries in ${formatDuration(this.#options.now() - since)}`;
    return new RegistryError(error.code, {
      message: `${error.message} (${spent}${got})`,
      cause: error,
      retryAt: error.retryAt,
      ...(error.status === null ? {} : { status: error.status }),
    });
  }

  async #wait(failures: number, signal: AbortSignal): Promise<void> {
    const ms = this.#options.firstWaitMs * 2 ** (failures - 1) * (0.5 + this.#options.random());
    await delay(ms, undefined, { signal });
  }

  /** GET below this repository with our authorization; one new token when the one we have is refused. Other statuses than 200, 206, 404, 416 throw. */
  async #get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse> {
    this.#refuseWhileLimited();
    const url = new URL(`/v2/${this.#ref.repository}/${path}`, this.#base);
    const used = this.#currentAuthorization();
    const first = await this.#http.get({ url, headers, authorization: used?.header ?? null, signal });
    if (first.status !== 401 || first.url.origin !== this.#base.origin) return this.#accept(first);
    const challenge = first.headers['www-authenticate'];
    await discard(first);
    const renewed = await this.#authorize(challenge, used, signal);
    const second = await this.#http.get({ url, headers, authorization: renewed.header, signal });
    return this.#accept(second);
  }

  #currentAuthorization(): Authorization | null {
    const current = this.#authorization;
    return current !== null && current.expiresAt > this.#options.now() ? current : null;
  }

  /** Parallel requests that met the same 401 share one token request. */
  #authorize(challenge: string | string[] | undefined, refused: Authorization | null, signal: AbortSignal): Promise<Authorization> {
    const current = this.#currentAuthorization();
    if (current !== null && current !== refused) return Promise.resolve(current);
    this.#authorizing ??= this.#newAuthorization(challenge, signal)
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
      return this.#persist('token', signal, () => this.#fetchToken(url, credential, signal));
    }
    if (challenges.some((one) => one.scheme === 'basic') && credential !== null)
      return { header: basicHeader(credential), expiresAt: Number.POSITIVE_INFINITY };
    throw this.#unauthorized(credential, 401);
  }

  async #fetchToken(url: URL, credential: Credential | null, signal: AbortSignal): Promise<Authorization> {
    const response = await this.#http.get({
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
    const body = parseObject((await this.#http.readAll(accepted, tokenBytes, 'token')).toString('utf8'), 'token', url.host);
    const token = [body.token, body.access_token].find(
      (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
    );
    if (token === undefined) throw new TsdockError('REG401', { message: `${url.host} answered without a token for ${this.#name()}` });
    const seconds = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : 60;
    return { header: `Bearer ${token}`, expiresAt: this.#options.now() + Math.max(1000, seconds * 1000 - tokenReserveMs) };
  }

  #readCredential(): Promise<Credential | null> {
    this.#credential ??= readCredential(this.#options.dockerConfig, this.#ref.host);
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
    const { now, random } = this.#options;
    const retryAt = this.#retryAfter(response, defaultRetryAfterMs * (1 + random())) ?? now();
    this.#waits.set(this.#ref.host, retryAt);
    return this.#limitedUntil(retryAt, headerOf(response, 'ratelimit-limit'));
  }

  /** A host that said 429 is left alone until its time has come, by all pulls. */
  #refuseWhileLimited(): void {
    const until = this.#waits.get(this.#ref.host);
    if (until === undefined) return;
    if (until > this.#options.now()) throw this.#limitedUntil(until, null);
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
      message: `${this.#ref.host} limits pulls${used}; next try in ${formatDuration(retryAt - this.#options.now())} (${clock})`,
      hint: 'log in, or set a mirror',
    });
  }

  /** Retry-After as seconds or a date, at most an hour from now. */
  #retryAfter(response: HttpResponse, fallbackMs: number | null): Instant | null {
    const now = this.#options.now();
    const text = headerOf(response, 'retry-after')?.trim() ?? '';
    const parsed = /^\d+$/.test(text) ? Number(text) * 1000 : text === '' ? Number.NaN : Date.parse(text) - now;
    const ms = Number.isNaN(parsed) ? fallbackMs : parsed;
    return ms === null ? null : now + Math.min(maxRetryAfterMs, Math.max(0, ms));
  }

  async #manifestMissing(response: HttpResponse, name: string, signal: AbortSignal): Promise<RegistryError> {
    const code = await this.#errorCode(response);
    const repository = `${this.#ref.host}/${this.#ref.repository}`;
    if (code === 'NAME_UNKNOWN')
      return new RegistryError('REG404', { status: 404, message: `${this.#ref.host} has no repository "${this.#ref.repository}"` });
    if (isDigest(name)) {
      const hint = this.#ref.digest === null ? { hint: `the tag may have moved; tsdock image pull ${this.#name()} looks it up again` } : {};
      return new RegistryError('REG404', { status: 404, message: `${repository} has no manifest ${name}`, ...hint });
    }
    const near = nearestTags(name, await this.#tags(signal));
    return new RegistryError('REG404', {
      status: 404,
      message: `${repository} has no tag "${name}"`,
      ...(near.length === 0 ? {} : { hint: near.length === 1 ? `nearest is ${near[0]}` : `nearest are ${near.join(', ')}` }),
    });
  }

  async #errorCode(response: HttpResponse): Promise<string | null> {
    try {
      const body = JSON.parse((await this.#http.readAll(response, tokenBytes, 'error')).toString('utf8')) as {
        errors?: readonly { code?: unknown }[];
      };
      const code = body.errors?.[0]?.code;
      return typeof code === 'string' ? code : null;
    } catch (error) {
      if (isAbort(error)) throw error;
      return null; // only helps to word the error that is already certain
    }
  }

  /** Up to 1000 tags for a hint; none when they cannot be listed. */
  async #tags(signal: AbortSignal): Promise<readonly string[]> {
    try {
      const response = await this.#get('tags/list?n=1000', { accept: 'application/json' }, signal);
      const { tags } = parseObject(
        (await this.#http.readAll(response, limits.manifestBytes, 'tag list')).toString('utf8'),
        'tag list',
        this.label,
      );
      return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string' && /^[\w][\w.-]{0,127}$/.test(tag)) : [];
    } catch (error) {
      if (isAbort(error)) throw error;
      return [];
    }
  }

  #name(): string {
    const { host, repository, tag, digest } = this.#ref;
    return `${host}/${repository}${digest === null ? `:${tag}` : `@${digest}`}`;
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

function isTransient(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  if (error.code === 'REG030') return !/\(ENOTFOUND\)/.test(error.message);
  return error.code === 'REG503' || error.code === 'REG011' || error.code === 'REG012';
}

/** Offset of the first byte of the answer: what Content-Range says of a 206, else the beginning. REG011 for a range nobody asked for. */
function rangeStart(response: HttpResponse, asked: number): number {
  if (response.status !== 206) return 0;
  const start = /^bytes (\d+)-/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  if (start === undefined || Number(start) > asked) {
    response.body.destroy();
    throw new TsdockError('REG020', {
      message: `${response.url.host} answers a range from ${asked} with ${show(headerOf(response, 'content-range'))}`,
    });
  }
  return Number(start);
}

export function digestMismatch(what: string, host: string, expected: string, found: string, bytes: number): RegistryError {
  return new RegistryError('REG010', {
    message: `${what} from ${host} does not match: expected ${shortDigest(expected)}, got ${shortDigest(found)} (${bytes} bytes); nothing was installed`,
    hint: 'a proxy or mirror may be altering data',
  });
}

function shortDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}..`;
}

function showMiB(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}

/** Up to three tags that people may have meant: same beginning first, then small edit distance. Pure. */
export function nearestTags(wanted: string, tags: readonly string[]): readonly string[] {
  const scored = tags.map((tag) => ({ tag, distance: editDistance(wanted, tag), prefix: commonPrefix(wanted, tag) }));
  return scored
    .filter((one) => one.distance <= 2 || one.prefix >= Math.min(2, wanted.length))
    .sort((a, b) => a.distance - b.distance || b.prefix - a.prefix || (a.tag < b.tag ? 1 : -1))
    .slice(0, 3)
    .map((one) => one.tag);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
