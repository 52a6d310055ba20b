import { contentHashOf } from '../model/content-hash.ts';
import { TsdockError } from '../model/errors.ts';
import type { DesiredGraph, SetState, SourceSnapshot } from '../model/graph.ts';
import type { ResourceRecord } from '../model/plan.ts';
import {
  type AnyResource,
  type Instant,
  isWatched,
  parseKey,
  type Resource,
  type ResourceKey,
  type SetId,
  schemaVersion,
} from '../model/resource.ts';
import { isUnsealed } from '../model/secret.ts';
import type { StoredSet } from '../store/collections.ts';

/** How far an apply may go. */
export interface AcceptOptions {
  readonly takeOwnership: boolean;
  readonly force: boolean;
  /** Share of a set's objects that may go at once, 0..1. */
  readonly maxDelete: number;
}

/** What a set becomes by a snapshot, and what follows for others. */
export interface Accepted {
  /** Sets that change, with those that lose documents to a new owner. */
  readonly sets: ReadonlyMap<SetId, StoredSet>;
  /** Desired before, named no more, to be pruned by the planner. */
  readonly removed: readonly ResourceKey[];
  /** Stay without a set: their document said `tsdock/prune: disabled`. */
  readonly released: readonly ResourceKey[];
  readonly warnings: readonly string[];
}

/** At most this many objects may always go at once. */
const alwaysDeletable = 2;
/** Set of objects that left theirs. */
export const releasedSet: SetId = 'released';

/**
 * Lays snapshots over the stored sets. A snapshot that does not prune, or was not read completely, adds to its set and takes nothing away. A set is accepted or refused
 * as a whole: CLI030 for an object of another set, CLI025 for a mass deletion or a protected object. A watched directory (`dir:`) is never refused: the object of another set is left
 * out, what the guard or a protection keeps is held. Pure.
 */
export function acceptSnapshots(
  stored: ReadonlyMap<SetId, StoredSet>,
  records: ReadonlyMap<ResourceKey, ResourceRecord>,
  snapshots: readonly SourceSnapshot[],
  options: AcceptOptions,
): Accepted {
  const sets = new Map<SetId, StoredSet>();
  const removed: ResourceKey[] = [];
  const released: ResourceKey[] = [];
  const warnings: string[] = [];
  refuseTwice(snapshots);
  refuseUnsealed(snapshots);
  for (const snapshot of snapshots) {
    const before = sets.get(snapshot.set) ?? stored.get(snapshot.set) ?? null;
    const owned = keepImmutable(withoutForeign(snapshot, new Map([...stored, ...sets]), options), before, snapshot);
    for (const [id, set] of owned.losers) if (id !== snapshot.set) sets.set(id, set);
    const gone = goneKeys(before, owned.documents, snapshot, records);
    const unpruned = gone.filter(
      (key) => before?.documents.find((document) => document.key === key)?.annotations['tsdock/prune'] === 'disabled',
    );
    const leaving = gone.filter((key) => !unpruned.includes(key));
    const guarded = guardedKeys(snapshot, before, leaving, options);
    removed.push(...leaving.filter((key) => !guarded.has(key)));
    released.push(...unpruned);
    const named = new Set(owned.documents.map((document) => document.key));
    const kept = (before?.documents ?? []).filter(
      (document) => !named.has(document.key) && (!takesAway(snapshot) || guarded.has(document.key)),
    );
    const documents = [...owned.documents, ...kept].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    warnings.push(
      ...owned.notes,
      ...[...guarded].map((key) => `${key} is kept: too many objects of ${snapshot.set} would go at once, or it is protected`),
    );
    const note = [
      ...owned.notes,
      ...(guarded.size === 0
        ? []
        : [`${guarded.size} of ${(before?.documents ?? []).length} objects lost their documents at once; nothing deleted`]),
    ];
    sets.set(snapshot.set, {
      id: snapshot.set,
      revision: (before?.revision ?? 0) + (sameDocuments(before?.documents ?? [], documents) ? 0 : 1),
      documents,
      complete: snapshot.complete,
      prune: snapshot.prune,
      held: [...snapshot.held].sort(),
      guarded: [...guarded].sort(),
      files: snapshot.files,
      note: note.length === 0 ? null : note.join('; '),
    });
  }
  return { sets, removed, released, warnings };
}

/** The stored sets as the graph builder wants them. Pure. */
export function toSnapshots(sets: ReadonlyMap<SetId, StoredSet>): readonly SourceSnapshot[] {
  return [...sets.values()].map(({ id, documents, complete, prune, held, files }) => ({
    set: id,
    documents,
    complete,
    prune,
    held: new Set(held),
    files,
  }));
}

/** Revisions, guard and holds of the stored sets laid over a built graph. Pure. */
export function withSetStates(graph: DesiredGraph, sets: ReadonlyMap<SetId, StoredSet>): DesiredGraph {
  const states = [...sets.values()].map((set): [SetId, SetState] => [
    set.id,
    { id: set.id, revision: set.revision, complete: set.complete, prune: set.prune, held: new Set([...set.held, ...set.guarded]) },
  ]);
  return { ...graph, sets: new Map(states) };
}

/** Records of everything desired: new ones made, changed ones moved on. Only what changes is returned. Pure but for `newUid`. */
export function recordsFor(
  graph: DesiredGraph,
  records: ReadonlyMap<ResourceKey, ResourceRecord>,
  at: { readonly now: Instant; readonly newUid: () => string },
): ReadonlyMap<ResourceKey, ResourceRecord> {
  const changed = new Map<ResourceKey, ResourceRecord>();
  for (const resource of graph.resources.values()) {
    const before = records.get(resource.key) ?? null;
    const after = before === null ? newRecord(resource, at) : movedRecord(resource, before);
    if (after !== before) changed.set(resource.key, after);
  }
  return changed;
}

function newRecord(resource: AnyResource, at: { readonly now: Instant; readonly newUid: () => string }): ResourceRecord {
  return {
    key: resource.key,
    uid: at.newUid(),
    set: resource.set,
    source: resource.implicit ? 'implicit' : 'document',
    generation: 1,
    specHash: resource.specHash,
    schemaVersion,
    createdAt: at.now,
    lastApplied: resource.implicit ? null : resource.spec,
    labels: resource.labels,
    network: null,
    slots: {},
    stoppedAt: null,
    restartAfter: null,
    deletedAt: null,
  };
}

/** The same record when nothing about the document changed. A document that names a deleted object again wants it back. */
function movedRecord(resource: AnyResource, before: ResourceRecord): ResourceRecord {
  const source = resource.implicit ? 'implicit' : 'document';
  const isSame =
    before.specHash === resource.specHash &&
    before.set === resource.set &&
    before.source === source &&
    before.deletedAt === null &&
    JSON.stringify(before.labels) === JSON.stringify(resource.labels);
  if (isSame) return before;
  return {
    ...before,
    set: resource.set,
    source,
    generation: before.specHash === resource.specHash ? before.generation : before.generation + 1,
    specHash: resource.specHash,
    schemaVersion,
    lastApplied: resource.implicit ? null : resource.spec,
    labels: resource.labels,
    deletedAt: null,
  };
}

// ---------------------------------------------------------------------------------------------------------------- rules

function takesAway(snapshot: SourceSnapshot): boolean {
  return snapshot.complete && snapshot.prune;
}

/** The last door before the store: whoever lets a Secret through without sealing it has a bug, and the store never learns of it. */
function refuseUnsealed(snapshots: readonly SourceSnapshot[]): void {
  for (const document of snapshots.flatMap(({ documents }) => documents))
    if (isUnsealed(document)) throw new RangeError(`${document.key} was not sealed`);
}

function refuseTwice(snapshots: readonly SourceSnapshot[]): void {
  const owners = new Map<ResourceKey, SetId>();
  for (const snapshot of snapshots) {
    for (const document of snapshot.documents) {
      const other = owners.get(document.key);
      if (other !== undefined && other !== snapshot.set) throw conflict(document, other);
      owners.set(document.key, snapshot.set);
    }
  }
}

interface Owned {
  readonly documents: readonly AnyResource[];
  readonly losers: ReadonlyMap<SetId, StoredSet>;
  readonly notes: readonly string[];
}

/** A Config that was accepted as immutable keeps its content: CFG003, or in a watched directory the document that was accepted. */
function keepImmutable(owned: Owned, before: StoredSet | null, snapshot: SourceSnapshot): Owned {
  const notes = [...owned.notes];
  const documents = owned.documents.map((document) => {
    const earlier = before?.documents.find(({ key }) => key === document.key);
    if (document.kind !== 'Config' || earlier?.kind !== 'Config' || !earlier.spec.immutable || contentOf(document) === contentOf(earlier))
      return document;
    const place = `${document.origin.file}:${document.origin.line}:${document.origin.column}`;
    const message = `${document.key} (${place}) is immutable and would get other content`;
    if (!isWatched(snapshot.set)) throw new TsdockError('CFG003', { key: document.key, message, hint: 'give the new content a new name' });
    notes.push(message);
    return earlier;
  });
  return { ...owned, documents, notes };
}

function contentOf({ spec }: Resource<'Config'>): string {
  return contentHashOf(spec.data, spec.binaryData);
}

/** Documents of the snapshot that may be its own, and other sets without what it takes over. */
function withoutForeign(snapshot: SourceSnapshot, stored: ReadonlyMap<SetId, StoredSet>, options: AcceptOptions): Owned {
  const losers = new Map<SetId, StoredSet>();
  const refused = new Set<ResourceKey>();
  const notes: string[] = [];
  const named = new Map(snapshot.documents.map((document) => [document.key, document]));
  for (const other of stored.values()) {
    if (other.id === snapshot.set) continue;
    const shared = other.documents.filter((document) => named.has(document.key));
    for (const document of shared) {
      const own = named.get(document.key) ?? document;
      if (options.takeOwnership) {
        const rest = (losers.get(other.id) ?? other).documents.filter((candidate) => candidate.key !== document.key);
        losers.set(other.id, { ...other, revision: other.revision + 1, documents: rest });
      } else if (isWatched(snapshot.set)) {
        refused.add(document.key);
        notes.push(`${own.origin.file}:${own.origin.line}:${own.origin.column}: ${document.key} belongs to set ${other.id}`);
      } else throw conflict(own, other.id);
    }
  }
  return { documents: snapshot.documents.filter((document) => !refused.has(document.key)), losers, notes };
}

function conflict(document: AnyResource, owner: SetId): TsdockError {
  const { kind, name } = parseKey(document.key);
  return new TsdockError('CLI030', {
    key: document.key,
    message: `${kind} "${name}" (${document.origin.file}:${document.origin.line}:${document.origin.column}) belongs to set ${owner}`,
    hint: '--take-ownership moves it to this set',
  });
}

function goneKeys(
  before: StoredSet | null,
  documents: readonly AnyResource[],
  snapshot: SourceSnapshot,
  records: ReadonlyMap<ResourceKey, ResourceRecord>,
): readonly ResourceKey[] {
  if (!takesAway(snapshot)) return [];
  const named = new Set<ResourceKey>(documents.map((document) => document.key));
  const owned = new Set<ResourceKey>((before?.documents ?? []).map((document) => document.key));
  for (const key of before?.guarded ?? []) owned.add(key);
  for (const record of records.values()) if (record.set === snapshot.set && record.source === 'world') owned.add(record.key);
  return [...owned].filter((key) => !named.has(key) && !snapshot.held.has(key)).sort();
}

function guardedKeys(
  snapshot: SourceSnapshot,
  before: StoredSet | null,
  leaving: readonly ResourceKey[],
  options: AcceptOptions,
): ReadonlySet<ResourceKey> {
  const isProtected = (key: ResourceKey): boolean =>
    before?.documents.find((document) => document.key === key)?.annotations['tsdock/protect'] === 'true' && !options.force;
  const shielded = leaving.filter(isProtected);
  const total = Math.max(before?.documents.length ?? 0, leaving.length);
  const isMass = leaving.length > alwaysDeletable && leaving.length > options.maxDelete * total && !options.force;
  if (isWatched(snapshot.set)) return new Set(isMass ? leaving : shielded);
  const first = shielded[0];
  if (first !== undefined) {
    throw new TsdockError('CLI025', {
      key: first,
      message: `${first} is protected and would be deleted`,
      hint: '--force, or remove the annotation tsdock/protect first',
    });
  }
  if (isMass) {
    throw new TsdockError('CLI025', {
      message: `${leaving.length} of ${total} objects of ${snapshot.set} would be deleted at once`,
      hint: `--max-delete ${Math.min(100, Math.ceil((leaving.length * 100) / total))}%`,
    });
  }
  return new Set();
}

function sameDocuments(before: readonly AnyResource[], after: readonly AnyResource[]): boolean {
  if (before.length !== after.length) return false;
  const known = new Map(before.map((document) => [document.key, fingerprint(document)]));
  return after.every((document) => known.get(document.key) === fingerprint(document));
}

/** What makes a document another one: not where it stands. */
function fingerprint(document: AnyResource): string {
  return JSON.stringify([document.specHash, document.labels, document.annotations]);
}
