import type { ObservedInstance } from '../model/observed.ts';
import type { Action } from '../model/plan.ts';
import { type ResourceKey, slotKey } from '../model/resource.ts';
import { nothingSeen, observe } from './observer.ts';
import type { EngineOptions } from './options.ts';
import { observerOptionsOf } from './reader.ts';

/** Ends every process, dependents first: `order` has what is needed before what needs it. One that cannot be stopped is told to the log; the others are stopped all the same. */
export async function stopAllContainers(options: EngineOptions, order: readonly ResourceKey[], signal: AbortSignal): Promise<void> {
  const { observed } = await observe(nothingSeen, 'all', observerOptionsOf(options));
  const containers = [...observed.resources.values()].filter((thing) => thing.kind === 'Container');
  const place = new Map(order.map((key, index) => [key, index]));
  for (const container of containers.sort((a, b) => (place.get(b.key) ?? -1) - (place.get(a.key) ?? -1))) {
    const { run } = options.controllers.Container;
    const live = container.slots.filter((slot) => slot.phase === 'running' || slot.phase === 'backoff');
    const context = { signal, log: options.log, progress: () => undefined };
    const results = await Promise.allSettled(live.map((slot) => run(stopAction(container.key, slot), context)));
    for (const result of results)
      if (result.status === 'rejected') options.log.warn(`${container.key} cannot be stopped: ${String(result.reason)}`);
  }
}

function stopAction(key: ResourceKey<'Container'>, slot: ObservedInstance): Action<'Container'> {
  const subject = slotKey(key, slot.slot);
  return {
    id: `${subject}#stop`,
    kind: 'Container',
    subject,
    verb: 'stop',
    phase: 'down',
    input: { verb: 'stop', instance: slot.instance, by: 'engine', signal: slot.stopSignal, graceMs: slot.graceMs },
    reason: { code: 'Stopped', message: 'the engine stops its containers', paths: [] },
    after: [],
    acquires: [],
    releases: [],
  };
}
