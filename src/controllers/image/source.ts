import { TsdockError } from '../../model/errors.ts';
import { type Digest, isDigest } from '../../model/reference.ts';
import type { Descriptor } from './oci.ts';

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
  /** By digest, or by the name the source was opened with when `digest` is null. */
  manifest(digest: Digest | null, signal: AbortSignal): Promise<FetchedManifest>;
  /**
   * Bytes of a blob from `start` to the size its descriptor states: never more, never fewer, without a gap; interruptions are mended inside. The digest is the
   * reader's business.
   */
  blob(descriptor: Descriptor, start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

const hostPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads canonical text: `host[:port]/repository[:tag][@digest]`, `oci:DIR[:tag]`, `oci-archive:FILE[:tag]`, `docker-archive:FILE[:repository:tag]`. Users' short forms were
 * expanded before; anything else is refused here, since these parts become paths and URLs.
 */
export function parseSource(ref: string): SourceRef {
  const local = /^(?<type>oci|oci-archive|docker-archive):(?<rest>.+)$/s.exec(ref)?.groups;
  if (local !== undefined) return parseLocal(local.type as 'oci' | 'oci-archive' | 'docker-archive', local.rest ?? '', ref);
  const slash = ref.indexOf('/');
  const host = ref.slice(0, Math.max(0, slash));
  const [named = '', digest, ...more] = ref.slice(slash + 1).split('@');
  const colon = named.indexOf(':');
  const repository = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? null : named.slice(colon + 1);
  const fits = hostPattern.test(host) && repositoryPattern.test(repository) && repository.length <= 255 && more.length === 0;
  if (!fits || (tag !== null && !tagPattern.test(tag)) || (digest !== undefined && !isDigest(digest))) throw notAReference(ref);
  return { type: 'registry', host, repository, tag: tag ?? (digest === undefined ? 'latest' : null), digest: digest ?? null };
}

function parseLocal(type: 'oci' | 'oci-archive' | 'docker-archive', rest: string, ref: string): SourceRef {
  const pattern = type === 'docker-archive' ? /^(?<path>.+?)(?::(?<name>[^:]*[^:/]:[^:/]+))?$/s : /^(?<path>.+?)(?::(?<name>[^:/]+))?$/s;
  const groups = pattern.exec(rest)?.groups;
  const path = groups?.path ?? '';
  if (!path.startsWith('/') || path.includes('\0')) throw notAReference(ref);
  return { type, path, name: groups?.name ?? null };
}

function notAReference(ref: string): TsdockError {
  return new TsdockError('MANIFEST', {
    message: `${JSON.stringify(ref.slice(0, 60))} is not an image reference`,
    hint: 'host[:port]/repository[:tag][@sha256:…], oci:/DIR[:tag], oci-archive:/FILE[:tag] or docker-archive:/FILE[:repository:tag]',
  });
}
