import { TsdockError } from '../../model/errors.ts';
import {
  type Digest,
  formatLocalSource,
  formatReference,
  type LocalImageSource,
  parseLocalSource,
  parseReference,
} from '../../model/reference.ts';
import type { Descriptor, Referrer } from './oci.ts';
import type { FoundSignature } from './signature.ts';

/** Where an image comes from, read from the canonical text of a spec. */
export type SourceRef =
  | {
      readonly type: 'registry';
      readonly host: string;
      readonly repository: string;
      readonly tag: string | null;
      readonly digest: Digest | null;
    }
  | { readonly type: 'oci'; readonly path: string; readonly name: string | null }
  | { readonly type: 'oci-archive'; readonly path: string; readonly name: string | null }
  | { readonly type: 'docker-archive'; readonly path: string; readonly name: string | null };

/** Bytes of a manifest or index, already checked against the digest they were asked by. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** As the transport says it; null when it says nothing of use. */
  readonly contentType: string | null;
}

/** One place that holds one repository: a registry, an OCI layout or an archive. Everything it returns is hostile until checked. Holds nothing open between two calls. */
export interface ImageSource {
  /** For messages: `registry.example.com` or the path of a directory or file. */
  readonly label: string;
  /** Where the bytes of a blob came from, for messages: a host after redirects. Absent: the label says it. */
  originOf?(digest: Digest): string;
  /** By digest, or by the name the source was opened with when `digest` is null. */
  manifest(digest: Digest | null, signal: AbortSignal): Promise<FetchedManifest>;
  /**
   * Bytes of a blob from `start` to the size its descriptor states: never more, never fewer, without a gap; interruptions are mended inside. The digest is the
   * reader's business.
   */
  blob(descriptor: Descriptor, start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Tags of the repository, as far as they can be listed. Absent: it has none. */
  tags?(signal: AbortSignal): Promise<readonly string[]>;
  /** Signatures of a manifest. Absent: nothing can be signed here. */
  signatures?(digest: Digest, signal: AbortSignal): AsyncIterable<FoundSignature>;
  /** What was pushed about a manifest: signatures, bills of materials. Absent: nothing can be. */
  referrers?(digest: Digest, signal: AbortSignal): Promise<readonly Referrer[]>;
}

/**
 * Reads a reference: `host[:port]/repository[:tag][@digest]`, Docker's short forms of it, `oci:DIR[:tag]`, `oci-archive:FILE[:tag]`, `docker-archive:FILE[:[repository:]tag]`.
 * Everything else is refused with IMG001 to IMG003 before it becomes a path or a URL. Local paths are absolute: whoever takes them from a user resolves them.
 */
export function parseSource(text: string): SourceRef {
  const local = parseLocalSource(text);
  if (local !== null) return localRef(local);
  const parsed = parseReference(text);
  if (!parsed.ok) {
    const { code, message, hint } = parsed.problem;
    throw new TsdockError(code, { message, ...(hint === null ? {} : { hint }) });
  }
  const { registry, repository, tag, digest } = parsed.reference;
  return { type: 'registry', host: registry, repository, tag, digest };
}

/** A source that is opened when something is asked of it: what it stands for may be gone and never be needed. */
export function lazySource(label: string, open: () => Promise<ImageSource>): ImageSource {
  let opened: Promise<ImageSource> | null = null;
  const source = (): Promise<ImageSource> => {
    opened ??= open();
    return opened;
  };
  return {
    label,
    manifest: async (digest, signal) => (await source()).manifest(digest, signal),
    async *blob(descriptor, start, signal) {
      yield* (await source()).blob(descriptor, start, signal);
    },
  };
}

/** The one text under which an image is known, whatever short form was typed. */
export function canonicalRef(text: string): string {
  const local = parseLocalSource(text);
  if (local !== null) return formatLocalSource(local);
  const source = parseSource(text);
  return source.type === 'registry' ? formatReference({ ...source, registry: source.host }) : text;
}

function localRef({ type, path, tag }: LocalImageSource): SourceRef {
  if (!path.startsWith('/') || path.includes('\0')) {
    throw new TsdockError('IMG002', { message: `${JSON.stringify(path.slice(0, 60))} is no absolute path`, hint: `${type}:/DIR/NAME` });
  }
  const named = type === 'docker-archive' && tag !== null ? /^(?<file>.+):(?<repository>[^:]*[^:/])$/s.exec(path)?.groups : undefined;
  return named === undefined ? { type, path, name: tag } : { type, path: named.file ?? path, name: `${named.repository}:${tag}` };
}
