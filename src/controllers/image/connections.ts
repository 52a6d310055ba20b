import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Dispatcher, request } from 'undici';
import { type Environment, proxyFor } from './proxy.ts';

/** Whom we trust beside the public authorities, and who we are to a server that asks. PEM. */
export interface TlsIdentity {
  readonly ca: string | null;
  readonly certificate: { readonly cert: string; readonly key: string } | null;
}

export const publicTrust: TlsIdentity = { ca: null, certificate: null };

export interface ConnectionOptions {
  readonly connectMs: number;
  /** Answers that may be open at once: to one host, and to all. */
  readonly perHost: number;
  readonly inAll: number;
  /** Where proxies are named. */
  readonly env: Environment;
  /** Finds addresses of names; the system's resolver unless given. */
  readonly lookup?: LookupFunction;
}

type Undici = typeof import('undici');

/** Sockets to registries: kept by proxy and TLS identity, so that none made for one identity serves another, and bounded for each host and in all. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #all: Places;
  readonly #hosts = new Map<string, Places>();
  #undici: Promise<Undici> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#all = new Places(options.inAll);
  }

  /** undici is loaded by the first request: it takes longer than everything else a command imports, and most commands ask no registry. */
  async open(
    url: URL,
    tls: TlsIdentity,
  ): Promise<{ readonly dispatcher: Dispatcher; readonly request: typeof request; readonly proxy: URL | null }> {
    this.#undici ??= import('undici');
    const undici = await this.#undici;
    const proxy = proxyFor(url, this.#options.env);
    const key = createHash('sha256')
      .update(JSON.stringify([proxy?.href, tls.ca, tls.certificate]))
      .digest('hex');
    const known = this.#dispatchers.get(key);
    const dispatcher = known ?? this.#dispatcherOf(undici, proxy, tls);
    if (known === undefined) this.#dispatchers.set(key, dispatcher);
    return { dispatcher, request: undici.request, proxy };
  }

  /** A place for one answer; what is returned gives it back, once. Aborted while it waits it takes none. */
  async place(host: string, signal: AbortSignal): Promise<() => void> {
    const ofHost = this.#hosts.get(host) ?? new Places(this.#options.perHost);
    this.#hosts.set(host, ofHost);
    await ofHost.take(signal);
    try {
      await this.#all.take(signal);
    } catch (error) {
      ofHost.giveBack();
      throw error;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#all.giveBack();
      ofHost.giveBack();
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }

  #dispatcherOf({ Agent, ProxyAgent }: Undici, proxy: URL | null, tls: TlsIdentity): Dispatcher {
    const secureContext = contextOf(tls);
    const connect = {
      timeout: this.#options.connectMs,
      autoSelectFamily: true, // IPv6 and IPv4 side by side: one of them may lead nowhere
      ...(this.#options.lookup === undefined ? {} : { lookup: this.#options.lookup }),
    };
    const common = {
      connections: this.#options.perHost,
      pipelining: 1,
      maxHeaderSize: 32 * 1024,
      headersTimeout: 0, // ours cover more: http.ts
      bodyTimeout: 0,
    };
    const own = secureContext === null ? {} : { secureContext };
    if (proxy === null) return new Agent({ ...common, connect: { ...connect, ...own } });
    return new ProxyAgent({ ...common, uri: proxy.href, proxyTls: connect, requestTls: { timeout: this.#options.connectMs, ...own } });
  }
}

/** Made once for all sockets of an identity: to read all public authorities takes milliseconds. Null: Node's own defaults do. */
function contextOf({ ca, certificate }: TlsIdentity): SecureContext | null {
  if (ca === null && certificate === null) return null;
  return createSecureContext({ ...(ca === null ? {} : { ca: [...rootCertificates, ca] }), ...(certificate ?? {}) });
}

/** A number of places; whoever finds none waits in line. */
class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(free: number) {
    this.#free = free;
  }

  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const serve = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(serve);
        reject(signal.reason);
      };
      this.#waiting.add(serve);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
