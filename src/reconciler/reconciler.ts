import type { Progress } from '../model/engine-api.ts';
import type { NewEvent } from '../model/event.ts';
import { type DesiredGraph, emptyGraph } from '../model/graph.ts';
import type { Observed } from '../model/observed.ts';
import type { Operation } from '../model/operation.ts';
import type { ActionId, Attempts, Plan, ResourceRecord } from '../model/plan.ts';
import { type Instant, type ResourceKey, resourceOf, resourceOfAction } from '../model/resource.ts';
import { formatInstant } from '../model/time.ts';
import { intents as intentCollection, type StoredIntent } from '../store/collections.ts';
import type { Store } from '../store/store.ts';
import { newUid } from './acceptance.ts';
import { openingEvents, operationEvent } from './event-texts.ts';
import { Executor, laneSizes, type Outcome } from './executor.ts';
import { noteExits, type SeenExit } from './exits.ts';
import type { Finished } from './followers.ts';
import { Loop } from './loop.ts';
import type { Mutex } from './mutex.ts';
import { type Dirty, nothingSeen, type Observation, observe } from './observer.ts';
import { entriesOf, type Judgement, judge } from './operation.ts';
import { buildSets, type EngineOptions } from './options.ts';
import { outcomeChange } from './outcomes.ts';
import { plan, type Records } from './plan.ts';
import { probeEvents, probeTargets } from './probes.ts';
import { contextOf, observerOptionsOf, type View } from './reader.ts';
import { forgottenRecords, leaseRecords } from './records.ts';
import { recordsFor } from './sets.ts';
import { configure } from './settings.ts';
import { isEmptyChange, type StateChange, type StateKeeper, staleOperations } from './state.ts';

/** A stopping engine waits this long for actions that run; containers go on either way. */
const drainMs = 5_000;

const noPlan: Plan = {
  actions: [],
  blocked: [],
  changes: [],
  wakeAt: null,
  leases: { networks: new Map(), slots: new Map(), missing: new Map() },
};

export interface ReconcilerOptions {
  readonly engine: EngineOptions;
  readonly keeper: StateKeeper;
  /** Held by each decision, and by whoever changes what is desired. */
  readonly exclusive: Mutex;
  /** Records of things the store knows nothing of, from what they say of themselves. */
  readonly rebuild: (things: Iterable<Observed>, known: Records, now: Instant) => ReadonlyMap<ResourceKey, ResourceRecord>;
  /** Ends listening. */
  readonly closing: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onFinished: (finished: Finished) => void;
}

/** Look → decide → act, again and again: owns loop and executor, and knows the world as it was seen last. See README.md. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #engine: EngineOptions;
  readonly #keeper: StateKeeper;
  readonly #executor: Executor;
  readonly #loop: Loop;
  #graph: DesiredGraph = emptyGraph;
  #observation: Observation = nothingSeen;
  #plan: Plan = noPlan;
  /** Taken from the executor or from listeners, not yet in the store. */
  #outcomes: Outcome[] = [];
  #seenExits: SeenExit[] = [];

  constructor(options: ReconcilerOptions) {
    const { engine } = options;
    this.#options = options;
    this.#engine = engine;
    this.#keeper = options.keeper;
    this.#executor = new Executor({
      controllers: engine.controllers,
      log: engine.log,
      now: engine.now,
      lanes: laneSizes(engine.native.host.cpus),
      onEnded: (key) => this.#ended(key),
      onProgress: options.onProgress,
    });
    this.#loop = new Loop({ look: (dirty) => this.#look(dirty), now: engine.now, log: engine.log, resyncMs: engine.resyncMs });
  }

  /** Says what is desired from now on. The caller holds `exclusive` and wakes afterwards. */
  want(graph: DesiredGraph): void {
    this.#graph = graph;
    configure(this.#engine, graph);
  }

  wake(dirty: Dirty): void {
    this.#loop.wake(dirty);
  }

  /** What only adds to what is desired is begun with what is known, and looked at a moment later: there was nothing of it to look at. But images are there for others too. */
  wakeNew(keys: ReadonlySet<ResourceKey>): void {
    this.#loop.wake(new Set([...keys].filter((key) => key.startsWith('Image/'))));
    this.#loop.wakeSoon(keys);
  }

  /** An end that no planned action waits for is seen together with the next one, a moment later at most: a look takes a CPU from the processes that are being started. */
  #ended(key: ResourceKey): void {
    const isAwaited = this.#plan.actions.some(({ after }) => after.some((id) => resourceOfAction(id) === key));
    const dirty = new Set([key]);
    if (isAwaited || !this.#executor.isBusy) this.#loop.wake(dirty);
    else this.#loop.wakeSoon(dirty);
  }

  view(): View {
    const running = this.#executor.running;
    return { state: this.#keeper.current, graph: this.#graph, observation: this.#observation, plan: this.#plan, running };
  }

  /** Reconciles no more; ends when running actions have ended or a few seconds later. Repeatable. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#engine.probes.follow([]);
    await this.#executor.drain(drainMs);
  }

  /** What ended and was not written yet, after `stop`. */
  lastChange(now: Instant): StateChange {
    return this.#changeOf([...this.#outcomes, ...this.#executor.takeEnded()], now);
  }

  /** Finds what runs, whatever the store remembers of it, and starts to listen. */
  async adopt(store: Store): Promise<void> {
    const { controllers, native, now, random, version } = this.#engine;
    const { closing } = this.#options;
    this.#observation = await observe(nothingSeen, 'all', observerOptionsOf(this.#engine));
    this.want((await buildSets(this.#engine, this.#keeper.current.sets)).graph);
    const rebuilt = this.#options.rebuild(this.#observation.observed.resources.values(), this.#keeper.current.records, now());
    const known = new Map([...this.#keeper.current.records, ...rebuilt]);
    const records = new Map([...rebuilt, ...recordsFor(this.#graph, known, { now: now(), newUid: () => newUid(random) })]);
    const interrupted = new Map<ActionId, StoredIntent>(store.range(intentCollection) as Iterable<readonly [ActionId, StoredIntent]>);
    const events = openingEvents({ store, rebuilt: [...rebuilt.keys()], interrupted, version });
    await this.#keeper.commit({ records, intents: new Map([...interrupted.keys()].map((id) => [id, null])), events }, now());
    for (const controller of Object.values(controllers)) controller.watch?.((key) => this.wake(new Set([key])), closing);
    const unsubscribe = native.onEvent((happened) => {
      // Rules of all published ports are gone at once, and nothing is left that could say whose they were.
      if (happened.type === 'table') this.wake('all');
      if (happened.type !== 'exited') return;
      const { code, signal, oom, atMs } = happened.exit;
      this.#seenExits.push({ instance: happened.id, exit: { code, signal, oom, at: atMs } });
    });
    closing.addEventListener('abort', unsubscribe, { once: true });
    this.wake(new Set());
  }

  async #look(dirty: Dirty): Promise<Instant | null> {
    this.#outcomes.push(...this.#executor.takeEnded());
    const outcomes = [...this.#outcomes];
    // What an action left is seen before its subject counts as free again.
    const seen = dirty === 'all' ? dirty : new Set([...dirty, ...outcomes.map(({ action }) => resourceOf(action.subject))]);
    const observation = await observe(this.#observation, seen, observerOptionsOf(this.#engine));
    return this.#options.exclusive.run(() => this.#decide(observation, outcomes));
  }

  /** Everything between a look at the world and the start of what follows from it; no change of desired state comes in between. */
  async #decide(observation: Observation, outcomes: readonly Outcome[]): Promise<Instant | null> {
    const now = this.#engine.now();
    const told = probeEvents(this.#observation.observed, observation.observed);
    this.#observation = observation;
    this.#engine.probes.follow(probeTargets(this.#graph, observation.observed));
    this.#executor.release(outcomes);
    const seen = this.#seenExits.splice(0);
    const ended = this.#changeOf(outcomes, now);
    const exits = noteExits(observation.observed, seen, this.#keeper.current.exits);
    const attempts = new Map<ActionId, Attempts>(this.#keeper.current.attempts);
    for (const [id, attempt] of ended.attempts ?? []) {
      if (attempt === null) attempts.delete(id);
      else attempts.set(id, attempt);
    }
    const moment = {
      state: this.#keeper.current,
      records: this.#keeper.current.records,
      attempts,
      running: this.#executor.running,
      observation,
      now,
    };
    const next = plan(this.#graph, observation.observed, contextOf(this.#engine, moment));
    this.#plan = next;
    this.#abortUnwanted();
    const gone = forgottenRecords({
      graph: this.#graph,
      observation,
      records: this.#keeper.current.records,
      running: this.#executor.running,
    });
    const intents = new Map<ActionId, StoredIntent | null>(ended.intents);
    const events: NewEvent[] = [...(ended.events ?? []), ...told, ...exits.events, ...gone.events];
    for (const action of next.actions) {
      if (action.after.length > 0 || !this.#executor.start(action)) continue;
      intents.set(action.id, { at: now, subject: action.subject, verb: action.verb, reason: action.reason.code });
    }
    const { finished, recheckAt } = this.#judgeOperations(attempts, now);
    const change: StateChange = {
      records: new Map([...leaseRecords(next.leases, this.#graph, this.#keeper.current.records), ...gone.records]),
      attempts: ended.attempts ?? new Map(),
      intents,
      exits: exits.marks,
      operations: new Map([
        ...finished.map(({ operation }) => [operation.id, operation] as const),
        ...(finished.length > 0 ? staleOperations(this.#keeper.current.operations) : []),
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
      (error: unknown) => this.#engine.log.error(`the store cannot be written: ${error instanceof Error ? error.message : String(error)}`),
    );
    const answer = (): void => {
      for (const one of finished) this.#options.onFinished(one);
    };
    void written.then(answer, answer);
  }

  #changeOf(outcomes: readonly Outcome[], now: Instant): StateChange {
    const { random } = this.#engine;
    return outcomeChange(outcomes, {
      graph: this.#graph,
      attempts: this.#keeper.current.attempts,
      records: this.#keeper.current.records,
      random,
      now,
    });
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
    const open = [...this.#keeper.current.operations.values()].filter((operation) => operation.state === 'running');
    if (open.length === 0) return { finished: [], recheckAt: null };
    const entries = entriesOf(this.#plan, this.#executor.running);
    const view = {
      desired: this.#graph,
      observed: this.#observation.observed,
      records: this.#keeper.current.records,
      entries,
      attempts,
      now,
    };
    const finished: Finished[] = [];
    const rechecks: Instant[] = [];
    for (const operation of open) {
      const judgement = judge(operation, view);
      if (judgement.is === 'waiting') rechecks.push(judgement.recheckAt);
      else finished.push({ operation: endOf(operation, judgement, now), blocked: judgement.is === 'done' ? [] : judgement.blocked });
    }
    return { finished, recheckAt: earliest(rechecks) };
  }
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

function earliest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
