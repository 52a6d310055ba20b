import type { Dispatcher } from 'undici';
import { RegistryError, TsdockError } from '../../model/errors.ts';
import { isInside, isLoopback } from './auth.ts';
import { type ConnectionOptions, Connections, type TlsIdentity } from './connections.ts';
import { describeFailure, describeMs } from './http-failure.ts';

/** Bounds of every exchange with a registry. Times in milliseconds. */
export interface HttpLimits {
  readonly connectMs: number;
  /** From sending the request to the last header byte, however slowly they trickle. */
  readonly headersMs: number;
  /** A body that brings fewer than `stallBytes` in `stallMs` of waiting is given up. Time we spend writing to disk does not count. */
  readonly stallMs: number;
  readonly stallBytes: number;
  readonly redirects: number;
  /** Answers that may be open at once: of one host, and of all. */
  readonly perHost: number;
  readonly inAll: number;
}

export const defaultHttpLimits: HttpLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  stallMs: 30_000,
  stallBytes: 8192,
  redirects: 5,
  perHost: 8,
  inAll: 24,
};

/** What surrounds all requests: the environment names proxies; `lookup` replaces the system's resolver. */
export type Network = Pick<ConnectionOptions, 'env' | 'lookup'>;

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` and to no other. */
  readonly authorization: string | null;
  /** The certificate is shown to the origin of `url` only. */
  readonly tls: TlsIdentity;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Must be read to its end or handed to `discard`. */
  readonly body: Dispatcher.ResponseData['body'];
}

/** Requests with redirects, timeouts and bounds on connections. Holds the sockets. */
export class HttpClient {
  readonly #limits: HttpLimits;
  readonly #connections: Connections;

  constructor(limits: HttpLimits, network: Network) {
    this.#limits = limits;
    this.#connections = new Connections({ connectMs: limits.connectMs, perHost: limits.perHost, inAll: limits.inAll, ...network });
  }

  /** GET that follows redirects. Resolves with any status that is no redirect; REG012, REG021, REG030, TLS001 and TLS002 when there is no answer. */
  async get(wanted: HttpRequest): Promise<HttpResponse> {
    let { url, authorization, tls } = wanted;
    for (let hop = 0; ; hop++) {
      const response = await this.#send({ ...wanted, url, authorization, tls }, null);
      const location = headerOf(response, 'location');
      if (!isRedirect(response) || location === null) return response;
      await discard(response);
      if (hop === this.#limits.redirects)
        throw new TsdockError('REG020', { message: `${wanted.url.host} redirects more than ${this.#limits.redirects} times` });
      const next = nextHop(url, location, wanted.url);
      if (next.origin !== url.origin) {
        authorization = null; // for good: coming back does not bring it back
        tls = { ...tls, certificate: null };
      }
      url = next;
    }
  }

  /** POST of a form, which carries a secret: sent to one place, a redirect is an answer like any other. */
  async post(wanted: HttpRequest, form: URLSearchParams): Promise<HttpResponse> {
    return await this.#send(
      { ...wanted, headers: { ...wanted.headers, 'content-type': 'application/x-www-form-urlencoded' } },
      form.toString(),
    );
  }

  /** The body piece by piece; REG012 when it stalls, REG011 when the connection breaks. */
  async *read(response: HttpResponse): AsyncGenerator<Uint8Array> {
    const { stallMs, stallBytes } = this.#limits;
    const { body, url } = response;
    let budgetMs = stallMs;
    let windowBytes = 0;
    const stalled = new RegistryError('REG012', { message: `no data from ${url.host} for ${describeMs(stallMs)}` });
    try {
      const pieces = body[Symbol.asyncIterator]();
      for (;;) {
        const before = performance.now();
        const timer = setTimeout(() => body.destroy(stalled), Math.max(1, budgetMs));
        const next = await pieces.next().finally(() => clearTimeout(timer));
        if (next.done === true) return;
        const chunk = next.value as Uint8Array;
        budgetMs -= performance.now() - before;
        windowBytes += chunk.byteLength;
        if (windowBytes >= stallBytes) {
          windowBytes = 0;
          budgetMs = stallMs;
        } else if (budgetMs <= 0) {
          throw stalled;
        }
        yield chunk;
      }
    } catch (error) {
      if (error instanceof TsdockError || isAbort(error)) throw error;
      throw new RegistryError('REG011', { message: `connection to ${url.host} closed too early`, cause: error });
    } finally {
      body.destroy();
    }
  }

  /** The whole of a small body; REG020 when it is longer than `maxBytes`, whatever its headers say. */
  async readAll(response: HttpResponse, maxBytes: number, what: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.read(response)) {
      size += chunk.byteLength;
      if (size > maxBytes)
        throw new TsdockError('REG020', { message: `${what} from ${response.url.host} is longer than ${maxBytes} bytes` });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #send(wanted: HttpRequest, body: string | null): Promise<HttpResponse> {
    const { url, signal, tls } = wanted;
    const { dispatcher, request, proxy } = await this.#connections.open(url, tls);
    const leave = await this.#connections.place(url.host, signal);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#limits.headersMs);
    try {
      const response = await request(url, {
        dispatcher,
        method: body === null ? 'GET' : 'POST',
        body,
        headers: {
          ...wanted.headers,
          'accept-encoding': 'identity',
          'user-agent': 'tsdock',
          ...(wanted.authorization === null ? {} : { authorization: wanted.authorization }),
        },
        signal: AbortSignal.any([signal, late.signal]),
      });
      response.body.on('error', () => undefined); // read() reports it; a discarded body may still fail
      response.body.once('close', leave);
      return { status: response.statusCode, headers: response.headers, url, body: response.body };
    } catch (error) {
      leave();
      signal.throwIfAborted();
      if (late.signal.aborted)
        throw new RegistryError('REG012', {
          message: `no answer from ${url.host} for ${describeMs(this.#limits.headersMs)}`,
          cause: error,
        });
      throw await describeFailure(error, { url, proxy, timeoutMs: this.#limits.connectMs });
    } finally {
      clearTimeout(timer);
    }
  }
}

function isRedirect({ status }: HttpResponse): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Reads a body away so that its socket can be used again; a long one is cut off instead. */
export async function discard(response: HttpResponse): Promise<void> {
  try {
    await response.body.dump({ limit: 64 * 1024 });
  } catch {
    response.body.destroy(); // the answer is known, only the socket is lost
  }
}

export function headerOf(response: HttpResponse, name: string): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/**
 * Where a redirect leads. Only http(s), never from https to http, plain http on loopback and on the registry's own host if that speaks it, nobody outside sends us to addresses
 * inside. REG021. Pure.
 */
export function nextHop(from: URL, location: string, registry: URL): URL {
  const refuse = (): TsdockError =>
    new TsdockError('REG021', { message: `${from.host} redirects to ${JSON.stringify(location.slice(0, 60)).slice(1, -1)}; refused` });
  if (!URL.canParse(location, from.href)) throw refuse();
  const to = new URL(location, from);
  const mayBePlain = isLoopback(to.hostname) || (registry.protocol === 'http:' && to.hostname === registry.hostname);
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:' || !mayBePlain)) throw refuse();
  if (to.username !== '' || to.password !== '') throw refuse();
  if (isInside(to.hostname) && !isInside(registry.hostname) && to.hostname !== registry.hostname) throw refuse();
  return to;
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
