import { createHash } from 'node:crypto';
import type { ContainerSpec, Mount } from '../../model/spec.ts';

const defaultShmBytes = 64 * 1024 * 1024;

/**
 * Hash of the fields whose change needs a new instance. The image is not among them: its identity is the config digest, which is compared apart, and so are the
 * content of Configs and Secrets and the leased address. Values that are the default are left out, so that a later version with more fields hashes the same. Pure.
 */
export function replaceHashOf(spec: ContainerSpec): string {
  return remembered(replaceHashes, spec, () => ({
    command: present(spec.command),
    args: present(spec.args),
    workingDir: spec.workingDir,
    hostname: spec.hostname,
    domainname: spec.domainname,
    env: spec.env,
    envFrom: spec.envFrom,
    user: spec.user,
    groups: spec.groups,
    tty: spec.tty,
    stdin: spec.stdin,
    noInit: !spec.init,
    networkMode: unless(spec.networkMode, 'bridge'),
    networks: spec.networkMode === 'bridge' ? spec.networks.map((join) => join.network) : [],
    mounts: spec.mounts.map(mountFacts),
    security: unless(spec.security, 'baseline'),
    securityContext: {
      ...spec.securityContext,
      allowPrivilegeEscalation: null,
      noNewPrivileges: !spec.securityContext.allowPrivilegeEscalation,
      seccomp: unless(spec.securityContext.seccomp, 'default'),
    },
    shmBytes: unless(spec.shmBytes, defaultShmBytes),
  }));
}

/** Hash of the fields that reach an instance while its process runs: limits, restart policy and stop policy by its supervisor, names by its files. Pure. */
export function updateHashOf(spec: ContainerSpec): string {
  return remembered(updateHashes, spec, () => ({
    limits: spec.limits,
    restartPolicy: unless(spec.restartPolicy, 'Always'),
    restartBackoff: spec.restartBackoff,
    maxRestarts: spec.maxRestarts,
    stopSignal: spec.stopSignal,
    gracePeriodMs: spec.gracePeriodMs,
    hostAliases: spec.hostAliases,
    dns: { searches: spec.dns.searches, options: spec.dns.options },
  }));
}

/** JSON with sorted keys; null, false, empty lists and empty maps are left out of maps. Equal meaning gives equal text. Pure. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .map(([name, field]) => [name, canonicalJson(field)] as const)
    .filter(([, text]) => !['null', 'false', '[]', '{}'].includes(text))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** A spec never changes, and each look at the world asks for its hashes again. */
const replaceHashes = new WeakMap<ContainerSpec, string>();
const updateHashes = new WeakMap<ContainerSpec, string>();

function remembered(known: WeakMap<ContainerSpec, string>, spec: ContainerSpec, subset: () => unknown): string {
  const hash = known.get(spec) ?? hashOf(subset());
  known.set(spec, hash);
  return hash;
}

function hashOf(subset: unknown): string {
  return `v1:${createHash('sha256').update(canonicalJson(subset)).digest('hex')}`;
}

/** An empty list clears the image's, null keeps it: they must not hash the same. */
function present(list: readonly string[] | null): unknown {
  return list === null ? null : ['', ...list];
}

function unless<T>(value: T, usual: T): T | null {
  return value === usual ? null : value;
}

/** `create` only says what happens when the source is missing: it makes nothing different about a mount that exists. */
function mountFacts(mount: Mount): unknown {
  return mount.type === 'hostPath' ? { ...mount, create: false } : mount;
}
