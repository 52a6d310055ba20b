import { RegistryError, TsdockError } from '../../model/errors.ts';
import { type Digest, isDigest } from '../../model/reference.ts';
import { algorithmOf, digestOf } from './content-store.ts';
import { showMiB } from './disk.ts';
import { endpointsOf, type NamedRegistry, type RegistryRef } from './endpoints.ts';
import { digestMismatch, htmlInstead, show } from './faults.ts';
import { findSignatures } from './find-signatures.ts';
import { discard, HttpClient, type HttpResponse, headerOf, isAbort, type Network } from './http.ts';
import { Mirrored } from './mirrors.ts';
import { type Descriptor, limits, mediaTypes, parseObject, parseReferrers, type Referrer } from './oci.ts';
import { isTransient, type RegistryOptions, Session, type SharedSessions, tokenBytes } from './session.ts';
import type { FoundSignature } from './signature.ts';
import type { FetchedManifest, ImageSource } from './source.ts';

/** What all repositories share: sockets, tokens, hosts that asked us to wait, and what Registry objects say. */
export class RegistryClient {
  readonly #shared: SharedSessions;
  #registries: readonly NamedRegistry[] = [];

  constructor(options: RegistryOptions, network: Network) {
    this.#shared = { options, http: new HttpClient(options.http, network), waits: new Map(), tokens: new Map() };
  }

  /** What holds from the next `open` on. */
  configure(registries: readonly NamedRegistry[]): void {
    this.#registries = registries;
  }

  open(ref: RegistryRef): ImageSource {
    const name = `${ref.host}/${ref.repository}${ref.digest === null ? `:${ref.tag}` : `@${ref.digest}`}`;
    const ways = endpointsOf(ref, this.#registries).map((endpoint) => new Repository(ref, new Session(endpoint, name, this.#shared)));
    const [only] = ways;
    return ways.length === 1 && only !== undefined ? only : new Mirrored(ref.host, ways, this.#shared.options.log);
  }

  close(): Promise<void> {
    return this.#shared.http.close();
  }
}

/** Progress that forgives earlier failures of a blob: with less a server could keep us for ever. */
const forgivingBytes = 256 * 1024;

/** One repository of one registry, by the OCI distribution protocol. */
class Repository implements ImageSource {
  readonly label: string;
  readonly #ref: RegistryRef;
  readonly #session: Session;
  /** Hosts that blobs came from, after redirects. */
  readonly #origins = new Map<Digest, string>();

  constructor(ref: RegistryRef, session: Session) {
    this.label = session.endpoint.host;
    this.#ref = ref;
    this.#session = session;
  }

  originOf(digest: Digest): string {
    return this.#origins.get(digest) ?? this.label;
  }

  async manifest(digest: Digest | null, signal: AbortSignal): Promise<FetchedManifest> {
    const name = digest ?? this.#ref.digest ?? this.#ref.tag ?? 'latest';
    const accept = [...mediaTypes.index, ...mediaTypes.manifest, ...mediaTypes.schema1].join(', ');
    return this.#session.persist(`manifest ${name}`, signal, async () => {
      const response = await this.#session.get(`manifests/${name}`, { accept }, signal);
      if (response.status === 404) throw await this.#manifestMissing(response, name, signal);
      const contentType = headerOf(response, 'content-type');
      if (contentType?.startsWith('text/html') === true) {
        await discard(response);
        throw htmlInstead(response.url.host, 'a manifest');
      }
      const said = headerOf(response, 'docker-content-digest');
      const bytes = await this.#session.http.readAll(response, limits.manifestBytes, 'manifest');
      const promised = isDigest(name) ? name : said !== null && isDigest(said) ? said : null;
      const found = digestOf(bytes, promised === null ? 'sha256' : algorithmOf(promised));
      const expected = promised ?? found;
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
    const since = this.#session.options.now();
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
        if (this.#session.isHopeless(error, failures)) throw this.#session.gaveUp(error, failures, since, { at, size: descriptor.size });
        this.#session.options.log.warn(
          `${error.message} after ${showMiB(at)} of ${showMiB(descriptor.size)} MiB; resuming at ${showMiB(at)} MiB (try ${failures + 1} of ${this.#session.tries})`,
          {
            code: error.code,
            blob: descriptor.digest,
          },
        );
        await this.#session.wait(failures, error, signal);
      }
    }
  }

  /** One request for the rest of a blob; yields exactly the bytes from `at` on, also when the server ignores the range. */
  async *#blobFrom(descriptor: Descriptor, at: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const range: Record<string, string> = at === 0 ? {} : { range: `bytes=${at}-` };
    let response = await this.#session.get(`blobs/${descriptor.digest}`, range, signal);
    if (response.status === 416) {
      await discard(response);
      response = await this.#session.get(`blobs/${descriptor.digest}`, {}, signal);
    }
    const { host } = response.url;
    this.#origins.set(descriptor.digest, host);
    if (response.status === 404) {
      await discard(response);
      throw new RegistryError('REG404', {
        status: 404,
        message: `${host} has the manifest of ${this.#session.name} but not its blob ${descriptor.digest}`,
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
    for await (const piece of this.#session.http.read(response)) {
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

  async #manifestMissing(response: HttpResponse, name: string, signal: AbortSignal): Promise<RegistryError> {
    const code = await this.#errorCode(response);
    const { host, repository: path } = this.#session.endpoint;
    const repository = `${host}/${path}`;
    if (code === 'NAME_UNKNOWN') return new RegistryError('REG404', { status: 404, message: `${host} has no repository "${path}"` });
    if (isDigest(name)) {
      const hint =
        this.#ref.digest === null ? { hint: `the tag may have moved; tsdock image pull ${this.#session.name} looks it up again` } : {};
      return new RegistryError('REG404', { status: 404, message: `${repository} has no manifest ${name}`, ...hint });
    }
    const near = nearestTags(name, await this.tags(signal));
    return new RegistryError('REG404', {
      status: 404,
      message: `${repository} has no tag "${name}"`,
      ...(near.length === 0 ? {} : { hint: near.length === 1 ? `nearest is ${near[0]}` : `nearest are ${near.join(', ')}` }),
    });
  }

  async #errorCode(response: HttpResponse): Promise<string | null> {
    try {
      const body = JSON.parse((await this.#session.http.readAll(response, tokenBytes, 'error')).toString('utf8')) as {
        errors?: readonly { code?: unknown }[];
      };
      const code = body.errors?.[0]?.code;
      return typeof code === 'string' ? code : null;
    } catch (error) {
      if (isAbort(error)) throw error;
      return null; // only helps to word the error that is already certain
    }
  }

  /** By the API of referrers, else by the tag that stands in for it (distribution spec, "Referrers Tag Schema"). None when the registry knows neither. */
  async referrers(digest: Digest, signal: AbortSignal): Promise<readonly Referrer[]> {
    for (const path of [`referrers/${digest}`, `manifests/${digest.replace(':', '-')}`]) {
      const response = await this.#session.get(path, { accept: mediaTypes.index.join(', ') }, signal);
      if (response.status === 200)
        return parseReferrers(await this.#session.http.readAll(response, limits.manifestBytes, 'list of referrers'), this.label);
      await discard(response);
    }
    return [];
  }

  async *signatures(digest: Digest, signal: AbortSignal): AsyncGenerator<FoundSignature> {
    yield* findSignatures(
      {
        label: this.label,
        document: (name) => this.#attached(name, signal),
        referrers: () => this.referrers(digest, signal),
        blob: (descriptor) => this.#wholeBlob(descriptor, signal),
      },
      digest,
    );
  }

  /** A manifest of something attached to an image; null when there is none. */
  async #attached(name: string, signal: AbortSignal): Promise<Uint8Array | null> {
    return this.#session.persist(`manifest ${name}`, signal, async () => {
      const response = await this.#session.get(`manifests/${name}`, { accept: mediaTypes.manifest.join(', ') }, signal);
      if (response.status !== 200) {
        await discard(response);
        return null;
      }
      const bytes = await this.#session.http.readAll(response, limits.manifestBytes, 'manifest of signatures');
      if (!isDigest(name)) return bytes;
      const found = digestOf(bytes, algorithmOf(name));
      if (found !== name) throw digestMismatch('manifest', response.url.host, name, found, bytes.byteLength);
      return bytes;
    });
  }

  /** A small blob, verified. REG010. */
  async *#wholeBlob(descriptor: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.blob(descriptor, 0, signal)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const found = digestOf(bytes, algorithmOf(descriptor.digest));
    if (found !== descriptor.digest)
      throw digestMismatch('signature', this.originOf(descriptor.digest), descriptor.digest, found, bytes.byteLength);
    yield bytes;
  }

  /** Up to 1000 tags; none when they cannot be listed. */
  async tags(signal: AbortSignal): Promise<readonly string[]> {
    try {
      const response = await this.#session.get('tags/list?n=1000', { accept: 'application/json' }, signal);
      const { tags } = parseObject(
        (await this.#session.http.readAll(response, limits.manifestBytes, 'tag list')).toString('utf8'),
        'tag list',
        this.label,
      );
      return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string' && /^[\w][\w.-]{0,127}$/.test(tag)) : [];
    } catch (error) {
      if (isAbort(error)) throw error;
      return [];
    }
  }
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
