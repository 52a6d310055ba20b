import type { AnyResource, Origin, Resource, ResourceKey } from '../model/resource.ts';
import { type Diagnostic, diagnosticAt } from './diagnostic.ts';

/** What the checks must know of the host. The caller looks, so that the stage stays pure; null: not known, its checks are left out. */
export interface HostFacts {
  readonly cpus: number | null;
  /** Controllers that limits can use: `cpu`, `memory`, `pids`. */
  readonly controllers: readonly string[] | null;
  /** Routes of the host, without those of our own links; the default route may be among them. */
  readonly routes: readonly { readonly destination: string; readonly device: string | null }[] | null;
  /** What is at each path of `collectPaths`; a path that is not in it is not checked. */
  readonly paths: ReadonlyMap<string, PathState>;
  /** Where automatic subnets come from; for hints. */
  readonly pools: readonly { readonly cidr: string; readonly block: number }[];
}

export type PathState = 'file' | 'directory' | 'other' | 'missing';

export const defaultPools = [{ cidr: '10.88.0.0/14', block: 24 }] as const;

/** For places that know no host, such as `lint`. */
export const unknownHost: HostFacts = { cpus: null, controllers: null, routes: null, paths: new Map(), pools: defaultPools };

/** Paths of the host that documents want to find there: look at each with stat(2) and hand the answers in as `HostFacts.paths`. */
export function collectPaths(documents: readonly AnyResource[]): readonly string[] {
  const paths = documents.flatMap((document) => {
    if (document.kind === 'Container')
      return document.spec.mounts.flatMap((mount) => (mount.type === 'hostPath' && !mount.create ? [mount.source] : []));
    if (document.kind === 'Volume' && document.spec.hostPath !== null) return [document.spec.hostPath];
    return [];
  });
  return [...new Set(paths)].sort();
}

/** Bind sources that are not there, limits this host cannot keep. */
export function checkHost(resources: ReadonlyMap<ResourceKey, AnyResource>, host: HostFacts): readonly Diagnostic[] {
  return [...resources.values()].flatMap((resource) => {
    if (resource.kind === 'Container') return [...checkBinds(resource, host), ...checkLimits(resource, host)];
    if (resource.kind === 'Volume' && resource.spec.hostPath !== null && host.paths.get(resource.spec.hostPath) === 'missing') {
      const message = `bind source ${resource.spec.hostPath} does not exist`;
      return [diagnosticAt(resource.fields.hostPath ?? resource.origin, { code: 'VOL001', message, hint: 'create it', key: resource.key })];
    }
    return [];
  });
}

/** Key in `fields` of a bind mount's source; `text` when it is written relative to the manifest, so that the message can show both. */
export function bindSourceField(target: string, text: string): string {
  return text.startsWith('/') ? `mounts[${target}].source` : `mounts[${target}].source ${text}`;
}

function checkBinds(container: Resource<'Container'>, host: HostFacts): readonly Diagnostic[] {
  return container.spec.mounts.flatMap((mount) => {
    if (mount.type !== 'hostPath' || mount.create || host.paths.get(mount.source) !== 'missing') return [];
    const { origin, text } = writtenSource(container, mount.target);
    const source =
      text === null
        ? `bind source ${mount.source} does`
        : `bind source "${text}" is ${mount.source} (relative to the manifest), which does`;
    const hint = 'create it, or set "create: true"';
    return [diagnosticAt(origin, { code: 'VOL001', message: `${source} not exist`, hint, key: container.key })];
  });
}

function writtenSource(container: Resource<'Container'>, target: string): { readonly origin: Origin; readonly text: string | null } {
  const absolute = container.fields[bindSourceField(target, '/')];
  if (absolute !== undefined) return { origin: absolute, text: null };
  const prefix = bindSourceField(target, '');
  const relative = Object.entries(container.fields).find(([path]) => path.startsWith(prefix));
  return { origin: relative?.[1] ?? container.origin, text: relative === undefined ? null : relative[0].slice(prefix.length) };
}

function checkLimits(container: Resource<'Container'>, host: HostFacts): readonly Diagnostic[] {
  const { cpuMillis, memoryBytes, pids } = container.spec.limits;
  const at = (name: string): Origin => container.fields[`resources.limits.${name}`] ?? container.origin;
  const found: Diagnostic[] = [];
  if (cpuMillis !== null && host.cpus !== null && cpuMillis > host.cpus * 1000) {
    const message = `cpu limit ${cpuMillis / 1000} is above the ${host.cpus === 1 ? 'one core' : `${host.cpus} cores`} of this host`;
    found.push(diagnosticAt(at('cpu'), { severity: 'warning', code: 'RES003', message, key: container.key }));
  }
  for (const [name, limit] of Object.entries({ cpu: cpuMillis, memory: memoryBytes, pids })) {
    if (limit === null || host.controllers === null || host.controllers.includes(name)) continue;
    const message = `limits.${name} needs the cgroup controller ${name}, which this host does not have`;
    found.push(diagnosticAt(at(name), { code: 'RES004', message, hint: 'tsdock info, or remove the field', key: container.key }));
  }
  return found;
}
