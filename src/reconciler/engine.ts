import { readFileSync, statSync } from 'node:fs';
import type {
  ApplyOptions,
  ApplyResult,
  ArchiveFormat,
  Cause,
  DiskUsage,
  EngineApi,
  EngineInfo,
  ExecOptions,
  ExecSession,
  GcReport,
  HistoryItem,
  ImageDetails,
  ImageItem,
  ImageLookup,
  InstanceUsage,
  LoadOptions,
  LogEntry,
  LogOptions,
  PlanReport,
  Progress,
  PruneReport,
  RemoveOptions,
  ResourceFilter,
  SetStatus,
  VerifyReport,
  WaitOptions,
} from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { Event, NewEvent } from '../model/event.ts';
import type { DesiredGraph, SourceSnapshot } from '../model/graph.ts';
import type { AnyResource, Instant, ResourceKey, SetId } from '../model/resource.ts';
import type { InstanceItem, ResourceStatus } from '../model/status.ts';
import { formatInstant } from '../model/time.ts';
import type { Lock } from '../native/index.ts';
import { type Directories, directoriesOf, ensureDirectories } from '../store/directories.ts';
import { EventLog, keepEvents } from '../store/event-log.ts';
import { openStore, type Store } from '../store/store.ts';
import { type Acceptance, acceptApply, type Moment } from './acceptance.ts';
import { DiskWatch } from './disk-watch.ts';
import { collectedEvents, event } from './event-texts.ts';
import { why } from './evidence.ts';
import { openExec } from './exec.ts';
import { Followers } from './followers.ts';
import type { ImageUse } from './garbage.ts';
import {
  chooseForDisk,
  collectChoice,
  diskUsage,
  type Finish,
  findImageUse,
  noteImageUse,
  prunable,
  prune,
  type Taken,
} from './image-collection.ts';
import {
  historyByHand,
  imageKey,
  inspectByHand,
  loadByHand,
  lookUpByHand,
  pullByHand,
  removeByHand,
  saveByHand,
  tagByHand,
  verifyByHand,
} from './image-requests.ts';
import { Mutex } from './mutex.ts';
import { nothingSeen, observe } from './observer.ts';
import { buildSets, type EngineOptions } from './options.ts';
import { acceptOverride, type Override } from './override.ts';
import {
  describeEngine,
  findPinsOf,
  listImages,
  listInstances,
  listResources,
  listSets,
  observerOptionsOf,
  reportPlan,
  sealed,
  type View,
} from './reader.ts';
import { recordsFromWorld } from './rebuild.ts';
import { Reconciler } from './reconciler.ts';
import { collectedRecords } from './records.ts';
import { acceptPrune, acceptRemoval } from './removal.ts';
import { stopAllContainers } from './shutdown.ts';
import { type EngineState, keptDocuments, type StateChange, StateKeeper } from './state.ts';
import { usageOf } from './usage.ts';

export type { EngineOptions } from './options.ts';

/**
 * The one public object: owns lock, store and reconciler of a state directory. It answers, and has each wish it accepts on disk before the reconciler hears of it.
 */
export class Engine implements EngineApi {
  readonly #options: EngineOptions;
  readonly #store: Store;
  readonly #events: EventLog;
  readonly #keeper: StateKeeper;
  readonly #lock: Lock;
  readonly #reconciler: Reconciler;
  readonly #followers: Followers;
  readonly #exclusive = new Mutex();
  readonly #abort = new AbortController();
  readonly #startedAt: Instant;
  readonly #removalListeners = new Set<() => void>();
  /** Null: an engine that lives for one command. */
  #diskWatch: DiskWatch | null = null;
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
        await engine.#reconciler.adopt(store);
        engine.#watchDisk();
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

  private constructor(options: EngineOptions, store: Store, lock: Lock) {
    this.#options = options;
    this.#store = store;
    this.#lock = lock;
    this.#events = new EventLog(store, { keep: keepEvents });
    this.#keeper = new StateKeeper(store, this.#events, options);
    this.#startedAt = options.now();
    this.#followers = new Followers({ now: options.now, closing: this.#abort.signal });
    this.#reconciler = new Reconciler({
      engine: options,
      keeper: this.#keeper,
      exclusive: this.#exclusive,
      rebuild: recordsFromWorld,
      closing: this.#abort.signal,
      onProgress: (progress) => this.#followers.tell(progress),
      onFinished: (finished) => this.#followers.finish(finished),
    });
  }

  /** Stops reconciling, lets running actions end, marks the store as closed and releases the lock. Containers go on. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort();
    try {
      await this.#diskWatch?.stop();
      await this.#reconciler.stop();
      await this.#exclusive.run(() => this.#writeEnd());
    } finally {
      // Also after a write that failed: what was not written is told by the world again, and nobody could open a state whose lock stays.
      await this.#store.close().finally(() => this.#lock.release());
    }
  }

  async #writeEnd(): Promise<void> {
    const now = this.#options.now();
    const change = this.#reconciler.lastChange(now);
    const events = [...(change.events ?? []), event('EngineStopped', null, 'stopped; containers go on')];
    await this.#keeper.commit({ ...change, events }, now);
  }

  /** Ends every process in reverse order of dependencies and reconciles no more; the next engine starts them again. */
  async stopContainers(): Promise<void> {
    await this.#reconciler.stop();
    await stopAllContainers(this.#options, this.#reconciler.view().graph.order, this.#abort.signal);
  }

  /** Documents as they were accepted last, by set. */
  documents(): ReadonlyMap<SetId, readonly AnyResource[]> {
    return new Map([...this.#keeper.current.sets].map(([id, set]) => [id, set.documents]));
  }

  // -------------------------------------------------------------------------------------------------------------- desired state

  async plan(snapshots: readonly SourceSnapshot[]): Promise<PlanReport> {
    const observation = await observe(nothingSeen, 'all', observerOptionsOf(this.#options));
    const view = { ...this.#reconciler.view(), observation };
    return reportPlan(this.#options, view, await sealed(this.#options, view, snapshots, 'plan'));
  }

  /** Registries are asked before the wish gets its turn: nobody else waits for them. */
  async apply(snapshots: readonly SourceSnapshot[], options: ApplyOptions): Promise<ApplyResult> {
    const signal = AbortSignal.any([options.signal, this.#abort.signal]);
    const before = this.#reconciler.view();
    const found = await findPinsOf(this.#options, before, await sealed(this.#options, before, snapshots, 'plan'), signal);
    return this.#fulfil(options, async (moment) =>
      // Only now is it known which values hold: a generated one is made once, however many apply at a time.
      acceptApply(moment, await sealed(this.#options, moment.view, snapshots, 'apply'), options, found),
    );
  }

  async remove(keys: readonly ResourceKey[], options: RemoveOptions): Promise<ApplyResult> {
    try {
      return await this.#fulfil(options, (moment) => acceptRemoval(moment, keys, options));
    } finally {
      for (const listener of this.#removalListeners) listener();
    }
  }

  /** Calls back when a `remove` is over, whatever came of it: a file may declare what it took away. Returns how to hear no more. */
  onRemoved(listener: () => void): () => void {
    this.#removalListeners.add(listener);
    return () => void this.#removalListeners.delete(listener);
  }

  stop(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override('stop', keys, options);
  }

  start(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override('start', keys, options);
  }

  restart(keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#override('restart', keys, options);
  }

  async confirmPrune(id: SetId): Promise<void> {
    const { onDisk } = await this.#exclusive.run(async () =>
      this.#hold({ ...(await acceptPrune(this.#moment(), id)), operation: null }, this.#options.now()),
    );
    await onDisk;
    this.#reconciler.wake('all');
  }

  // -------------------------------------------------------------------------------------------------------------- what there is

  async resources(filter: ResourceFilter): Promise<readonly ResourceStatus[]> {
    return listResources(this.#reconciler.view(), filter, this.#options.now(), new Map());
  }

  async instances(filter: { readonly namespace: string | null }): Promise<readonly InstanceItem[]> {
    return listInstances(this.#reconciler.view(), filter.namespace, this.#options.now());
  }

  async sets(): Promise<readonly SetStatus[]> {
    return listSets(this.#reconciler.view(), this.#options.now());
  }

  usage(filter: { readonly namespace: string | null }): Promise<readonly InstanceUsage[]> {
    return usageOf(this.#options, this.#reconciler.view(), filter.namespace);
  }

  why(key: ResourceKey, options: { readonly signal: AbortSignal }): Promise<Cause> {
    return why(this.#options, this.#reconciler.view(), key, options);
  }

  events(options: { readonly since: number; readonly follow: boolean; readonly signal: AbortSignal }): AsyncIterable<Event> {
    return this.#events.read({ ...options, signal: AbortSignal.any([options.signal, this.#abort.signal]) });
  }

  logs(options: LogOptions): AsyncIterable<LogEntry> {
    return this.#options.readLogs(options);
  }

  exec(options: ExecOptions): Promise<ExecSession> {
    return openExec(this.#options.native.containers, this.#reconciler.view(), options);
  }

  async info(): Promise<EngineInfo> {
    return describeEngine(this.#options, this.#startedAt);
  }

  // -------------------------------------------------------------------------------------------------------------- images

  images(): Promise<readonly ImageItem[]> {
    return listImages(this.#options, this.#reconciler.view());
  }

  async pullImage(
    ref: string,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
  ): Promise<ImageItem> {
    const key = imageKey(ref);
    try {
      const signal = AbortSignal.any([options.signal, this.#abort.signal]);
      return await pullByHand(this.#options, key, { signal, onProgress: options.onProgress });
    } finally {
      this.#reconciler.wake(new Set([key]));
    }
  }

  lookUpImages(refs: readonly string[], options: { readonly signal: AbortSignal }): Promise<readonly ImageLookup[]> {
    return lookUpByHand(this.#options, refs, options);
  }

  inspectImage(ref: string, options: { readonly signal: AbortSignal }): Promise<ImageDetails> {
    return inspectByHand(this.#options, this.#reconciler.view(), ref, options);
  }

  async verifyImages(
    refs: readonly string[],
    options: { readonly repair: boolean; readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
  ): Promise<VerifyReport> {
    const signal = AbortSignal.any([options.signal, this.#abort.signal]);
    try {
      return await verifyByHand(this.#options, () => this.#reconciler.view(), refs, { ...options, signal });
    } finally {
      this.#reconciler.wake('all');
    }
  }

  async removeImage(ref: string): Promise<void> {
    const key = imageKey(ref);
    const finish = await this.#exclusive.run(async () => {
      const use = await this.#imageUse();
      return removeByHand(this.#options, this.#reconciler.view(), use, key);
    });
    this.#reconciler.wake(new Set([key]));
    await finish(this.#abort.signal);
  }

  imageHistory(ref: string): Promise<readonly HistoryItem[]> {
    return historyByHand(this.#options, ref);
  }

  async tagImage(ref: string, as: string, options: { readonly replace: boolean }): Promise<ImageItem> {
    const item = await tagByHand(this.#options, ref, as, options);
    this.#reconciler.wake(new Set([imageKey(as)]));
    return item;
  }

  async pruneImages(options: { readonly olderThanMs: number; readonly dryRun: boolean }): Promise<PruneReport> {
    const { olderThanMs, dryRun } = options;
    if (dryRun) return prunable(this.#options, await this.#exclusive.run(() => this.#imageUse()), olderThanMs);
    const finish = await this.#exclusive.run(async () => this.#collected(await prune(this.#options, await this.#imageUse(), olderThanMs)));
    return finish(this.#abort.signal);
  }

  /** What takes long, weighing and deleting, is done beside the turn of wishes and looks. */
  async collectGarbage({ dryRun }: { readonly dryRun: boolean }): Promise<GcReport> {
    const choice = await chooseForDisk(this.#options, await this.#exclusive.run(() => this.#imageUse()));
    if (dryRun) return choice.report;
    const { finish, use } = await this.#exclusive.run(async () => {
      if (this.#closed) throw new TsdockError('ABORTED', { message: 'the engine is stopping' });
      const use = await this.#imageUse();
      const finish = choice.isEmpty
        ? async () => ({ ...choice.report, dryRun })
        : this.#collected(await collectChoice(this.#options, use, choice));
      return { finish, use };
    });
    await noteImageUse(this.#options, use);
    const report = await finish(this.#abort.signal);
    await this.#tell(collectedEvents(report));
    return report;
  }

  saveImages(
    refs: readonly string[],
    options: { readonly format: ArchiveFormat; readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array> {
    return saveByHand(this.#options, refs, { ...options, signal: AbortSignal.any([options.signal, this.#abort.signal]) });
  }

  async loadImages(archive: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<readonly ImageItem[]> {
    try {
      return await loadByHand(this.#options, archive, { ...options, signal: AbortSignal.any([options.signal, this.#abort.signal]) });
    } finally {
      this.#reconciler.wake('all');
    }
  }

  diskUsage(): Promise<DiskUsage> {
    return this.#exclusive.run(async () => diskUsage(this.#options, this.#reconciler.view(), await this.#imageUse()));
  }

  /** Images that are not to be kept stay away when they were collected: the next look must know. It comes before the trees are deleted: nothing may be begun with an image without a name. */
  #collected<T>({ gone, finish }: Taken<T>): Finish<T> {
    const refs = new Set(gone);
    const records = collectedRecords(this.#reconciler.view(), (ref) => refs.has(ref));
    if (records.size > 0) void this.#note({ records });
    this.#reconciler.wake(new Set([...records.keys(), ...gone.map(imageKey)]));
    return finish;
  }

  #watchDisk(): void {
    const { resyncMs } = this.#options;
    if (resyncMs === null) return;
    this.#diskWatch = new DiskWatch({
      engine: this.#options,
      everyMs: resyncMs,
      collect: () => this.collectGarbage({ dryRun: false }),
      noteUse: async () => noteImageUse(this.#options, await this.#exclusive.run(() => this.#imageUse())),
      tell: (told) => this.#tell([told]),
    });
  }

  async #tell(events: readonly NewEvent[]): Promise<void> {
    if (events.length > 0 && !this.#closed) await this.#note({ events });
  }

  /** What was done is done, also on a disk too full to tell of it. */
  async #note(change: StateChange): Promise<void> {
    try {
      await this.#keeper.note(change, this.#options.now());
    } catch (error) {
      this.#options.log.error(`the store cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #imageUse(): Promise<ImageUse> {
    return findImageUse(this.#options, this.#reconciler.view(), keptDocuments(this.#store, this.#options));
  }

  // -------------------------------------------------------------------------------------------------------------- accepting

  #override(override: Override, keys: readonly ResourceKey<'Container'>[], options: WaitOptions): Promise<ApplyResult> {
    return this.#fulfil(options, async (moment) => acceptOverride(moment, override, { keys, options }));
  }

  /** One wish at a time, between two looks; then its end, if whoever has it waits. */
  async #fulfil(options: WaitOptions, accept: (moment: Moment) => Promise<Acceptance>): Promise<ApplyResult> {
    const begun = this.#options.now();
    const { accepted, held } = await this.#exclusive.run(async () => {
      if (this.#closed) throw new TsdockError('ABORTED', { message: 'the engine is stopping' });
      const accepted = await accept({ ...this.#moment(), begun });
      const held = await this.#hold(accepted, begun);
      for (const operation of accepted.superseded) this.#followers.finish({ operation, blocked: [] });
      return { accepted, held };
    });
    const followed = this.#followers.follow(accepted, options, {
      begun,
      wake: (keys) => (held.onlyAdds ? this.#reconciler.wakeNew(keys) : this.#reconciler.wake(keys)),
    });
    followed.catch(() => undefined); // whoever hears of the disk first hears no more
    await held.onDisk;
    return followed;
  }

  /**
   * A wish that only adds is worked on while it is being written: should this process die before it is on disk, nobody was told that it was accepted, and what it made
   * says whose it is. Any other is on disk first, since what it takes away cannot be made again from the world.
   */
  async #hold(accepted: Pick<Acceptance, 'change' | 'graph' | 'operation'>, at: Instant): Promise<Held> {
    const { change, graph } = accepted;
    const onlyAdds = change !== null && isGrowth(this.#reconciler.view(), { change, graph });
    if (change !== null && !onlyAdds) await this.#keeper.commit(change, at);
    const before = this.#keeper.current;
    const onDisk = onlyAdds ? this.#keeper.note(change, at).then(() => undefined) : Promise.resolve();
    this.#reconciler.want(graph);
    return { onDisk: onDisk.catch((error: unknown) => this.#withdraw(accepted, before, error)), onlyAdds };
  }

  /** A wish that could not be written is none. */
  async #withdraw({ change, operation }: Pick<Acceptance, 'change' | 'operation'>, before: EngineState, error: unknown): Promise<never> {
    await this.#exclusive.run(async () => {
      if (change !== null) this.#keeper.forget(change, before);
      this.#reconciler.want((await buildSets(this.#options, this.#keeper.current.sets)).graph);
    });
    this.#reconciler.wake('all');
    if (operation !== null) this.#followers.finish({ operation: { ...operation, state: 'failed' }, blocked: [] });
    throw error;
  }

  #moment(): Moment {
    return { engine: this.#options, view: this.#reconciler.view(), begun: this.#options.now() };
  }
}

/** A wish that is worked on. */
interface Held {
  readonly onDisk: Promise<void>;
  readonly onlyAdds: boolean;
}

/** Whether all that was desired before still is, unchanged, and nothing else becomes known of it. */
function isGrowth(before: Pick<View, 'graph' | 'state'>, after: { readonly change: StateChange; readonly graph: DesiredGraph }): boolean {
  const touched = [...(after.change.records?.keys() ?? [])].some((key) => before.state.records.has(key));
  return (
    !touched && [...before.graph.resources.values()].every(({ key, specHash }) => after.graph.resources.get(key)?.specHash === specHash)
  );
}

function lockHeld(directories: Directories): TsdockError {
  let holder = 'another process';
  try {
    const [pid = ''] = readFileSync(directories.lock, 'utf8').trim().split(/\s+/);
    // The file is written when the lock is taken.
    if (/^\d+$/.test(pid)) holder = `pid ${pid} since ${formatInstant(statSync(directories.lock).mtimeMs)}`;
  } catch {
    // The holder's name only makes the message better.
  }
  return new TsdockError('DMN001', { message: `${directories.state} is in use by ${holder}`, hint: 'use that one, or --state-dir' });
}
