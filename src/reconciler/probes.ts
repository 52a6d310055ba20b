/** Who is to be asked by probes, and what is worth telling of their answers. Pure. */
import type { NewEvent } from '../model/event.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { ObservedContainer, ObservedInstance, ObservedState } from '../model/observed.ts';
import { type ProbeTarget, probesOf } from '../model/probes.ts';
import { parseKey, type Resource, type ResourceKey } from '../model/resource.ts';

/** Runs of processes that have probes and may be asked: what is not desired, stopped or not supervised is left alone. */
export function probeTargets(graph: DesiredGraph, observed: ObservedState): readonly ProbeTarget[] {
  const targets: ProbeTarget[] = [];
  for (const desired of graph.resources.values()) {
    if (desired.kind !== 'Container' || desired.spec.state === 'Stopped') continue;
    const thing = observed.resources.get(desired.key);
    if (thing?.kind !== 'Container') continue;
    for (const instance of thing.slots) {
      const target = targetOf(desired, instance);
      if (target !== null) targets.push(target);
    }
  }
  return targets;
}

function targetOf(desired: Resource<'Container'>, instance: ObservedInstance): ProbeTarget | null {
  const { key, spec, refs } = desired;
  const probes = probesOf(spec, instance.imageHealthcheck);
  const { startedAt, phase, supervised } = instance;
  if (probes === null || startedAt === null || phase !== 'running' || !supervised) return null;
  const host = spec.networkMode === 'host' ? '127.0.0.1' : instance.address;
  const keepsOutput = !refs.some((ref) => parseKey(ref.key).kind === 'Secret');
  return { key, instance: instance.instance, startedAt, probes, host, keepsOutput };
}

/**
 * A probe that has failed as often as it may, and a container that is ready again: each once, since what is known of them outlives the engine. `before` is what was seen
 * last.
 */
export function probeEvents(before: ObservedState, after: ObservedState): readonly NewEvent[] {
  const events: NewEvent[] = [];
  for (const thing of after.resources.values()) {
    const earlier = before.resources.get(thing.key);
    if (thing.kind !== 'Container' || thing === earlier) continue;
    const known = new Map((earlier?.kind === 'Container' ? earlier.slots : []).map((slot) => [slot.instance, slot]));
    for (const slot of thing.slots) events.push(...eventsOf(thing, known.get(slot.instance) ?? null, slot));
  }
  return events;
}

function eventsOf({ key }: ObservedContainer, before: ObservedInstance | null, after: ObservedInstance): readonly NewEvent[] {
  const { probes } = after;
  if (probes === null) return [];
  const same = before?.probes?.startedAt === probes.startedAt ? before.probes : null;
  const name = `${parseKey(key).name}-${after.slot}`;
  if (probes.condemned !== null) {
    return same?.condemned == null
      ? [event('Warning', 'ProbeFailing', key, `${name}: ${probes.condemned.message}; its process is ended`)]
      : [];
  }
  if (probes.failing?.final === true && same?.failing?.final !== true)
    return [event('Warning', 'ProbeFailing', key, `${name}: ${probes.failing.message}`)];
  return probes.ready && same?.failing?.final === true ? [event('Normal', 'Recovered', key, `${name} is ready`)] : [];
}

function event(type: NewEvent['type'], reason: NewEvent['reason'], object: ResourceKey, message: string): NewEvent {
  return { type, reason, object, generation: null, message, actor: 'engine' };
}
