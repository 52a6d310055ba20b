import type { ObjectSpecs } from '../model/resource.ts';

const image = 'Image/_/' as const;

/** Canonical specs of documents that say nothing: what normalize fills in and the hash leaves out. Required fields have a value that no document gives. */
export const defaultSpecs: ObjectSpecs = {
  Container: {
    image,
    imagePullPolicy: 'IfNotPresent',
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
    networks: [],
    networkMode: 'bridge',
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
    shmBytes: 64 * 2 ** 20,
    restartPolicy: 'Always',
    restartBackoff: { initialMs: 500, maxMs: 60_000, resetMs: 600_000 },
    maxRestarts: null,
    stopSignal: null,
    gracePeriodMs: 10_000,
    dependsOn: [],
    replicas: 1,
    strategy: { type: 'Recreate' },
    logging: { driver: 'file', maxBytes: 10 * 2 ** 20, maxFiles: 5, keepOld: 3 },
    state: 'Running',
  },
  Image: { ref: '', pullPolicy: 'IfNotPresent' },
  Network: { driver: 'bridge', subnet: null, gateway: null, ipRange: null, isolated: true, masquerade: true, mtu: null },
  Volume: {
    driver: 'local',
    hostPath: null,
    accessMode: 'ReadWriteOnce',
    owner: { uid: null, gid: null, mode: null },
    reclaimPolicy: 'Retain',
  },
  Config: { data: {}, binaryData: {}, interpolate: false, immutable: false },
  Secret: { values: {}, generate: {}, from: null },
  Registry: { host: '', mirrors: [], auth: null, clientCertificate: null, ca: null, insecure: false, realms: [] },
};

/** Default fields of the entries of a Container's lists. */
export const defaultEntries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ports: { name: null, hostPort: null, hostIP: null, protocol: 'tcp' },
  networks: { ipv4: null, aliases: [] },
  envFrom: { prefix: '', optional: false },
  mounts: {
    subPath: null,
    readOnly: false,
    create: false,
    sizeBytes: null,
    mode: 0o1777,
    files: { uid: null, gid: null, mode: null },
  },
  dependsOn: { condition: 'Started', timeoutMs: 300_000 },
};
