import { readFileSync } from 'node:fs';
import type {
  ApplyOptions,
  ApplyResult,
  EngineApi,
  EngineInfo,
  ExecOptions,
  ExecSession,
  ImageItem,
  LogEntry,
  LogOptions,
  PlanReport,
  Progress,
  RemoveOptions,
  ResourceFilter,
  SetStatus,
  WaitOptions,
} from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { Event, NewEvent } from '../model/event.ts';
import { type DesiredGraph, emptyGraph, type SourceSnapshot } from '../model/graph.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Operation, Summary } from '../model/operation.ts';
import type { Action, ActionId, Attempts, Blocked, Plan, ResourceRecord } from '../model/plan.ts';
import { formatReference, parseReference } from '../model/reference.ts';
import {
  type AnyResource,
  type Instant,
  parseKey,
  type ResourceKey,
  resourceKey,
  resourceOf,
  type SetId,
  slotKey,
} from '../model/resource.ts';
import type { Condition, InstanceItem, ResourceStatus } from '../model/status.ts';
import { formatInstant } from '../model/time.ts';
import type { Lock } from '../native/index.ts';
import { intents as intentCollection, type StoredIntent, type StoredSet } from '../store/collections.ts';
import { type Directories, directoriesOf, ensureDirectories } from '../store/directories.ts';
import { EventLog } from '../store/event-log.ts';
import { openStore, type Store } from '../store/store.ts';
import { openExec } from './exec.ts';
import { Executor, laneSizes, type Outcome } from './executor.ts';
import { noteExits, type SeenExit } from './exits.ts';
import { Loop } from './loop.ts';
import { type Dirty, nothingSeen, type Observation, type ObserverOptions, observe } from './observer.ts';
import { emptySummary, entriesOf, isSettled, type Judgement, judge } from './operation.ts';
import { outcomeChange } from './outcomes.ts';
import { plan } from './plan.ts';
import {
  type Candidate,
  contextOf,
  describeEngine,
  type EngineOptions,
  foreignRoutes,
  listImages,
  listInstances,
  listResources,
  listSets,
  observedContainers,
  planCandidate,
  progressOf,
  refuseErrors,
  reportCandidate,
  reportPlan,
  usersOfImage,
  type View,
} from './reader.ts';
import { recordsFromWorld } from './rebuild.ts';
import { forgottenRecords, leaseRecords } from './records.ts';
import { acceptSnapshots, recordsFor, releasedSet, toSnapshots, withSetStates } from './sets.ts';
import { isEmptyChange, loadState, type StateChange, StateKeeper, staleOperations } from './state.ts';

export type { EngineOptions } from './reader.ts';

/** How many events are kept. */
const keepEvents = 20_000;
/** A stopping engine waits this long for actions that run; containers go on either way. */
const drainMs = 5_000;

/** An engine that may only look; what would change something is DMN011. */
export type ReadOnlyEngine = EngineApi & Pick<Engine, 'close' | 'documents'>;

interface Waiter {
  readonly keys: ReadonlySet<ResourceKey>;
  readonly onProgress: (progress: Progress) => void;
}

interface Finished {
  readonly operation: Operation;
  readonly blocked: readonly Blocked[];
}

const noPlan: Plan = {
  actions: [],
  blocked: [],
  changes: [],
  wakeAt: null,
  leases: { networks: new Map(), slots: new Map(), missing: new Map() },
};

/**
 * The one public object: owns lock, store, loop and executor of a state directory. Everything it knows of the world it has looked at; everything it decides is decided by
 * pure functions; its own part is to keep the order look → decide → act and to have each acceptance on disk before its first effect.
 */
export class Engine implements EngineApi {
  readonly #options: EngineOptions;
  readonly #store: Store;
  readonly #events: EventLog;
  readonly #keeper: StateKeeper;
  readonly #lock: Lock;
  readonly #executor: Executor;
  readonly #loop: Loop;
  readonly #exclusive = new Mutex();
  readonly #abort = new AbortController();
  readonly #startedAt: Instant;
  readonly #waiters = new Set<Waiter>();
  readonly #finishing = new Map<string, (finished: Finished) => void>();
  readonly #conditions = new Map<ResourceKey, readonly Condition[]>();
  #graph: DesiredGraph = emptyGraph;
  #observation: Observation = nothingSeen;
  #plan: Plan = noPlan;
  /** Taken from the executor or from listeners, not yet in the store. */
  #outcomes: Outcome[] = [];
  #seenExits: SeenExit[] = [];
  #closed = false;

  /** Takes the lock (DMN001), opens the store, looks at everything that runs and begins to reconcile. */
  static async open(options: EngineOptions): Promise<Engine> {
    const directories = directoriesOf(options);
    ensureDirectories(directories);
    const lock = options.native.lock(directories.lock);
    if (lock === null) throw lockHeld(directories);
    try {
      const store = await (options.openStore ?? openStore)(directories.store, { readOnly: false, writtenBy: options.version });
      try {
        const engine = new Engine(options, store, lock);
        await engine.#adopt();
        return engine;
      } catch (error) {
        await store.close();
        throw error;
      }
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Opens without lock and without writing anything: `diff`, `get` and the like beside or without an engine. */
  static async read(options: EngineOptions): Promise<ReadOnlyEngine> {
    const store = await (options.openStore ?? openStore)(directoriesOf(options).store, { readOnly: true });
    return openReadOnly(options, store);
  }

  private constructor(options: EngineOptions, store: Store, lock: Lock) {
    this.#options = options;
    this.#store = store;
    this.#lock = lock;
    this.#events = new EventLog(store, { keep: keepEvents });
    this.#keeper = new StateKeeper(store, this.#events);
    this.#startedAt = options.now();
    this.#executor = new Executor({
      controllers: options.controllers,
      log: options.log,
      now: options.now,
      lanes: laneSizes(options.native.host.cpus),
      onEnded: (key) => this.#loop.wake(new Set([key])),
      onProgress: (progress) => this.#tell(progress),
    });
    this.#loop = new Loop({ look: (dirty) => this.#look(dirty), now: options.now, log: options.log, resyncMs: options.resyncMs });
  }

  /** Stops reconciling, lets running actions end, marks the store as closed and releases the lock. Containers go on. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort();
    await this.#loop.stop();
    await this.#executor.drain(drainMs);
    await this.#exclusive.run(async () => {
      const now = this.#options.now();
      const outcomes = [...this.#outcomes, ...this.#executor.takeEnded()];
      const change = this.#changeOf(outcomes, now);
      await this.#keeper.commit(
        { ...change, events: [...(change.events ?? []), event('EngineStopped', null, 'stopped; containers go on')] },
        now,
      );
    });
    await this.#store.close();
    this.#lock.release();
  }

  /** Ends every process in reverse order of dependencies and reconciles no more; the next engine starts them again. */
  async stopContainers(): Promise<void> {
    await this.#loop.stop();
    await this.#executor.drain(drainMs);
    const { observed } = await observe(nothingSeen, 'all', this.#observerOptions());
    const containers = [...observed.resources.values()].filter((thing) => thing.kind === 'Container');
    const place = new Map(this.#graph.order.map((key, index) => [key, index]));
    for (const container of containers.sort((a, b) => (place.get(b.key) ?? -1) - (place.get(a.key) ?? -1))) {
      const { run } = this.#options.controllers.Container;
      const live = container.slots.filter((slot) => slot.phase === 'running' || slot.phase === 'backoff');
      const context = { signal: this.#abort.signal, log: this.#options.log, progress: () => undefined };
      const results = await Promise.allSettled(live.map((slot) => run(stopAction(container.key, slot), context)));
      for (const result of results)
        if (result.status === 'rejected') this.#options.log.warn(`${container.key} cannot be stopped: ${String(result.reason)}`);
    }
  }

  /** Documents as they were accepted last, by set. */
  documents(): ReadonlyMap<SetId, readonly AnyResource[]> {
    return new Map([...this.#state.sets].map(([id, set]) => [id, set.documents]));
  }

  // -------------------------------------------------------------------------------------------------------------- desired state

  async plan(snapshots: readonly SourceSnapshot[]): Promise<PlanReport> {
    const observation = await observe(nothingSeen, 'all', this.#observerOptions());
    return reportPlan(this.#options, { ...this.#view(), observation }, snapshots);
  }

  async apply(snapshots: readonly SourceSnapshot[], options: ApplyOptions): Promise<ApplyResult> {
    const begun = this.#options.now();
    const accepted = await this.#exclusive.run(() => this.#accept(snapshots, options, begun));
    return this.#follow(accepted, options, begun);
  }

  async remove(keys: readonly ResourceKey[], options: RemoveOptions): Promise<ApplyResult> {
    const begun = this.#options.now();
    const accepted = await this.#exclusive.run(() => this.#acceptRemoval(keys, options, begun));
    return this.#follow(accepted, options, begun);
  }

  stop(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override(keys, options, {
      reason: 'StopRequested',
      text: 'stop',
      change: (record, now) => ({ ...record, stoppedAt: record.stoppedAt ?? now }),
    });
  }

  start(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override(keys, options, {
      reason: 'StartRequested',
      text: 'start',
      change: (record, now) => ({ ...record, stoppedAt: null, restartAfter: this.#isRunning(record.key) ? record.restartAfter : now }),
    });
  }

  restart(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override(keys, options, {
      reason: 'RestartRequested',
      text: 'restart',
      change: (record, now) => ({ ...record, stoppedAt: null, restartAfter: now }),
    });
  }

  async confirmPrune(id: SetId): Promise<void> {
    await this.#exclusive.run(async () => {
      const set = this.#state.sets.get(id);
      if (set === undefined) throw new TsdockError('CLI021', { message: `no set ${JSON.stringify(id)}` });
      const guarded = new Set<ResourceKey>(set.guarded);
      if (guarded.size === 0) {
        throw new TsdockError('CLI021', {
          message: `no prune of ${id} waits for a word`,
          hint: 'tsdock delete KIND/NAME removes one object',
        });
      }
      const confirmed: StoredSet = {
        ...set,
        revision: set.revision + 1,
        documents: set.documents.filter((one) => !guarded.has(one.key)),
        guarded: [],
        note: null,
      };
      const sets = new Map([[id, confirmed]]);
      const built = await this.#build(sets);
      const now = this.#options.now();
      await this.#keeper.commit(
        { sets, events: [event('Released', null, `prune of ${guarded.size} objects of ${id} was confirmed`)] },
        now,
      );
      this.#graph = built.graph;
    });
    this.#loop.wake('all');
  }

  // -------------------------------------------------------------------------------------------------------------- what there is

  async resources(filter: ResourceFilter): Promise<readonly ResourceStatus[]> {
    return listResources(this.#view(), filter, this.#options.now(), this.#conditions);
  }

  async instances(filter: { readonly namespace: string | null }): Promise<readonly InstanceItem[]> {
    return listInstances(this.#view(), filter.namespace, this.#options.now());
  }

  async sets(): Promise<readonly SetStatus[]> {
    return listSets(this.#view(), this.#options.now());
  }

  events(options: { readonly since: number; readonly follow: boolean; readonly signal: AbortSignal }): AsyncIterable<Event> {
    return this.#events.read({ ...options, signal: AbortSignal.any([options.signal, this.#abort.signal]) });
  }

  logs(options: LogOptions): AsyncIterable<LogEntry> {
    return this.#options.readLogs(options);
  }

  exec(options: ExecOptions): Promise<ExecSession> {
    return openExec(this.#options.native.containers, this.#view(), options);
  }

  async info(): Promise<EngineInfo> {
    return describeEngine(this.#options, this.#startedAt);
  }

  // -------------------------------------------------------------------------------------------------------------- images

  images(): Promise<readonly ImageItem[]> {
    return listImages(this.#options, this.#view());
  }

  async pullImage(
    ref: string,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
  ): Promise<ImageItem> {
    const key = imageKey(ref);
    const report = (state: Progress['state'], fields: Partial<Progress> = {}): void =>
      options.onProgress(progressOf({ at: this.#options.now(), subject: key, verb: 'pull', state, ...fields }));
    report('started');
    try {
      const item = await this.#options.images.pull(parseKey(key).name, {
        signal: AbortSignal.any([options.signal, this.#abort.signal]),
        report: ({ part, stage, done, total }) => report('running', { part, stage, done, total }),
      });
      report('done');
      return item;
    } finally {
      this.#loop.wake(new Set([key]));
    }
  }

  async removeImage(ref: string): Promise<void> {
    const key = imageKey(ref);
    const name = parseKey(key).name;
    await this.#exclusive.run(async () => {
      const item = (await this.#options.images.list()).find((one) => one.ref === name);
      if (item === undefined) throw new TsdockError('CLI021', { key, message: `no image ${JSON.stringify(name)}` });
      const desired = [...this.#graph.resources.values()].find((resource) => resource.kind === 'Image' && resource.spec.ref === name);
      const [user] = usersOfImage(this.#view(), item);
      if (desired !== undefined || user !== undefined) {
        throw new TsdockError('IMG030', {
          key,
          message: `image ${name} is used by ${user ?? desired?.key}`,
          hint: 'delete what uses it first',
        });
      }
      await this.#options.images.remove(name);
      await this.#collectContent();
    });
    this.#loop.wake(new Set([key]));
  }

  /** Frees what no image and no instance names. Not while something runs or could not be looked at: it might hold what nobody else names. */
  async #collectContent(): Promise<void> {
    const view = this.#view();
    if (view.observation.unseen.size > 0 || view.running.size > 0) return;
    const configDigests = new Set(observedContainers(view).flatMap((container) => container.slots.map((slot) => slot.imageConfig)));
    await this.#options.images.collect({ configDigests, directories: new Set(), dryRun: false });
  }

  // -------------------------------------------------------------------------------------------------------------- the look

  get #state(): StateKeeper['current'] {
    return this.#keeper.current;
  }

  #view(): View {
    return { state: this.#state, graph: this.#graph, observation: this.#observation, plan: this.#plan, running: this.#executor.running };
  }

  #observerOptions(): ObserverOptions {
    const { controllers, native, prefix, now } = this.#options;
    return { controllers, hostRoutes: () => foreignRoutes(native, prefix), now };
  }

  /** Finds what runs, whatever the store remembers of it, and starts to listen. */
  async #adopt(): Promise<void> {
    const { controllers, native, now, random } = this.#options;
    this.#observation = await observe(nothingSeen, 'all', this.#observerOptions());
    const built = await this.#build(new Map());
    this.#graph = built.graph;
    const rebuilt = recordsFromWorld(this.#observation.observed.resources.values(), this.#state.records, now());
    const known = new Map([...this.#state.records, ...rebuilt]);
    const records = new Map([...rebuilt, ...recordsFor(this.#graph, known, { now: now(), newUid: () => newUid(random) })]);
    const interrupted = new Map<ActionId, StoredIntent>(this.#store.range(intentCollection) as Iterable<readonly [ActionId, StoredIntent]>);
    const events = openingEvents({ store: this.#store, rebuilt: [...rebuilt.keys()], interrupted, version: this.#options.version });
    await this.#keeper.commit({ records, intents: new Map([...interrupted.keys()].map((id) => [id, null])), events }, now());
    for (const controller of Object.values(controllers)) controller.watch?.((key) => this.#loop.wake(new Set([key])), this.#abort.signal);
    const unsubscribe = native.onEvent((happened) => {
      // Rules of all published ports are gone at once, and nothing is left that could say whose they were.
      if (happened.type === 'table') this.#loop.wake('all');
      if (happened.type !== 'exited') return;
      const { code, signal, oom, atMs } = happened.exit;
      this.#seenExits.push({ instance: happened.id, exit: { code, signal, oom, at: atMs } });
    });
    this.#abort.signal.addEventListener('abort', unsubscribe, { once: true });
    this.#loop.wake(new Set());
  }

  async #look(dirty: Dirty): Promise<Instant | null> {
    this.#outcomes.push(...this.#executor.takeEnded());
    const outcomes = [...this.#outcomes];
    const observation = await observe(this.#observation, dirty, this.#observerOptions());
    return this.#exclusive.run(() => this.#decide(observation, outcomes));
  }

  /** Everything between a look at the world and the start of what follows from it; no change of desired state comes in between. */
  async #decide(observation: Observation, outcomes: readonly Outcome[]): Promise<Instant | null> {
    const now = this.#options.now();
    this.#observation = observation;
    this.#executor.release(outcomes);
    const seen = this.#seenExits.splice(0);
    const ended = this.#changeOf(outcomes, now);
    const exits = noteExits(observation.observed, seen, this.#state.exits);
    const attempts = new Map<ActionId, Attempts>(this.#state.attempts);
    for (const [id, attempt] of ended.attempts ?? []) {
      if (attempt === null) attempts.delete(id);
      else attempts.set(id, attempt);
    }
    const moment = { state: this.#state, records: this.#state.records, attempts, running: this.#executor.running, observation, now };
    const next = plan(this.#graph, observation.observed, contextOf(this.#options, moment));
    this.#plan = next;
    this.#abortUnwanted();
    const gone = forgottenRecords({ graph: this.#graph, observation, records: this.#state.records, running: this.#executor.running });
    const intents = new Map<ActionId, StoredIntent | null>(ended.intents);
    const events: NewEvent[] = [...(ended.events ?? []), ...exits.events, ...gone.events];
    for (const action of next.actions) {
      if (action.after.length > 0 || !this.#executor.start(action)) continue;
      intents.set(action.id, { at: now, subject: action.subject, verb: action.verb, reason: action.reason.code });
    }
    const { finished, recheckAt } = this.#judgeOperations(attempts, now);
    const change: StateChange = {
      records: new Map([...leaseRecords(next.leases, this.#graph, this.#state.records), ...gone.records]),
      attempts: ended.attempts ?? new Map(),
      intents,
      exits: exits.marks,
      operations: new Map([
        ...finished.map(({ operation }) => [operation.id, operation] as const),
        ...(finished.length > 0 ? staleOperations(this.#state.operations) : []),
      ]),
      events: [...events, ...finished.map(({ operation }) => operationEvent(operation))],
    };
    this.#outcomes = this.#outcomes.filter((outcome) => !outcomes.includes(outcome));
    if (!isEmptyChange(change)) this.#record(change, finished, now);
    return earliest([next.wakeAt, recheckAt]);
  }

  /** Written behind the effects it tells about: the world would tell the same again. Who waits for an operation waits for the disk. */
  #record(change: StateChange, finished: readonly Finished[], now: Instant): void {
    const written = this.#keeper.note(change, now);
    written.then(
      () => undefined,
      (error: unknown) => this.#options.log.error(`the store cannot be written: ${error instanceof Error ? error.message : String(error)}`),
    );
    const answer = (): void => {
      for (const one of finished) this.#finishing.get(one.operation.id)?.(one);
    };
    void written.then(answer, answer);
  }

  #changeOf(outcomes: readonly Outcome[], now: Instant): StateChange {
    const { random } = this.#options;
    return outcomeChange(outcomes, { graph: this.#graph, attempts: this.#state.attempts, records: this.#state.records, random, now });
  }

  /** A download nobody wants any more is given up; everything else ends by itself. */
  #abortUnwanted(): void {
    for (const [subject, action] of this.#executor.running) {
      if (action.phase === 'fetch' && !this.#graph.resources.has(resourceOf(subject))) this.#executor.abort(subject);
    }
  }

  #judgeOperations(
    attempts: ReadonlyMap<ActionId, Attempts>,
    now: Instant,
  ): { readonly finished: readonly Finished[]; readonly recheckAt: Instant | null } {
    const open = [...this.#state.operations.values()].filter((operation) => operation.state === 'running');
    if (open.length === 0) return { finished: [], recheckAt: null };
    const entries = entriesOf(this.#plan, this.#executor.running);
    const view = { desired: this.#graph, observed: this.#observation.observed, records: this.#state.records, entries, attempts, now };
    const finished: Finished[] = [];
    const rechecks: Instant[] = [];
    for (const operation of open) {
      const judgement = judge(operation, view);
      if (judgement.is === 'waiting') rechecks.push(judgement.recheckAt);
      else finished.push({ operation: endOf(operation, judgement, now), blocked: judgement.is === 'done' ? [] : judgement.blocked });
    }
    return { finished, recheckAt: earliest(rechecks) };
  }

  #tell(progress: Progress): void {
    const key = resourceOf(progress.subject as ResourceKey);
    for (const waiter of this.#waiters) if (waiter.keys.has(key)) waiter.onProgress(progress);
  }

  // -------------------------------------------------------------------------------------------------------------- accepting

  /** One transaction: documents, records, revision, operation and event, before any effect. */
  async #accept(snapshots: readonly SourceSnapshot[], options: ApplyOptions, begun: Instant): Promise<Acceptance> {
    this.#refuseClosed();
    const before = this.#state;
    const candidate = await planCandidate(this.#options, this.#view(), snapshots);
    const accepted = acceptSnapshots(before.sets, before.records, snapshots, options);
    const built = await this.#build(accepted.sets);
    const about = new Set<ResourceKey>(snapshots.flatMap((snapshot) => snapshot.documents.map((document) => document.key)));
    const warnings = [...accepted.warnings, ...refuseErrors(built, about)];
    const keys = candidate.keys;
    const { summary } = reportCandidate(candidate, before.records);
    const sets = changedSets(before.sets, accepted.sets);
    const revision = accepted.sets.get(snapshots[0]?.set ?? '')?.revision ?? null;
    const settled = this.#isSettled(candidate);
    const hasNewDocuments = [...accepted.sets].some(([id, set]) => before.sets.get(id)?.revision !== set.revision);
    if (!hasNewDocuments && settled) {
      if (sets.size > 0) await this.#keeper.commit({ sets }, begun);
      this.#graph = built.graph;
      return { operation: null, revision, summary, warnings };
    }
    const operation = this.#newOperation({
      sets: snapshots.map((snapshot) => snapshot.set),
      keys: [...keys].sort(),
      options,
      summary,
      begun,
    });
    const records = new Map<ResourceKey, ResourceRecord>(
      recordsFor(built.graph, before.records, { now: begun, newUid: () => newUid(this.#options.random) }),
    );
    for (const key of accepted.released) {
      const record = before.records.get(key);
      if (record !== undefined) records.set(key, { ...record, set: releasedSet });
    }
    const superseded = this.#supersede(operation, begun);
    await this.#keeper.commit(
      {
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
      },
      begun,
    );
    this.#graph = built.graph;
    for (const one of superseded) this.#finishing.get(one.id)?.({ operation: one, blocked: [] });
    return { operation, revision, summary, warnings };
  }

  /** Takes documents of the named objects out of their sets and marks the records, so that the planner removes what stands for them. */
  async #acceptRemoval(named: readonly ResourceKey[], options: RemoveOptions, begun: Instant): Promise<Acceptance> {
    this.#refuseClosed();
    const before = this.#state;
    const keys = new Set<ResourceKey>(named);
    for (const key of keys) {
      if (!this.#graph.resources.has(key) && !before.records.has(key)) throw notFound(key);
      for (const user of this.#usersOf(key)) {
        if (keys.has(user)) continue;
        if (!options.cascade) throw stillUsed(key, user, this.#graph);
        keys.add(user);
      }
    }
    const shielded = [...keys].find((key) => this.#graph.resources.get(key)?.annotations['tsdock/protect'] === 'true');
    if (shielded !== undefined && !options.force)
      throw new TsdockError('CLI025', { key: shielded, message: `${shielded} is protected`, hint: '--force' });
    const sets = new Map<SetId, StoredSet>();
    const warnings: string[] = [];
    for (const set of before.sets.values()) {
      const documents = set.documents.filter((document) => !keys.has(document.key));
      if (documents.length === set.documents.length) continue;
      sets.set(set.id, { ...set, revision: set.revision + 1, documents });
      if (set.id.startsWith('dir:'))
        warnings.push(
          `CLI023: objects of ${set.id} are defined in files of a watched directory and will come back; delete the files instead`,
        );
    }
    const built = await this.#build(sets);
    const records = new Map<ResourceKey, ResourceRecord>();
    for (const key of keys) {
      const record = before.records.get(key);
      if (record !== undefined && !built.graph.resources.has(key)) records.set(key, { ...record, deletedAt: begun });
    }
    // What only the removed used goes with it, and is waited for.
    const held = [...keys].flatMap((key) => this.#observation.observed.resources.get(key)?.uses ?? []);
    const implied = held.filter((key) => before.records.get(key)?.source === 'implicit');
    const orphans = [...this.#graph.resources.keys(), ...implied].filter(
      (key) => !built.graph.resources.has(key) && !key.startsWith('Image/'),
    );
    const all = new Set<ResourceKey>([...keys, ...orphans]);
    const summary: Summary = { ...emptySummary, deleted: keys.size };
    const operation = this.#newOperation({ sets: [...sets.keys()], keys: [...all].sort(), options, summary, begun });
    const superseded = this.#supersede(operation, begun);
    await this.#keeper.commit(
      {
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
      },
      begun,
    );
    this.#graph = built.graph;
    for (const one of superseded) this.#finishing.get(one.id)?.({ operation: one, blocked: [] });
    return { operation, revision: null, summary, warnings };
  }

  async #override(
    keys: readonly ResourceKey<'Container'>[],
    options: WaitOptions,
    wish: {
      readonly reason: NewEvent['reason'];
      readonly text: string;
      readonly change: (record: ResourceRecord, now: Instant) => ResourceRecord;
    },
  ): Promise<ApplyResult> {
    const begun = this.#options.now();
    const accepted = await this.#exclusive.run(async (): Promise<Acceptance> => {
      this.#refuseClosed();
      const records = new Map<ResourceKey, ResourceRecord>();
      for (const key of keys) {
        const record = this.#state.records.get(key);
        if (record === undefined || !this.#graph.resources.has(key)) throw notFound(key);
        records.set(key, wish.change(record, begun));
      }
      const operation = this.#newOperation({ sets: [], keys: [...keys].sort(), options, summary: emptySummary, begun });
      await this.#keeper.commit(
        {
          records,
          operations: new Map([[operation.id, operation]]),
          attempts: forgottenAttempts(this.#state.attempts, new Set(keys)),
          events: keys.map((key) => ({ ...event(wish.reason, key, `${wish.text} was asked for`), actor: options.actor })),
        },
        begun,
      );
      return { operation, revision: null, summary: emptySummary, warnings: [] };
    });
    return this.#follow(accepted, options, begun);
  }

  /** Waits for an operation to end, if asked to, and says how it went. */
  async #follow(accepted: Acceptance, options: WaitOptions, begun: Instant): Promise<ApplyResult> {
    const { operation, revision, summary, warnings } = accepted;
    const seconds = (): number => (this.#options.now() - begun) / 1000;
    if (operation === null)
      return { result: 'unchanged', operation: null, revision, seconds: seconds(), summary, blocked: [], exitCode: 0, warnings };
    const keys = new Set(operation.keys);
    if (!options.wait) {
      this.#loop.wake(keys);
      return { result: 'applied', operation, revision, seconds: seconds(), summary, blocked: [], exitCode: 0, warnings };
    }
    const waiter: Waiter = { keys, onProgress: options.onProgress };
    this.#waiters.add(waiter);
    try {
      const ended = this.#ended(operation, options.signal);
      this.#loop.wake(keys);
      const finished = await ended;
      const { result, exitCode } = resultOf(finished.operation);
      return {
        result,
        operation: finished.operation,
        revision,
        seconds: seconds(),
        summary,
        blocked: finished.blocked,
        exitCode,
        warnings,
      };
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  #ended(operation: Operation, signal: AbortSignal): Promise<Finished> {
    const both = AbortSignal.any([signal, this.#abort.signal]);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#finishing.delete(operation.id);
        both.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(new TsdockError('ABORTED', { message: 'interrupted; what was accepted goes on', hint: 'tsdock status' }));
      };
      this.#finishing.set(operation.id, (finished) => {
        leave();
        resolve(finished);
      });
      if (both.aborted) onAbort();
      else both.addEventListener('abort', onAbort, { once: true });
    });
  }

  async #build(changed: ReadonlyMap<SetId, StoredSet>): ReturnType<typeof buildWith> {
    return buildWith(this.#options, new Map([...this.#state.sets, ...changed]));
  }

  #newOperation(fields: {
    readonly sets: readonly SetId[];
    readonly keys: readonly ResourceKey[];
    readonly options: WaitOptions;
    readonly summary: Summary;
    readonly begun: Instant;
  }): Operation {
    const { sets, keys, options, summary, begun } = fields;
    const id = newUid(this.#options.random);
    return {
      id,
      sets,
      keys,
      actor: options.actor,
      startedAt: begun,
      deadline: begun + options.timeoutMs,
      state: 'running',
      cause: null,
      endedAt: null,
      summary,
    };
  }

  /** A newer change of one of its sets ends an operation that still waits. */
  #supersede(by: Operation, now: Instant): readonly Operation[] {
    return [...this.#state.operations.values()]
      .filter((one) => one.state === 'running' && one.sets.some((set) => by.sets.includes(set)))
      .map((one) => ({ ...one, state: 'superseded', cause: `a newer change by ${by.actor}`, endedAt: now }));
  }

  /** Whether everything a candidate touches is where it should be already. */
  #isSettled(candidate: Candidate): boolean {
    const entries = entriesOf(candidate.plan, this.#executor.running);
    const { observed } = this.#observation;
    const { records, attempts } = this.#state;
    const view = { desired: candidate.graph, observed, records, entries, attempts, now: this.#options.now() };
    return isSettled(candidate.keys, view);
  }

  #isRunning(key: ResourceKey): boolean {
    const observed = this.#observation.observed.resources.get(key);
    return observed?.kind === 'Container' && observed.slots.some((slot) => slot.phase === 'running');
  }

  /** Who would be left without `key`: those that name it and those that hold on to it. */
  #usersOf(key: ResourceKey): readonly ResourceKey[] {
    return [...this.#graph.resources.values()]
      .filter((resource) => resource.refs.some((ref) => ref.key === key))
      .map((resource) => resource.key);
  }

  #refuseClosed(): void {
    if (this.#closed) throw new TsdockError('ABORTED', { message: 'the engine is stopping' });
  }
}

interface Acceptance {
  /** Null: nothing to do. */
  readonly operation: Operation | null;
  readonly revision: number | null;
  readonly summary: Summary;
  readonly warnings: readonly string[];
}

// ---------------------------------------------------------------------------------------------------------------- reading only

async function openReadOnly(options: EngineOptions, store: Store): Promise<ReadOnlyEngine> {
  const startedAt = options.now();
  const state = loadState(store);
  const events = new EventLog(store, { keep: keepEvents });
  const built = await buildWith(options, state.sets);
  const view = async (): Promise<View> => {
    const { controllers, native, prefix, now } = options;
    const observation = await observe(nothingSeen, 'all', { controllers, hostRoutes: () => foreignRoutes(native, prefix), now });
    const running = new Map();
    const next = plan(
      built.graph,
      observation.observed,
      contextOf(options, { state, records: state.records, attempts: state.attempts, running, observation, now: now() }),
    );
    return { state, graph: built.graph, observation, plan: next, running };
  };
  const refuse = (): Promise<never> => Promise.reject(new TsdockError('DMN011', { message: 'this engine was opened for reading only' }));
  return {
    plan: async (snapshots) => reportPlan(options, await view(), snapshots),
    resources: async (filter) => listResources(await view(), filter, options.now(), new Map()),
    instances: async ({ namespace }) => listInstances(await view(), namespace, options.now()),
    sets: async () => listSets(await view(), options.now()),
    events: (wanted) => events.read(wanted),
    logs: (wanted) => options.readLogs(wanted),
    exec: async (wanted) => openExec(options.native.containers, await view(), wanted),
    images: async () => listImages(options, await view()),
    info: async () => describeEngine(options, startedAt),
    apply: refuse,
    remove: refuse,
    stop: refuse,
    start: refuse,
    restart: refuse,
    confirmPrune: refuse,
    pullImage: refuse,
    removeImage: refuse,
    documents: () => new Map([...state.sets].map(([id, set]) => [id, set.documents])),
    close: () => store.close(),
  };
}

async function buildWith(
  options: EngineOptions,
  sets: ReadonlyMap<SetId, StoredSet>,
): Promise<Awaited<ReturnType<EngineOptions['buildGraph']>>> {
  const built = await options.buildGraph(toSnapshots(sets));
  return { ...built, graph: withSetStates(built.graph, sets) };
}

// ---------------------------------------------------------------------------------------------------------------- small decisions

/** One caller at a time, in the order they came. */
class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function lockHeld(directories: Directories): TsdockError {
  let holder = 'another process';
  try {
    const [pid = ''] = readFileSync(directories.lock, 'utf8').trim().split(/\s+/);
    if (/^\d+$/.test(pid)) holder = `pid ${pid}`;
  } catch {
    // The holder's name only makes the message better.
  }
  return new TsdockError('DMN001', { message: `${directories.state} is in use by ${holder}`, hint: 'use that one, or --state-dir' });
}

function notFound(key: ResourceKey): TsdockError {
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

function stopAction(key: ResourceKey<'Container'>, slot: ObservedInstance): Action<'Container'> {
  const subject = slotKey(key, slot.slot);
  return {
    id: `${subject}#stop`,
    kind: 'Container',
    subject,
    verb: 'stop',
    phase: 'down',
    input: { verb: 'stop', instance: slot.instance, by: 'engine', signal: slot.stopSignal, graceMs: slot.graceMs },
    reason: { code: 'Stopped', message: 'the engine stops its containers', paths: [] },
    after: [],
    acquires: [],
    releases: [],
  };
}

/** 12 lower-case hex digits. */
function newUid(random: () => number): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 24)
      .toString(16)
      .padStart(6, '0');
  return half() + half();
}

function imageKey(ref: string): ResourceKey<'Image'> {
  const parsed = parseReference(ref);
  return resourceKey('Image', '_', parsed.ok ? formatReference(parsed.reference) : ref);
}

function event(reason: NewEvent['reason'], object: ResourceKey | null, message: string, type: NewEvent['type'] = 'Normal'): NewEvent {
  return { type, reason, object, generation: null, message, actor: 'engine' };
}

function openingEvents(facts: {
  readonly store: Store;
  readonly rebuilt: readonly ResourceKey[];
  readonly interrupted: ReadonlyMap<ActionId, StoredIntent>;
  readonly version: string;
}): readonly NewEvent[] {
  const { store, rebuilt, interrupted, version } = facts;
  const moved =
    store.movedAside === null
      ? []
      : [event('StateMovedAside', null, `${store.movedAside.reason}; moved to ${store.movedAside.path}`, 'Warning')];
  const damaged = store.corrupt.map(({ collection, id, reason }) =>
    event('StateMovedAside', null, `entry ${id} of ${collection} was unreadable (${reason}) and counts as absent`, 'Warning'),
  );
  const adopted = rebuilt.map((key) =>
    event('Adopted', key, 'known from what it says about itself; its set is unknown until it is applied again', 'Warning'),
  );
  const cancelled = [...interrupted].map(([id, intent]) =>
    event('ActionCancelled', resourceOf(intent.subject as ResourceKey), `${id} was interrupted`, 'Warning'),
  );
  return [...moved, ...damaged, ...adopted, ...cancelled, event('EngineStarted', null, `tsdock ${version}`)];
}

function appliedEvents(operation: Operation, sets: ReadonlyMap<SetId, StoredSet>): readonly NewEvent[] {
  return [...sets.values()].map((set) => ({
    ...event(
      'Applied',
      null,
      `${set.id} revision ${set.revision}: ${set.documents.length} ${set.documents.length === 1 ? 'object' : 'objects'}`,
    ),
    actor: operation.actor,
  }));
}

function operationEvent(operation: Operation): NewEvent {
  const how = {
    succeeded: 'has succeeded',
    failed: 'has failed',
    'timed-out': 'was not ready in time',
    superseded: 'was superseded',
    running: 'goes on',
  }[operation.state];
  const cause = operation.cause === null ? '' : `: ${operation.cause}`;
  const fields = event(
    'ActionDone',
    null,
    `operation ${operation.id} ${how}${cause}`,
    operation.state === 'succeeded' ? 'Normal' : 'Warning',
  );
  return { ...fields, reason: operation.state === 'succeeded' ? 'ActionDone' : 'ActionFailed', actor: operation.actor };
}

function endOf(operation: Operation, judgement: Exclude<Judgement, { is: 'waiting' }>, now: Instant): Operation {
  switch (judgement.is) {
    case 'done':
      return { ...operation, state: 'succeeded', endedAt: now };
    case 'failed':
      return { ...operation, state: 'failed', cause: judgement.cause, endedAt: now };
    case 'late':
      return {
        ...operation,
        state: 'timed-out',
        cause: `not ready by ${formatInstant(operation.deadline)}: ${judgement.cause}`,
        endedAt: now,
      };
  }
}

/** Exit codes of contract.md for the ends of an operation. */
function resultOf(operation: Operation): Pick<ApplyResult, 'result' | 'exitCode'> {
  switch (operation.state) {
    case 'succeeded':
    case 'running':
      return { result: 'applied', exitCode: 0 };
    case 'failed':
      return { result: 'failed', exitCode: 1 };
    case 'timed-out':
      return { result: 'failed', exitCode: 4 };
    case 'superseded':
      return { result: 'failed', exitCode: 6 };
  }
}

/** Sets whose stored form differs; positions of unchanged documents do not count. */
function changedSets(before: ReadonlyMap<SetId, StoredSet>, after: ReadonlyMap<SetId, StoredSet>): ReadonlyMap<SetId, StoredSet> {
  return new Map([...after].filter(([id, set]) => JSON.stringify(before.get(id)) !== JSON.stringify(set)));
}

/** Whoever asks again wants it tried again. */
function forgottenAttempts(attempts: ReadonlyMap<ActionId, Attempts>, keys: ReadonlySet<ResourceKey>): ReadonlyMap<ActionId, null> {
  const ids = [...attempts.keys()].filter((id) => keys.has(resourceOf(id.slice(0, id.lastIndexOf('#')) as ResourceKey)));
  return new Map(ids.map((id) => [id, null]));
}

function earliest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
