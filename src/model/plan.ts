import type { Effect } from './effects.ts';
import type { ImageConfig, ImageLayer } from './image-config.ts';
import type { ImagePin } from './image-pin.ts';
import type { Endpoint } from './observed.ts';
import type { Digest } from './reference.ts';
import type {
  ActingKind,
  ContentHash,
  Identity,
  InstanceId,
  Instant,
  ObjectKind,
  Origin,
  Resource,
  ResourceKey,
  SetId,
  SpecHash,
  SubjectKey,
} from './resource.ts';
import type { FieldRef, NetworkSpec, SealedValue, VolumeSpec } from './spec.ts';

/** What can be done to a subject of each kind. A container's `create` starts what it made; `start` is for what was stopped, has ended or was cut off half way. */
export interface Verbs {
  readonly Image: 'pull' | 'remove';
  readonly Network: 'create' | 'update' | 'remove';
  readonly Volume: 'create' | 'update' | 'remove';
  readonly Config: 'write' | 'remove';
  readonly Secret: 'write' | 'remove';
  readonly Container: 'reserve' | 'create' | 'start' | 'update' | 'publish' | 'restart' | 'stop' | 'remove';
}

/** What two keys cannot both hold: `port:tcp:0.0.0.0:8080`, `address:Network/shop/front:10.88.1.2`, `writer:Volume/shop/data`. */
export type Claim = `port:${string}` | `address:${string}` | `writer:${string}`;

/** Why an action is planned or blocked. Closed: adding one is adding it here. Codes that also stand in a status are those of product.md 6.1. */
export type ReasonCode =
  // why something is done
  | 'Created'
  | 'SpecChanged'
  | 'ImageChanged'
  | 'ContentChanged'
  | 'NotRunning'
  | 'NotDesired'
  | 'Deleted'
  | 'Drifted'
  | 'Broken'
  | 'Stopped'
  | 'RestartRequested'
  | 'ScaledDown'
  | 'PortsChanged'
  | 'NamesChanged'
  | 'Replaced'
  | 'DependencyReplaced'
  | 'Lost'
  // why something is not done
  | 'WaitingForDependency'
  | 'WaitingForImage'
  | 'ConcurrencyLimit'
  | 'Suspended'
  | 'StillInUse'
  | 'Retained'
  | 'PruneHeld'
  | 'QuarantinedFile'
  | 'NotPruned'
  | 'NetworkMissing'
  | 'VolumeMissing'
  | 'ConfigMissing'
  | 'SecretMissing'
  | 'SecretUndecryptable'
  | 'VolumeInUse'
  | 'PortInUse'
  | 'AddressInUse'
  | 'SubnetConflict'
  | 'PoolExhausted'
  | 'ImagePullBackOff'
  | 'CreateError'
  | 'StartError'
  | 'CrashLoopBackOff'
  | 'ProbeFailing'
  | 'OOMKilled'
  | 'Exited'
  | 'Completed'
  | 'Protected'
  | 'OwnedElsewhere'
  | 'BackOff'
  | 'InternalError'
  | 'Unsupervised'
  | 'SourceMissing';

export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  /** Fields that caused it, as paths of the spec. */
  readonly paths: readonly string[];
}

/** A reason in words; `paths` are the fields that caused it. */
export function because(code: ReasonCode, message: string, ...paths: readonly string[]): Reason {
  return { code, message, paths };
}

/** What one incarnation is made from, complete: the container controller turns it into the native spec without asking anybody. */
export interface ContainerCreateInput {
  readonly resource: Resource<'Container'>;
  /** Chosen by the diff, so that a second run of the same action finds what the first one made. */
  readonly instance: InstanceId;
  readonly uid: string;
  readonly slot: number;
  readonly replaceHash: string;
  readonly updateHash: string;
  readonly image: {
    readonly ref: string;
    readonly configDigest: Digest;
    readonly config: ImageConfig;
    readonly layers: readonly ImageLayer[];
  };
  readonly networks: readonly {
    readonly key: ResourceKey<'Network'>;
    readonly link: string;
    readonly address: string;
    readonly prefix: number;
    readonly gateway: string;
    readonly mtu: number;
  }[];
  readonly volumes: Readonly<Record<ResourceKey, string>>; // Volume → directory
  /** Volumes of which it is the one allowed writer. */
  readonly writes: readonly ResourceKey<'Volume'>[];
  /** Variables that come from elsewhere, by name: a text of a Config, a value of a Secret that is opened last of all, or a fact about the instance. */
  readonly environment: Readonly<Record<string, string | OwnedValue | FieldRef>>;
  /** Of those from Configs and Secrets. */
  readonly environmentHashes: Readonly<Record<string, ContentHash>>;
  /** Configs and Secrets it mounts. */
  readonly contents: Readonly<Record<ResourceKey, { readonly path: string; readonly contentHash: ContentHash }>>;
}

export type ContainerInput =
  | { readonly verb: 'create'; readonly create: ContainerCreateInput }
  | { readonly verb: 'start'; readonly instance: InstanceId }
  | {
      readonly verb: 'update';
      readonly instance: InstanceId;
      readonly slot: number;
      readonly resource: Resource<'Container'>;
      readonly updateHash: string;
      readonly networks: ContainerCreateInput['networks'];
    }
  /** Keeps host ports before anything is taken down for the sake of what will publish them. */
  | { readonly verb: 'reserve'; readonly endpoints: readonly Endpoint[] }
  | { readonly verb: 'publish'; readonly endpoints: readonly Endpoint[] }
  /** Ends the process that was started at `startedAt`, as a crash would: its supervisor starts it again by its policy. */
  | {
      readonly verb: 'restart';
      readonly instance: InstanceId;
      readonly startedAt: Instant;
      readonly signal: string;
      readonly graceMs: number;
    }
  | {
      readonly verb: 'stop';
      readonly instance: InstanceId;
      readonly by: 'user' | 'engine';
      readonly signal: string;
      readonly graceMs: number;
    }
  /** `keepLogs`: log directories of earlier incarnations of the slot that stay, this one included. */
  | { readonly verb: 'remove'; readonly instance: InstanceId; readonly keepLogs: number };

export interface NetworkInput {
  readonly identity: Identity;
  readonly spec: NetworkSpec;
  readonly link: string;
  readonly subnet: string;
  readonly gateway: string; // address without prefix
  readonly names: readonly NameEntry[];
}

/** A member of a network as its name server knows it. */
export interface NameEntry {
  readonly address: string;
  readonly namespace: string;
  /** Those it is found by, its own first: instance, container, host name, aliases. Each is also found with the namespace behind it. */
  readonly names: readonly string[];
  /** Whether a name that several members have leads to it. */
  readonly ready: boolean;
  /** Servers it has asked for other names; empty: those of the network. */
  readonly forwarders: readonly string[];
}

/** A sealed value and whose it is: it opens under the name it was sealed for only. */
export interface OwnedValue {
  readonly owner: ResourceKey<'Secret'>;
  readonly key: string;
  readonly sealed: SealedValue;
}

export interface ActionInputs {
  /** `pin`: what to fetch whatever is here; null: what is missing of what is known, or what the reference stands for now. */
  readonly Image: { readonly ref: string; readonly identity: Identity; readonly pin: ImagePin | null };
  readonly Network:
    | { readonly verb: 'create' | 'update'; readonly network: NetworkInput }
    | { readonly verb: 'remove'; readonly link: string };
  readonly Volume:
    | { readonly verb: 'create' | 'update'; readonly spec: VolumeSpec; readonly identity: Identity }
    | { readonly verb: 'remove' };
  readonly Config:
    | {
        readonly verb: 'write';
        readonly data: Readonly<Record<string, string>>;
        readonly binaryData: Readonly<Record<string, string>>;
        readonly contentHash: ContentHash;
        readonly identity: Identity;
      }
    | { readonly verb: 'remove' };
  readonly Secret:
    | {
        readonly verb: 'write';
        readonly values: Readonly<Record<string, OwnedValue>>;
        /** Keys of values that exist nowhere but on this host. */
        readonly generated: readonly string[];
        readonly contentHash: ContentHash;
        readonly identity: Identity;
      }
    | { readonly verb: 'remove' };
  readonly Container: ContainerInput;
}

/** Unique in a plan, equal across plans: `Container/shop/api:2#start`. */
export type ActionId = `${SubjectKey}#${string}`;

export interface Action<K extends ActingKind = ActingKind> {
  readonly id: ActionId;
  readonly kind: K;
  readonly subject: SubjectKey;
  readonly verb: Verbs[K];
  /** fetch: changes nothing that runs; down: takes something away; up: brings something. */
  readonly phase: 'fetch' | 'down' | 'up';
  /** All it needs; a controller never asks another one. */
  readonly input: ActionInputs[K];
  readonly reason: Reason;
  readonly after: readonly ActionId[];
  readonly acquires: readonly Claim[];
  readonly releases: readonly Claim[];
}
export type AnyAction = { [K in ActingKind]: Action<K> }[ActingKind];

/** A step as a kind's diff returns it; the planner adds subject, id and edges. */
export type Step<K extends ActingKind> = Pick<Action<K>, 'verb' | 'phase' | 'input' | 'reason' | 'acquires' | 'releases'>;

export interface Blocked {
  readonly subject: SubjectKey;
  readonly reason: Reason;
  readonly until: Instant | null;
}

/** One object's change, for people and for `-o json` (product.md 11.2). */
export interface Change {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
  readonly set: SetId;
  readonly action: 'create' | 'update' | 'replace' | 'restart' | 'repair' | 'delete' | 'none';
  readonly reason: string;
  readonly fields: readonly FieldChange[];
  /** Null: none; else a sentence such as `unavailable while it restarts`. */
  readonly downtime: string | null;
  /** Null: nothing to pull or not known. */
  readonly pull: { readonly bytes: number | null } | null;
  /** Host ports that become reachable, e.g. `0.0.0.0:8080/tcp`. */
  readonly exposure: readonly string[];
  readonly dataLoss: boolean;
}

/** The parts of a change that breaks, pulls, opens and loses nothing. */
export const noEffects = { fields: [], downtime: null, pull: null, exposure: [], dataLoss: false } as const satisfies Partial<Change>;

export interface FieldChange {
  /** Path in the spec as users write it: `env.LOG_LEVEL`, `resources.limits.memory`, `ports`. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly effect: Effect;
  readonly source: Origin | null;
  readonly drift: boolean;
}

export interface Plan {
  /** In topological order. */
  readonly actions: readonly AnyAction[];
  readonly blocked: readonly Blocked[];
  readonly changes: readonly Change[];
  /** When time alone would change this plan. */
  readonly wakeAt: Instant | null;
  /** Leases this plan hands out; the engine writes them to the records before the first action. */
  readonly leases: Allocation;
}

/** What a name owns: kept over replacement and restart, derived from records, never from a book of its own. */
export interface NetworkLease {
  readonly link: string;
  readonly subnet: string;
  readonly gateway: string;
}

export interface SlotLease {
  readonly addresses: Readonly<Record<ResourceKey, string>>; // Network → IPv4 address
}

export interface Allocation {
  readonly networks: ReadonlyMap<ResourceKey, NetworkLease>;
  readonly slots: ReadonlyMap<SubjectKey, SlotLease>;
  /** What got nothing, with the reason. */
  readonly missing: ReadonlyMap<SubjectKey, Reason>;
}

export interface ResourceRecord {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly set: SetId;
  /** Why it exists: a document, users that name it without a document, or the world told of it after the store was lost. */
  readonly source: 'document' | 'implicit' | 'world';
  /** Counts changes of the spec. */
  readonly generation: number;
  readonly specHash: SpecHash;
  readonly schemaVersion: number;
  readonly createdAt: Instant;
  /** Canonical spec that was applied last; null for implicit ones. Values of a Secret are sealed in it. */
  readonly lastApplied: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: NetworkLease | null;
  readonly slots: Readonly<Record<number, SlotLease>>;
  /** A person stopped it: kept until a person starts it. */
  readonly stoppedAt: Instant | null;
  /** Everything started before this instant is to be restarted. */
  readonly restartAfter: Instant | null;
  /** A person deleted it by name. */
  readonly deletedAt: Instant | null;
  /** Of an Image whose tag had moved at the last apply; absent in records of earlier versions. */
  readonly pin?: ImagePin | null;
  /** Of an Image with `keep: false`: the reference whose image was collected. It is not pulled again for being declared. Absent: none was. */
  readonly collected?: string;
}

/** What is known of tries of one action. */
export interface Attempts {
  readonly count: number;
  readonly lastAt: Instant;
  readonly nextTry: Instant | null; // null: terminal, blocked until the spec changes
  readonly specHash: SpecHash | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null; readonly retryable: boolean };
}
