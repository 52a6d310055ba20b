import type { Controller, Controllers } from '../controllers/controller.ts';
import type { AnyObserved, ObservedState } from '../model/observed.ts';
import { type ActingKind, actingKinds, type Instant, parseKey, type ResourceKey } from '../model/resource.ts';

/** What may have changed: named resources, or anything. */
export type Dirty = 'all' | ReadonlySet<ResourceKey>;

export interface Observation {
  readonly observed: ObservedState;
  /** What could not be looked at, with the failure. The last known picture of it stays. */
  readonly unseen: ReadonlyMap<ActingKind | ResourceKey, string>;
}

export interface ObserverOptions {
  readonly controllers: Controllers;
  readonly hostRoutes: () => Promise<readonly string[]>;
  readonly now: () => Instant;
}

/** More touched resources of one kind than this are cheaper to look at together. */
const singleLooks = 8;

/**
 * Looks at what is dirty, all kinds at once, and lays it over the picture of before. A failed look keeps the old picture and names it as unseen: unknown is never absent.
 */
export async function observe(before: Observation, dirty: Dirty, options: ObserverOptions): Promise<Observation> {
  const resources = new Map(before.observed.resources);
  const unseen = new Map(dirty === 'all' ? [] : before.unseen);
  const looks = actingKinds.map((kind) => lookAtKind(kind, dirty, options.controllers));
  const routes = dirty === 'all' ? options.hostRoutes() : Promise.resolve(before.observed.hostRoutes);
  const [results, hostRoutes] = await Promise.all([Promise.all(looks), routes.catch(() => before.observed.hostRoutes)]);
  for (const look of results.flat()) {
    if (look.failure !== null) {
      unseen.set(look.scope, look.failure);
      continue;
    }
    unseen.delete(look.scope);
    for (const key of resources.keys()) if (key === look.scope || parseKey(key).kind === look.scope) resources.delete(key);
    for (const thing of look.found) resources.set(thing.key, thing);
  }
  return { observed: { resources, hostRoutes, at: options.now() }, unseen };
}

export const nothingSeen: Observation = { observed: { resources: new Map(), hostRoutes: [], at: 0 }, unseen: new Map() };

interface Look {
  /** A whole kind or one resource. */
  readonly scope: ActingKind | ResourceKey;
  readonly found: readonly AnyObserved[];
  readonly failure: string | null;
}

async function lookAtKind(kind: ActingKind, dirty: Dirty, controllers: Controllers): Promise<readonly Look[]> {
  const controller = controllers[kind] as unknown as Controller<ActingKind>;
  if (dirty === 'all') return [await look(kind, () => controller.observe())];
  const keys = [...dirty].filter((key) => parseKey(key).kind === kind);
  if (keys.length > singleLooks) return [await look(kind, () => controller.observe())];
  return Promise.all(keys.map((key) => look(key, () => controller.observe(key as ResourceKey<ActingKind>))));
}

async function look(scope: Look['scope'], observeIt: () => Promise<readonly AnyObserved[]>): Promise<Look> {
  try {
    return { scope, found: await observeIt(), failure: null };
  } catch (error) {
    return { scope, found: [], failure: error instanceof Error ? error.message : String(error) };
  }
}
