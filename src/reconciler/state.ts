import type { Event, NewEvent } from '../model/event.ts';
import type { GcPolicy } from '../model/gc-policy.ts';
import type { Operation } from '../model/operation.ts';
import type { ActionId, Attempts, ResourceRecord } from '../model/plan.ts';
import {
  type AnyResource,
  type InstanceId,
  type Instant,
  type ObjectKind,
  type ObjectSpecs,
  parseKey,
  type ResourceKey,
  type SetId,
} from '../model/resource.ts';
import * as collections from '../store/collections.ts';
import type { EventLog } from '../store/event-log.ts';
import type { Collection, Store, Tx } from '../store/store.ts';

/** What the store holds of the engine's own knowledge, in memory. The engine is its one writer. */
export interface EngineState {
  readonly sets: ReadonlyMap<SetId, collections.StoredSet>;
  readonly records: ReadonlyMap<ResourceKey, ResourceRecord>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly attempts: ReadonlyMap<ActionId, Attempts>;
  readonly exits: ReadonlyMap<InstanceId, collections.StoredExits>;
}

export const emptyState: EngineState = {
  sets: new Map(),
  records: new Map(),
  operations: new Map(),
  attempts: new Map(),
  exits: new Map(),
};

/** Null removes an entry. Everything in one change is one transaction. */
export interface StateChange {
  readonly sets?: ReadonlyMap<SetId, collections.StoredSet | null>;
  readonly records?: ReadonlyMap<ResourceKey, ResourceRecord | null>;
  readonly operations?: ReadonlyMap<string, Operation | null>;
  readonly attempts?: ReadonlyMap<ActionId, Attempts | null>;
  readonly exits?: ReadonlyMap<InstanceId, collections.StoredExits | null>;
  readonly intents?: ReadonlyMap<ActionId, collections.StoredIntent | null>;
  readonly revisions?: readonly collections.StoredRevision[];
  readonly events?: readonly NewEvent[];
}

/** Specs that an earlier version has stored are completed on the way in: the rest of the engine knows one form. */
export function loadState(store: Store, complete: CompleteSpec): EngineState {
  const records = [...store.range(collections.records)] as readonly (readonly [ResourceKey, ResourceRecord])[];
  return {
    sets: new Map(
      [...store.range(collections.sets)].map(([id, set]) => [id, { ...set, documents: set.documents.map(completing(complete)) }]),
    ),
    records: new Map(records.map(([key, record]) => [key, completeRecord(key, record, complete)])),
    operations: new Map(store.range(collections.operations)),
    attempts: new Map(store.range(collections.attempts)) as ReadonlyMap<ActionId, Attempts>,
    exits: new Map(store.range(collections.exits)),
  };
}

/** A stored spec with the fields that came since it was stored. */
export type CompleteSpec = (kind: ObjectKind, spec: ObjectSpecs[ObjectKind]) => ObjectSpecs[ObjectKind];

function completing(complete: CompleteSpec): (document: AnyResource) => AnyResource {
  return (document) => ({ ...document, spec: complete(document.kind, document.spec) }) as AnyResource;
}

function completeRecord(key: ResourceKey, record: ResourceRecord, complete: CompleteSpec): ResourceRecord {
  const spec = record.lastApplied as ObjectSpecs[ObjectKind] | null;
  return spec === null ? record : { ...record, lastApplied: complete(parseKey(key).kind as ObjectKind, spec) };
}

export function isEmptyChange(change: StateChange): boolean {
  return Object.values(change).every((part) =>
    Array.isArray(part) ? part.length === 0 : (part as ReadonlyMap<unknown, unknown>).size === 0,
  );
}

/** How many ended operations are kept. */
const keepOperations = 50;

/** Keeps the engine's state in memory and on disk together. */
export class StateKeeper {
  readonly #store: Store;
  readonly #log: EventLog;
  readonly #keepRevisions: number;
  #state: EngineState;

  constructor(store: Store, log: EventLog, { completeSpec, gc }: Keeping) {
    this.#store = store;
    this.#log = log;
    this.#keepRevisions = gc.keepRevisions;
    this.#state = loadState(store, completeSpec);
  }

  get current(): EngineState {
    return this.#state;
  }

  /** The change holds when it is on disk, or not at all. */
  async commit(change: StateChange, at: Instant): Promise<readonly Event[]> {
    const events = await afterThisTurn(() => this.#write(change, at));
    this.#state = applyChange(this.#state, change);
    return events;
  }

  /** The change holds in memory at once and reaches the disk in its turn: for what the world would tell again after a crash. */
  note(change: StateChange, at: Instant): Promise<readonly Event[]> {
    this.#state = applyChange(this.#state, change);
    return afterThisTurn(() => this.#write(change, at));
  }

  /** Takes back a change that could not be written, as far as nothing newer has taken its place. */
  forget(change: StateChange, before: EngineState): void {
    const back = <K, V>(now: ReadonlyMap<K, V>, noted: ReadonlyMap<K, V | null> | undefined, old: ReadonlyMap<K, V>) =>
      new Map(
        [...(noted ?? [])].flatMap(([key, value]) => ((now.get(key) ?? null) === value ? [[key, old.get(key) ?? null] as const] : [])),
      );
    const { sets, records, operations, attempts, exits } = this.#state;
    this.#state = applyChange(this.#state, {
      sets: back(sets, change.sets, before.sets),
      records: back(records, change.records, before.records),
      operations: back(operations, change.operations, before.operations),
      attempts: back(attempts, change.attempts, before.attempts),
      exits: back(exits, change.exits, before.exits),
    });
  }

  async #write(change: StateChange, at: Instant): Promise<readonly Event[]> {
    const events = await this.#store.write((tx) => {
      putAll(tx, collections.sets, change.sets);
      putAll(tx, collections.records, change.records);
      putAll(tx, collections.operations, change.operations);
      putAll(tx, collections.attempts, change.attempts);
      putAll(tx, collections.exits, change.exits);
      putAll(tx, collections.intents, change.intents);
      for (const revision of change.revisions ?? []) {
        tx.put(collections.revisions, revisionKey(revision.set, revision.revision), revision);
        this.#dropRevisions(tx, revision.set, revision.revision - this.#keepRevisions);
      }
      return this.#log.append(tx, change.events ?? [], at);
    });
    if (events.length > 0) this.#log.notify();
    return events;
  }

  /** This one of a set and those before it, which are there when fewer are kept than before. */
  #dropRevisions(tx: Tx, set: SetId, newest: number): void {
    if (newest < 1) return;
    tx.delete(collections.revisions, revisionKey(set, newest));
    for (let older = newest - 1; this.#store.get(collections.revisions, revisionKey(set, older)) !== null; older -= 1)
      tx.delete(collections.revisions, revisionKey(set, older));
  }
}

/** What the keeping of old things depends on. */
export interface Keeping {
  readonly completeSpec: CompleteSpec;
  readonly gc: GcPolicy;
}

/** What is to be written waits until what is to be started was: an encoded change costs as long as a look. In the order of the calls. */
function afterThisTurn<T>(work: () => Promise<T>): Promise<T> {
  return new Promise<void>((resolve) => setImmediate(resolve)).then(work);
}

/** Ended operations beyond the newest few, to be forgotten. Pure. */
export function staleOperations(operations: ReadonlyMap<string, Operation>): ReadonlyMap<string, null> {
  const ended = [...operations.values()].filter((operation) => operation.state !== 'running').sort((a, b) => b.startedAt - a.startedAt);
  return new Map(ended.slice(keepOperations).map((operation) => [operation.id, null]));
}

function applyChange(state: EngineState, change: StateChange): EngineState {
  return {
    sets: merged(state.sets, change.sets),
    records: merged(state.records, change.records),
    operations: merged(state.operations, change.operations),
    attempts: merged(state.attempts, change.attempts),
    exits: merged(state.exits, change.exits),
  };
}

/** The same map when nothing changes, so that a look without changes copies nothing. */
function merged<K, V>(map: ReadonlyMap<K, V>, change: ReadonlyMap<K, V | null> | undefined): ReadonlyMap<K, V> {
  if (change === undefined || change.size === 0) return map;
  const next = new Map(map);
  for (const [key, value] of change) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return next;
}

function putAll<T>(tx: Tx, collection: Collection<T>, values: ReadonlyMap<string, T | null> | undefined): void {
  for (const [id, value] of values ?? []) {
    if (value === null) tx.delete(collection, id);
    else tx.put(collection, id, value);
  }
}

/** Documents of all revisions that are kept. Those that are there only because more were kept before count no more. */
export function keptDocuments(store: Store, { completeSpec, gc }: Keeping): readonly AnyResource[] {
  const all = [...store.range(collections.revisions)].map(([, revision]) => revision);
  const newest = new Map<SetId, number>();
  for (const { set, revision } of all) newest.set(set, Math.max(revision, newest.get(set) ?? 0));
  const kept = all.filter(({ set, revision }) => revision > (newest.get(set) ?? 0) - gc.keepRevisions);
  return kept.flatMap(({ documents }) => documents.map(completing(completeSpec)));
}

function revisionKey(set: SetId, revision: number): string {
  return `${set}#${String(revision).padStart(10, '0')}`;
}
