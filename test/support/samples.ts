import { encodeIdentity, type InstanceIdentity } from '../../src/controllers/container/instance.ts';
import type { PlanView } from '../../src/controllers/controller.ts';
import type { DesiredGraph } from '../../src/model/graph.ts';
import type {
  AnyObserved,
  Endpoint,
  Observed,
  ObservedContainer,
  ObservedImage,
  ObservedInstance,
  ObservedNetwork,
} from '../../src/model/observed.ts';
import type { NameEntry, NetworkLease, Reason, ResourceRecord, SlotLease } from '../../src/model/plan.ts';
import {
  type ActingKind,
  type AnyResource,
  type Identity,
  type ObjectKind,
  type ObjectSpecs,
  type Resource,
  type ResourceKey,
  resourceKey,
  type SubjectKey,
} from '../../src/model/resource.ts';
import type { ConfigSpec, ContainerSpec, ImageSpec, NetworkSpec, VolumeSpec } from '../../src/model/spec.ts';

/** Canonical specs and observed things for tests of the kinds: everything at its default, what matters is passed in. */

export const now = 1_000_000;
export const imageDigest = `sha256:${'a'.repeat(64)}` as const;
export const otherDigest = `sha256:${'b'.repeat(64)}` as const;
export const imageKey = resourceKey('Image', '_', 'registry.test/web:1');
export const frontKey = resourceKey('Network', 'shop', 'front');
export const webKey = resourceKey('Container', 'shop', 'web');

export const identity: Identity = { uid: 'u1', set: 'cli:shop', specHash: 'v1:spec', schemaVersion: 1 };

export function containerSpec(over: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    image: imageKey,
    command: null,
    args: null,
    workingDir: null,
    hostname: null,
    domainname: null,
    env: {},
    envFrom: [],
    user: null,
    groups: [],
    tty: false,
    stdin: false,
    init: true,
    ports: [],
    networks: [{ network: frontKey, ipv4: null, aliases: [] }],
    networkMode: 'bridge',
    hostAliases: {},
    dns: { servers: [], searches: [], options: [] },
    mounts: [],
    limits: { cpuMillis: null, memoryBytes: null, pids: null },
    security: 'baseline',
    securityContext: {
      runAsUser: null,
      runAsGroup: null,
      runAsNonRoot: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: true,
      capabilities: { add: [], drop: [] },
      seccomp: 'default',
      sysctls: {},
    },
    shmBytes: 64 * 1024 * 1024,
    imagePullPolicy: 'IfNotPresent',
    startupProbe: null,
    readinessProbe: null,
    livenessProbe: null,
    healthcheck: null,
    restartPolicy: 'Always',
    restartBackoff: { initialMs: 500, maxMs: 60_000, resetMs: 600_000 },
    maxRestarts: null,
    stopSignal: null,
    gracePeriodMs: 10_000,
    dependsOn: [],
    replicas: 1,
    strategy: { type: 'Recreate' },
    logging: { driver: 'file', maxBytes: 10 * 1024 * 1024, maxFiles: 5, keepOld: 3 },
    state: 'Running',
    ...over,
  };
}

/** Files of a mounted Config or Secret as they are when the manifest does not say. */
export const usualFiles = { uid: null, gid: null, mode: null } as const;

export function networkSpec(over: Partial<NetworkSpec> = {}): NetworkSpec {
  return {
    driver: 'bridge',
    subnet: null,
    gateway: null,
    ipRange: null,
    isolated: true,
    masquerade: true,
    mtu: null,
    dns: { forwarders: [], domain: null },
    ...over,
  };
}

/** A member of a network that is ready, in the namespace of the samples. */
export function nameEntry(address: string, names: readonly string[], over: Partial<NameEntry> = {}): NameEntry {
  return { address, namespace: 'shop', names, ready: true, forwarders: [], ...over };
}

export function volumeSpec(over: Partial<VolumeSpec> = {}): VolumeSpec {
  return {
    driver: 'local',
    hostPath: null,
    accessMode: 'ReadWriteOnce',
    owner: { uid: null, gid: null, mode: null },
    reclaimPolicy: 'Retain',
    ...over,
  };
}

export function resource<K extends ObjectKind>(kind: K, spec: ObjectSpecs[K], over: Partial<Resource<K>> = {}): Resource<K> {
  const names: Readonly<Record<ObjectKind, string>> = {
    Container: 'web',
    Image: 'web',
    Network: 'front',
    Volume: 'data',
    Config: 'site',
    Secret: 'db',
    Registry: 'team',
  };
  const namespace = over.namespace ?? 'shop';
  const name = over.name ?? names[kind];
  return {
    key: resourceKey(kind, namespace, name),
    kind,
    namespace,
    name,
    labels: {},
    annotations: {},
    spec,
    specHash: 'v1:spec',
    refs: [],
    set: 'cli:shop',
    origin: { file: 'web.yaml', line: 1, column: 1 },
    implicit: false,
    fields: {},
    ...over,
  };
}

export const container = (over: Partial<ContainerSpec> = {}, fields: Partial<Resource<'Container'>> = {}) =>
  resource('Container', containerSpec(over), fields);
export const network = (over: Partial<NetworkSpec> = {}, fields: Partial<Resource<'Network'>> = {}) =>
  resource('Network', networkSpec(over), fields);
export const volume = (over: Partial<VolumeSpec> = {}, fields: Partial<Resource<'Volume'>> = {}) =>
  resource('Volume', volumeSpec(over), fields);
export const config = (data: ConfigSpec['data'], fields: Partial<Resource<'Config'>> = {}) =>
  resource('Config', { data, binaryData: {}, interpolate: false, immutable: false }, fields);
export const image = (over: Partial<ImageSpec> = {}) => {
  const spec: ImageSpec = { ref: 'registry.test/web:1', pullPolicy: 'IfNotPresent', keep: true, verify: null, ...over };
  return resource('Image', spec, { key: imageKey, namespace: '_', name: spec.ref, implicit: true });
};

export function observedImage(over: Partial<ObservedImage> = {}): ObservedImage {
  return {
    kind: 'Image',
    key: imageKey,
    identity,
    uses: [],
    claims: [],
    ref: 'registry.test/web:1',
    digest: imageDigest,
    topDigest: imageDigest,
    configDigest: imageDigest,
    platform: 'linux/amd64',
    config: {
      env: [],
      entrypoint: [],
      cmd: ['/web'],
      workingDir: '',
      user: '',
      stopSignal: null,
      volumes: [],
      exposedPorts: [],
      labels: {},
      healthcheck: null,
    },
    layers: [{ diffId: imageDigest, directory: '/state/layers/one' }],
    unpacked: true,
    sizeBytes: 1,
    resolvedAt: 0,
    signedBy: [],
    ...over,
  };
}

export function observedNetwork(over: Partial<ObservedNetwork> = {}): ObservedNetwork {
  return {
    kind: 'Network',
    key: frontKey,
    identity,
    uses: [],
    claims: [],
    link: 'ts-front',
    subnet: '10.88.0.0/24',
    gateway: '10.88.0.1',
    mtu: 1500,
    isolated: true,
    masquerade: true,
    up: true,
    tableIntact: true,
    namesHash: null,
    ...over,
  };
}

export function instance(over: Partial<ObservedInstance> = {}): ObservedInstance {
  return {
    slot: 1,
    instance: 'aaaaaaaaaaaa',
    phase: 'running',
    process: { pid: 7, startTime: 7n },
    supervised: true,
    restarts: 0,
    attempts: 0,
    nextTry: null,
    exit: null,
    stoppedBy: null,
    since: 500,
    startedAt: 500,
    error: null,
    warnings: [],
    specHash: 'v1:spec',
    replaceHash: '',
    updateHash: '',
    imageConfig: imageDigest,
    imageRef: 'registry.test/web:1',
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
    address: '10.88.0.2',
    ports: [],
    uses: [imageKey, frontKey],
    content: {},
    environment: {},
    imageHealthcheck: null,
    probes: null,
    ...over,
  };
}

export function observedContainer(slots: readonly ObservedInstance[], over: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    kind: 'Container',
    key: webKey,
    identity,
    uses: [imageKey, frontKey],
    claims: slots.map((slot) => `address:${frontKey}:${slot.address}` as const),
    slots,
    published: [],
    reserved: [],
    ...over,
  };
}

export function record(key: ResourceKey, over: Partial<ResourceRecord> = {}): ResourceRecord {
  return {
    key,
    uid: 'u1',
    set: 'cli:shop',
    source: 'document',
    generation: 1,
    specHash: 'v1:spec',
    schemaVersion: 1,
    createdAt: 0,
    lastApplied: null,
    labels: {},
    network: null,
    slots: {},
    stoppedAt: null,
    restartAfter: null,
    deletedAt: null,
    ...over,
  };
}

export interface ViewFacts {
  readonly desired?: readonly AnyResource[];
  readonly observed?: readonly AnyObserved[];
  readonly records?: readonly ResourceRecord[];
  readonly slots?: Readonly<Record<string, SlotLease>>;
  readonly networks?: Readonly<Record<string, NetworkLease>>;
  readonly missing?: Readonly<Record<string, Reason>>;
  readonly endpoints?: readonly Endpoint[];
  readonly names?: readonly NameEntry[];
  readonly removal?: Reason;
}

export const frontLease: NetworkLease = { link: 'ts-front', subnet: '10.88.0.0/24', gateway: '10.88.0.1' };

/** A view in which image and network are there and slots 1 to 3 have addresses, unless told otherwise. */
export function view(facts: ViewFacts = {}): PlanView {
  const desired = facts.desired ?? [image()];
  const observed = facts.observed ?? [observedImage(), observedNetwork()];
  const slots =
    facts.slots ?? Object.fromEntries([1, 2, 3].map((slot) => [`${webKey}:${slot}`, { addresses: { [frontKey]: `10.88.0.${slot + 1}` } }]));
  const networks = facts.networks ?? { [frontKey]: frontLease };
  return {
    now,
    removal: facts.removal ?? null,
    observed: <K extends ActingKind>(key: ResourceKey<K>) => (observed.find((state) => state.key === key) ?? null) as Observed<K> | null,
    desired: <K extends ActingKind>(key: ResourceKey<K>) => (desired.find((wanted) => wanted.key === key) ?? null) as Resource<K> | null,
    slotLease: (subject: SubjectKey) => slots[subject] ?? null,
    networkLease: (key) => networks[key] ?? null,
    missingLease: (subject) => facts.missing?.[subject] ?? null,
    endpoints: () => facts.endpoints ?? [],
    names: () => facts.names ?? [],
    signatureRules: () => [],
    isReferenced: () => false,
    record: (key) => facts.records?.find((known) => known.key === key) ?? null,
  };
}

export function graph(resources: readonly AnyResource[]): DesiredGraph {
  return {
    resources: new Map(resources.map((wanted) => [wanted.key, wanted])),
    sets: new Map(),
    order: resources.map((wanted) => wanted.key),
  };
}

/** What a supervisor keeps of an instance of which only the place matters. */
export function identityText(place: Pick<InstanceIdentity, 'key' | 'slot'>): string {
  const own = {
    uid: 'u',
    set: 'cli:shop',
    specHash: 'v1:0',
    schemaVersion: 1,
    replaceHash: '',
    updateHash: '',
    stopSignal: 'SIGTERM',
    graceMs: 0,
  };
  const image = { ref: 'app:1', configDigest: `sha256:${'0'.repeat(64)}` as const, stopSignal: null };
  return encodeIdentity({ ...own, ...place, image, address: null, ports: [], uses: [], claims: [], content: {}, environment: {} });
}
