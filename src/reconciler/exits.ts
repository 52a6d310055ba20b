import type { NewEvent } from '../model/event.ts';
import type { Exit, ObservedState } from '../model/observed.ts';
import { type InstanceId, parseKey, type ResourceKey } from '../model/resource.ts';
import type { StoredExits } from '../store/collections.ts';

/** An exit a listener was told of. */
export interface SeenExit {
  readonly instance: InstanceId;
  readonly exit: Exit;
}

export interface ExitNotes {
  readonly events: readonly NewEvent[];
  /** Marks to store in the same transaction as the events. */
  readonly marks: ReadonlyMap<InstanceId, StoredExits | null>;
}

/** Exits of one instance that are remembered to be reported. */
const remembered = 16;

/**
 * Turns what listeners saw and what the world remembers into events, each exit exactly once: an exit is known by instance and moment, and the marks of those
 * reported are stored together with the events. Exits while no engine ran are found in the world. Pure.
 */
export function noteExits(observed: ObservedState, seen: readonly SeenExit[], marks: ReadonlyMap<InstanceId, StoredExits>): ExitNotes {
  const events: NewEvent[] = [];
  const changed = new Map<InstanceId, StoredExits | null>();
  const known = new Set<InstanceId>();
  for (const thing of observed.resources.values()) {
    if (thing.kind !== 'Container' || thing.identity === null) continue;
    for (const instance of thing.slots) {
      known.add(instance.instance);
      const mark = marks.get(instance.instance) ?? { key: thing.key, at: [], restarts: 0 };
      const heard = seen.filter((entry) => entry.instance === instance.instance).map((entry) => entry.exit);
      const fresh = freshExits([...heard, ...(instance.exit === null ? [] : [instance.exit])], mark);
      const name = `${parseKey(thing.key).name}-${instance.slot}`;
      for (const exit of fresh) events.push(...exitEvents(thing.key, name, exit, instance.stoppedBy));
      if (instance.restarts > mark.restarts) {
        events.push(event('Normal', 'Restarted', thing.key, `${name} was restarted (${instance.restarts} in all)`));
      }
      if (fresh.length === 0 && instance.restarts === mark.restarts && marks.has(instance.instance)) continue;
      changed.set(instance.instance, {
        key: thing.key,
        at: [...mark.at, ...fresh.map((exit) => exit.at)].slice(-remembered),
        restarts: instance.restarts,
      });
    }
  }
  noteVanished({ seen, marks, known }, events, changed);
  return { events, marks: changed };
}

/** Instances that were removed between their exit and this look: what listeners heard is all there is. */
function noteVanished(
  input: {
    readonly seen: readonly SeenExit[];
    readonly marks: ReadonlyMap<InstanceId, StoredExits>;
    readonly known: ReadonlySet<InstanceId>;
  },
  events: NewEvent[],
  changed: Map<InstanceId, StoredExits | null>,
): void {
  for (const [instance, mark] of input.marks) {
    if (input.known.has(instance)) continue;
    const heard = input.seen.filter((entry) => entry.instance === instance).map((entry) => entry.exit);
    for (const exit of freshExits(heard, mark)) events.push(...exitEvents(mark.key, instance, exit, 'engine'));
    changed.set(instance, null);
  }
}

function freshExits(exits: readonly Exit[], mark: StoredExits): readonly Exit[] {
  const fresh = new Map<number, Exit>();
  for (const exit of exits) if (!mark.at.includes(exit.at)) fresh.set(exit.at, exit);
  return [...fresh.values()].sort((a, b) => a.at - b.at);
}

function exitEvents(key: ResourceKey, name: string, exit: Exit, stoppedBy: 'user' | 'engine' | 'self' | null): readonly NewEvent[] {
  const asked = stoppedBy === 'user' || stoppedBy === 'engine';
  const how = exit.signal === null ? `exited with ${exit.code ?? 'an unknown code'}` : `was ended by signal ${exit.signal}`;
  const type = asked || (exit.code === 0 && !exit.oom) ? 'Normal' : 'Warning';
  const exited = event(type, 'Exited', key, `${name} ${how}${asked ? ', as asked' : ''}`);
  return exit.oom ? [exited, event('Warning', 'OOMKilled', key, `${name} was killed for lack of memory`)] : [exited];
}

function event(type: NewEvent['type'], reason: NewEvent['reason'], object: ResourceKey, message: string): NewEvent {
  return { type, reason, object, generation: null, message, actor: 'engine' };
}
