import type { ApplyOptions, WaitOptions } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { DesiredGraph, SourceSnapshot } from '../model/graph.ts';
import type { Operation, Summary } from '../model/operation.ts';
import type { ActionId, Attempts, Change, ResourceRecord } from '../model/plan.ts';
import { type Instant, isWatched, type ResourceKey, resourceOfAction, type SetId } from '../model/resource.ts';
import type { StoredSet } from '../store/collections.ts';
import { appliedEvents, event, wordOf } from './event-texts.ts';
import { entriesOf, isSettled } from './operation.ts';
import { buildSets, type EngineOptions } from './options.ts';
import type { FoundPins } from './pins.ts';
import { type Candidate, candidateOf, planCandidate, reportCandidate, type View } from './reader.ts';
import { type Accepted as AcceptedSets, acceptSnapshots, recordsFor, releasedSet } from './sets.ts';
import type { StateChange } from './state.ts';

/** What an accepted wish of a person has come to. */
export interface Accepted {
  /** Null: nothing to do. */
  readonly operation: Operation | null;
  readonly revision: number | null;
  readonly summary: Summary;
  readonly warnings: readonly string[];
}

/** A wish that may be fulfilled: `change` is one transaction that must be on disk before its first effect; after it `graph` holds. */
export interface Acceptance extends Accepted {
  readonly change: StateChange | null;
  readonly graph: DesiredGraph;
  /** Operations that end because of it. */
  readonly superseded: readonly Operation[];
}

/** When a wish is judged; no look and no other wish comes in between. */
export interface Moment {
  readonly engine: EngineOptions;
  readonly view: View;
  readonly begun: Instant;
}

/** Documents, records, revision, operation and event of an apply, in one. Throws what is wrong with the documents, all of it at once. */
export async function acceptApply(
  moment: Moment,
  snapshots: readonly SourceSnapshot[],
  options: ApplyOptions,
  found: FoundPins,
): Promise<Acceptance> {
  const { engine, view, begun } = moment;
  const before = view.state;
  const accepted = await accept(moment, snapshots, options, found);
  const built = await buildSets(engine, new Map([...before.sets, ...accepted.sets]));
  const { candidate, warnings: ofDocuments } = candidateOf(engine, view, { snapshots, accepted, built }, found);
  const warnings = [...found.warnings, ...accepted.warnings, ...ofDocuments];
  const keys = candidate.keys;
  const { summary, changes } = reportCandidate(candidate, before.records);
  refuseDataLoss(changes, candidate.sets);
  const sets = changedSets(before.sets, accepted.sets);
  const revision = accepted.sets.get(snapshots[0]?.set ?? '')?.revision ?? null;
  const settled = isWhereItShouldBe(candidate, moment);
  const hasNewDocuments = [...accepted.sets].some(([id, set]) => before.sets.get(id)?.revision !== set.revision);
  if (!hasNewDocuments && settled) {
    return { change: sets.size > 0 ? { sets } : null, graph: built.graph, superseded: [], operation: null, revision, summary, warnings };
  }
  const operation = newOperation(engine, {
    sets: snapshots.map((snapshot) => snapshot.set),
    keys: [...keys].sort(),
    options,
    summary,
    begun,
  });
  const records = new Map<ResourceKey, ResourceRecord>(
    recordsFor(built.graph, before.records, { now: begun, newUid: () => newUid(engine.random) }),
  );
  for (const key of accepted.released) {
    const record = before.records.get(key);
    if (record !== undefined) records.set(key, { ...record, set: releasedSet });
  }
  for (const [key, pin] of found.pins) {
    const record = records.get(key) ?? before.records.get(key);
    if (record !== undefined) records.set(key, { ...record, pin });
  }
  const superseded = supersededBy(operation, before.operations.values(), begun);
  const change: StateChange = {
    sets,
    records,
    operations: new Map([...superseded, operation].map((one) => [one.id, one])),
    attempts: forgottenAttempts(before.attempts, keys),
    revisions: [...accepted.sets.values()]
      .filter((set) => before.sets.get(set.id)?.revision !== set.revision)
      .map((set) => ({ set: set.id, revision: set.revision, at: begun, actor: options.actor, documents: set.documents })),
    events: [
      ...appliedEvents(operation, accepted.sets),
      ...accepted.released.map((key) => event('Released', key, 'left its set and stays: tsdock/prune is disabled')),
    ],
  };
  return { change, graph: built.graph, superseded, operation, revision, summary, warnings };
}

/** What the sets become. Documents that are wrong in themselves are told before those that may not be applied (exit codes 3 before 6 and 7). */
async function accept(
  { engine, view }: Moment,
  snapshots: readonly SourceSnapshot[],
  options: ApplyOptions,
  found: FoundPins,
): Promise<AcceptedSets> {
  const { sets, records } = view.state;
  try {
    return acceptSnapshots(sets, records, snapshots, options);
  } catch (error) {
    await planCandidate(engine, view, snapshots, found);
    throw error;
  }
}

/** CLI024 for a volume that would leave its data behind. In a watched directory the object says so and the others go on. */
function refuseDataLoss(changes: readonly Change[], sets: ReadonlySet<SetId>): void {
  const lossy = changes.find(({ set, action, dataLoss }) => dataLoss && action !== 'delete' && sets.has(set) && !isWatched(set));
  if (lossy === undefined) return;
  const { kind, namespace, name, fields } = lossy;
  const key: ResourceKey = `${kind}/${namespace}/${name}`;
  const [first] = fields;
  const place = first?.source == null ? '' : ` (${first.source.file}:${first.source.line}:${first.source.column})`;
  throw new TsdockError('CLI024', {
    key,
    message: `changing ${fields.map(({ path }) => path).join(' and ')} of ${kind} "${name}"${place} would leave its data behind`,
    hint: `a new name, or first tsdock delete ${wordOf(key)} --allow-data-loss`,
  });
}

/** An operation that begins now. `keys`: what must be settled for it to end. */
export function newOperation(
  engine: Pick<EngineOptions, 'random'>,
  fields: {
    readonly sets: readonly SetId[];
    readonly keys: readonly ResourceKey[];
    readonly options: WaitOptions;
    readonly summary: Summary;
    readonly begun: Instant;
  },
): Operation {
  const { sets, keys, options, summary, begun } = fields;
  const id = newUid(engine.random);
  const deadline = begun + options.timeoutMs;
  return { id, sets, keys, actor: options.actor, startedAt: begun, deadline, state: 'running', cause: null, endedAt: null, summary };
}

/** A newer change of one of its sets ends an operation that still waits. */
export function supersededBy(by: Operation, operations: Iterable<Operation>, now: Instant): readonly Operation[] {
  return [...operations]
    .filter((one) => one.state === 'running' && one.sets.some((set) => by.sets.includes(set)))
    .map((one) => ({ ...one, state: 'superseded', cause: `a newer change by ${by.actor}`, endedAt: now }));
}

/** Whoever asks again wants it tried again. */
export function forgottenAttempts(attempts: ReadonlyMap<ActionId, Attempts>, keys: ReadonlySet<ResourceKey>): ReadonlyMap<ActionId, null> {
  const ids = [...attempts.keys()].filter((id) => keys.has(resourceOfAction(id)));
  return new Map(ids.map((id) => [id, null]));
}

/** 12 lower-case hex digits. */
export function newUid(random: () => number): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 24)
      .toString(16)
      .padStart(6, '0');
  return half() + half();
}

/** Whether everything a candidate touches is where it should be already. */
function isWhereItShouldBe(candidate: Candidate, { engine, view }: Moment): boolean {
  const entries = entriesOf(candidate.plan, view.running);
  const { records, attempts } = view.state;
  const { observed } = view.observation;
  return isSettled(candidate.keys, { desired: candidate.graph, observed, records, entries, attempts, now: engine.now() });
}

/** Sets whose stored form differs; positions of unchanged documents do not count. */
function changedSets(before: ReadonlyMap<SetId, StoredSet>, after: ReadonlyMap<SetId, StoredSet>): ReadonlyMap<SetId, StoredSet> {
  return new Map([...after].filter(([id, set]) => JSON.stringify(before.get(id)) !== JSON.stringify(set)));
}
