/** Why an object is as it is: what holds it up, what holds that up, down to what a person can change (product.md 10.4). Pure. */
import type { Cause } from '../model/engine-api.ts';
import { type AnyResource, type Instant, type Origin, parseKey, type ResourceKey } from '../model/resource.ts';
import { nextSteps } from './next-steps.ts';
import { entriesOf } from './operation.ts';
import type { View } from './reader.ts';
import { idle, isWaiting, judgeResource, type PlanEntry, type Verdict } from './status.ts';

/** What the engine knows of it, without a look at logs and disks. */
export function chainOf(key: ResourceKey, view: Pick<View, 'graph' | 'observation' | 'plan' | 'running' | 'state'>, now: Instant): Cause {
  return causeOf({ key, origin: null }, { ...view, entries: entriesOf(view.plan, view.running), now, above: new Set() });
}

interface Chain extends Pick<View, 'graph' | 'observation' | 'state'> {
  readonly entries: ReadonlyMap<ResourceKey, PlanEntry>;
  readonly now: Instant;
  /** Keys on the way here. */
  readonly above: ReadonlySet<ResourceKey>;
}

function causeOf({ key, origin }: { readonly key: ResourceKey; readonly origin: Origin | null }, chain: Chain): Cause {
  const { graph, observation, state, entries, now } = chain;
  const desired = graph.resources.get(key) ?? null;
  const observed = observation.observed.resources.get(key) ?? null;
  const record = state.records.get(key) ?? null;
  if (desired === null && observed === null) return missing(key, origin);
  const judged = judgeResource({ desired, observed, record, entry: entries.get(key) ?? idle, now });
  const causes = isHeldByOthers(judged) ? unsettledRefs(desired, { ...chain, above: new Set([...chain.above, key]) }) : [];
  const { phase, reason, message, since } = judged;
  const next = causes.length > 0 ? [] : nextSteps(reason, { key, desired, record });
  return { object: key, phase, reason, message, since, origin, evidence: [], causes, next };
}

function missing(key: ResourceKey, origin: Origin | null): Cause {
  const { kind, name } = parseKey(key);
  const next = [`apply a manifest with ${kind} "${name}"`];
  return {
    object: key,
    phase: 'Pending',
    reason: 'NotDesired',
    message: 'no document names it',
    since: null,
    origin,
    evidence: [],
    causes: [],
    next,
  };
}

function isHeldByOthers({ phase, reason }: Verdict): boolean {
  return phase !== 'Ready' && reason !== 'Ready' && isWaiting(reason);
}

/** What an object refers to and is not as it should be. References in a circle are no causes. */
function unsettledRefs(desired: AnyResource | null, chain: Chain): readonly Cause[] {
  return (desired?.refs ?? [])
    .filter(({ key }) => !chain.above.has(key))
    .map((ref) => causeOf(ref, chain))
    .filter(({ phase }) => phase !== 'Ready');
}
