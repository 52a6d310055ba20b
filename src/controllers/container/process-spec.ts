import { posix } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { ContainerCreateInput } from '../../model/plan.ts';
import { type Identity, type ResourceKey, schemaVersion, slotKey } from '../../model/resource.ts';
import type { ContainerSpec, Mount } from '../../model/spec.ts';
import type { InstanceSpec, InterfaceSpec, Limits, MountSpec, NetworkAttachment, RestartPolicy, StopPolicy } from '../../native/index.ts';
import { type ContentMount, directoryFor, sourceOfContent } from './contents.ts';
import { encodeIdentity } from './instance.ts';
import { hostNameOf } from './name-files.ts';
import { claimsOf, usesOf } from './needs.ts';
import { signalNumber } from './signals.ts';

/** Where the engine keeps things, and what its things on the host are called. */
export interface Places {
  readonly stateDir: string;
  readonly runDir: string;
  readonly prefix: string;
}

/** What the host is able to give. */
export interface HostFacts {
  readonly cpus: number;
  /** Effective capabilities of the engine, without `CAP_`. */
  readonly capabilities: readonly string[];
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const defaultPids = 4096;

const baselineCapabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;

const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
] as const;

const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const;

/**
 * What an incarnation is made from: manifest and image in, plan for the native side out. `environment`: variables from elsewhere, in clear. Throws RUN010 and RUN127 for what the image makes
 * impossible. Pure.
 */
export function processSpec(
  input: ContainerCreateInput,
  environment: Readonly<Record<string, string>>,
  host: HostFacts,
  places: Places,
): InstanceSpec {
  const { spec } = input.resource;
  const privileged = spec.security === 'privileged';
  const hostname = hostNameOf(input);
  return {
    id: input.instance,
    identity: identityText(input),
    hostname,
    domainname: spec.domainname,
    rootfs: {
      layers: [skeletonDirectory(places), ...input.image.layers.map((layer) => layer.directory)],
      upper: upperDirectory(places, input.instance),
      readOnly: spec.securityContext.readOnlyRootFilesystem,
    },
    mounts: [...engineMounts(input, places), ...userMounts(input)],
    process: {
      argv: argvOf(input),
      env: envOf(input, environment, hostname),
      cwd: posix.resolve('/', spec.workingDir ?? input.image.config.workingDir),
      user: userOf(input),
      groups: spec.groups,
      terminal: spec.tty,
      stdin: spec.stdin,
    },
    init: spec.init,
    security: {
      capabilities: capabilitiesOf(spec, host),
      noNewPrivileges: !spec.securityContext.allowPrivilegeEscalation,
      seccomp: privileged ? 'unconfined' : spec.securityContext.seccomp,
      maskedPaths: privileged ? [] : [...maskedPaths, ...thermalPaths(host.cpus)],
      readonlyPaths: privileged ? [] : readonlyPaths,
      privileged,
    },
    limits: limitsOf(spec),
    rlimits: [],
    sysctls: sysctlsOf(spec),
    oomScoreAdj: 0,
    shmBytes: spec.shmBytes,
    network: attachmentOf(input, places.prefix),
    restart: restartPolicyOf(spec),
    stop: stopPolicyOf(spec, input.image.config.stopSignal),
    log: { directory: logDirectory(places, input.instance), maxBytes: spec.logging.maxBytes, maxFiles: spec.logging.maxFiles },
  };
}

export function limitsOf(spec: ContainerSpec): Limits {
  return {
    memoryBytes: spec.limits.memoryBytes,
    swapBytes: null,
    cpuMillis: spec.limits.cpuMillis,
    pids: spec.limits.pids ?? defaultPids,
  };
}

export function restartPolicyOf(spec: ContainerSpec): RestartPolicy {
  return { policy: spec.restartPolicy, ...spec.restartBackoff, maxRestarts: spec.maxRestarts };
}

export function stopPolicyOf(spec: ContainerSpec, imageSignal: string | null): StopPolicy {
  return { signal: signalNumber(stopSignalOf(spec, imageSignal)) ?? 15, graceMs: spec.gracePeriodMs };
}

/** The manifest's signal, else the image's, else SIGTERM; a name no kernel knows counts as none, since an image must not be able to break its own stop. */
export function stopSignalOf(spec: ContainerSpec, imageSignal: string | null): string {
  return [spec.stopSignal, imageSignal].find((name) => name !== null && signalNumber(name) !== null) ?? 'SIGTERM';
}

export function logDirectory(places: Pick<Places, 'stateDir'>, instance: string): string {
  return `${places.stateDir}/logs/${instance}`;
}

/**
 * The lowest layer of every root filesystem: empty places for what the engine mounts. Where an image has them its own count; where it has none they would be made in the writable layer of each
 * instance, on disk, at every first start.
 */
export function skeletonDirectory(places: Pick<Places, 'stateDir'>): string {
  return `${places.stateDir}/skeleton`;
}

/** Writable layer of one instance. */
export function upperDirectory(places: Pick<Places, 'stateDir'>, instance: string): string {
  return `${places.stateDir}/upper/${instance}`;
}

/** Files of one instance that the daemon writes: host name, hosts, resolv.conf, what its supervisor was told last. */
export function instanceDirectory(places: Pick<Places, 'runDir'>, instance: string): string {
  return `${places.runDir}/files/instances/${instance}`;
}

function identityText(input: ContainerCreateInput): string {
  const { resource, image } = input;
  const identity: Identity = { uid: input.uid, set: resource.set, specHash: resource.specHash, schemaVersion };
  return encodeIdentity({
    ...identity,
    key: resource.key,
    slot: input.slot,
    replaceHash: input.replaceHash,
    updateHash: input.updateHash,
    image: {
      ref: image.ref,
      configDigest: image.configDigest,
      stopSignal: image.config.stopSignal,
      healthcheck: image.config.healthcheck,
    },
    stopSignal: stopSignalOf(resource.spec, image.config.stopSignal),
    graceMs: resource.spec.gracePeriodMs,
    address: input.networks[0]?.address ?? null,
    ports: resource.spec.ports,
    uses: usesOf(resource),
    claims: claimsOf(
      input.networks.map((network) => [network.key, network.address] as const),
      input.writes,
    ),
    environment: input.environmentHashes,
    content: Object.fromEntries(Object.entries(input.contents).map(([key, content]) => [key, content.contentHash])),
  });
}

/** ENTRYPOINT and CMD as OCI has them: `command` replaces both, `args` alone replaces CMD. */
function argvOf({ resource, image }: ContainerCreateInput): readonly string[] {
  const { command, args } = resource.spec;
  const argv =
    command !== null ? [...command, ...(args ?? [])] : [...image.config.entrypoint, ...(args !== null ? args : image.config.cmd)];
  if (argv.length === 0) {
    throw new TsdockError('RUN127', {
      key: resource.key,
      message: `${resource.name}: image ${image.ref} names no command`,
      hint: 'set command or args',
    });
  }
  return argv;
}

/** The manifest's variables over the image's over the defaults. HOME is the native side's: it needs the image's passwd. Malformed lines of an image are left out. */
function envOf(
  { resource, image }: ContainerCreateInput,
  environment: Readonly<Record<string, string>>,
  hostname: string,
): readonly string[] {
  const merged = new Map<string, string>([['PATH', defaultPath]]);
  for (const line of image.config.env) {
    const at = line.indexOf('=');
    if (at > 0 && !line.includes('\0')) merged.set(line.slice(0, at), line.slice(at + 1));
  }
  merged.set('HOSTNAME', hostname);
  if (resource.spec.tty) merged.set('TERM', 'xterm');
  for (const [name, value] of Object.entries(environment)) merged.set(name, value);
  for (const [name, value] of Object.entries(resource.spec.env)) if (typeof value === 'string') merged.set(name, value);
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

/** The manifest's `user`, else runAsUser, else the image's; `runAsGroup` overrides the group of any of them. */
function userOf({ resource, image }: ContainerCreateInput): string {
  const { runAsUser, runAsGroup, runAsNonRoot } = resource.spec.securityContext;
  const wanted = resource.spec.user ?? (runAsUser === null ? image.config.user || '0' : `${runAsUser}`);
  const [user = '', ...group] = wanted.split(':');
  if (runAsNonRoot && !/^0*[1-9]\d*$/.test(user)) {
    throw new TsdockError('RUN010', {
      key: resource.key,
      message: `${resource.name}: runAsNonRoot, but the user would be ${JSON.stringify(user.slice(0, 60))}, which is root or cannot be told from it`,
      hint: 'set user to a numeric id such as 1000',
    });
  }
  return [user, ...(runAsGroup === null ? group : [`${runAsGroup}`])].join(':');
}

function capabilitiesOf(spec: ContainerSpec, host: HostFacts): readonly string[] {
  const add = spec.securityContext.capabilities.add.map(capabilityName);
  const drop = spec.securityContext.capabilities.drop.map(capabilityName);
  const initial: readonly string[] = spec.security === 'privileged' ? host.capabilities : baselineCapabilities;
  const kept = drop.includes('ALL') ? [] : initial.filter((name) => !drop.includes(name));
  const added = add.flatMap((name) => (name === 'ALL' ? host.capabilities : [name])).filter((name) => !drop.includes(name));
  return [...new Set([...kept, ...added])].sort();
}

function capabilityName(text: string): string {
  return text.toUpperCase().replace(/^CAP_/, '');
}

function thermalPaths(cpus: number): readonly string[] {
  return Array.from({ length: cpus }, (_, cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`);
}

/** What every container gets (`ping` and low ports without a capability) is the native side's. */
function sysctlsOf(spec: ContainerSpec): readonly { readonly key: string; readonly value: string }[] {
  return Object.entries(spec.securityContext.sysctls)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * `/etc/hosts`, `/etc/resolv.conf` and `/etc/hostname`, unless the manifest mounts something there itself. Read-only: they lie in the run directory, which no container may
 * fill.
 */
function engineMounts(input: ContainerCreateInput, places: Places): readonly MountSpec[] {
  const own = instanceDirectory(places, input.instance);
  const { spec } = input.resource;
  const sources: readonly (readonly [string, string])[] =
    spec.networkMode === 'host'
      ? [
          ['/etc/hosts', '/etc/hosts'],
          ['/etc/resolv.conf', '/etc/resolv.conf'],
        ]
      : [['/etc/hosts', `${own}/hosts`], ...(input.networks.length === 0 ? [] : [['/etc/resolv.conf', `${own}/resolv.conf`] as const])];
  const taken = new Set(spec.mounts.map((mount) => mount.target));
  return [...sources, ['/etc/hostname', `${own}/hostname`] as const]
    .filter(([target]) => !taken.has(target))
    .map(([target, source]) => ({ type: 'bind', source, target, readOnly: true, create: false }));
}

function userMounts(input: ContainerCreateInput): readonly MountSpec[] {
  return input.resource.spec.mounts.map((mount) => mountSpec(input, mount));
}

function mountSpec(input: ContainerCreateInput, mount: Mount): MountSpec {
  switch (mount.type) {
    case 'volume':
      return bind(below(directoryOf(input, mount.volume), mount.subPath), mount.target, mount.readOnly);
    case 'config':
    case 'secret':
      return bind(below(directoryFor(contentOf(input, mount), mount), mount.subPath), mount.target, true);
    case 'hostPath':
      return { ...bind(mount.source, mount.target, mount.readOnly), create: mount.create };
    case 'tmpfs':
      return mount;
  }
}

function bind(source: string, target: string, readOnly: boolean): Extract<MountSpec, { type: 'bind' }> {
  return { type: 'bind', source, target, readOnly, create: false };
}

function directoryOf(input: ContainerCreateInput, volume: ResourceKey<'Volume'>): string {
  const path = input.volumes[volume];
  if (path === undefined) throw new RangeError(`${input.resource.key} mounts ${volume}, which its input lacks`);
  return path;
}

function contentOf(input: ContainerCreateInput, mount: ContentMount): string {
  const key = sourceOfContent(mount);
  const found = input.contents[key];
  if (found === undefined) throw new RangeError(`${input.resource.key} mounts ${key}, which its input lacks`);
  return found.path;
}

/** A sub path stays below its directory whatever it says. */
function below(directory: string, subPath: string | null): string {
  return subPath === null ? directory : posix.join(directory, posix.join('/', subPath));
}

function attachmentOf(input: ContainerCreateInput, prefix: string): NetworkAttachment {
  const { networkMode } = input.resource.spec;
  if (networkMode !== 'bridge') return { mode: networkMode };
  const owner = slotKey(input.resource.key, input.slot);
  return {
    mode: 'bridge',
    interfaces: input.networks.map(
      (network, index): InterfaceSpec => ({
        bridge: network.link,
        hostName: vethName(prefix, input.instance, index),
        name: `eth${index}`,
        mac: macOf(network.address),
        mtu: network.mtu,
        addresses: [`${network.address}/${network.prefix}`],
        gateway: index === 0 ? network.gateway : null,
        // The last word says where it belongs, for a bridge that is made anew.
        alias: `${prefix}:${owner}@${input.instance} ${network.link}`,
      }),
    ),
  };
}

/** Name of the host's end, at most 15 bytes (IFNAMSIZ less the NUL): prefix and as much of the id as fits; `_n` for a further interface. */
export function vethName(prefix: string, instance: string, index: number): string {
  const suffix = index === 0 ? '' : `_${index}`;
  return `${prefix}${instance.slice(0, 15 - prefix.length - suffix.length)}${suffix}`;
}

/** A locally administered address that says the IPv4 address: whoever takes over an address takes over its MAC, so that no neighbour keeps a stale entry. */
export function macOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '74', ...bytes].join(':');
}
