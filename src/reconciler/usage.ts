import type { InstanceUsage } from '../model/engine-api.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { parseKey, type ResourceKey } from '../model/resource.ts';
import { formatInstant } from '../model/time.ts';
import type { EngineOptions } from './options.ts';
import { observedContainers, type View } from './reader.ts';

/** What the running instances of a namespace use, by name; null: of all. Their supervisors are asked all at once. */
export async function usageOf(
  { native, now }: Pick<EngineOptions, 'native' | 'now'>,
  view: Pick<View, 'graph' | 'observation'>,
  namespace: string | null,
): Promise<readonly InstanceUsage[]> {
  const running = observedContainers(view)
    .filter(({ key }) => namespace === null || parseKey(key).namespace === namespace)
    .flatMap(({ key, slots }) => slots.filter(({ phase, supervised }) => phase === 'running' && supervised).map((slot) => ({ key, slot })));
  const found = await Promise.all(running.map(({ key, slot }) => usageOfOne(key, slot)));
  return found.filter((usage) => usage !== null).sort((left, right) => compare(left, right));

  async function usageOfOne(key: ResourceKey<'Container'>, { instance, slot }: ObservedInstance): Promise<InstanceUsage | null> {
    const stats = await native.containers.stats(instance);
    if (stats === null) return null; // it has ended, or is being replaced
    const { namespace, name } = parseKey(key);
    const desired = view.graph.resources.get(key);
    return {
      kind: 'InstanceUsage',
      name: `${name}-${slot}`,
      namespace,
      container: name,
      at: formatInstant(now()),
      cpuMicros: stats.cpuMicros,
      memoryBytes: Math.max(0, stats.memoryBytes - stats.memoryInactiveFileBytes),
      memoryLimitBytes: desired?.kind === 'Container' ? desired.spec.limits.memoryBytes : null,
      memoryPeakBytes: stats.memoryPeakBytes,
      pids: stats.pids,
      oomKills: stats.oomKills,
    };
  }
}

function compare(left: InstanceUsage, right: InstanceUsage): number {
  const by = (usage: InstanceUsage): string => `${usage.namespace}/${usage.name}`;
  return by(left).localeCompare(by(right), 'en', { numeric: true });
}
