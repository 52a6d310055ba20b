/**
 * All that TypeScript sees of the native module. `openNative` (binding.ts) returns the real one; tests put `test/support/world.ts`
 * in its place. Border rules: one options object a call, `null` for absent, bigint for inodes and start times, errors are `NativeError`.
 */

export type { EngineOptions } from './binding.ts';
export { openNative } from './binding.ts';
export { NativeError } from './error.ts';

/** 12 lower-case hex digits; a new one for every incarnation of a container. */
export type InstanceId = string;

export interface Native {
  /** Probed once when the module is opened. */
  readonly host: HostInfo;
  readonly containers: ContainerRuntime;
  readonly net: Net;
  readonly layers: Layers;
  /** Takes the OFD lock on `path` (made 0600 if absent) without waiting; null when another process holds it. The file holds `pid startTime` of the holder. */
  lock(path: string): Lock | null;
  /** Events of all instances and of the network, in the order they were seen. */
  onEvent(listener: (event: NativeEvent) => void): () => void;
  /** Lets go of sockets and threads. Containers, supervisors and the zygote go on. */
  close(): Promise<void>;
}

export interface Lock {
  release(): void;
}

export interface HostInfo {
  readonly kernel: string;
  readonly cgroup: 'unified' | 'hybrid' | 'legacy';
  /** Controllers that limits can use, e.g. `memory`, `pids`, `cpu`. */
  readonly controllers: readonly string[];
  /** Names of effective capabilities without `CAP_`. */
  readonly capabilities: readonly string[];
  readonly bootId: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Each feature was tried, never deduced from a version. */
  readonly features: readonly { readonly name: string; readonly available: boolean; readonly consequence: string }[];
}

export type NativeEvent =
  | { readonly type: 'started'; readonly id: InstanceId; readonly pid: number }
  | { readonly type: 'exited'; readonly id: InstanceId; readonly exit: ExitInfo }
  | { readonly type: 'restarting'; readonly id: InstanceId; readonly attempts: number; readonly atMs: number }
  | { readonly type: 'oom'; readonly id: InstanceId }
  | { readonly type: 'lost'; readonly id: InstanceId } // supervisor gone
  | { readonly type: 'link'; readonly name: string } // a link of ours changed or vanished
  | { readonly type: 'table' }; // our nft table was changed by somebody else

export interface ExitInfo {
  readonly code: number | null; // null when ended by a signal
  readonly signal: number | null;
  readonly oom: boolean;
  readonly atMs: number; // wall clock, milliseconds since 1970
}

// ---------------------------------------------------------------------------------------------------------------- containers

export interface ContainerRuntime {
  /**
   * Makes cgroup, rootfs, namespaces and supervisor of one instance; the user's process runs only after `start` (or at once with `start: true`).
   * Repeatable: an instance of the same id that exists already is a success when it was made from the same spec, else EEXIST.
   */
  create(spec: InstanceSpec, options: { start: boolean }): Promise<Created>;
  /** Runs the process of a created or exited instance. Already running: success. Resolves after execve succeeded; a failed one is a NativeError with step `exec`. */
  start(id: InstanceId): Promise<Started>;
  /** Sends a signal to pid 1 of the instance (`all`: to each process of its cgroup). `only`: where another process runs by then, or none, nothing is sent. */
  signal(id: InstanceId, options: { signal: number; all: boolean; only?: Started }): Promise<void>;
  /** Stop signal, grace, then kill of everything. The supervisor does not restart it afterwards. `by` is kept in the status. Not running: success. */
  stop(id: InstanceId, options: { signal: number; graceMs: number; by: 'user' | 'engine' }): Promise<ExitInfo | null>;
  exec(id: InstanceId, spec: ExecSpec): Promise<ExecHandle>;
  update(id: InstanceId, update: { limits: Limits | null; restart: RestartPolicy | null; stop: StopPolicy | null }): Promise<void>;
  /** Null: there is no such instance, or nobody supervises it. */
  stats(id: InstanceId): Promise<InstanceStats | null>;
  /** Kills what is left, ends the supervisor, removes cgroup, mounts, run directory and upper directory. Absent: success. Log files stay unless `logs`. */
  remove(id: InstanceId, options: { logs: boolean }): Promise<void>;
  /** Instances that have a run directory; asks nobody. */
  ids(): Promise<readonly InstanceId[]>;
  /** One status an instance that has a run directory, connected to its supervisor where it answers. */
  list(): Promise<readonly InstanceStatus[]>;
  status(id: InstanceId): Promise<InstanceStatus | null>;
}

/** Everything the native side needs for one incarnation. Pure data, made by `controllers/container/process-spec.ts`. */
export interface InstanceSpec {
  readonly id: InstanceId;
  /** Opaque text of the engine (JSON), kept by the supervisor and returned in `InstanceStatus`. */
  readonly identity: string;
  readonly hostname: string;
  readonly domainname: string | null;
  readonly rootfs: {
    /** Directories of the unpacked layers, lowest first. */
    readonly layers: readonly string[];
    /** Directory for upper and work; made by the native side, removed by `remove`. */
    readonly upper: string;
    readonly readOnly: boolean;
  };
  readonly mounts: readonly MountSpec[];
  readonly process: {
    readonly argv: readonly string[];
    readonly env: readonly string[]; // NAME=value
    readonly cwd: string;
    /** `uid[:gid]` or names, looked up in the container's own passwd and group by a bounded parser. */
    readonly user: string;
    readonly groups: readonly string[]; // supplementary, ids or names
    readonly terminal: boolean;
    readonly stdin: boolean;
  };
  /** A reaper as pid 1 with the user's process as its child. */
  readonly init: boolean;
  readonly security: {
    readonly capabilities: readonly string[]; // names without CAP_
    readonly noNewPrivileges: boolean;
    readonly seccomp: 'default' | 'unconfined';
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly privileged: boolean; // all devices, writable /sys
  };
  readonly limits: Limits;
  readonly rlimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]; // name as RLIMIT_x without prefix, lower case
  readonly sysctls: readonly { readonly key: string; readonly value: string }[];
  readonly oomScoreAdj: number;
  readonly shmBytes: number;
  readonly network: NetworkAttachment;
  readonly restart: RestartPolicy;
  readonly stop: StopPolicy;
  readonly log: { readonly directory: string; readonly maxBytes: number; readonly maxFiles: number };
}

export type MountSpec =
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean; readonly create: boolean }
  | {
      readonly type: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number | null;
      readonly mode: number;
      readonly readOnly: boolean;
    };

export interface Limits {
  readonly memoryBytes: number | null;
  /** Memory plus swap; null: equal to memory (no swap). */
  readonly swapBytes: number | null;
  /** Thousandths of a CPU. */
  readonly cpuMillis: number | null;
  readonly pids: number | null;
}

export type NetworkAttachment =
  | { readonly mode: 'none' }
  | { readonly mode: 'host' }
  | { readonly mode: 'bridge'; readonly interfaces: readonly InterfaceSpec[] };

export interface InterfaceSpec {
  readonly bridge: string; // link name on the host
  readonly hostName: string; // veth end on the host, at most 15 bytes
  readonly name: string; // eth0
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly string[]; // CIDR
  readonly gateway: string | null;
  /** ifalias of the host end: the engine's mark and the owner. */
  readonly alias: string;
}

export interface RestartPolicy {
  readonly policy: 'Always' | 'OnFailure' | 'Never';
  readonly initialMs: number;
  readonly maxMs: number;
  readonly resetMs: number;
  readonly maxRestarts: number | null;
}

export interface StopPolicy {
  readonly signal: number;
  readonly graceMs: number;
}

export interface Created {
  readonly supervisorPid: number;
  readonly started: Started | null;
  /** Degradations that did not stop the start, e.g. `RlimitClamped: nofile 1048576 to 20000`. */
  readonly warnings: readonly string[];
}

export interface Started {
  readonly pid: number; // in the host's pid namespace
  readonly startTime: bigint; // /proc/<pid>/stat field 22
}

export interface InstanceStatus {
  readonly id: InstanceId;
  readonly identity: string;
  readonly phase: 'creating' | 'created' | 'running' | 'backoff' | 'stopping' | 'exited' | 'broken';
  readonly process: Started | null;
  readonly supervisorPid: number | null; // null: nobody supervises it
  readonly restarts: number; // done by the supervisor since create
  readonly attempts: number; // in a row, for the back-off
  readonly nextTryMs: number | null; // wall clock
  readonly exit: ExitInfo | null; // the last one
  readonly stoppedBy: 'user' | 'engine' | 'self' | null;
  readonly sinceMs: number; // of this phase
  readonly startedMs: number | null;
  /** Why it is broken or what the last start failed of; names step, call and object. */
  readonly error: { readonly code: string; readonly step: string; readonly message: string } | null;
  readonly warnings: readonly string[];
}

export interface InstanceStats {
  /** Present use, page cache included. */
  readonly memoryBytes: number;
  /** Part of it that is page cache not used lately: it goes first when memory gets short. */
  readonly memoryInactiveFileBytes: number;
  /** Highest use so far; null where kernel or supervisor do not tell. */
  readonly memoryPeakBytes: number | null;
  /** CPU time used since the instance was made, in microseconds. */
  readonly cpuMicros: number;
  readonly pids: number;
  readonly oomKills: number;
}

export interface ExecSpec {
  readonly argv: readonly string[];
  readonly env: readonly string[]; // NAME=value, on top of the container's
  readonly cwd: string | null;
  readonly user: string | null;
  readonly terminal: { readonly cols: number; readonly rows: number } | null;
  readonly stdin: boolean;
}

/** A running exec. Streams are Node streams; with a terminal `stdout` carries everything and `stderr` is null. */
export interface ExecHandle {
  readonly pid: number;
  readonly stdin: NodeJS.WritableStream | null;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream | null;
  resize(cols: number, rows: number): Promise<void>;
  signal(signal: number): Promise<void>;
  /** Resolves when the command ended. */
  wait(): Promise<ExitInfo>;
}

// ------------------------------------------------------------------------------------------------------------------- network

/** All of it idempotent, over the module's own netlink encoder; nothing without our alias or outside our table is touched. */
export interface Net {
  /** Bridge link with addresses, up, alias, sysctls; our nft table with its static chains; the network's rows in its sets. */
  ensureNetwork(network: NetworkSpec): Promise<void>;
  /** Removes bridge and rows. A bridge that is not ours is left alone. When the last network goes, the table goes too. */
  removeNetwork(name: string): Promise<void>;
  /**
   * Makes `endpoints` the published ports of `owner`: what is missing is added, what is too much removed, in one transaction. Each is kept from other programs by a bound
   * socket of the network process; one that a process of this host serves is EADDRINUSE, one of another owner EEXIST, and then nothing is changed.
   */
  publish(options: { owner: string; endpoints: readonly PublishedPort[] }): Promise<void>;
  /**
   * Makes `endpoints` what is kept for `owner` beside its published ports: it publishes them within two minutes, else they are free again. EADDRINUSE: a process of this
   * host serves one; then nothing is changed.
   */
  reserve(options: { owner: string; endpoints: readonly PublishedPort[] }): Promise<void>;
  /** What the kernel has of ours. */
  dump(): Promise<NetState>;
  /** Destinations of the host's IPv4 and IPv6 routes, to choose subnets that do not clash. */
  routes(): Promise<readonly { readonly destination: string; readonly device: string }[]>;
}

export interface NetworkSpec {
  readonly name: string; // link name, at most 15 bytes
  readonly alias: string; // ifalias: engine mark and resource key
  readonly gateway: string; // CIDR of the bridge's own address
  readonly subnet: string; // CIDR
  readonly mtu: number;
  readonly masquerade: boolean;
  readonly isolated: boolean;
  readonly internal: boolean;
}

export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly hostIP: string | null; // null: all addresses of the host
  readonly hostPort: number;
  readonly address: string;
  readonly containerPort: number;
}

export interface NetState {
  readonly networks: readonly (NetworkSpec & { readonly up: boolean; readonly members: readonly string[] })[];
  readonly published: readonly (PublishedPort & { readonly owner: string })[];
  /** What was reserved here and is not published yet. */
  readonly reserved: readonly (PublishedPort & { readonly owner: string })[];
  /** Whether table, chains, sets and rules are exactly the static ones. */
  readonly tableIntact: boolean;
}

// -------------------------------------------------------------------------------------------------------------------- layers

export interface Layers {
  /**
   * Opens a sink that verifies, decompresses and unpacks one layer into `directory` (made, must not exist) on worker threads while bytes arrive.
   * The compression is found by its magic bytes.
   */
  begin(options: LayerOptions): LayerSink;
  /** Flushes the filesystem below `path` once (syncfs). */
  sync(path: string): Promise<void>;
  /** Removes a tree without following links, on a worker thread. Absent: success. */
  removeTree(path: string): Promise<void>;
  /** Lets two trees of one filesystem change places in one step (renameat2, RENAME_EXCHANGE); both must be there. */
  exchange(left: string, right: string): Promise<void>;
  /** Bytes and inodes used below `path`. */
  usage(path: string): Promise<{ bytes: number; inodes: number }>;
  /**
   * Gives the directories `implied` of `tree` (as `LayerResult` names them) owner, mode, times and attributes of the same directory in the nearest of `lower`, nearest first.
   * Links are never followed; what no lower tree shows stays as it is.
   */
  inherit(tree: string, lower: readonly string[], implied: readonly string[]): Promise<void>;
  /** Where `found` is not the tree `expected`, a few lines; empty: names, types, modes, owners, times, attributes, links and contents are the same. */
  differences(expected: string, found: string): Promise<readonly string[]>;
}

export interface LayerOptions {
  readonly directory: string;
  /** Digest of the bytes that come in, `sha256:…`; null: not checked, only computed. */
  readonly digest: string | null;
  /** Digest of the uncompressed tar; null: only computed. */
  readonly diffId: string | null;
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export interface LayerSink {
  /** Resolves when there is room for more; rejects as soon as the layer is known to be bad. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything is on disk in `directory` and both digests agree; rejects and removes the directory otherwise. */
  end(): Promise<LayerResult>;
  abort(): Promise<void>;
}

export interface LayerResult {
  readonly digest: string;
  readonly diffId: string;
  readonly compressedBytes: number;
  readonly unpackedBytes: number;
  readonly entries: number;
  /** Directories that had no entry of their own; they were made 0755 root of 1970. One character a byte: names need not be UTF-8. */
  readonly impliedDirectories: readonly string[];
  /** What was left out on purpose, one line for each kind of thing. */
  readonly warnings: readonly string[];
}
