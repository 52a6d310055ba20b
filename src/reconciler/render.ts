import { createHash } from 'node:crypto';
import type { PlanReport } from '../model/engine-api.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { AnyAction, Blocked, Plan } from '../model/plan.ts';
import { summarize } from './operation.ts';
import type { Records } from './plan.ts';
import { overridesOf } from './status.ts';

/** A plan as text, one action or hold a line, each with its reason: what golden tests compare and `diff` prints. Pure. */
export function render(plan: Pick<Plan, 'actions' | 'blocked'>): string {
  return [...actionLines(plan.actions), ...blockedLines(plan.blocked)].join('\n');
}

/** A plan as `diff` and the API give it: of the objects and sets in `desired`. `planId` names equal plans equally. Pure. */
export function reportOf(plan: Plan, desired: DesiredGraph, records: Records): PlanReport {
  const sets = [...desired.sets.values()].map(({ id, revision }) => ({ id, revision })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const overrides = [...desired.resources.keys()].sort().flatMap((key) => overridesOf(key, records.get(key) ?? null));
  const actions = actionLines(plan.actions);
  const changes = plan.changes.filter((change) => change.action !== 'none');
  const planId = createHash('sha256')
    .update(JSON.stringify([actions, blockedLines(plan.blocked), changes]))
    .digest('hex')
    .slice(0, 12);
  return { planId, changes, blocked: plan.blocked, actions, summary: summarize(plan.changes, desired, records), sets, overrides };
}

function actionLines(actions: readonly AnyAction[]): readonly string[] {
  const width = Math.max(0, ...actions.map((action) => action.id.length));
  return actions.map((action) => {
    const after = action.after.length === 0 ? '' : `    after ${action.after.join(', ')}`;
    return `${action.id.padEnd(width)}    ${describe(action.reason)}${after}`;
  });
}

function blockedLines(blocked: readonly Blocked[]): readonly string[] {
  return blocked.map(({ subject, reason }) => `blocked ${subject}    ${describe(reason)}`);
}

function describe(reason: Blocked['reason']): string {
  return reason.message === '' ? reason.code : `${reason.code}: ${reason.message}`;
}
