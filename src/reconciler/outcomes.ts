import type { EventReason, NewEvent } from '../model/event.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { ActionId, AnyAction, Attempts } from '../model/plan.ts';
import { type Instant, resourceOf } from '../model/resource.ts';
import { formatDuration } from '../model/time.ts';
import { afterFailure } from './backoff.ts';
import type { Outcome } from './executor.ts';
import type { Records } from './plan.ts';
import type { StateChange } from './state.ts';

/** What ended actions mean for the store: attempts, the end of their intents, events. Pure but for `random`, which spreads retries. */
export function outcomeChange(
  outcomes: readonly Outcome[],
  at: {
    readonly graph: DesiredGraph;
    readonly attempts: ReadonlyMap<ActionId, Attempts>;
    readonly records: Records;
    readonly random: () => number;
    readonly now: Instant;
  },
): StateChange {
  const attempts = new Map<ActionId, Attempts | null>();
  const intents = new Map<ActionId, null>();
  const events: NewEvent[] = [];
  for (const outcome of outcomes) {
    const { action, result, failure } = outcome;
    const key = resourceOf(action.subject);
    intents.set(action.id, null);
    // Tries are counted by verb: the id of a second step of one verb depends on the steps before it.
    const tried: ActionId = `${action.subject}#${action.verb}`;
    if (result === 'failed' && failure !== null) {
      const specHash = at.graph.resources.get(key)?.specHash ?? null;
      attempts.set(tried, afterFailure(at.attempts.get(tried) ?? null, failure, { now: at.now, random: at.random(), specHash }));
    } else if (at.attempts.has(tried)) attempts.set(tried, null);
    const next = attempts.get(tried)?.nextTry ?? null;
    events.push({
      type: result === 'failed' ? 'Warning' : 'Normal',
      reason: eventReason(action, result),
      object: key,
      generation: at.records.get(key)?.generation ?? null,
      message: describe(outcome, next),
      actor: 'engine',
    });
  }
  return { attempts, intents, events };
}

function eventReason(action: AnyAction, result: Outcome['result']): EventReason {
  if (result === 'failed') return 'ActionFailed';
  if (result === 'cancelled') return 'ActionCancelled';
  if (action.verb === 'pull') return 'Pulled';
  if (action.verb === 'start' || (action.kind === 'Container' && action.verb === 'create')) return 'Started';
  return action.reason.code === 'Drifted' ? 'Repaired' : 'ActionDone';
}

function describe(outcome: Outcome, nextTry: Instant | null): string {
  const { action, result, failure } = outcome;
  const why = action.reason.message === '' ? action.reason.code : `${action.reason.code}: ${action.reason.message}`;
  const took = formatDuration(outcome.endedAt - outcome.startedAt);
  if (result === 'done') return `${action.id} (${why}) in ${took}`;
  const next = nextTry === null ? '' : `; next try in ${formatDuration(nextTry - outcome.endedAt)}`;
  return `${action.id} (${why}) ${result}: ${failure?.code ?? 'ABORTED'} ${failure?.message ?? ''}${next}`;
}
