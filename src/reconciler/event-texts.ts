import type { GcReport } from '../model/engine-api.ts';
import type { NewEvent } from '../model/event.ts';
import type { Operation } from '../model/operation.ts';
import type { ActionId } from '../model/plan.ts';
import { parseKey, type ResourceKey, resourceOf, type SetId } from '../model/resource.ts';
import { showShare, showSize } from '../model/size.ts';
import type { StoredIntent, StoredSet } from '../store/collections.ts';
import type { Store } from '../store/store.ts';

/** An entry of the log as the engine itself writes it. */
export function event(
  reason: NewEvent['reason'],
  object: ResourceKey | null,
  message: string,
  type: NewEvent['type'] = 'Normal',
): NewEvent {
  return { type, reason, object, generation: null, message, actor: 'engine' };
}

/** What an engine tells when it begins: damage, things known from themselves alone, actions that were interrupted. */
export function openingEvents(facts: {
  readonly store: Pick<Store, 'corrupt' | 'movedAside'>;
  readonly rebuilt: readonly ResourceKey[];
  readonly interrupted: ReadonlyMap<ActionId, StoredIntent>;
  readonly version: string;
}): readonly NewEvent[] {
  const { store, rebuilt, interrupted, version } = facts;
  const moved =
    store.movedAside === null
      ? []
      : [event('StateMovedAside', null, `${store.movedAside.reason}; moved to ${store.movedAside.path}`, 'Warning')];
  const damaged = store.corrupt.map(({ collection, id, reason }) =>
    event('StateMovedAside', null, `entry ${id} of ${collection} was unreadable (${reason}) and counts as absent`, 'Warning'),
  );
  const adopted = rebuilt.map((key) =>
    event('Adopted', key, 'known from what it says about itself; its set is unknown until it is applied again', 'Warning'),
  );
  const cancelled = [...interrupted].map(([id, intent]) =>
    event('ActionCancelled', resourceOf(intent.subject as ResourceKey), `${id} was interrupted`, 'Warning'),
  );
  return [...moved, ...damaged, ...adopted, ...cancelled, event('EngineStarted', null, `tsdock ${version}`)];
}

/** One entry a set that was accepted. */
export function appliedEvents(operation: Operation, sets: ReadonlyMap<SetId, StoredSet>): readonly NewEvent[] {
  return [...sets.values()].map((set) => ({
    ...event(
      'Applied',
      null,
      `${set.id} revision ${set.revision}: ${set.documents.length} ${set.documents.length === 1 ? 'object' : 'objects'}`,
    ),
    actor: operation.actor,
  }));
}

/** What a collection has freed; of one that freed nothing there is nothing to tell. */
export function collectedEvents({ images, bytes, blobs, layers, path, usedBefore, usedAfter }: GcReport): readonly NewEvent[] {
  if (images.length + blobs + layers === 0) return [];
  const named = images.slice(0, namedImages).map(({ ref }) => ref);
  const more = images.length > named.length ? [`${images.length - named.length} more`] : [];
  const what = images.length === 0 ? 'content of no image' : [...named, ...more].join(', ');
  return [event('Collected', null, `${showSize(bytes)} freed, ${path} ${showShare(usedBefore)} to ${showShare(usedAfter)}: ${what}`)];
}

/** Told once, until there is space again. */
export function pressureEvent({ path, usedAfter, high, low, held }: GcReport): NewEvent {
  const why = held === null ? 'nothing else may go: it is used, or not old enough' : `nothing may go: ${held}`;
  return event(
    'DiskPressure',
    null,
    `${path} is ${showShare(usedAfter)} full (high ${showShare(high)}, low ${showShare(low)}) and ${why}`,
    'Warning',
  );
}

/** An event stays one line. */
const namedImages = 5;

/** How an operation ended. */
export function operationEvent(operation: Operation): NewEvent {
  const how = {
    succeeded: 'has succeeded',
    failed: 'has failed',
    'timed-out': 'was not ready in time',
    superseded: 'was superseded',
    running: 'goes on',
  }[operation.state];
  const cause = operation.cause === null ? '' : `: ${operation.cause}`;
  const fields = event(
    'ActionDone',
    null,
    `operation ${operation.id} ${how}${cause}`,
    operation.state === 'succeeded' ? 'Normal' : 'Warning',
  );
  return { ...fields, reason: operation.state === 'succeeded' ? 'ActionDone' : 'ActionFailed', actor: operation.actor };
}

/** As the command line names it. */
export function wordOf(key: ResourceKey): string {
  const { kind, namespace, name } = parseKey(key);
  return `${kind.toLowerCase()}/${namespace === 'default' ? '' : `${namespace}/`}${name}`;
}
