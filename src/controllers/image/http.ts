import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Agent, Dispatcher, request } from 'undici';
import { RegistryError, TsdockError } from '../../model/errors.ts';
import { formatInstant } from '../../model/time.ts';
import { isInside, isLoopback } from './auth.ts';
import { errnoOf } from './files.ts';

/** Bounds of every exchange with a registry. Times in milliseconds. */
export interface HttpLimits {
  readonly connectMs: number;
  /** From sending the request to the last header byte, however slowly they trickle. */
  readonly headersMs: number;
  /** A body that brings fewer than `stallBytes` in `stallMs` of waiting is given up. Time we spend writing to disk does not count. */
  readonly stallMs: number;
  readonly stallBytes: number;
  readonly redirects: number;
}

export const defaultHttpLimits: HttpLimits = { connectMs: 10_000, headersMs: 30_000, stallMs: 30_000, stallBytes: 8192, redirects: 5 };

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` and to no other. */
  readonly authorization: string | null;
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

interface Sockets {
  readonly agent: Agent;
  readonly request: typeof request;
}

/** GET with redirects, timeouts and header bounds. Holds the sockets. */
export class HttpClient {
  readonly #limits: HttpLimits;
  readonly #ca: string | null;
  #sockets: Promise<Sockets> | null = null;

  constructor(limits: HttpLimits, ca: string | null) {
    this.#limits = limits;
    this.#ca = ca;
  }

  /** undici is loaded by the first request: it takes longer than everything else a command imports, and most commands ask no registry. */
  #open(): Promise<Sockets> {
    this.#sockets ??= import('undici').then(({ Agent, request }) => ({ request, agent: this.#agentOf(Agent) }));
    return this.#sockets;
  }

  #agentOf(AgentClass: typeof Agent): Agent {
    return new AgentClass({
      connections: 8,
      pipelining: 1,
      maxHeaderSize: 32 * 1024,
      headersTimeout: 0, // ours cover more, below
      bodyTimeout: 0,
      autoSelectFamily: true,
      connect: { timeout: this.#limits.connectMs, ...(this.#ca === null ? {} : { ca: this.#ca }) },
    });
  }

  /** Follows redirects. Resolves with any status that is no redirect; REG012, REG021, REG030, TLS001 and TLS002 when there is no answer. */
  async get(wanted: HttpRequest): Promise<HttpResponse> {
    let { url, authorization } = wanted;
    for (let hop = 0; ; hop++) {
      const response = await this.#send({ ...wanted, url, authorization });
      const location = headerOf(response, 'location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
      await discard(response);
      if (hop === this.#limits.redirects)
        throw new TsdockError('REG020', { message: `${wanted.url.host} redirects more than ${this.#limits.redirects} times` });
      const next = nextHop(url, location, wanted.url);
      if (next.origin !== url.origin) authorization = null; // for good: coming back does not bring it back
      url = next;
    }
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

  async close(): Promise<void> {
    if (this.#sockets !== null) await (await this.#sockets).agent.destroy();
  }

  async #send(wanted: HttpRequest): Promise<HttpResponse> {
    const { url, signal } = wanted;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#limits.headersMs);
    try {
      const { agent, request } = await this.#open();
      const response = await request(url, {
        dispatcher: agent,
        method: 'GET',
        headers: {
          ...wanted.headers,
          'accept-encoding': 'identity',
          'user-agent': 'tsdock',
          ...(wanted.authorization === null ? {} : { authorization: wanted.authorization }),
        },
        signal: AbortSignal.any([signal, late.signal]),
      });
      response.body.on('error', () => undefined); // read() reports it; a discarded body may still fail
      return { status: response.statusCode, headers: response.headers, url, body: response.body };
    } catch (error) {
      signal.throwIfAborted();
      if (late.signal.aborted)
        throw new RegistryError('REG012', {
          message: `no answer from ${url.host} for ${describeMs(this.#limits.headersMs)}`,
          cause: error,
        });
      throw await describeFailure(error, url, this.#limits.connectMs);
    } finally {
      clearTimeout(timer);
    }
  }
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

/** Where a redirect leads. Only http(s), never from https to http, plain http on loopback only, nobody outside sends us to addresses inside. REG021. Pure. */
export function nextHop(from: URL, location: string, registry: URL): URL {
  const refuse = (): TsdockError =>
    new TsdockError('REG021', { message: `${from.host} redirects to ${JSON.stringify(location.slice(0, 60)).slice(1, -1)}; refused` });
  if (!URL.canParse(location, from.href)) throw refuse();
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:' || !isLoopback(to.hostname))) throw refuse();
  if (to.username !== '' || to.password !== '') throw refuse();
  if (isInside(to.hostname) && !isInside(registry.hostname) && to.hostname !== registry.hostname) throw refuse();
  return to;
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

const plainHttpCodes = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO']);
const certificateReasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown authority (self-signed root)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown authority',
  CERT_UNTRUSTED: 'is not trusted',
  CERT_REVOKED: 'is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  CERT_SIGNATURE_FAILURE: 'has a bad signature',
};

async function describeFailure(error: unknown, url: URL, timeoutMs: number): Promise<Error> {
  const code = errnoOf(error) ?? '';
  const host = url.host;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const end = await certificateDate(url, code === 'CERT_HAS_EXPIRED' ? 'valid_to' : 'valid_from', timeoutMs);
    const what =
      code === 'CERT_HAS_EXPIRED' ? `expired${end === null ? '' : ` ${end}`}` : `is not valid${end === null ? ' yet' : ` before ${end}`}`;
    return new RegistryError('TLS001', { message: `certificate of ${host} ${what} (${localClock()})`, cause: error });
  }
  const reason = certificateReasons[code];
  if (reason !== undefined)
    return new RegistryError('TLS001', { message: `certificate of ${host} ${reason} (${localClock()})`, cause: error });
  if (plainHttpCodes.has(code)) {
    return new RegistryError('TLS002', {
      message: `${host} answers plain HTTP`,
      hint: `Registry "${host}" with "insecure: true" if you trust that network`,
      cause: error,
    });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new RegistryError('REG020', { message: `${host} answered with headers of more than 32 KiB`, cause: error });
  if (code.startsWith('HPE_')) return new RegistryError('REG020', { message: `${host} does not speak HTTP (${code})`, cause: error });
  return new RegistryError('REG030', { message: `cannot connect to ${host}: ${connectReason(error, code)}`, cause: error });
}

function connectReason(error: unknown, code: string): string {
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: 'the resolver knows no such host (ENOTFOUND)',
    EAI_AGAIN: 'the resolver does not answer (EAI_AGAIN)',
    ECONNREFUSED: 'connection refused (ECONNREFUSED)',
    ECONNRESET: 'connection reset (ECONNRESET)',
    UND_ERR_SOCKET: 'the connection was closed before an answer',
    UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
  };
  return known[code] ?? (code === '' ? String(error instanceof Error ? error.message : error) : code);
}

function localClock(): string {
  return `local clock ${formatInstant(Date.now()).slice(0, 16).replace('T', ' ')} UTC`;
}

/** Asks the server for its certificate once more, only to read a date; nothing is sent over that connection. Null when that fails. */
function certificateDate(url: URL, field: 'valid_to' | 'valid_from', timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connectTls({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    const end = (date: string | null): void => {
      socket.destroy();
      resolve(date);
    };
    socket.on('secureConnect', () => {
      const date = new Date(socket.getPeerCertificate()[field]);
      end(Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10));
    });
    socket.on('error', () => end(null));
    socket.on('timeout', () => end(null));
  });
}

function describeMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
