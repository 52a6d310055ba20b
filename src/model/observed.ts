import type { ImageConfig, ImageHealthcheck, ImageLayer } from './image-config.ts';
import type { Claim } from './plan.ts';
import type { ProbeVerdict } from './probes.ts';
import type { Digest } from './reference.ts';
import type { ActingKind, ContentHash, Identity, InstanceId, Instant, ResourceKey, SpecHash } from './resource.ts';
import type { SignedBy } from './signature-rule.ts';
import type { Port } from './spec.ts';

export interface ObservedBase<K extends ActingKind> {
  readonly kind: K;
  readonly key: ResourceKey<K>;
  /** As the thing itself carries it; null: not ours, never touched. */
  readonly identity: Identity | null;
  /** What it holds on to right now. */
  readonly uses: readonly ResourceKey[];
  /** Ports, addresses and single-writer volumes it holds right now. */
  readonly claims: readonly Claim[];
}

/**
 *   creating ─> created ─> running ⇄ backoff        broken: half made or half removed, only good for `remove`
 *                   ^         │ stop     │
 *                   └ start ─ exited <───┘
 */
export interface ObservedInstance {
  readonly slot: number;
  readonly instance: InstanceId;
  readonly phase: 'creating' | 'created' | 'running' | 'backoff' | 'stopping' | 'exited' | 'broken';
  readonly process: { readonly pid: number; readonly startTime: bigint } | null;
  /** False: it runs but nobody owns its pipes and restarts. */
  readonly supervised: boolean;
  readonly restarts: number;
  readonly attempts: number;
  readonly nextTry: Instant | null;
  readonly exit: Exit | null;
  readonly stoppedBy: 'user' | 'engine' | 'self' | null;
  readonly since: Instant;
  readonly startedAt: Instant | null;
  /** What the last start failed of. */
  readonly error: { readonly code: string; readonly step: string; readonly message: string } | null;
  readonly warnings: readonly string[];
  // ---- what it was made from, as its supervisor's plan says
  readonly specHash: SpecHash;
  /** Hash of the fields whose change replaces the instance (effect class C). */
  readonly replaceHash: string;
  /** Hash of the fields the supervisor is told in place (limits, restart policy, stop policy). */
  readonly updateHash: string;
  /** Config digest of the image's platform manifest. */
  readonly imageConfig: Digest;
  readonly imageRef: string;
  /** Stop signal (`SIGTERM` form) and grace as its supervisor was last told. */
  readonly stopSignal: string;
  readonly graceMs: number;
  readonly address: string | null;
  readonly ports: readonly Port[];
  readonly uses: readonly ResourceKey[];
  /** Content of the Configs and Secrets it mounts, as a whole; what their files are found by. */
  readonly content: Readonly<Record<ResourceKey, ContentHash>>;
  /** Hash of each variable's value that comes from a Config or Secret, by the name of the variable. */
  readonly environment: Readonly<Record<string, ContentHash>>;
  /** HEALTHCHECK of the image it was made from. */
  readonly imageHealthcheck: ImageHealthcheck | null;
  /** What its probes say of the run that began at `startedAt`; null: nothing yet. */
  readonly probes: ProbeVerdict | null;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: number | null;
  readonly oom: boolean;
  readonly at: Instant;
}

export interface Endpoint {
  readonly protocol: 'tcp' | 'udp';
  readonly hostIP: string | null;
  readonly hostPort: number;
  readonly address: string;
  readonly containerPort: number;
}

export interface ObservedContainer extends ObservedBase<'Container'> {
  /** All incarnations, also two that claim the same slot. */
  readonly slots: readonly ObservedInstance[];
  /** Published ports as the kernel has them. */
  readonly published: readonly Endpoint[];
  /** Host ports that are kept for it and lead nowhere yet. */
  readonly reserved: readonly Endpoint[];
}

export interface ObservedImage extends ObservedBase<'Image'> {
  readonly ref: string;
  /** Digest of the platform's manifest. */
  readonly digest: Digest;
  /** What the reference pointed at: the same, or the index above it. */
  readonly topDigest: Digest;
  /** Digest of its config: the identity that is compared. */
  readonly configDigest: Digest;
  readonly platform: string;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** All layers are on disk and complete. */
  readonly unpacked: boolean;
  readonly sizeBytes: number;
  readonly resolvedAt: Instant;
  /** Signatures that were checked when it came. */
  readonly signedBy: readonly SignedBy[];
}

export interface ObservedNetwork extends ObservedBase<'Network'> {
  readonly link: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu: number;
  readonly isolated: boolean;
  readonly masquerade: boolean;
  readonly up: boolean;
  /** Our nft table is exactly as installed. */
  readonly tableIntact: boolean;
  /** Hash of the names file its members see as /etc/hosts. */
  readonly namesHash: string | null;
}

export interface ObservedVolume extends ObservedBase<'Volume'> {
  readonly path: string;
  readonly driver: 'local' | 'bind' | 'tmpfs';
  readonly hostPath: string | null;
  readonly owner: { readonly uid: number; readonly gid: number; readonly mode: number };
  /** The directory is there. */
  readonly present: boolean;
}

export interface ObservedConfig extends ObservedBase<'Config'> {
  readonly contentHash: ContentHash;
  /** Directory with one file a key. */
  readonly path: string;
}

/** Its files lie in memory and are removed with it. */
export interface ObservedSecret extends ObservedBase<'Secret'> {
  readonly contentHash: ContentHash;
  /** Directory with one file a key. */
  readonly path: string;
}

export interface ObservedKinds {
  readonly Container: ObservedContainer;
  readonly Image: ObservedImage;
  readonly Network: ObservedNetwork;
  readonly Volume: ObservedVolume;
  readonly Config: ObservedConfig;
  readonly Secret: ObservedSecret;
}
export type Observed<K extends ActingKind = ActingKind> = ObservedKinds[K];
export type AnyObserved = ObservedKinds[ActingKind];

export interface ObservedState {
  readonly resources: ReadonlyMap<ResourceKey, AnyObserved>;
  /** Destinations of the host's routes that are not ours, for choosing subnets. */
  readonly hostRoutes: readonly string[];
  readonly at: Instant;
}

export const nothingObserved: ObservedState = { resources: new Map(), hostRoutes: [], at: 0 };
