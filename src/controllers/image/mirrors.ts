import type { Logger } from '../../model/log.ts';
import type { Digest } from '../../model/reference.ts';
import { isAbort } from './http.ts';
import type { Descriptor, Referrer } from './oci.ts';
import type { FoundSignature } from './signature.ts';
import type { FetchedManifest, ImageSource } from './source.ts';

/**
 * A repository that can be reached in several ways: each is asked in order until one answers. A way that failed comes last for what else this pull needs, one whose bytes were
 * asked for again (they did not match) as well. When all fail, the failure of the
 * registry itself counts.
 */
export class Mirrored implements ImageSource {
  readonly label: string;
  readonly #log: Logger;
  readonly #registry: ImageSource | undefined;
  #ways: readonly ImageSource[];
  readonly #delivered = new Map<Digest, ImageSource>();

  /** `ways`: mirrors in order, then the registry. */
  constructor(label: string, ways: readonly ImageSource[], log: Logger) {
    this.label = label;
    this.#ways = ways;
    this.#registry = ways.at(-1);
    this.#log = log;
  }

  originOf(digest: Digest): string {
    return this.#delivered.get(digest)?.originOf?.(digest) ?? this.label;
  }

  async manifest(digest: Digest | null, signal: AbortSignal): Promise<FetchedManifest> {
    let failure: unknown;
    for (const way of this.#ways) {
      try {
        return await way.manifest(digest, signal);
      } catch (error) {
        this.#failed(way, error, signal);
        if (way === this.#registry) failure = error;
      }
    }
    throw failure;
  }

  async *blob(descriptor: Descriptor, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const before = start < descriptor.size ? this.#delivered.get(descriptor.digest) : undefined;
    if (before !== undefined) this.#demote(before);
    let at = start;
    let failure: unknown;
    for (const way of this.#ways) {
      try {
        for await (const chunk of way.blob(descriptor, at, signal)) {
          at += chunk.byteLength;
          if (at === descriptor.size) this.#delivered.set(descriptor.digest, way);
          yield chunk;
        }
        return;
      } catch (error) {
        this.#failed(way, error, signal);
        if (way === this.#registry) failure = error;
      }
    }
    throw failure;
  }

  async tags(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#registry?.tags?.(signal)) ?? [];
  }

  async referrers(digest: Digest, signal: AbortSignal): Promise<readonly Referrer[]> {
    return (await this.#registry?.referrers?.(digest, signal)) ?? [];
  }

  /** Of every way in turn, since a mirror may lack what was pushed later; whoever reads them stops when it has seen enough. */
  async *signatures(digest: Digest, signal: AbortSignal): AsyncGenerator<FoundSignature> {
    let found = 0;
    let failure: { readonly error: unknown } | null = null;
    for (const way of this.#ways) {
      try {
        for await (const signature of way.signatures?.(digest, signal) ?? []) {
          found++;
          yield signature;
        }
      } catch (error) {
        this.#failed(way, error, signal);
        if (way === this.#registry) failure = { error };
      }
    }
    if (found === 0 && failure !== null) throw failure.error;
  }

  #failed(way: ImageSource, error: unknown, signal: AbortSignal): void {
    if (signal.aborted || isAbort(error)) throw error;
    this.#log.warn(`${way.label} is left out: ${error instanceof Error ? error.message : String(error)}`, { image: this.label });
    this.#demote(way);
  }

  #demote(way: ImageSource): void {
    this.#ways = [...this.#ways.filter((one) => one !== way), way];
  }
}
