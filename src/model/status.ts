import type { ManifestSpec } from './manifest-form.ts';
import type { Exit } from './observed.ts';
import type { ReasonCode } from './plan.ts';
import type { Instant, Labels, ObjectKind, Origin, ResourceKey, SetId } from './resource.ts';

export type Phase = 'Pending' | 'Progressing' | 'Ready' | 'Degraded' | 'Failed' | 'Suspended' | 'Deleting';

export interface Condition {
  readonly type: 'Ready' | 'Progressing' | 'Degraded';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonCode | 'Ready';
  readonly message: string;
  readonly since: Instant;
}

/** An object as `get` shows it: the stable shape of contract.md. Instants are ISO texts on output. */
export interface ResourceStatus {
  readonly apiVersion: 'tsdock/v1';
  readonly kind: ObjectKind;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Labels;
    readonly annotations: Labels;
    readonly uid: string;
    readonly generation: number;
    readonly set: SetId;
    readonly createdAt: string;
    readonly origin: Origin;
  };
  /** As a manifest writes it, defaults included; null for what nobody declared. */
  readonly spec: ManifestSpec | null;
  readonly status: StatusFields;
}

export interface StatusFields {
  readonly phase: Phase;
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  /** Further fields by kind, product.md 6.1. */
  readonly [field: string]: unknown;
}

/** A row of `tsdock ps`; contract.md fixes the names. */
export interface InstanceItem {
  readonly kind: 'Instance';
  readonly name: string;
  readonly namespace: string;
  readonly container: string;
  readonly uid: string;
  readonly pid: number | null;
  readonly phase: string;
  readonly ready: 'yes' | 'no' | 'unknown';
  readonly restarts: number;
  readonly nextTry: string | null;
  readonly startedAt: string | null;
  readonly exit: (Omit<Exit, 'at' | 'oom'> & { readonly oomKilled: boolean; readonly at: string }) | null;
  readonly address: string | null;
  readonly ports: readonly {
    readonly hostIP: string;
    readonly hostPort: number;
    readonly containerPort: number;
    readonly protocol: 'TCP' | 'UDP';
  }[];
  readonly image: { readonly ref: string; readonly digest: string };
}

export type StatusKey = ResourceKey;
