/**
 * One piece of work a key at a time, shared by all who want it. A waiter that gives up leaves the others alone; the work itself is aborted when the last one leaves, who then waits until it has cleaned up. Progress
 * goes to everyone who waits. Work on a key begins after aborted work on it has ended. Nothing is kept of a flight that ended.
 */
export class Flights<T, P> {
  readonly #flights = new Map<string, Flight<T, P>>();
  readonly #ending = new Map<string, Promise<void>>();

  async join(key: string, waiter: Waiter<P>, work: (signal: AbortSignal, report: (progress: P) => void) => Promise<T>): Promise<T> {
    waiter.signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#begin(key, work);
    flight.waiters.add(waiter);
    try {
      return await untilAborted(flight.result, waiter.signal);
    } finally {
      flight.waiters.delete(waiter);
      if (flight.waiters.size === 0 && this.#flights.get(key) === flight) await this.#end(key, flight);
    }
  }

  #begin(key: string, work: (signal: AbortSignal, report: (progress: P) => void) => Promise<T>): Flight<T, P> {
    const controller = new AbortController();
    const waiters = new Set<Waiter<P>>();
    const report = (progress: P): void => {
      for (const waiter of waiters) waiter.report(progress);
    };
    const before = this.#ending.get(key) ?? Promise.resolve();
    const flight: Flight<T, P> = { controller, waiters, result: before.then(() => work(controller.signal, report)) };
    this.#flights.set(key, flight);
    return flight;
  }

  #end(key: string, flight: Flight<T, P>): Promise<void> {
    this.#flights.delete(key);
    flight.controller.abort(new DOMException('nobody waits for this any more', 'AbortError'));
    const ended = flight.result.then(
      () => undefined,
      () => undefined, // told to those who waited
    );
    const cleared = ended.then(() => {
      if (this.#ending.get(key) === cleared) this.#ending.delete(key);
    });
    this.#ending.set(key, cleared);
    return cleared;
  }
}

export interface Waiter<P> {
  readonly signal: AbortSignal;
  readonly report: (progress: P) => void;
}

interface Flight<T, P> {
  readonly controller: AbortController;
  readonly waiters: Set<Waiter<P>>;
  readonly result: Promise<T>;
}

/** One after the other for each key. Whoever waits can be aborted, and what is before it goes on. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = untilAborted(before, signal).then(work);
    const last = Promise.allSettled([before, mine]);
    this.#last.set(key, last);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === last) this.#last.delete(key);
    }
  }
}

/** The result, or the signal's reason if that comes first. What is waited for goes on. */
export async function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    aborted.catch(() => undefined);
  }
}
