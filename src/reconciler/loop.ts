import type { Logger } from '../model/log.ts';
import type { Instant, ResourceKey } from '../model/resource.ts';
import type { Dirty } from './observer.ts';

export interface LoopOptions {
  /** Observe, plan, start, publish: one look. Returns when to look again at the latest because of time alone. */
  readonly look: (dirty: Dirty) => Promise<Instant | null>;
  readonly now: () => Instant;
  readonly log: Logger;
  /** Everything is looked at this often, since any notification may be lost; null: never (one-shot). */
  readonly resyncMs: number | null;
}

/** A look that fails is repeated after this long; it must not spin. */
const retryLookMs = 1_000;
/** How long a look may wait for company. */
const soonMs = 20;
/** setTimeout takes at most 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Level-triggered: a wake carries keys and means "look again at these". Any number of wakes before or during a look become one look after it; a lost, doubled or
 * reordered wake costs nothing.
 */
export class Loop {
  readonly #options: LoopOptions;
  #dirty: 'all' | Set<ResourceKey> | null = null;
  readonly #soon = new Set<ResourceKey>();
  #soonTimer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #resync: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    if (options.resyncMs !== null) {
      this.#resync = setInterval(() => this.wake('all'), options.resyncMs);
      this.#resync.unref();
    }
  }

  wake(dirty: Dirty): void {
    if (this.#stopped) return;
    if (dirty === 'all' || this.#dirty === 'all') this.#dirty = 'all';
    else {
      this.#dirty ??= new Set();
      for (const key of [...dirty, ...this.#soon]) this.#dirty.add(key);
    }
    this.#soon.clear();
    if (this.#soonTimer !== null) clearTimeout(this.#soonTimer);
    this.#soonTimer = null;
    if (this.#looking === null) this.#looking = this.#run();
  }

  /** As `wake`, but `soonMs` may pass: whatever wakes earlier takes it along. */
  wakeSoon(dirty: ReadonlySet<ResourceKey>): void {
    if (this.#stopped) return;
    for (const key of dirty) this.#soon.add(key);
    this.#soonTimer ??= setTimeout(() => this.wake(new Set()), soonMs);
  }

  /** Ends after the look that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#soonTimer !== null) clearTimeout(this.#soonTimer);
    if (this.#resync !== null) clearInterval(this.#resync);
    await this.#looking;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // wakes of the same turn become one look
    while (this.#dirty !== null && !this.#stopped) {
      const dirty = this.#dirty;
      this.#dirty = null;
      try {
        this.#schedule(await this.#options.look(dirty));
      } catch (error) {
        this.#options.log.error(`a look failed: ${error instanceof Error ? error.message : String(error)}`, {
          stack: error instanceof Error ? error.stack : undefined,
        });
        this.#schedule(this.#options.now() + retryLookMs, dirty);
      }
    }
    this.#looking = null;
  }

  #schedule(at: Instant | null, dirty: Dirty = new Set()): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (at === null || this.#stopped) return;
    const delay = Math.min(longestTimerMs, Math.max(1, at - this.#options.now()));
    this.#timer = setTimeout(() => this.wake(dirty), delay);
  }
}
