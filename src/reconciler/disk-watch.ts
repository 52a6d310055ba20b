import type { GcReport } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { NewEvent } from '../model/event.ts';
import type { Instant } from '../model/resource.ts';
import { pressureEvent } from './event-texts.ts';
import { fillOf } from './garbage.ts';
import { spaceOf, useNotedMs } from './image-collection.ts';
import type { EngineOptions } from './options.ts';

export interface DiskWatchOptions {
  readonly engine: EngineOptions;
  readonly everyMs: number;
  readonly collect: () => Promise<GcReport>;
  readonly noteUse: () => Promise<void>;
  readonly tell: (event: NewEvent) => Promise<void>;
}

/** Collects garbage by itself: begins above `gc.high`, goes on at each look until `gc.low` is reached or nothing more may go. A look at a disk with space costs one statfs. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  #collecting = false;
  #told = false;
  #notedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#start(), options.everyMs);
    this.#timer.unref();
  }

  /** Ends after the look that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One look at a time; one that fails is repeated by the next. */
  #start(): void {
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        if (error instanceof TsdockError && error.code === 'ABORTED') return; // the engine is stopping
        this.#options.engine.log.error(`garbage cannot be collected: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const { engine, collect, noteUse, tell } = this.#options;
    const now = engine.now();
    if (now - this.#notedAt >= useNotedMs(engine.gc)) {
      await noteUse();
      this.#notedAt = now;
    }
    const fill = fillOf(await spaceOf(engine));
    if (fill <= engine.gc.high) this.#told = false;
    this.#collecting = fill > engine.gc.high || (this.#collecting && fill > engine.gc.low);
    if (!this.#collecting) return;
    const report = await collect();
    if (report.images.length + report.blobs + report.layers > 0) return;
    this.#collecting = false;
    if (fill <= engine.gc.high || this.#told) return;
    this.#told = true;
    await tell(pressureEvent(report));
  }
}
