import type { ApplyResult, Progress, WaitOptions } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { Operation } from '../model/operation.ts';
import type { Blocked } from '../model/plan.ts';
import { type Instant, type ResourceKey, resourceOf } from '../model/resource.ts';
import type { Accepted } from './acceptance.ts';

/** An operation at its end, with what still was in its way. */
export interface Finished {
  readonly operation: Operation;
  readonly blocked: readonly Blocked[];
}

interface Follower {
  readonly keys: ReadonlySet<ResourceKey>;
  readonly onProgress: (progress: Progress) => void;
}

/** Those who wait for operations to end, and hear of progress until then. */
export class Followers {
  readonly #now: () => Instant;
  readonly #closing: AbortSignal;
  readonly #followers = new Set<Follower>();
  readonly #finishing = new Map<string, (finished: Finished) => void>();

  constructor(options: { readonly now: () => Instant; readonly closing: AbortSignal }) {
    this.#now = options.now;
    this.#closing = options.closing;
  }

  /** Says how an accepted wish went; waits for its operation to end first, if asked to. `wake`: has its objects looked at. ABORTED when whoever waits gives up. */
  async follow(
    accepted: Accepted,
    options: WaitOptions,
    context: { readonly begun: Instant; readonly wake: (keys: ReadonlySet<ResourceKey>) => void },
  ): Promise<ApplyResult> {
    const { operation, revision, summary, warnings } = accepted;
    const common = { revision, summary, warnings };
    const seconds = (): number => (this.#now() - context.begun) / 1000;
    if (operation === null) return { ...common, result: 'unchanged', operation: null, seconds: seconds(), blocked: [], exitCode: 0 };
    const keys = new Set(operation.keys);
    if (!options.wait) {
      context.wake(keys);
      return { ...common, result: 'applied', operation, seconds: seconds(), blocked: [], exitCode: 0 };
    }
    const follower: Follower = { keys, onProgress: options.onProgress };
    this.#followers.add(follower);
    try {
      const ended = this.#ended(operation, options.signal);
      context.wake(keys);
      const finished = await ended;
      return { ...common, ...resultOf(finished.operation), operation: finished.operation, seconds: seconds(), blocked: finished.blocked };
    } finally {
      this.#followers.delete(follower);
    }
  }

  /** Nobody need wait for it. */
  finish(finished: Finished): void {
    this.#finishing.get(finished.operation.id)?.(finished);
  }

  tell(progress: Progress): void {
    const key = resourceOf(progress.subject as ResourceKey);
    for (const follower of this.#followers) if (follower.keys.has(key)) follower.onProgress(progress);
  }

  #ended(operation: Operation, signal: AbortSignal): Promise<Finished> {
    const both = AbortSignal.any([signal, this.#closing]);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#finishing.delete(operation.id);
        both.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(new TsdockError('ABORTED', { message: 'interrupted; what was accepted goes on', hint: 'tsdock status' }));
      };
      this.#finishing.set(operation.id, (finished) => {
        leave();
        resolve(finished);
      });
      if (both.aborted) onAbort();
      else both.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** Exit codes of contract.md for the ends of an operation. */
function resultOf(operation: Operation): Pick<ApplyResult, 'result' | 'exitCode'> {
  switch (operation.state) {
    case 'succeeded':
    case 'running':
      return { result: 'applied', exitCode: 0 };
    case 'failed':
      return { result: 'failed', exitCode: 1 };
    case 'timed-out':
      return { result: 'failed', exitCode: 4 };
    case 'superseded':
      return { result: 'failed', exitCode: 6 };
  }
}
