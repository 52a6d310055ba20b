/**
 * Canonical specs: what `manifest/normalize.ts` makes of a document and everything after it reads. Each field is described where users read it, in
 * `schemas/`; a test holds the names of both together.
 */

import type { ContentHash, ResourceKey } from './resource.ts';
import type { PrefixRule, SignatureRule } from './signature-rule.ts';

/** When a registry is asked what a reference stands for: while the image is not here, at each apply as well, or never. */
export type PullPolicy = 'IfNotPresent' | 'Always' | 'Never';

export interface ContainerSpec {
  /** The Image resource it runs: a declared one or the implicit one of its reference. */
  readonly image: ResourceKey<'Image'>;
  /** Of an image without an object of its own. */
  readonly imagePullPolicy: PullPolicy;
  readonly command: readonly string[] | null;
  readonly args: readonly string[] | null;
  readonly workingDir: string | null;
  readonly hostname: string | null;
  readonly domainname: string | null;
  readonly env: Readonly<Record<string, EnvValue>>;
  /** In the order of the manifest: a later one overrides an earlier one. */
  readonly envFrom: readonly EnvSource[];
  readonly user: string | null;
  readonly groups: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly init: boolean;
  readonly ports: readonly Port[];
  readonly networks: readonly NetworkJoin[];
  readonly networkMode: 'bridge' | 'host' | 'none';
  /** Host name → address. */
  readonly hostAliases: Readonly<Record<string, string>>;
  /** Empty lists: what the network or the host says. */
  readonly dns: { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] };
  readonly mounts: readonly Mount[];
  readonly limits: { readonly cpuMillis: number | null; readonly memoryBytes: number | null; readonly pids: number | null };
  readonly security: 'baseline' | 'privileged';
  readonly securityContext: SecurityContext;
  readonly shmBytes: number;
  readonly startupProbe: Probe | null;
  readonly readinessProbe: Probe | null;
  readonly livenessProbe: Probe | null;
  readonly healthcheck: Healthcheck | null;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly restartBackoff: { readonly initialMs: number; readonly maxMs: number; readonly resetMs: number };
  readonly maxRestarts: number | null;
  readonly stopSignal: string | null; // SIGTERM form; null: the image's, else SIGTERM
  readonly gracePeriodMs: number;
  readonly dependsOn: readonly { readonly key: ResourceKey<'Container'>; readonly condition: 'Started'; readonly timeoutMs: number }[];
  readonly replicas: number;
  readonly strategy: { readonly type: 'Recreate' };
  readonly logging: { readonly driver: 'file'; readonly maxBytes: number; readonly maxFiles: number; readonly keepOld: number };
  readonly state: 'Running' | 'Stopped';
}

/** Text as it is written, or where a variable takes its value from when an instance is made. */
export type EnvValue = string | ContentRef | FieldRef;

/** One key of a Config or Secret. `optional`: without it there is no variable; else the instance is not made. */
export interface ContentRef {
  readonly source: ResourceKey<'Config'> | ResourceKey<'Secret'>;
  readonly key: string;
  readonly optional: boolean;
}

/** A fact about the instance; `status.address` is its first one. */
export interface FieldRef {
  readonly field: 'metadata.name' | 'metadata.namespace' | 'metadata.uid' | 'status.address';
}

/** All keys of a Config or Secret, each with the prefix before its name. */
export interface EnvSource {
  readonly source: ResourceKey<'Config'> | ResourceKey<'Secret'>;
  readonly prefix: string;
  readonly optional: boolean;
}

/** One published or named port; ranges are expanded to single ports. `hostPort` null: named only, not published. */
export interface Port {
  readonly name: string | null;
  readonly containerPort: number;
  readonly hostPort: number | null;
  readonly hostIP: string | null; // null: every address of the host
  readonly protocol: 'tcp' | 'udp';
}

/** A question that is asked again and again. Ports are numbers: names are those of the container's `ports`. */
export interface Probe {
  readonly check: ProbeCheck;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Between stop signal and SIGKILL when this probe ends the process; null: the container's. */
  readonly graceMs: number | null;
}

export type ProbeCheck =
  | { readonly type: 'exec'; readonly command: readonly string[] }
  | {
      readonly type: 'http';
      readonly port: number;
      readonly path: string;
      readonly scheme: 'HTTP' | 'HTTPS';
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly type: 'tcp'; readonly port: number }
  | { readonly type: 'grpc'; readonly port: number; readonly service: string };

/** Compose's form. Null: as the image's HEALTHCHECK has it, else the default. */
export interface Healthcheck {
  readonly test: readonly string[] | null;
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly startPeriodMs: number | null;
  readonly startIntervalMs: number | null;
  readonly retries: number | null;
  readonly disable: boolean;
  readonly restart: boolean;
}

export interface NetworkJoin {
  readonly network: ResourceKey<'Network'>;
  readonly ipv4: string | null; // static; null: leased
  readonly aliases: readonly string[];
}

/** Owner and mode of the files of a mounted Config or Secret; null: root, and 0444 or 0400. */
export interface FileAttributes {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly mode: number | null;
}

/** Sorted by target. Modes are numbers as in chmod(2). */
export type Mount =
  | {
      readonly type: 'volume';
      readonly volume: ResourceKey<'Volume'>;
      readonly target: string;
      readonly subPath: string | null;
      readonly readOnly: boolean;
    }
  | {
      readonly type: 'config';
      readonly config: ResourceKey<'Config'>;
      readonly target: string;
      readonly subPath: string | null;
      readonly readOnly: true;
      readonly files: FileAttributes;
    }
  | {
      readonly type: 'secret';
      readonly secret: ResourceKey<'Secret'>;
      readonly target: string;
      readonly subPath: string | null;
      readonly readOnly: true;
      readonly files: FileAttributes;
    }
  | { readonly type: 'hostPath'; readonly source: string; readonly target: string; readonly readOnly: boolean; readonly create: boolean }
  | {
      readonly type: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number | null;
      readonly mode: number;
      readonly readOnly: boolean;
    };

export interface SecurityContext {
  readonly runAsUser: number | null;
  readonly runAsGroup: number | null;
  readonly runAsNonRoot: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly seccomp: 'default' | 'unconfined';
  readonly sysctls: Readonly<Record<string, string>>;
}

export interface ImageSpec {
  /** Canonical reference (`docker.io/library/nginx:1.29`) or a local source: `oci:DIR[:tag]`, `oci-archive:FILE[:tag]`, `docker-archive:FILE[:tag]`. */
  readonly ref: string;
  readonly pullPolicy: PullPolicy;
  /** False: it does not count as used by being declared. */
  readonly keep: boolean;
  /** Null: it asks for no signature itself. */
  readonly verify: SignatureRule | null;
}

export interface NetworkSpec {
  readonly driver: 'bridge';
  readonly subnet: string | null; // CIDR; null: from the pool
  readonly gateway: string | null;
  readonly ipRange: string | null; // CIDR inside the subnet from which addresses are leased
  readonly isolated: boolean;
  readonly masquerade: boolean;
  readonly mtu: number | null;
  /** No forwarders: the host's. */
  readonly dns: { readonly forwarders: readonly string[]; readonly domain: string | null };
}

export interface VolumeSpec {
  readonly driver: 'local' | 'bind' | 'tmpfs';
  readonly hostPath: string | null; // bind only
  readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany';
  readonly owner: { readonly uid: number | null; readonly gid: number | null; readonly mode: number | null };
  readonly reclaimPolicy: 'Retain' | 'Delete';
}

/** Settings of a registry host; a kind without a controller. */
export interface RegistrySpec {
  /** As references have it: `docker.io`, `registry.example.com:5000`. */
  readonly host: string;
  /** Asked before it, in this order: `host[:port]`, with a path if the mirror keeps the registry below one. */
  readonly mirrors: readonly string[];
  readonly auth: ResourceKey<'Secret'> | null;
  readonly clientCertificate: ResourceKey<'Secret'> | null;
  readonly ca: string | null; // PEM
  readonly insecure: boolean;
  /** Further hosts that may be asked for tokens with its login, `host[:port]`. */
  readonly realms: readonly string[];
  /** Sorted by prefix. */
  readonly verify: readonly PrefixRule[];
}

export interface ConfigSpec {
  /** File name → text; what `files` names is among them. */
  readonly data: Readonly<Record<string, string>>;
  /** File name → base64. */
  readonly binaryData: Readonly<Record<string, string>>;
  readonly interpolate: boolean;
  readonly immutable: boolean;
}

export interface SecretSpec {
  /** Key → value; sealed from the moment an engine has accepted the document. */
  readonly values: Readonly<Record<string, SecretValue>>;
  /** Keys whose value is made on the host. An accepted document has it among `values`. */
  readonly generate: Readonly<Record<string, GenerateRule>>;
  /** Further keys, of another Secret. */
  readonly from: { readonly secret: ResourceKey<'Secret'>; readonly keys: readonly string[] | null } | null;
}

/**
 * `plain`, `age` and `unread` are forms of a document on its way from the loader to the engine. What an engine holds is `sealed`, or the age text of a value that none of its
 * identities opens.
 */
export type SecretValue = PlainValue | AgeValue | UnreadValue | SealedValue;

/** What a program would say that was not run: only an apply runs it. A preview takes the value that holds now for it. */
export interface UnreadValue {
  readonly form: 'unread';
}

export interface PlainValue {
  readonly form: 'plain';
  readonly base64: string;
}

export interface AgeValue {
  readonly form: 'age';
  readonly armored: string;
}

/** Encrypted with the key of the store, which binds it to its Secret and key. */
export interface SealedValue {
  readonly form: 'sealed';
  /** Keyed hash of the clear value: equal values of one key have equal hashes, and nobody without the key can try values out. */
  readonly hash: ContentHash;
  readonly box: string;
}

export interface GenerateRule {
  readonly length: number;
  readonly charset: 'alnum' | 'hex' | 'base64' | 'ascii';
}
