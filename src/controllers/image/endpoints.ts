/** Ways to a repository: the mirrors of its registry in order, then the registry itself, each as its own Registry says. Pure. */
import type { RegistrySpec } from '../../model/spec.ts';
import { isLoopback } from './auth.ts';
import type { SourceRef } from './source.ts';

export type RegistryRef = Extract<SourceRef, { type: 'registry' }>;

/** What a Registry says of its host; `name` for messages. */
export interface NamedRegistry {
  readonly name: string;
  readonly spec: RegistrySpec;
}

export interface Endpoint {
  /** `docker.io`, `mirror.lan:5000`: whose login and limits count. */
  readonly host: string;
  readonly base: URL;
  /** Below `/v2/`: with the path a mirror keeps the registry under. */
  readonly repository: string;
  readonly isMirror: boolean;
  /** Null: nothing is declared for this host. */
  readonly registry: NamedRegistry | null;
}

export function endpointsOf(ref: RegistryRef, registries: readonly NamedRegistry[]): readonly Endpoint[] {
  const own = registryOf(ref.host, registries);
  const mirrors = (own?.spec.mirrors ?? []).map((mirror): Endpoint => {
    const slash = mirror.indexOf('/');
    const host = slash < 0 ? mirror : mirror.slice(0, slash);
    const prefix = slash < 0 ? '' : `${mirror.slice(slash + 1)}/`;
    const registry = registryOf(host, registries);
    return { host, base: baseUrl(host, registry), repository: `${prefix}${ref.repository}`, isMirror: true, registry };
  });
  return [...mirrors, { host: ref.host, base: baseUrl(ref.host, own), repository: ref.repository, isMirror: false, registry: own }];
}

function registryOf(host: string, registries: readonly NamedRegistry[]): NamedRegistry | null {
  return registries.find((registry) => registry.spec.host === host) ?? null;
}

/** Loopback registries and those that are said to be insecure speak plain HTTP, all others TLS; Docker Hub's registry has another name than its images. */
export function baseUrl(host: string, registry: NamedRegistry | null): URL {
  if (host === 'docker.io') return new URL('https://registry-1.docker.io/');
  const url = new URL(`https://${host}/`);
  const trusted = registry?.spec.ca !== null && registry?.spec.ca !== undefined;
  const plain = registry?.spec.insecure === true || (isLoopback(url.hostname) && !trusted);
  return plain ? new URL(`http://${host}/`) : url;
}
