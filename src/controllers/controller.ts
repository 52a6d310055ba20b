import type { Logger } from '../model/log.ts';
import type { Endpoint, Observed } from '../model/observed.ts';
import type { Action, Change, NameEntry, NetworkLease, Reason, ResourceRecord, SlotLease, Step } from '../model/plan.ts';
import type { ActingKind, Instant, Resource, ResourceKey, SubjectKey } from '../model/resource.ts';
import type { RequiredSignature } from '../model/signature-rule.ts';

/** What a kind's diff says of one subject. */
export type Verdict<K extends ActingKind> =
  | { readonly is: 'settled' }
  | { readonly is: 'blocked'; readonly reason: Reason; readonly until: Instant | null }
  | { readonly is: 'changing'; readonly steps: readonly Step<K>[] };

export interface DiffResult<K extends ActingKind> {
  /** One verdict a subject; a subject that is not named is settled. */
  readonly verdicts: ReadonlyMap<SubjectKey, Verdict<K>>;
  /** For people; null when nothing about the object changes. */
  readonly change: Change | null;
}

/** Pure. `desired` null: it should not exist; `observed` null: nothing of it exists. Never both. */
export type Diff<K extends ActingKind> = (desired: Resource<K> | null, observed: Observed<K> | null, view: PlanView) => DiffResult<K>;

/** What a diff may know beside its own resource. */
export interface PlanView {
  readonly now: Instant;
  /** Why the thing should go, when `desired` is null. */
  readonly removal: Reason | null;
  /** Of something I use. */
  observed<K extends ActingKind>(key: ResourceKey<K>): Observed<K> | null;
  desired<K extends ActingKind>(key: ResourceKey<K>): Resource<K> | null;
  /** Addresses of a slot. */
  slotLease(subject: SubjectKey): SlotLease | null;
  networkLease(key: ResourceKey<'Network'>): NetworkLease | null;
  /** Why a subject got no lease. */
  missingLease(subject: SubjectKey): Reason | null;
  /** Ports the container should have published, given what runs. */
  endpoints(key: ResourceKey<'Container'>): readonly Endpoint[];
  /** Names the members of a network should see. */
  names(key: ResourceKey<'Network'>): readonly NameEntry[];
  /** Signatures that are required of a reference. */
  signatureRules(ref: string): readonly RequiredSignature[];
  /** Whether another desired resource names it. */
  isReferenced(key: ResourceKey): boolean;
  /** Identity, last applied spec, overrides of a person. */
  record(key: ResourceKey): ResourceRecord | null;
}

export interface Controller<K extends ActingKind> {
  readonly kind: K;
  /** Looks at the world: one resource or all. Changes nothing, remembers nothing. A failed look throws; it is never an empty result. */
  observe(key?: ResourceKey<K>): Promise<readonly Observed<K>[]>;
  readonly diff: Diff<K>;
  /** Does one action. May be the second try after a crash in the middle of the first. */
  run(action: Action<K>, context: RunContext): Promise<void>;
  /** Says which resource may have changed. Optional: the resync finds it anyway. */
  watch?(wake: (key: ResourceKey<K>) => void, signal: AbortSignal): void;
}

export type Controllers = { readonly [K in ActingKind]: Controller<K> };

export interface RunContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Bytes or steps done; total null while unknown. `part` names a layer or file. */
  progress(update: { readonly part: string; readonly stage: string; readonly done: number; readonly total: number | null }): void;
}
