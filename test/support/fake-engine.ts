/** An engine in memory with a few objects, for tests of what stands in front of an engine: API, client and command line. It decides nothing. */
import { PassThrough } from 'node:stream';
import type {
  ApplyResult,
  Cause,
  EngineApi,
  ExecOptions,
  ExecSession,
  ImageDetails,
  ImageItem,
  ImageLookup,
  InstanceUsage,
  LogEntry,
  PlanReport,
  Progress,
} from '../../src/model/engine-api.ts';
import { TsdockError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import type { SourceSnapshot } from '../../src/model/graph.ts';
import type { InstanceItem, ResourceStatus } from '../../src/model/status.ts';

export const now = Date.parse('2026-03-01T12:00:00Z');

export function fakeEngine(overrides: Partial<EngineApi> = {}): EngineApi {
  return { ...emptyAnswers, ...overrides };
}

export const resource: ResourceStatus = {
  apiVersion: 'tsdock/v1',
  kind: 'Container',
  metadata: {
    name: 'web',
    namespace: 'shop',
    labels: { app: 'web' },
    annotations: {},
    uid: 'u-1',
    generation: 3,
    set: 'cli:shop',
    createdAt: '2026-02-26T12:00:00.000Z',
    origin: { file: 'web.yaml', line: 3, column: 9 },
  },
  spec: { image: 'Image/_/registry.test/web:2', replicas: 2 },
  status: {
    phase: 'Ready',
    observedGeneration: 3,
    conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: '2 of 2 replicas run', since: now - 7_200_000 }],
    image: { ref: 'registry.test/web:2', digest: `sha256:${'a'.repeat(64)}` },
    replicas: { desired: 2, ready: 2 },
    address: '10.88.1.4',
    instances: ['web-1', 'web-2'],
  },
};

export const instance: InstanceItem = {
  kind: 'Instance',
  name: 'web-1',
  namespace: 'shop',
  container: 'web',
  uid: 'u-1',
  pid: 4711,
  phase: 'running',
  ready: 'yes',
  restarts: 0,
  nextTry: null,
  startedAt: '2026-03-01T10:00:00.000Z',
  exit: null,
  address: '10.88.1.4',
  ports: [{ hostIP: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'TCP' }],
  image: { ref: 'registry.test/web:2', digest: `sha256:${'a'.repeat(64)}` },
};

export const image: ImageItem = {
  ref: 'registry.test/web:2',
  digest: `sha256:${'a'.repeat(64)}`,
  configDigest: `sha256:${'b'.repeat(64)}`,
  platform: 'linux/amd64',
  sizeBytes: 54_000_000,
  layers: 4,
  usedBy: ['Container/shop/web'],
  resolvedAt: '2026-03-01T10:00:00.000Z',
  usedAt: null,
};

const newDigest = `sha256:${'c'.repeat(64)}` as const;
/** The tag of `image` has moved, and there is a newer one. */
export const lookups: readonly ImageLookup[] = [
  {
    asked: image.ref,
    found: {
      ref: image.ref,
      digest: newDigest,
      topDigest: `sha256:${'e'.repeat(64)}`,
      configDigest: `sha256:${'d'.repeat(64)}`,
      platform: image.platform,
      newer: '3',
    },
    error: null,
  },
];

const notThere = (asked: string): ImageLookup => ({
  asked,
  found: null,
  error: { code: 'REG404', message: `registry.test has no repository "${asked}"`, hint: null },
});

export const imageDetails: ImageDetails = {
  ...image,
  topDigest: `sha256:${'9'.repeat(64)}`,
  holders: [],
  config: { cmd: ['nginx'], env: ['PATH=/bin'], user: '' },
  layers: [
    {
      digest: `sha256:${'1'.repeat(64)}`,
      diffId: `sha256:${'2'.repeat(64)}`,
      sizeBytes: 1_000_000,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    },
  ],
  referrers: [{ digest: `sha256:${'3'.repeat(64)}`, artifactType: 'application/vnd.example.sbom', sizeBytes: 500, annotations: {} }],
  referrersProblem: null,
};

export const applied: ApplyResult = {
  result: 'applied',
  operation: {
    id: 'op-1',
    sets: ['cli:shop'],
    keys: ['Container/shop/web'],
    actor: 'cli',
    startedAt: now,
    deadline: now + 300_000,
    state: 'succeeded',
    cause: null,
    endedAt: now + 1_500,
    summary: { created: 1, updated: 0, replaced: 0, restarted: 0, repaired: 0, deleted: 0, unchanged: 2 },
  },
  revision: 42,
  seconds: 1.5,
  summary: { created: 1, updated: 0, replaced: 0, restarted: 0, repaired: 0, deleted: 0, unchanged: 2 },
  blocked: [],
  exitCode: 0,
  warnings: [],
};

export const emptyPlan: PlanReport = {
  planId: '7f3c9a',
  changes: [],
  blocked: [],
  actions: [],
  summary: { created: 0, updated: 0, replaced: 0, restarted: 0, repaired: 0, deleted: 0, unchanged: 1 },
  sets: [{ id: 'cli:shop', revision: 41 }],
  overrides: [],
};

export function progress(fields: Partial<Progress> = {}): Progress {
  return {
    at: now,
    subject: 'Container/shop/web:1',
    verb: 'create',
    state: 'done',
    reason: 'Created',
    part: null,
    stage: null,
    done: null,
    total: null,
    message: null,
    ...fields,
  };
}

export function event(sequence: number, fields: Partial<Event> = {}): Event {
  return {
    sequence,
    at: now + sequence,
    type: 'Normal',
    reason: 'Started',
    object: 'Container/shop/web',
    generation: 3,
    message: `event ${sequence}`,
    actor: 'engine',
    ...fields,
  };
}

export const snapshot: SourceSnapshot = {
  set: 'cli:shop',
  complete: true,
  prune: false,
  held: new Set(['Container/shop/held']),
  files: [{ path: 'net.yaml', state: 'ok', error: null }],
  documents: [
    {
      key: 'Config/shop/site',
      kind: 'Config',
      namespace: 'shop',
      name: 'site',
      labels: {},
      annotations: {},
      spec: { binaryData: {}, interpolate: false, immutable: false, data: { 'index.html': 'hello' } },
      specHash: 'v1:0',
      refs: [],
      set: 'cli:shop',
      origin: { file: 'net.yaml', line: 3, column: 9 },
      implicit: false,
      fields: { 'data.index.html': { file: 'net.yaml', line: 7, column: 3 }, other: { file: 'base.yaml', line: 1, column: 2 } },
    },
  ],
};

/** A process that answers `argv` on stdout, copies stdin, and ends with `code` when stdin ends (at once without stdin) or by a signal. */
export function echoSession(options: ExecOptions, code: number): ExecSession & { readonly seen: string[] } {
  const stdout = new PassThrough();
  const stderr = options.terminal === null ? new PassThrough() : null;
  const stdin = options.stdin ? new PassThrough() : null;
  const seen: string[] = [];
  let end = (_code: number) => undefined as unknown;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const finish = (status: number) => {
    stdout.end();
    stderr?.end();
    end(status);
  };
  stdout.write(`${options.argv.join(' ')}\n`);
  stderr?.write('warned\n');
  if (stdin === null) finish(code);
  else {
    stdin.pipe(stdout, { end: false });
    stdin.on('end', () => finish(code));
  }
  return {
    stdin,
    stdout,
    stderr,
    seen,
    resize: async (cols, rows) => void seen.push(`${cols}x${rows}`),
    signal: async (signal) => {
      seen.push(`signal ${signal}`);
      finish(128 + signal);
    },
    wait: () => ended,
  };
}

async function* none(): AsyncGenerator<never, void, undefined> {}

const logEntries: readonly LogEntry[] = [
  { instance: 'web-1', at: '2026-03-01T10:00:00.000000001Z', stream: 'stdout', line: 'hello' },
  { instance: 'web-2', at: '2026-03-01T10:00:01.000000001Z', stream: 'stderr', line: 'oops' },
];

async function* entries(): AsyncGenerator<LogEntry, void, undefined> {
  yield* logEntries;
}

export const usage: InstanceUsage = {
  kind: 'InstanceUsage',
  name: 'web-1',
  namespace: 'shop',
  container: 'web',
  at: '2026-03-01T12:00:00.000Z',
  cpuMicros: 2_000_000,
  memoryBytes: 62 << 20,
  memoryLimitBytes: 64 << 20,
  memoryPeakBytes: 63 << 20,
  pids: 4,
  oomKills: 1,
};

/** A container that waits for one that crashes. */
export const cause: Cause = {
  object: 'Container/shop/web',
  phase: 'Pending',
  reason: 'WaitingForDependency',
  message: 'Container/shop/db is not started',
  since: null,
  origin: null,
  evidence: [],
  causes: [
    {
      object: 'Container/shop/db',
      phase: 'Degraded',
      reason: 'CrashLoopBackOff',
      message: 'db-1: exit 1, 4 restarts, next try in 16s',
      since: now - 60_000,
      origin: { file: 'web.yaml', line: 42, column: 7 },
      evidence: ['FATAL: no space left', 'on device'],
      causes: [],
      next: ['tsdock logs db -n shop --previous'],
    },
  ],
  next: [],
};

const emptyAnswers: EngineApi = {
  plan: async () => emptyPlan,
  apply: async (_snapshots, { onProgress }) => {
    onProgress(progress({ state: 'started' }));
    onProgress(progress());
    return applied;
  },
  remove: async () => applied,
  stop: async () => applied,
  start: async () => applied,
  restart: async () => applied,
  resources: async ({ kind, namespace, name }) => {
    const fits =
      (kind === null || kind === 'Container') && (namespace === null || namespace === 'shop') && (name === null || name === 'web');
    return fits ? [resource] : [];
  },
  instances: async ({ namespace }) => (namespace === null || namespace === 'shop' ? [instance] : []),
  usage: async ({ namespace }) => (namespace === null || namespace === 'shop' ? [usage] : []),
  why: async (key) => {
    if (key !== 'Container/shop/web') throw new TsdockError('CLI021', { key, message: 'no such object' });
    return cause;
  },
  sets: async () => [
    { id: 'cli:shop', revision: 42, objects: 1, state: 'Ready', files: [], held: [], note: null },
    {
      id: 'dir:/etc/tsdock/manifests',
      revision: 3,
      objects: 2,
      state: 'Ready',
      files: [{ path: '/etc/tsdock/manifests/status.yaml', state: 'quarantined', error: 'status.yaml:18:3: error[SCH001]: unknown field' }],
      held: ['Container/default/status'],
      note: '1 file quarantined',
    },
  ],
  confirmPrune: async () => undefined,
  events: none,
  logs: entries,
  exec: async (options) => echoSession(options, 7),
  images: async () => [image],
  imageHistory: async () => [
    { created: '2026-02-26T12:00:00Z', createdBy: 'CMD ["nginx"]', comment: '', digest: null, sizeBytes: 0 },
    { created: '2026-02-26T12:00:00Z', createdBy: 'COPY . /', comment: '', digest: `sha256:${'1'.repeat(64)}`, sizeBytes: 1_000_000 },
  ],
  tagImage: async (_ref, as) => ({ ...image, ref: as }),
  pruneImages: async ({ dryRun }) => ({
    dryRun,
    images: [{ ref: image.ref, digest: image.digest, sizeBytes: image.sizeBytes }],
    blobs: 6,
    layers: 4,
    bytes: 70_000_000,
    held: null,
  }),
  collectGarbage: async ({ dryRun }) => ({
    dryRun,
    images: [{ ref: image.ref, digest: image.digest, sizeBytes: image.sizeBytes, unusedSince: image.resolvedAt }],
    blobs: 6,
    layers: 4,
    bytes: 70_000_000,
    held: null,
    path: '/var/lib/tsdock',
    usedBefore: 0.9,
    usedAfter: 0.75,
    high: 0.85,
    low: 0.75,
  }),
  async *saveImages(refs, { format }) {
    yield Buffer.from(`${format} archive of ${refs.join(' and ')}`);
  },
  async loadImages(archive, { label }) {
    let bytes = 0;
    for await (const piece of archive) bytes += piece.byteLength;
    return [{ ...image, ref: `${label}:${bytes}` }];
  },
  diskUsage: async () => ({
    path: '/var/lib/tsdock',
    totalBytes: 100_000_000_000,
    freeBytes: 61_000_000_000,
    parts: [{ name: 'images', count: 1, bytes: 90_000_000, reclaimableBytes: 70_000_000 }],
  }),
  verifyImages: async () => ({
    images: [{ ref: image.ref, digest: newDigest, state: 'ok', findings: [], usedBy: [] }],
    damagedRecords: [],
  }),
  pullImage: async () => image,
  lookUpImages: async (refs) =>
    refs.map((asked) => lookups.find((one) => one.asked === asked || one.found?.ref === asked) ?? notThere(asked)),
  inspectImage: async (ref) => {
    if (ref !== image.ref)
      throw new TsdockError('CLI021', { message: `no image ${JSON.stringify(ref)}`, hint: `tsdock image pull ${ref}` });
    return imageDetails;
  },
  removeImage: async (ref) => {
    throw new TsdockError('IMG030', { message: `image ${ref} is used by Container "web"`, hint: 'delete web first' });
  },
  info: async () => ({
    version: '0.1.0',
    stateDir: '/var/lib/tsdock',
    runDir: '/run/tsdock',
    prefix: 'tsdock',
    pid: 812,
    startedAt: '2026-02-26T12:00:00.000Z',
    host: { kernel: '6.18.0', cgroup: 'hybrid', controllers: ['memory', 'pids'], capabilities: ['SYS_ADMIN'], cpus: 2, features: [] },
  }),
};
