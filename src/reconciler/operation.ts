import type { DesiredGraph } from '../model/graph.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Operation, Summary } from '../model/operation.ts';
import type { ActionId, AnyAction, Attempts, Blocked, Change, Verbs } from '../model/plan.ts';
import { type ActingKind, type Instant, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';
import type { Records } from './plan.ts';
import { crashesAreFailure, idle, isKept, judgeResource, type PlanEntry } from './status.ts';

/** One moment, as far as an operation's end depends on it. */
export interface OperationView {
  readonly desired: DesiredGraph;
  readonly observed: ObservedState;
  readonly records: Records;
  readonly entries: ReadonlyMap<ResourceKey, PlanEntry>;
  readonly attempts: ReadonlyMap<ActionId, Attempts>;
  readonly now: Instant;
}

export type Judgement =
  | { readonly is: 'waiting'; readonly recheckAt: Instant; readonly blocked: readonly Blocked[] }
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly cause: string; readonly blocked: readonly Blocked[] }
  | { readonly is: 'late'; readonly cause: string; readonly blocked: readonly Blocked[] };

/** Failures of a fetch that come back the same within the patience of a person who waits. */
const lastingCodes: ReadonlySet<string> = new Set(['REG401', 'REG403', 'REG404', 'TLS001', 'VOL001']);
/** Failed tries of any other kind after which an operation is given up. */
const triesAreFailure = 3;

/** Whether an apply has reached its goal, may still reach it, or has failed and of what. Pure. */
export function judge(operation: Operation, view: OperationView): Judgement {
  const waiting: Blocked[] = [];
  let recheckAt = operation.deadline;
  for (const key of operation.keys) {
    const failure = failureOf(key, operation, view);
    if (failure !== null) return { is: 'failed', cause: `${key}: ${failure.reason.message}`, blocked: [failure] };
    const open = openPart(key, view);
    if (open === null) continue;
    waiting.push(open.blocked);
    recheckAt = Math.min(recheckAt, open.recheckAt ?? recheckAt);
  }
  if (waiting.length === 0) return { is: 'done' };
  if (view.now < operation.deadline) return { is: 'waiting', recheckAt, blocked: waiting };
  const first = waiting[0];
  return { is: 'late', cause: first === undefined ? 'not ready in time' : `${first.subject}: ${first.reason.message}`, blocked: waiting };
}

/** Whether all of these are where they should be. Pure. */
export function isSettled(keys: Iterable<ResourceKey>, view: OperationView): boolean {
  for (const key of keys) if (openPart(key, view) !== null) return false;
  return true;
}

/** What of a plan and of running actions concerns each resource. Pure. */
export function entriesOf(
  plan: { readonly actions: readonly AnyAction[]; readonly blocked: readonly Blocked[] },
  running: ReadonlyMap<SubjectKey, AnyAction>,
): ReadonlyMap<ResourceKey, PlanEntry> {
  const entries = new Map<ResourceKey, { actions: AnyAction[]; blocked: Blocked[]; running: AnyAction[] }>();
  const entry = (subject: SubjectKey): { actions: AnyAction[]; blocked: Blocked[]; running: AnyAction[] } => {
    const key = resourceOf(subject);
    const found = entries.get(key) ?? { actions: [], blocked: [], running: [] };
    entries.set(key, found);
    return found;
  };
  for (const action of plan.actions) entry(action.subject).actions.push(action);
  for (const blocked of plan.blocked) entry(blocked.subject).blocked.push(blocked);
  for (const action of running.values()) entry(action.subject).running.push(action);
  return entries;
}

/** How many declared objects a plan creates, changes and so on; what is implied by them does not count. Pure. */
export function summarize(changes: readonly Change[], desired: DesiredGraph, records: Records): Summary {
  const keyOf = (change: Change): ResourceKey => `${change.kind}/${change.namespace}/${change.name}`;
  const isDeclared = (key: ResourceKey): boolean => {
    const resource = desired.resources.get(key);
    return resource === undefined ? records.get(key)?.source !== 'implicit' : !resource.implicit;
  };
  const declared = changes.filter((change) => isDeclared(keyOf(change)));
  const count = (action: Change['action']): number => declared.filter((change) => change.action === action).length;
  const touched = new Set(declared.filter((change) => change.action !== 'none').map(keyOf));
  return {
    created: count('create'),
    updated: count('update'),
    replaced: count('replace'),
    restarted: count('restart'),
    repaired: count('repair'),
    deleted: count('delete'),
    unchanged: [...desired.resources.values()].filter((resource) => !resource.implicit && !touched.has(resource.key)).length,
  };
}

export const emptySummary: Summary = { created: 0, updated: 0, replaced: 0, restarted: 0, repaired: 0, deleted: 0, unchanged: 0 };

/** Null: this key is where it should be. */
function openPart(key: ResourceKey, view: OperationView): { readonly blocked: Blocked; readonly recheckAt: Instant | null } | null {
  const desired = view.desired.resources.get(key) ?? null;
  const observed = view.observed.resources.get(key) ?? null;
  const entry = view.entries.get(key) ?? idle;
  if (desired === null) {
    const isBusy = entry.actions.length + entry.running.length > 0;
    if (!isBusy && (observed === null || observed.identity === null || entry.blocked.every(isKept))) return null;
    const found = entry.blocked[0];
    // What was never declared goes when its last user goes, whoever that is: nobody waits for it.
    if (!isBusy && found?.reason.code === 'StillInUse' && view.records.get(key)?.source === 'implicit') return null;
    return { blocked: found ?? blockedOf(key, 'NotDesired', 'it is being removed'), recheckAt: found?.until ?? null };
  }
  const judged = judgeResource({ desired, observed, record: view.records.get(key) ?? null, entry, now: view.now });
  if (judged.phase === 'Ready' || judged.phase === 'Suspended') return null;
  if (judged.reason === 'Unsupervised') return null;
  const code = judged.reason === 'Ready' ? 'Created' : judged.reason;
  return { blocked: blockedOf(key, code, judged.message), recheckAt: judged.recheckAt };
}

/** What of this key has failed in a way that waiting does not mend. */
function failureOf(key: ResourceKey, operation: Operation, view: OperationView): Blocked | null {
  const desired = view.desired.resources.get(key) ?? null;
  const entry = view.entries.get(key) ?? idle;
  for (const blocked of entry.blocked) {
    const attempts = attemptsOf(blocked.subject, view.attempts).filter((one) => one.lastAt >= operation.startedAt);
    if (attempts.some((one) => isGivenUp(blocked.subject, one, operation.deadline))) return blocked;
  }
  const refused = entry.blocked.find((blocked) => blocked.reason.code === 'ImagePullBackOff' && blocked.until === null);
  if (refused !== undefined) return refused; // its policy forbids to fetch it
  if (desired?.kind !== 'Container') return null;
  const observed = view.observed.resources.get(key) ?? null;
  const judged = judgeResource({ desired, observed, record: view.records.get(key) ?? null, entry, now: view.now });
  if (judged.phase === 'Failed' && (judged.reason === 'Exited' || judged.reason === 'OOMKilled'))
    return blockedOf(key, judged.reason, judged.message);
  const crashes =
    observed?.kind === 'Container'
      ? Math.max(0, ...observed.slots.filter((slot) => slot.phase === 'backoff').map((slot) => slot.attempts))
      : 0;
  if (judged.phase === 'Degraded' && crashes >= crashesAreFailure && judged.reason !== 'Ready')
    return blockedOf(key, judged.reason, judged.message);
  return null;
}

/** Complete by the compiler: a verb that is not here would never be given up. */
const verbs = Object.keys({
  pull: true,
  reserve: true,
  create: true,
  start: true,
  update: true,
  publish: true,
  restart: true,
  write: true,
  stop: true,
  remove: true,
} satisfies Record<Verbs[ActingKind], true>);

function attemptsOf(subject: SubjectKey, attempts: ReadonlyMap<ActionId, Attempts>): readonly Attempts[] {
  return verbs.flatMap((verb) => attempts.get(`${subject}#${verb}`) ?? []);
}

function isGivenUp(subject: SubjectKey, attempts: Attempts, deadline: Instant): boolean {
  if (attempts.nextTry === null || attempts.count >= triesAreFailure || lastingCodes.has(attempts.error.code)) return true;
  if (attempts.error.code === 'REG429' && attempts.nextTry > deadline) return true; // the registry has named a time nobody waits for
  return subject.startsWith('Container/') && attempts.error.code.startsWith('RUN');
}

function blockedOf(subject: SubjectKey, code: Blocked['reason']['code'], message: string): Blocked {
  return { subject, reason: { code, message, paths: [] }, until: null };
}
