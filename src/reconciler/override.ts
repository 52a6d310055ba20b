import type { WaitOptions } from '../model/engine-api.ts';
import type { NewEvent } from '../model/event.ts';
import type { ResourceRecord } from '../model/plan.ts';
import type { Instant, ResourceKey } from '../model/resource.ts';
import { type Acceptance, forgottenAttempts, type Moment, newOperation } from './acceptance.ts';
import { event } from './event-texts.ts';
import { emptySummary } from './operation.ts';
import type { View } from './reader.ts';
import { notFound } from './removal.ts';

/** What a person wants of containers beside their manifests. */
export type Override = 'stop' | 'start' | 'restart';

const reasons: { readonly [O in Override]: NewEvent['reason'] } = {
  stop: 'StopRequested',
  start: 'StartRequested',
  restart: 'RestartRequested',
};

/** Notes a person's wish in the records of containers, where the planner finds it. CLI021 for one that is not desired. */
export function acceptOverride(
  { engine, view, begun }: Moment,
  override: Override,
  wish: { readonly keys: readonly ResourceKey<'Container'>[]; readonly options: WaitOptions },
): Acceptance {
  const { keys, options } = wish;
  const records = new Map<ResourceKey, ResourceRecord>();
  for (const key of keys) {
    const record = view.state.records.get(key);
    if (record === undefined || !view.graph.resources.has(key)) throw notFound(key);
    records.set(key, overridden(record, override, { view, now: begun }));
  }
  const operation = newOperation(engine, { sets: [], keys: [...keys].sort(), options, summary: emptySummary, begun });
  const change = {
    records,
    operations: new Map([[operation.id, operation]]),
    attempts: forgottenAttempts(view.state.attempts, new Set(keys)),
    events: keys.map((key) => ({ ...event(reasons[override], key, `${override} was asked for`), actor: options.actor })),
  };
  return { change, graph: view.graph, superseded: [], operation, revision: null, summary: emptySummary, warnings: [] };
}

function overridden(record: ResourceRecord, override: Override, moment: { readonly view: View; readonly now: Instant }): ResourceRecord {
  const { view, now } = moment;
  switch (override) {
    case 'stop':
      return { ...record, stoppedAt: record.stoppedAt ?? now };
    case 'start':
      return { ...record, stoppedAt: null, restartAfter: isRunning(record.key, view) ? record.restartAfter : now };
    case 'restart':
      return { ...record, stoppedAt: null, restartAfter: now };
  }
}

function isRunning(key: ResourceKey, view: View): boolean {
  const observed = view.observation.observed.resources.get(key);
  return observed?.kind === 'Container' && observed.slots.some((slot) => slot.phase === 'running');
}
