import type { Event, NewEvent } from '../model/event.ts';
import type { Instant } from '../model/resource.ts';
import { eventCounter, events, singleton } from './collections.ts';
import type { Store, Tx } from './store.ts';

/** How many events an engine keeps. */
export const keepEvents = 20_000;

/**
 * The ordered log: numbered without gaps, bounded by count, followed live. Entries are appended inside the transaction of what they tell about, so a
 * transaction that fails leaves neither entry nor gap.
 */
export class EventLog {
  readonly #store: Store;
  readonly #keep: number;
  readonly #waiting = new Set<() => void>();

  constructor(store: Store, options: { readonly keep: number }) {
    this.#store = store;
    this.#keep = options.keep;
  }

  /** Numbers and stores entries as part of `tx`. */
  append(tx: Tx, entries: readonly NewEvent[], at: Instant): readonly Event[] {
    let { first, last } = tx.get(eventCounter, singleton) ?? { first: 1, last: 0 };
    const appended: Event[] = [];
    for (const entry of entries) {
      last += 1;
      const event: Event = { sequence: last, at, ...entry };
      tx.put(events, sequenceKey(last), event);
      appended.push(event);
    }
    for (; last - first + 1 > this.#keep; first += 1) tx.delete(events, sequenceKey(first));
    tx.put(eventCounter, singleton, { first, last });
    return appended;
  }

  /** Tells followers that a transaction with entries is on disk. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Sequence of the newest entry; 0 before the first. */
  last(): number {
    return this.#store.get(eventCounter, singleton)?.last ?? 0;
  }

  /** Entries after `since`, oldest first. */
  *after(since: number): Iterable<Event> {
    for (const [, event] of this.#store.range(events, sequenceKey(since + 1))) yield event;
  }

  /** Entries after `since`; then live ones as they come, when `follow`, until the signal. */
  async *read(options: { readonly since: number; readonly follow: boolean; readonly signal: AbortSignal }): AsyncIterable<Event> {
    let since = options.since;
    while (!options.signal.aborted) {
      const fresh = [...this.after(since)];
      for (const event of fresh) {
        if (options.signal.aborted) return;
        since = event.sequence;
        yield event;
      }
      if (!options.follow || options.signal.aborted) return; // whoever aborts may have closed the store
      if (this.last() <= since) await this.#next(options.signal);
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** Keys sort as text, so the number is padded to the digits of the largest safe integer. */
function sequenceKey(sequence: number): string {
  return String(sequence).padStart(16, '0');
}
