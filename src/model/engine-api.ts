/**
 * What CLI, HTTP API and watchers may ask of the engine. The Engine itself implements it in the process; `api/client.ts` implements it over the socket, so that there
 * is one code path after `cli/connect.ts`. Everything is plain data or an async iterable; failures are TsdockError.
 */
import type { Event } from './event.ts';
import type { SourceFile, SourceSnapshot } from './graph.ts';
import type { Operation, Summary } from './operation.ts';
import type { Blocked, Change, ReasonCode } from './plan.ts';
import type { Digest } from './reference.ts';
import type { Instant, ObjectKind, Origin, ResourceKey, SetId } from './resource.ts';
import type { InstanceItem, Phase, ResourceStatus } from './status.ts';

export interface EngineApi {
  /** What applying these snapshots would do; changes nothing. */
  plan(snapshots: readonly SourceSnapshot[]): Promise<PlanReport>;
  /**
   * Makes the snapshots desired in one transaction and, unless `wait` is false, follows the operation to its end. Refuses as a whole (MANIFEST with diagnostics,
   * CLI030, CLI025). Progress is reported as it happens.
   */
  apply(snapshots: readonly SourceSnapshot[], options: ApplyOptions): Promise<ApplyResult>;
  /** Deletes objects by name; users of a deleted object that stay are CLI022 unless `cascade`, data of volumes is CLI024 unless `retained` says otherwise. */
  remove(keys: readonly ResourceKey[], options: RemoveOptions): Promise<ApplyResult>;
  stop(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult>;
  start(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult>;
  restart(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult>;
  resources(filter: ResourceFilter): Promise<readonly ResourceStatus[]>;
  instances(filter: { readonly namespace: string | null }): Promise<readonly InstanceItem[]>;
  /** Why an object is as it is, down to what a person can change. CLI021 for one that nobody declares and that is not there. */
  why(key: ResourceKey, options: { readonly signal: AbortSignal }): Promise<Cause>;
  /** What running instances use now; one that ends meanwhile is left out. `namespace` null: all. */
  usage(filter: { readonly namespace: string | null }): Promise<readonly InstanceUsage[]>;
  sets(): Promise<readonly SetStatus[]>;
  /** Confirms a prune that the mass-deletion guard holds. */
  confirmPrune(set: SetId): Promise<void>;
  /** From `since` (exclusive; 0: all that is kept), then live when `follow`, until the signal. */
  events(options: { readonly since: number; readonly follow: boolean; readonly signal: AbortSignal }): AsyncIterable<Event>;
  /** Log entries of the named instance (`web-1`) or of all of a container (`web`), merged by time. */
  logs(options: LogOptions): AsyncIterable<LogEntry>;
  exec(options: ExecOptions): Promise<ExecSession>;
  images(): Promise<readonly ImageItem[]>;
  /** Resolves the tag again and pulls what is missing. */
  pullImage(ref: string, options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }): Promise<ImageItem>;
  /** What names stand for in their registries now. One that cannot be looked up carries its failure; nothing is thrown for it, and nothing is changed. */
  lookUpImages(refs: readonly string[], options: { readonly signal: AbortSignal }): Promise<readonly ImageLookup[]>;
  /** Everything about an image that is here. CLI021 when it is not. */
  inspectImage(ref: string, options: { readonly signal: AbortSignal }): Promise<ImageDetails>;
  /** How an image was made, newest step first. CLI021 when it is not here. */
  imageHistory(ref: string): Promise<readonly HistoryItem[]>;
  /** One more name for an image that is here. CLI021 when it is not, IMG031 when the name stands for another image and `replace` is not given. */
  tagImage(ref: string, as: string, options: { readonly replace: boolean }): Promise<ImageItem>;
  /** Removes images that nothing uses and that came `olderThanMs` ago or earlier, and content that no image needs. */
  pruneImages(options: { readonly olderThanMs: number; readonly dryRun: boolean }): Promise<PruneReport>;
  /** Removes images that nothing uses until the disk is as empty as `EngineConfig.gc` wants it, and content that no image needs. */
  collectGarbage(options: { readonly dryRun: boolean }): Promise<GcReport>;
  /** Images as one tar archive, in pieces. CLI021, or IMG032 when something of one is missing or damaged: before the first piece or in the middle of them. */
  saveImages(refs: readonly string[], options: { readonly format: ArchiveFormat; readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Brings all images of a tar archive, which is an OCI layout or what docker saves. IMG031 for a name that stands for another image here. */
  loadImages(archive: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<readonly ImageItem[]>;
  /** What lies on the disk of the state directory. */
  diskUsage(): Promise<DiskUsage>;
  /**
   * Reads everything of these images (empty: of all) and compares it with what it should be. `repair`: what is damaged is replaced. A failure belongs to its image; nothing is thrown
   * for it. CLI021 for a name that is not here.
   */
  verifyImages(
    refs: readonly string[],
    options: { readonly repair: boolean; readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
  ): Promise<VerifyReport>;
  /** IMG030 while something uses it. */
  removeImage(ref: string): Promise<void>;
  info(): Promise<EngineInfo>;
}

export interface WaitOptions {
  readonly actor: string;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface ApplyOptions extends WaitOptions {
  readonly takeOwnership: boolean;
  readonly force: boolean;
  /** Share of a set's objects that one apply may remove, 0..1. */
  readonly maxDelete: number;
}

export interface RemoveOptions extends WaitOptions {
  readonly cascade: boolean;
  readonly force: boolean;
  /** What becomes of a Volume that keeps its data (reclaimPolicy Retain): CLI024, its object goes and the data stays, or both go. */
  readonly retained: 'refuse' | 'keep' | 'remove';
}

export interface ApplyResult {
  readonly result: 'applied' | 'unchanged' | 'rolledBack' | 'failed';
  readonly operation: Operation | null;
  readonly revision: number | null;
  readonly seconds: number;
  readonly summary: Summary;
  /** What is not there yet and why, for `failed` and timeouts. */
  readonly blocked: readonly Blocked[];
  /** Exit code of contract.md: 0, 1, 4, 5, 6, 7. */
  readonly exitCode: number;
  readonly warnings: readonly string[];
}

export interface PlanReport {
  readonly planId: string;
  readonly changes: readonly Change[];
  readonly blocked: readonly Blocked[];
  /** The action list as `render.ts` prints it, one action a line. */
  readonly actions: readonly string[];
  readonly summary: Summary;
  /** Those of the input, and those of what it changes. */
  readonly sets: readonly { readonly id: SetId; readonly revision: number }[];
  /** What a person asked for beside the manifests, of the objects the input is about: it stays. */
  readonly overrides: readonly Override[];
}

/** A wish that no manifest tells, of an object. */
export interface Override {
  readonly kind: 'Container';
  readonly namespace: string;
  readonly name: string;
  /** Field of the spec it lies over. */
  readonly path: 'state';
  readonly value: 'Stopped';
  /** RFC 3339. */
  readonly since: string;
}

/** Something happened on the way: an action began, moved or ended. */
export interface Progress {
  readonly at: Instant;
  readonly subject: string;
  readonly verb: string;
  readonly state: 'started' | 'running' | 'done' | 'failed';
  readonly reason: string;
  /** Bytes for pulls; part is a layer or file. */
  readonly part: string | null;
  readonly stage: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly message: string | null;
}

export interface ResourceFilter {
  readonly kind: ObjectKind | null;
  readonly namespace: string | null;
  readonly name: string | null;
}

/** What one instance uses, as its cgroups count it. */
export interface InstanceUsage {
  readonly kind: 'InstanceUsage';
  readonly name: string;
  readonly namespace: string;
  readonly container: string;
  /** RFC 3339; two of them with their CPU times give the share. */
  readonly at: string;
  /** CPU time since the instance was made. */
  readonly cpuMicros: number;
  /** Without page cache that was not used lately: what cannot be had back at once. */
  readonly memoryBytes: number;
  /** Null: no limit. */
  readonly memoryLimitBytes: number | null;
  /** Highest use so far, page cache included; null where the kernel does not tell. */
  readonly memoryPeakBytes: number | null;
  readonly pids: number;
  readonly oomKills: number;
}

/** One link of the chain that `why` tells: an object, what is the matter with it, and what below is to blame. */
export interface Cause {
  readonly object: ResourceKey;
  readonly phase: Phase;
  /** `DiskFull`: not the object's own state but that of the disk it lies on. */
  readonly reason: ReasonCode | 'Ready' | 'DiskFull';
  readonly message: string;
  /** Null: neither record nor world tell. */
  readonly since: Instant | null;
  /** Where the object above refers to it; null for the first. */
  readonly origin: Origin | null;
  /** The last lines it printed, where they are what it ended of. */
  readonly evidence: readonly string[];
  /** Empty: this is a root. */
  readonly causes: readonly Cause[];
  /** Commands and changes that end it, best first; only a root has some. */
  readonly next: readonly string[];
}

export interface SetStatus {
  readonly id: SetId;
  readonly revision: number;
  readonly objects: number;
  readonly state: string;
  readonly files: readonly SourceFile[];
  readonly held: readonly ResourceKey[];
  readonly note: string | null;
}

export interface LogOptions {
  readonly namespace: string;
  readonly name: string;
  readonly follow: boolean;
  readonly tail: number | null;
  readonly sinceMs: Instant | null;
  /** The incarnation before the present one. */
  readonly previous: boolean;
  readonly signal: AbortSignal;
}

export interface LogEntry {
  readonly instance: string; // web-1
  readonly at: string; // RFC 3339 with nanoseconds, as written by the supervisor
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

export interface ExecOptions {
  readonly namespace: string;
  readonly name: string; // instance or container
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly user: string | null;
  readonly terminal: { readonly cols: number; readonly rows: number } | null;
  readonly stdin: boolean;
}

export interface ExecSession {
  readonly stdin: NodeJS.WritableStream | null;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream | null;
  resize(cols: number, rows: number): Promise<void>;
  signal(signal: number): Promise<void>;
  /** Code as a shell sees it: 128 + signal when ended by one. */
  wait(): Promise<number>;
}

export interface ImageItem {
  readonly ref: string;
  readonly digest: string;
  readonly configDigest: string;
  readonly platform: string;
  readonly sizeBytes: number;
  readonly layers: number;
  readonly usedBy: readonly string[];
  readonly resolvedAt: string;
  /** RFC 3339: when it was seen in use last, about; null: it was not yet. */
  readonly usedAt: string | null;
}

/** What a name stands for in its registry. */
export interface FoundImage {
  /** Canonical. */
  readonly ref: string;
  /** Of this platform's manifest. */
  readonly digest: Digest;
  /** What the name itself points at: the same, or the index above it. */
  readonly topDigest: Digest;
  readonly configDigest: Digest;
  readonly platform: string;
  /** The newest tag of the same line, when there is a newer one. */
  readonly newer: string | null;
}

export interface ImageLookup {
  /** As it was asked for. */
  readonly asked: string;
  readonly found: FoundImage | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface ImageDetails extends Omit<ImageItem, 'layers'> {
  readonly topDigest: string;
  /** Image objects that hold it. */
  readonly holders: readonly ResourceKey[];
  /** As its author wrote it: nothing of it configures the engine. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Lowest first. */
  readonly layers: readonly { readonly digest: string; readonly diffId: string; readonly sizeBytes: number; readonly mediaType: string }[];
  /** Signatures, bills of materials and the like that its registry has. */
  readonly referrers: readonly {
    readonly digest: string;
    readonly artifactType: string;
    readonly sizeBytes: number;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
  /** Why they could not be asked for; null: they could. */
  readonly referrersProblem: string | null;
}

/** `oci`: an OCI image layout; `docker`: what `docker load` reads. */
export type ArchiveFormat = 'oci' | 'docker';

export interface LoadOptions {
  /** What messages call the archive: its path. */
  readonly label: string;
  /** How the only image is to be called; null: as the archive says. */
  readonly as: string | null;
  /** Whether a name that stands for another image here is taken over. */
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface HistoryItem {
  /** RFC 3339 as its author says, or empty. */
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  /** The layer this step made; null: none. */
  readonly digest: string | null;
  /** Of the layer as it was fetched. */
  readonly sizeBytes: number;
}

export interface PruneReport {
  readonly dryRun: boolean;
  readonly images: readonly { readonly ref: string; readonly digest: string; readonly sizeBytes: number }[];
  /** Blobs and unpacked layers that went, of these images and of none. */
  readonly blobs: number;
  readonly layers: number;
  /** Bytes on disk that are free now. */
  readonly bytes: number;
  /** Why nothing could go; null: it could. */
  readonly held: string | null;
}

/** What a collection of garbage did, or would do. */
export interface GcReport extends PruneReport {
  /** Those of `PruneReport`, the one that was not used for the longest time first. */
  readonly images: readonly {
    readonly ref: string;
    readonly digest: string;
    readonly sizeBytes: number;
    /** RFC 3339. */
    readonly unusedSince: string;
  }[];
  /** Of the state directory's disk. */
  readonly path: string;
  /** Share of it in use before and, as far as it can be told, afterwards: of its bytes or its inodes, whichever is scarcer. */
  readonly usedBefore: number;
  readonly usedAfter: number;
  /** Where it begins by itself, and where it ends. */
  readonly high: number;
  readonly low: number;
}

export interface DiskUsage {
  readonly path: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly parts: readonly DiskPart[];
}

export interface DiskPart {
  readonly name: 'images' | 'writable' | 'volumes' | 'logs' | 'state';
  /** Images, containers with a writable layer, volumes; null where it is no number of things. */
  readonly count: number | null;
  readonly bytes: number;
  /** What `image prune` would free. */
  readonly reclaimableBytes: number;
}

export interface VerifyReport {
  readonly images: readonly VerifiedImage[];
  /** Files of references that could not be read: nobody knows what they named. With `repair` they are gone, and a pull of the reference makes them again. */
  readonly damagedRecords: readonly string[];
}

export interface VerifiedImage {
  readonly ref: string;
  readonly digest: Digest;
  /** `repaired`: it was damaged, and all of it is right now. */
  readonly state: 'ok' | 'repaired' | 'damaged';
  readonly findings: readonly ImageFinding[];
  /** Instances that were made from it: a tree that was replaced stays mounted in them until they are made anew. */
  readonly usedBy: readonly string[];
}

/** Something of an image that is not as it was when it came. */
export interface ImageFinding {
  /** `manifest`, `config`, `index` or `layer 2 of 5`. */
  readonly part: string;
  /** Of its blob. */
  readonly digest: Digest;
  /** What is wrong, at most nine lines. */
  readonly problems: readonly string[];
  readonly repaired: boolean;
  /** Why it could not be repaired or checked; null: it was, or it was not to be. */
  readonly error: string | null;
}

export interface EngineInfo {
  readonly version: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly prefix: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly host: unknown; // HostInfo of the native module
}
