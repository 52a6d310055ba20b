import type { Controllers } from '../controllers/controller.ts';
import type {
  ArchiveFormat,
  FoundImage,
  HistoryItem,
  ImageDetails,
  ImageItem,
  LogEntry,
  LogOptions,
  VerifyReport,
} from '../model/engine-api.ts';
import type { DiagnosticFacts } from '../model/errors.ts';
import type { GcPolicy } from '../model/gc-policy.ts';
import type { DesiredGraph, SourceSnapshot } from '../model/graph.ts';
import type { Logger } from '../model/log.ts';
import type { ProbeTarget } from '../model/probes.ts';
import type { Digest } from '../model/reference.ts';
import type { AnyResource, Instant, Resource, ResourceKey, SetId } from '../model/resource.ts';
import type { SignatureRules } from '../model/signature-rule.ts';
import type { RegistrySpec } from '../model/spec.ts';
import type { Native } from '../native/index.ts';
import type { StoredSet } from '../store/collections.ts';
import type { Store } from '../store/store.ts';
import type { DiskSpace, Part } from './garbage.ts';
import type { NetworkFunctions } from './plan.ts';
import { toSnapshots, withSetStates } from './sets.ts';
import type { CompleteSpec } from './state.ts';

/** `others`: further resources it names, such as the holder of a port. */
export type GraphDiagnostic = DiagnosticFacts & { readonly key: ResourceKey | null; readonly others: readonly ResourceKey[] };

/** What one document set looks like together with all others. Errors name documents by key; null: about a file or the host. */
export interface BuiltGraph {
  readonly graph: DesiredGraph;
  readonly diagnostics: readonly GraphDiagnostic[];
}

export interface ImageProgress {
  readonly part: string;
  readonly stage: string;
  readonly done: number;
  readonly total: number | null;
}

/** What `tsdock image` does beside manifests. */
export interface ImageCommands {
  list(): Promise<readonly ImageItem[]>;
  pull(
    ref: string,
    options: {
      readonly signal: AbortSignal;
      readonly report: (progress: ImageProgress) => void;
    },
  ): Promise<ImageItem>;
  remove(ref: string): Promise<void>;
  verify(
    refs: readonly string[],
    options: {
      readonly repair: boolean;
      readonly signal: AbortSignal;
      readonly report: (ref: string, progress: ImageProgress) => void;
    },
  ): Promise<VerifyReport>;
  lookUp(ref: string, options: { readonly signal: AbortSignal; readonly newer: boolean }): Promise<FoundImage>;
  inspect(ref: string, options: { readonly signal: AbortSignal }): Promise<ImageDetails | null>;
  /** How registries are reached from now on: what Registry objects say. */
  configure(registries: readonly { readonly name: string; readonly spec: RegistrySpec }[]): void;
  /** Signatures without which nothing is unpacked from now on. */
  requireSignatures(rules: SignatureRules): void;
  history(ref: string): Promise<readonly HistoryItem[] | null>;
  tag(ref: string, as: string, options: { readonly replace: boolean }): Promise<ImageItem>;
  save(refs: readonly string[], options: { readonly format: ArchiveFormat; readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  load(
    archive: AsyncIterable<Uint8Array>,
    options: {
      readonly label: string;
      readonly as: string | null;
      readonly replace: boolean;
      readonly signal: AbortSignal;
      readonly report: (progress: ImageProgress) => void;
    },
  ): Promise<readonly ImageItem[]>;
  /** What `collect` of the same would take away: neither a reference that stays names it, nor one of these configs that instances were made from, nor work under way. Content that came after `before` stays. */
  collectable(options: CollectOptions): Promise<{ readonly parts: readonly Part[]; readonly held: string | null }>;
  /** Forgets references and takes away what nothing needs any more. When this resolves its names are gone; `empty` deletes it, which may take long. */
  collect(options: CollectOptions): Promise<Collected>;
  /** Notes that these references are in use, as far as that was not noted since `unlessSince`. */
  noteUse(refs: readonly string[], options: { readonly at: Instant; readonly unlessSince: Instant }): Promise<void>;
}

export interface CollectOptions {
  readonly forget: readonly string[];
  readonly configDigests: ReadonlySet<Digest>;
  readonly before: Instant;
}

export interface Collected {
  readonly blobs: number;
  readonly layers: number;
  /** Why nothing was looked for; null: something was. */
  readonly held: string | null;
  /** Bytes on disk that are free then. To be called once. */
  empty(signal: AbortSignal): Promise<number>;
}

/** The parts an engine is put together from; it knows none of them by name. */
export interface EngineParts {
  readonly native: Native;
  readonly controllers: Controllers;
  readonly network: NetworkFunctions;
  readonly images: ImageCommands;
  readonly sealer: Seals;
  readonly probes: Asks;
  readonly buildGraph: (snapshots: readonly SourceSnapshot[]) => BuiltGraph | Promise<BuiltGraph>;
  readonly completeSpec: CompleteSpec;
  readonly readLogs: (options: LogOptions) => AsyncIterable<LogEntry>;
}

/** Asks probes beside the loop: see `controllers/container/probes/`. What it hears of, the Container controller observes. */
export interface Asks {
  /** From now on these and no others. */
  follow(targets: readonly ProbeTarget[]): void;
}

/** Nothing of a Secret enters the engine in clear: see `controllers/config/seal.ts`. */
export interface Seals {
  sealSnapshots(
    snapshots: readonly SourceSnapshot[],
    known: (key: ResourceKey) => AnyResource | null,
    purpose: 'apply' | 'plan',
  ): Promise<readonly SourceSnapshot[]>;
  /** Where Secrets are found that logins name. */
  configure(find: (key: ResourceKey<'Secret'>) => Resource<'Secret'> | null): void;
  /** SEC012 for a key without a rule. */
  renew(secret: Resource<'Secret'>, keys: readonly string[] | null): Promise<Resource<'Secret'>>;
}

export interface EngineOptions extends EngineParts {
  readonly stateDir: string;
  readonly runDir: string;
  readonly prefix: string;
  readonly version: string;
  readonly log: Logger;
  readonly now: () => Instant;
  /** In [0, 1). */
  readonly random: () => number;
  /** Everything is looked at this often; null: never, for an engine that lives for one command. */
  readonly resyncMs: number | null;
  readonly gc: GcPolicy;
  /** Opens the state; the store of this project unless given. */
  readonly openStore?: OpenStore;
  /** How full the disk of a path is; what statfs(2) says unless given. */
  readonly diskSpace?: (path: string) => Promise<DiskSpace>;
}

export type OpenStore = (path: string, options: { readonly readOnly: boolean; readonly writtenBy?: string }) => Promise<Store>;

/** The graph of all sets together. Its diagnostics are not judged here. */
export async function buildSets(options: Pick<EngineOptions, 'buildGraph'>, sets: ReadonlyMap<SetId, StoredSet>): Promise<BuiltGraph> {
  const built = await options.buildGraph(toSnapshots(sets));
  return { ...built, graph: withSetStates(built.graph, sets) };
}
