/** `sha256:<64 lower-case hex>` or `sha512:<128>`. Checked before it becomes part of a path or URL. */
export type Digest = `sha256:${string}` | `sha512:${string}`;

const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

/** An image in a registry, completely written: no short name is left. */
export interface ImageReference {
  /** `docker.io`, `registry.test`, `127.0.0.1:5080`, `[::1]:5000`. */
  readonly registry: string;
  /** `library/nginx`, `team/app`. */
  readonly repository: string;
  /** Null only together with a digest. */
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** An image on this host's disk. `path` as it is written; `tag` chooses one of several images in it. */
export interface LocalImageSource {
  readonly type: 'oci' | 'oci-archive' | 'docker-archive';
  readonly path: string;
  readonly tag: string | null;
}

/** What is wrong with a reference, in the words of the message; the caller knows the position. */
export interface ReferenceProblem {
  readonly code: 'IMG001' | 'IMG002' | 'IMG003';
  readonly message: string;
  readonly hint: string | null;
}

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  | { readonly ok: false; readonly problem: ReferenceProblem };

export const defaultRegistry = 'docker.io';
const defaultTag = 'latest';
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostPattern =
  /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::\d{1,5})?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const maxRepositoryLength = 255;
const hexLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Reads an image reference as Docker's tools do: `nginx` is `docker.io/library/nginx:latest`; a first component with a dot, a colon or the name `localhost` is a
 * registry. Total: what cannot be one comes back as a problem.
 */
export function parseReference(text: string): ParsedReference {
  const scheme = /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?<rest>.*)$/i.exec(text)?.groups;
  if (scheme !== undefined) {
    const insecure = scheme.scheme?.toLowerCase() === 'http://' ? ', and a Registry with "insecure: true" if it has no TLS' : '';
    return bad('IMG003', `image names have no ${quote(scheme.scheme ?? '')}`, `${scheme.rest}${insecure}`);
  }
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? null : text.slice(at + 1);
  if (digest !== null && !isDigest(digest)) return bad('IMG002', describeDigest(digest), null);

  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = hasRegistry ? named.slice(slash + 1) : named;
  const registry = hasRegistry ? canonicalRegistry(first) : defaultRegistry;
  if (!hostPattern.test(registry)) return bad('IMG002', `${quote(first)} is not the name of a registry`, 'host, host:port or [IPv6]:port');

  const colon = path.indexOf(':');
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? null : path.slice(colon + 1);
  if (repository === '') return bad('IMG002', `${quote(text)} has no repository name`, 'e.g. docker.io/library/nginx:1.29');
  if (repository !== repository.toLowerCase()) {
    return bad('IMG001', 'repository names are lower case', text.replace(repository, repository.toLowerCase()));
  }
  if (tag === '') return bad('IMG002', 'the tag after ":" is empty', `${text}latest`);
  if (tag !== null && !tagPattern.test(tag)) {
    return bad('IMG002', `tag ${quote(tag)} may only have letters, digits, "_", "." and "-", and at most 128 of them`, null);
  }
  const full = registry === defaultRegistry && !repository.includes('/') ? `library/${repository}` : repository;
  if (full.length > maxRepositoryLength || !full.split('/').every((component) => componentPattern.test(component))) {
    return bad('IMG002', `repository ${quote(repository)} may only have a-z, 0-9 and single ".", "_", "-" or "/" between them`, null);
  }
  return { ok: true, reference: { registry, repository: full, tag: tag ?? (digest === null ? defaultTag : null), digest } };
}

/** The name of a registry as references have it: lower case, Docker Hub by its one name; null for text that is none. */
export function parseRegistryHost(text: string): string | null {
  const host = canonicalRegistry(text);
  return hostPattern.test(host) ? host : null;
}

/** A registry with a path below which it keeps another one, as mirrors are written; null for text that is none. */
export function parseMirror(text: string): string | null {
  const [first = '', ...path] = text.split('/');
  const host = parseRegistryHost(first);
  return host === null || !path.every((component) => componentPattern.test(component)) ? null : [host, ...path].join('/');
}

/** The canonical text: `docker.io/library/nginx:1.29`, `127.0.0.1:5080/tsdock/hello:1`, `…@sha256:…`, `…:1.29@sha256:…`. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  const digest = reference.digest === null ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** Reads `oci:DIR[:tag]`, `oci-archive:FILE[:tag]`, `docker-archive:FILE[:tag]`; null for anything else. */
export function parseLocalSource(text: string): LocalImageSource | null {
  const groups = /^(?<type>oci|oci-archive|docker-archive):(?<path>.*?)(?::(?<tag>[^/:]*))?$/s.exec(text)?.groups;
  if (groups === undefined || groups.path === undefined || groups.path === '') return null;
  if (/^\d+\//.test(groups.path)) return null; // a registry on a port of a host called "oci"
  return { type: groups.type as LocalImageSource['type'], path: groups.path, tag: groups.tag || null };
}

export function formatLocalSource(source: LocalImageSource): string {
  return `${source.type}:${source.path}${source.tag === null ? '' : `:${source.tag}`}`;
}

function canonicalRegistry(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? defaultRegistry : lower;
}

function describeDigest(digest: string): string {
  const colon = digest.indexOf(':');
  const algorithm = digest.slice(0, Math.max(colon, 0));
  const wanted = Object.hasOwn(hexLengths, algorithm) ? hexLengths[algorithm] : undefined;
  if (wanted === undefined) return `digest ${quote(digest)} is neither sha256:<64 hex digits> nor sha512:<128 hex digits>`;
  const hex = digest.slice(colon + 1);
  if (/^[0-9a-f]*$/.test(hex)) return `digest ${quote(digest)} has ${hex.length} hex digits, ${algorithm} needs ${wanted}`;
  return `digest ${quote(digest)} may only have 0-9 and a-f after "${algorithm}:"`;
}

function bad(code: ReferenceProblem['code'], message: string, hint: string | null): ParsedReference {
  return { ok: false, problem: { code, message, hint } };
}

/** Escaped and cut at 60 characters: a reference comes from a file and goes to a terminal. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
