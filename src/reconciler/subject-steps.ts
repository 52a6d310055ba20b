/** What `order.ts` and `holds.ts` both know of subjects and their steps. Pure. */
import type { DesiredGraph } from '../model/graph.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Operation } from '../model/operation.ts';
import type { AnyAction, Blocked, Step } from '../model/plan.ts';
import type { ActingKind, Ref, ResourceKey, SubjectKey } from '../model/resource.ts';

export type AnyStep = { [K in ActingKind]: Step<K> }[ActingKind];

/** What is to be done with one subject. `leaving`: nobody desires its resource. */
export interface SubjectSteps {
  readonly key: ResourceKey;
  readonly kind: ActingKind;
  readonly subject: SubjectKey;
  readonly steps: readonly AnyStep[];
  readonly leaving: boolean;
}

export interface OrderInput {
  readonly desired: DesiredGraph;
  readonly observed: ObservedState;
  /** In the order of the desired graph; of two that want one claim the first gets it. */
  readonly subjects: readonly SubjectSteps[];
  /** What the diffs and the back-off hold already. */
  readonly blocked: readonly Blocked[];
  readonly running: ReadonlyMap<SubjectKey, AnyAction>;
  readonly operations: readonly Operation[];
}

/** References that must hold before a subject's bringing steps: all for what makes or starts something, networks for what only changes ports, none else. */
export function needsOf(entry: SubjectSteps, desired: DesiredGraph): readonly Ref[] {
  if (entry.leaving) return [];
  const verbs = entry.steps.filter((step) => brings(step) && !isAhead(step)).map((step) => step.verb);
  const refs = desired.resources.get(entry.key)?.refs ?? [];
  if (verbs.some((verb) => verb !== 'update' && verb !== 'publish')) return refs;
  return verbs.includes('publish') ? refs.filter((ref) => ref.key.startsWith('Network/')) : [];
}

export function usersOf(observed: ObservedState): ReadonlyMap<ResourceKey, readonly ResourceKey[]> {
  const users = new Map<ResourceKey, ResourceKey[]>();
  for (const thing of observed.resources.values()) for (const used of thing.uses) push(users, used, thing.key);
  return sortedLists(users);
}

export function brings(step: AnyStep): boolean {
  return step.phase !== 'down';
}

/** A bringing step its users wait for. Nobody waits for a network's names: they are rewritten under its members whenever one comes or goes. */
export function makesUsable(step: Pick<AnyStep, 'phase' | 'reason'>): boolean {
  return step.phase !== 'down' && step.reason.code !== 'NamesChanged';
}

/** Makes sure of something before anything is taken down; needs nothing itself. */
export function isAhead(step: Pick<AnyStep, 'verb' | 'phase'>): boolean {
  return step.verb === 'reserve' && step.phase === 'fetch';
}

export function opensPorts(step: AnyStep): boolean {
  return step.verb === 'publish' && brings(step);
}

export function makesInstance(step: Pick<AnyStep, 'verb'>): boolean {
  return step.verb === 'create';
}

export function removesThing(step: AnyStep): boolean {
  return step.verb === 'remove';
}

/** The order in which things were seen must not show in a plan. */
export function sortedLists<K>(lists: ReadonlyMap<K, ResourceKey[]>): ReadonlyMap<K, readonly ResourceKey[]> {
  for (const list of lists.values()) list.sort();
  return lists;
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
