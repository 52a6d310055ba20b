import type { RemoveOptions } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { Summary } from '../model/operation.ts';
import type { ResourceRecord } from '../model/plan.ts';
import { type AnyResource, isWatched, parseKey, type ResourceKey, type SetId } from '../model/resource.ts';
import type { VolumeSpec } from '../model/spec.ts';
import type { StoredSet } from '../store/collections.ts';
import { type Acceptance, forgottenAttempts, type Moment, newOperation, supersededBy } from './acceptance.ts';
import { event, wordOf } from './event-texts.ts';
import { emptySummary } from './operation.ts';
import { buildSets } from './options.ts';
import type { StateChange } from './state.ts';

/**
 * Takes documents of the named objects out of their sets and marks the records, so that the planner removes what stands for them. CLI021 for one that is not there,
 * CLI022 for one that others use (unless `cascade`), CLI025 for one that is protected (unless `force`), CLI024 for a volume whose data would be lost (`retained`).
 */
export async function acceptRemoval(moment: Moment, named: readonly ResourceKey[], options: RemoveOptions): Promise<Acceptance> {
  const { engine, view, begun } = moment;
  const before = view.state;
  const keys = new Set<ResourceKey>(named);
  for (const key of keys) {
    if (!view.graph.resources.has(key) && !before.records.has(key)) throw notFound(key);
    for (const user of usersOf(key, view.graph)) {
      if (keys.has(user)) continue;
      if (!options.cascade) throw stillUsed(key, user, view.graph);
      keys.add(user);
    }
  }
  const shielded = [...keys].find((key) => view.graph.resources.get(key)?.annotations['tsdock/protect'] === 'true');
  if (shielded !== undefined && !options.force)
    throw new TsdockError('CLI025', { key: shielded, message: `${shielded} is protected`, hint: '--force' });
  const kept = options.retained === 'remove' ? [] : [...keys].filter((key) => keepsData(key, view));
  const [first] = kept;
  if (first !== undefined && options.retained === 'refuse') throw dataLoss(first);
  const sets = new Map<SetId, StoredSet>();
  const warnings = kept.map((key) => `${keptText(key)}; tsdock delete ${wordOf(key)} --allow-data-loss removes it`);
  for (const set of before.sets.values()) {
    const documents = set.documents.filter((document) => !keys.has(document.key));
    if (documents.length === set.documents.length) continue;
    sets.set(set.id, { ...set, revision: set.revision + 1, documents });
    if (isWatched(set.id)) warnings.push(...set.documents.filter(({ key }) => keys.has(key)).map(comesBack));
  }
  for (const key of kept) keys.delete(key);
  const built = await buildSets(engine, new Map([...before.sets, ...sets]));
  const records = new Map<ResourceKey, ResourceRecord>();
  for (const key of keys) {
    const record = before.records.get(key);
    if (record !== undefined && !built.graph.resources.has(key)) records.set(key, { ...record, deletedAt: begun });
  }
  // What only the removed used goes with it, and is waited for.
  const held = [...keys].flatMap((key) => view.observation.observed.resources.get(key)?.uses ?? []);
  const implied = held.filter((key) => before.records.get(key)?.source === 'implicit');
  const orphans = [...view.graph.resources.keys(), ...implied].filter(
    (key) => !built.graph.resources.has(key) && !key.startsWith('Image/'),
  );
  const all = new Set<ResourceKey>([...keys, ...orphans]);
  const summary: Summary = { ...emptySummary, deleted: keys.size };
  const operation = newOperation(engine, { sets: [...sets.keys()], keys: [...all].sort(), options, summary, begun });
  const superseded = supersededBy(operation, before.operations.values(), begun);
  const change: StateChange = {
    sets,
    records,
    operations: new Map([...superseded, operation].map((one) => [one.id, one])),
    attempts: forgottenAttempts(before.attempts, all),
    revisions: [...sets.values()].map((set) => ({
      set: set.id,
      revision: set.revision,
      at: begun,
      actor: options.actor,
      documents: set.documents,
    })),
    events: [...keys].map((key) => ({ ...event('Deleted', key, 'deleted by name'), actor: options.actor })),
  };
  return { change, graph: built.graph, superseded, operation, revision: null, summary, warnings };
}

/** Lets go of what the guard against mass deletion held back in a set. CLI021 for a set that is not there, or holds nothing back. */
export async function acceptPrune({ engine, view }: Moment, id: SetId): Promise<Pick<Acceptance, 'change' | 'graph'>> {
  const set = view.state.sets.get(id);
  if (set === undefined) throw new TsdockError('CLI021', { message: `no set ${JSON.stringify(id)}` });
  const guarded = new Set<ResourceKey>(set.guarded);
  if (guarded.size === 0) {
    throw new TsdockError('CLI021', { message: `no prune of ${id} waits for a word`, hint: 'tsdock delete KIND/NAME removes one object' });
  }
  const documents = set.documents.filter((one) => !guarded.has(one.key));
  const sets = new Map<SetId, StoredSet>([[id, { ...set, revision: set.revision + 1, documents, guarded: [], note: null }]]);
  const { graph } = await buildSets(engine, new Map([...view.state.sets, ...sets]));
  return { change: { sets, events: [event('Released', null, `prune of ${guarded.size} objects of ${id} was confirmed`)] }, graph };
}

/** A directory of ours whose owner wished that it outlives its object. */
function keepsData(key: ResourceKey, { graph, state, observation }: Moment['view']): boolean {
  const observed = observation.observed.resources.get(key);
  if (observed?.kind !== 'Volume' || observed.driver !== 'local') return false;
  const spec = graph.resources.get(key)?.spec ?? state.records.get(key)?.lastApplied;
  return (spec as VolumeSpec | null | undefined)?.reclaimPolicy !== 'Delete';
}

/** A watched file still declares what is deleted. */
const declaredCode = 'CLI023';

function comesBack({ key, origin }: AnyResource): string {
  const { kind, name } = parseKey(key);
  return `${origin.file}:${origin.line}:${origin.column}: ${declaredCode}: ${kind} ${JSON.stringify(name)} is declared here, in a watched directory, and comes back at once; remove it from the file instead`;
}

function keptText(key: ResourceKey): string {
  return `Volume ${JSON.stringify(parseKey(key).name)} keeps its data (reclaimPolicy Retain)`;
}

function dataLoss(key: ResourceKey): TsdockError {
  return new TsdockError('CLI024', {
    key,
    message: keptText(key),
    hint: '--keep-volumes deletes the rest, --allow-data-loss the data too',
  });
}

/** CLI021 for an object nobody knows. */
export function notFound(key: ResourceKey): TsdockError {
  const { kind, namespace, name } = parseKey(key);
  return new TsdockError('CLI021', { key, message: `no ${kind} ${JSON.stringify(name)} in namespace ${namespace}` });
}

function stillUsed(key: ResourceKey, user: ResourceKey, graph: DesiredGraph): TsdockError {
  const thing = parseKey(key);
  const by = parseKey(user);
  const origin = graph.resources.get(user)?.refs.find((ref) => ref.key === key)?.origin;
  const place = origin === undefined ? '' : ` (${origin.file}:${origin.line}:${origin.column})`;
  return new TsdockError('CLI022', {
    key,
    message: `${thing.kind} "${thing.name}" is used by ${by.kind} "${by.name}"${place}`,
    hint: `delete ${by.name} first, or --cascade`,
  });
}

/** Who would be left without `key`: those that name it and those that hold on to it. */
function usersOf(key: ResourceKey, graph: DesiredGraph): readonly ResourceKey[] {
  return [...graph.resources.values()].filter((resource) => resource.refs.some((ref) => ref.key === key)).map((resource) => resource.key);
}
