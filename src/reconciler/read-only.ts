import type { EngineApi } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { AnyResource, SetId } from '../model/resource.ts';
import { directoriesOf } from '../store/directories.ts';
import { EventLog, keepEvents } from '../store/event-log.ts';
import { openStore } from '../store/store.ts';
import { why } from './evidence.ts';
import { openExec } from './exec.ts';
import { chooseForDisk, diskUsage, findImageUse } from './image-collection.ts';
import { historyByHand, inspectByHand, lookUpByHand } from './image-requests.ts';
import { nothingSeen, observe } from './observer.ts';
import { buildSets, type EngineOptions } from './options.ts';
import { plan } from './plan.ts';
import {
  contextOf,
  describeEngine,
  listImages,
  listInstances,
  listResources,
  listSets,
  observerOptionsOf,
  reportPlan,
  sealed,
  type View,
} from './reader.ts';
import { configure } from './settings.ts';
import { keptDocuments, loadState } from './state.ts';
import { usageOf } from './usage.ts';

/** An engine that may only look; what would change something is DMN011. */
export interface ReadOnlyEngine extends EngineApi {
  documents(): ReadonlyMap<SetId, readonly AnyResource[]>;
  close(): Promise<void>;
}

/** Opens without lock and without writing anything, for `diff`, `get` and the like beside or without an engine. Looks at the world anew for each answer. */
export async function openReadOnly(options: EngineOptions): Promise<ReadOnlyEngine> {
  const store = await (options.openStore ?? openStore)(directoriesOf(options).store, { readOnly: true });
  const startedAt = options.now();
  const state = loadState(store, options.completeSpec);
  const events = new EventLog(store, { keep: keepEvents });
  const built = await buildSets(options, state.sets);
  configure(options, built.graph);
  const view = async (): Promise<View> => {
    const observation = await observe(nothingSeen, 'all', observerOptionsOf(options));
    const running = new Map();
    const next = plan(
      built.graph,
      observation.observed,
      contextOf(options, { state, records: state.records, attempts: state.attempts, running, observation, now: options.now() }),
    );
    return { state, graph: built.graph, observation, plan: next, running };
  };
  const refusal = (): TsdockError => new TsdockError('DMN011', { message: 'this engine was opened for reading only' });
  const refuse = (): Promise<never> => Promise.reject(refusal());
  return {
    plan: async (snapshots) => {
      const now = await view();
      return reportPlan(options, now, await sealed(options, now, snapshots, 'plan'));
    },
    resources: async (filter) => listResources(await view(), filter, options.now(), new Map()),
    instances: async ({ namespace }) => listInstances(await view(), namespace, options.now()),
    sets: async () => listSets(await view(), options.now()),
    usage: async ({ namespace }) => usageOf(options, await view(), namespace),
    why: async (key, wanted) => why(options, await view(), key, wanted),
    events: (wanted) => events.read(wanted),
    logs: (wanted) => options.readLogs(wanted),
    exec: async (wanted) => openExec(options.native.containers, await view(), wanted),
    images: async () => listImages(options, await view()),
    lookUpImages: (refs, wanted) => lookUpByHand(options, refs, wanted),
    inspectImage: async (ref, wanted) => inspectByHand(options, await view(), ref, wanted),
    info: async () => describeEngine(options, startedAt),
    apply: refuse,
    remove: refuse,
    stop: refuse,
    start: refuse,
    restart: refuse,
    confirmPrune: refuse,
    pullImage: refuse,
    verifyImages: refuse,
    tagImage: refuse,
    pruneImages: refuse,
    loadImages: refuse,
    // What is read for long must not be collected meanwhile: only who holds the lock can see to that.
    saveImages: () => {
      throw refusal();
    },
    imageHistory: (ref) => historyByHand(options, ref),
    diskUsage: async () => {
      const now = await view();
      return diskUsage(options, now, await findImageUse(options, now, keptDocuments(store, options)));
    },
    collectGarbage: async ({ dryRun }) => {
      if (!dryRun) throw refusal();
      const use = await findImageUse(options, await view(), keptDocuments(store, options));
      return (await chooseForDisk(options, use)).report;
    },
    removeImage: refuse,
    documents: () => new Map([...state.sets].map(([id, set]) => [id, set.documents])),
    close: () => store.close(),
  };
}
