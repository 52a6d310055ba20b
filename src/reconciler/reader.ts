import type { Controllers } from '../controllers/controller.ts';
import type { EngineInfo, ImageItem, PlanReport, Progress, ResourceFilter, SetStatus } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { DesiredGraph, SourceSnapshot } from '../model/graph.ts';
import type { ObservedContainer, ObservedInstance } from '../model/observed.ts';
import type { ActionId, AnyAction, Attempts, Plan } from '../model/plan.ts';
import { type Instant, parseKey, type ResourceKey, resourceOf, type SetId, type SubjectKey } from '../model/resource.ts';
import type { Condition, InstanceItem, ResourceStatus } from '../model/status.ts';
import { formatInstant } from '../model/time.ts';
import type { Native } from '../native/index.ts';
import type { Observation, ObserverOptions } from './observer.ts';
import { entriesOf } from './operation.ts';
import { type BuiltGraph, buildSets, type EngineOptions, type GraphDiagnostic } from './options.ts';
import { type FoundPins, findPins, noPins, wantsLookUp, withPins } from './pins.ts';
import { type Diffs, type PlanContext, plan, type Records } from './plan.ts';
import { reportOf } from './render.ts';
import { type Accepted, acceptSnapshots, recordsFor } from './sets.ts';
import type { EngineState } from './state.ts';
import { idle, instanceItems, type PlanEntry, statusOf } from './status.ts';

/** One moment as readers see it. */
export interface View {
  readonly state: EngineState;
  readonly graph: DesiredGraph;
  readonly observation: Observation;
  readonly plan: Plan;
  readonly running: ReadonlyMap<SubjectKey, AnyAction>;
}

/** Diffs of all controllers, as the planner takes them. */
export function diffsOf(controllers: Controllers): Diffs {
  return {
    Container: controllers.Container.diff,
    Image: controllers.Image.diff,
    Network: controllers.Network.diff,
    Volume: controllers.Volume.diff,
    Config: controllers.Config.diff,
    Secret: controllers.Secret.diff,
  };
}

/** The planner's context at one moment. */
export function contextOf(
  options: Pick<EngineOptions, 'controllers' | 'network'>,
  moment: {
    readonly state: Pick<EngineState, 'operations'>;
    readonly records: Records;
    readonly attempts: ReadonlyMap<ActionId, Attempts>;
    readonly running: ReadonlyMap<SubjectKey, AnyAction>;
    readonly observation: Observation;
    readonly now: Instant;
  },
): PlanContext {
  return {
    diffs: diffsOf(options.controllers),
    network: options.network,
    records: moment.records,
    operations: [...moment.state.operations.values()].filter((operation) => operation.state === 'running'),
    running: moment.running,
    attempts: moment.attempts,
    unseen: moment.observation.unseen,
    now: moment.now,
  };
}

/** Refuses documents with errors, all of them at once. `about`: keys whose errors count; null: all. */
export function refuseErrors(built: BuiltGraph, about: ReadonlySet<ResourceKey> | null): readonly string[] {
  const isOurs = ({ key, others }: GraphDiagnostic): boolean =>
    about === null || key === null || [key, ...others].some((one) => about.has(one));
  const errors = built.diagnostics.filter((diagnostic) => diagnostic.severity === 'error' && isOurs(diagnostic));
  if (errors.length > 0) {
    const first = errors[0];
    const more = errors.length === 1 ? '' : ` and ${errors.length - 1} more`;
    throw new TsdockError('MANIFEST', {
      message: `${first?.message ?? 'invalid'}${more}`,
      diagnostics: built.diagnostics.filter(isOurs),
    });
  }
  return built.diagnostics
    .filter(isOurs)
    .map(({ code, message, file, line, column }) => `${file}:${line ?? 0}:${column ?? 0}: ${code}: ${message}`);
}

/** Snapshots as an engine may keep them: without a clear value of a Secret. */
export function sealed(
  options: Pick<EngineOptions, 'sealer'>,
  { graph }: Pick<View, 'graph'>,
  snapshots: readonly SourceSnapshot[],
  purpose: 'apply' | 'plan',
): Promise<readonly SourceSnapshot[]> {
  return options.sealer.sealSnapshots(snapshots, (key) => graph.resources.get(key) ?? null, purpose);
}

/** What applying snapshots would do, at the moment of `view`. Changes nothing. */
export async function reportPlan(
  options: EngineOptions,
  view: Omit<View, 'plan'>,
  snapshots: readonly SourceSnapshot[],
): Promise<PlanReport> {
  const found = await findPinsOf(options, view, snapshots, new AbortController().signal);
  for (const warning of found.warnings) options.log.warn(warning);
  const candidate = await planCandidate(options, view, snapshots, found);
  return reportCandidate(candidate, view.state.records);
}

/** A candidate as people see it: what it touches, not what else is going on. */
export function reportCandidate({ plan: whole, keys, sets, graph }: Candidate, records: Records): PlanReport {
  const isTouched = (subject: SubjectKey): boolean => keys.has(resourceOf(subject));
  const scoped: Plan = {
    ...whole,
    actions: whole.actions.filter((action) => isTouched(action.subject)),
    blocked: whole.blocked.filter((blocked) => isTouched(blocked.subject)),
    changes: whole.changes.filter(({ kind, namespace, name }) => keys.has(`${kind}/${namespace}/${name}`)),
  };
  const changed = new Set(scoped.changes.filter(({ action }) => action !== 'none').map((change) => change.set));
  const about: DesiredGraph = {
    ...graph,
    resources: new Map([...graph.resources].filter(([key]) => keys.has(key))),
    sets: new Map([...graph.sets].filter(([id]) => sets.has(id) || changed.has(id))),
  };
  return reportOf(scoped, about, records);
}

export interface Candidate {
  readonly graph: DesiredGraph;
  readonly plan: Plan;
  /** What the snapshots name, what that uses without a document, and what goes. */
  readonly keys: ReadonlySet<ResourceKey>;
  /** Those of the snapshots. */
  readonly sets: ReadonlySet<SetId>;
}

/** Plans with snapshots laid over the stored sets. New things get a provisional identity: a plan must not depend on what only an apply decides. */
export async function planCandidate(
  options: EngineOptions,
  view: Omit<View, 'plan'>,
  snapshots: readonly SourceSnapshot[],
  found: FoundPins,
): Promise<Candidate> {
  return candidateOf(options, view, await laidOver(options, view, snapshots), found).candidate;
}

/** Snapshots over the stored sets, with what follows from them. */
export interface Laid {
  readonly snapshots: readonly SourceSnapshot[];
  readonly accepted: Accepted;
  readonly built: BuiltGraph;
}

/** The candidate of what was laid over the stored sets already. Throws errors of its documents. */
export function candidateOf(
  options: EngineOptions,
  view: Omit<View, 'plan'>,
  laid: Laid,
  found: FoundPins,
): { readonly candidate: Candidate; readonly warnings: readonly string[] } {
  const { state, observation, running } = view;
  const { graph, keys, warnings } = touchedOf(view, laid);
  const now = options.now();
  const records = withPins(provisional(graph, state.records, now), found);
  const context = contextOf(options, { state, records, attempts: new Map(), running, observation, now });
  const sets = new Set(laid.snapshots.map(({ set }) => set));
  return { candidate: { graph, plan: plan(graph, observation.observed, context), keys, sets }, warnings };
}

/** Looks up what the snapshots want looked up at each apply; asks nobody when that is nothing. */
export async function findPinsOf(
  options: EngineOptions,
  view: Omit<View, 'plan'>,
  snapshots: readonly SourceSnapshot[],
  signal: AbortSignal,
): Promise<FoundPins> {
  if (!wantsLookUp(snapshots)) return noPins;
  const { graph, keys } = touchedOf(view, await laidOver(options, view, snapshots));
  return await findPins(options, { graph, keys, observation: view.observation }, signal);
}

/** As if everything were allowed: for looking, not for holding. */
async function laidOver(options: EngineOptions, view: Omit<View, 'plan'>, snapshots: readonly SourceSnapshot[]): Promise<Laid> {
  const { sets, records } = view.state;
  const accepted = acceptSnapshots(sets, records, snapshots, { takeOwnership: true, force: true, maxDelete: 1 });
  return { snapshots, accepted, built: await buildSets(options, new Map([...sets, ...accepted.sets])) };
}

function touchedOf(
  view: Omit<View, 'plan'>,
  { snapshots, accepted, built }: Laid,
): Pick<Candidate, 'graph' | 'keys'> & { readonly warnings: readonly string[] } {
  const about = new Set<ResourceKey>(snapshots.flatMap((snapshot) => snapshot.documents.map((document) => document.key)));
  const warnings = refuseErrors(built, about);
  const { graph } = built;
  const gone = [...accepted.removed, ...keptKeys(view.state.records, graph, accepted.sets)];
  return { graph, keys: touchedKeys({ graph, before: view.graph, about, gone }), warnings };
}

function touchedKeys(facts: {
  readonly graph: DesiredGraph;
  readonly before: DesiredGraph;
  readonly about: ReadonlySet<ResourceKey>;
  readonly gone: readonly ResourceKey[];
}): ReadonlySet<ResourceKey> {
  const { graph, before } = facts;
  const keys = new Set<ResourceKey>([...facts.about].filter((key) => graph.resources.has(key)));
  for (const key of [...keys]) {
    for (const ref of graph.resources.get(key)?.refs ?? []) if (graph.resources.get(ref.key)?.implicit === true) keys.add(ref.key);
  }
  for (const key of facts.gone) {
    keys.add(key);
    for (const ref of before.resources.get(key)?.refs ?? [])
      if (!graph.resources.has(ref.key) && !ref.key.startsWith('Image/')) keys.add(ref.key);
  }
  return keys;
}

/** What these sets own and do not name: it stays, and people should see why. */
function keptKeys(records: Records, graph: DesiredGraph, sets: ReadonlyMap<SetId, unknown>): readonly ResourceKey[] {
  return [...records.values()]
    .filter((record) => sets.has(record.set) && record.source !== 'implicit' && !graph.resources.has(record.key))
    .map((record) => record.key);
}

function provisional(graph: DesiredGraph, records: Records, now: Instant): Records {
  const fresh = recordsFor({ ...graph, resources: new Map([...graph.resources].filter(([key]) => !records.has(key))) }, records, {
    now,
    newUid: () => '',
  });
  return new Map([...records, ...[...fresh].map(([key, record]) => [key, { ...record, lastApplied: null }] as const)]);
}

// ---------------------------------------------------------------------------------------------------------------- what people see

/** Objects as `get` shows them. `remember` keeps the instants of conditions between calls. */
export function listResources(
  view: View,
  filter: ResourceFilter,
  now: Instant,
  remember: Map<ResourceKey, readonly Condition[]>,
): readonly ResourceStatus[] {
  const entries = entriesOf(view.plan, view.running);
  const usedBy = usersOf(view);
  const keys = new Set<ResourceKey>([...view.graph.resources.keys(), ...view.observation.observed.resources.keys()]);
  const listed: ResourceStatus[] = [];
  for (const key of [...keys].sort()) {
    const { kind, namespace, name } = parseKey(key);
    if (
      (filter.kind !== null && kind !== filter.kind) ||
      (filter.namespace !== null && namespace !== filter.namespace && namespace !== '_')
    )
      continue;
    if (filter.name !== null && name !== filter.name) continue;
    const observed = view.observation.observed.resources.get(key) ?? null;
    const desired = view.graph.resources.get(key) ?? null;
    if (desired === null && observed?.identity === null) continue;
    const entry: PlanEntry = entries.get(key) ?? idle;
    const record = view.state.records.get(key) ?? null;
    const status = statusOf({
      key,
      desired,
      observed,
      record,
      entry,
      now,
      usedBy: usedBy.get(key) ?? [],
      before: remember.get(key) ?? null,
    });
    remember.set(key, status.status.conditions);
    listed.push(status);
  }
  return listed;
}

export function listInstances(view: View, namespace: string | null, now: Instant): readonly InstanceItem[] {
  const containers = observedContainers(view).filter((container) => namespace === null || parseKey(container.key).namespace === namespace);
  const digests = new Map<string, string>();
  for (const thing of view.observation.observed.resources.values())
    if (thing.kind === 'Image') digests.set(thing.configDigest, thing.digest);
  return instanceItems(containers, {
    digestOf: (instance: ObservedInstance) => digests.get(instance.imageConfig) ?? instance.imageConfig,
    specOf: (key) => {
      const desired = view.graph.resources.get(key);
      return desired?.kind === 'Container' ? desired.spec : null;
    },
    now,
  });
}

export function listSets(view: View, now: Instant): readonly SetStatus[] {
  const statuses = listResources(view, { kind: null, namespace: null, name: null }, now, new Map());
  const phases = new Map<ResourceKey, string>();
  for (const { kind, metadata, status } of statuses) phases.set(`${kind}/${metadata.namespace}/${metadata.name}`, status.phase);
  return [...view.state.sets.values()].map((set) => ({
    id: set.id,
    revision: set.revision,
    objects: set.documents.length,
    state: stateOfSet(set.documents.map((document) => phases.get(document.key) ?? 'Pending')),
    files: set.files,
    held: [...set.held, ...set.guarded],
    note: set.note,
  }));
}

/** Pulled images with who uses them, by instance name. */
export async function listImages(options: EngineOptions, view: View): Promise<readonly ImageItem[]> {
  const items = await options.images.list();
  return items.map((item) => ({ ...item, usedBy: usersOfImage(view, item) }));
}

export function describeEngine(options: EngineOptions, startedAt: Instant): EngineInfo {
  const { version, stateDir, runDir, prefix, native } = options;
  return { version, stateDir, runDir, prefix, pid: process.pid, startedAt: formatInstant(startedAt), host: native.host };
}

/** Containers that were found, by key. */
export function observedContainers(view: Pick<View, 'observation'>): readonly ObservedContainer[] {
  return [...view.observation.observed.resources.values()].filter((thing): thing is ObservedContainer => thing.kind === 'Container');
}

export function usersOfImage(view: Pick<View, 'observation'>, image: Pick<ImageItem, 'ref' | 'configDigest'>): readonly string[] {
  return observedContainers(view).flatMap((container) => {
    const { namespace, name } = parseKey(container.key);
    return container.slots.filter((slot) => slot.imageConfig === image.configDigest).map((slot) => `${namespace}/${name}-${slot.slot}`);
  });
}

/** Routes that are not ours, for choosing subnets. */
async function foreignRoutes(native: Native, prefix: string): Promise<readonly string[]> {
  const routes = await native.net.routes();
  return routes.filter((route) => !route.device.startsWith(prefix)).map((route) => route.destination);
}

/** How this engine looks at the world. */
export function observerOptionsOf({ controllers, native, prefix, now }: EngineOptions): ObserverOptions {
  return { controllers, hostRoutes: () => foreignRoutes(native, prefix), now };
}

/** A progress report of something that is no action of a plan. */
export function progressOf(fields: Pick<Progress, 'at' | 'subject' | 'verb' | 'state'> & Partial<Progress>): Progress {
  return { reason: '', part: null, stage: null, done: null, total: null, message: null, ...fields };
}

function usersOf(view: View): ReadonlyMap<ResourceKey, readonly ResourceKey[]> {
  const users = new Map<ResourceKey, ResourceKey[]>();
  for (const thing of view.observation.observed.resources.values()) {
    for (const used of thing.uses) users.set(used, [...(users.get(used) ?? []), thing.key]);
  }
  return users;
}

function stateOfSet(phases: readonly string[]): string {
  return ['Failed', 'Degraded', 'Progressing', 'Pending', 'Deleting'].find((phase) => phases.includes(phase)) ?? 'Ready';
}
