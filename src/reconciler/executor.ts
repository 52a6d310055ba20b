import PQueue from 'p-queue';
import type { Controller, Controllers } from '../controllers/controller.ts';
import type { Progress } from '../model/engine-api.ts';
import { describeError, isRetryable, TsdockError } from '../model/errors.ts';
import type { Logger } from '../model/log.ts';
import type { Action, AnyAction, Verbs } from '../model/plan.ts';
import { type ActingKind, type Instant, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';
import type { Failure } from './backoff.ts';

type Lane = 'pull' | 'runtime' | 'patience';

/** Which queue an action waits in: what downloads never holds up what starts and stops. */
const lanes: { readonly [K in ActingKind]: { readonly [V in Verbs[K]]: Lane } } = {
  Image: { pull: 'pull', remove: 'runtime' },
  Network: { create: 'runtime', update: 'runtime', remove: 'runtime' },
  Volume: { create: 'runtime', update: 'runtime', remove: 'runtime' },
  Config: { write: 'runtime', remove: 'runtime' },
  Secret: { write: 'runtime', remove: 'runtime' },
  Container: {
    reserve: 'runtime',
    create: 'runtime',
    start: 'runtime',
    update: 'runtime',
    publish: 'runtime',
    restart: 'patience',
    stop: 'runtime',
    remove: 'runtime',
  },
};

/**
 * `runtime`: a start is mostly the kernel's work and short; more than two per CPU only makes each of them slower. `patience`: an action that only waits until a process that fails
 * its probes has ended, which holds up nobody.
 */
export function laneSizes(cpus: number): { readonly [L in Lane]: number } {
  return { pull: 3, runtime: Math.min(8, Math.max(4, 2 * cpus)), patience: 256 };
}

/** How one action ended. */
export interface Outcome {
  readonly action: AnyAction;
  readonly result: 'done' | 'failed' | 'cancelled';
  readonly failure: Failure | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

export interface ExecutorOptions {
  readonly controllers: Controllers;
  readonly log: Logger;
  readonly now: () => Instant;
  readonly lanes: { readonly [L in Lane]: number };
  /** An action has ended; its outcome waits in `takeEnded`. */
  readonly onEnded: (key: ResourceKey) => void;
  readonly onProgress: (progress: Progress) => void;
}

/** Every wait has a bound: longer than any grace period that is sensible, shorter than patience. Pulls have their own bounds (stalled transfers). */
const actionBoundMs = 15 * 60_000;

interface Flight {
  readonly action: AnyAction;
  readonly abort: AbortController;
}

/** Starts ready actions on lanes, at most one a subject, and turns whatever happens into an outcome. It decides nothing and knows no dependencies. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #queues: { readonly [L in Lane]: PQueue };
  readonly #flights = new Map<SubjectKey, Flight>();
  #atWork = 0;
  /** Ended, and still counted as running until somebody has looked at what they left. */
  #ended: Outcome[] = [];

  constructor(options: ExecutorOptions) {
    this.#options = options;
    const queue = (lane: Lane): PQueue => new PQueue({ concurrency: options.lanes[lane] });
    this.#queues = { pull: queue('pull'), runtime: queue('runtime'), patience: queue('patience') };
  }

  /** What runs or has ended unseen, by subject. */
  get running(): ReadonlyMap<SubjectKey, AnyAction> {
    return new Map([...this.#flights].map(([subject, flight]) => [subject, flight.action]));
  }

  /** Whether any action is at work; one that has ended unseen is not. */
  get isBusy(): boolean {
    return this.#atWork > 0;
  }

  get isIdle(): boolean {
    return this.#flights.size === 0;
  }

  /** Starts an action; false when its subject is busy. */
  start(action: AnyAction): boolean {
    if (this.#flights.has(action.subject)) return false;
    const flight: Flight = { action, abort: new AbortController() };
    this.#flights.set(action.subject, flight);
    const priority = action.phase === 'down' ? 1 : 0;
    const queue = this.#queues[laneOf(action)];
    this.#atWork += 1;
    void queue.add(() => this.#run(flight), { priority }); // #run never rejects
    return true;
  }

  /** Asks a running action to give up. It ends as cancelled, in its own time. */
  abort(subject: SubjectKey): void {
    this.#flights.get(subject)?.abort.abort(new TsdockError('ABORTED', { message: `${subject} is not wanted any more` }));
  }

  /** Outcomes since the last call. The subjects stay busy until `release`: what they left must be seen first. */
  takeEnded(): readonly Outcome[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  release(outcomes: readonly Outcome[]): void {
    for (const { action } of outcomes) {
      if (this.#flights.get(action.subject)?.action.id === action.id) this.#flights.delete(action.subject);
    }
  }

  /** Waits until no action runs; aborts what still does after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    for (const { action } of this.#flights.values()) if (action.phase === 'fetch') this.abort(action.subject);
    const timer = setTimeout(() => {
      for (const subject of this.#flights.keys()) this.abort(subject);
    }, graceMs);
    await Promise.all(Object.values(this.#queues).map((queue) => queue.onIdle()));
    clearTimeout(timer);
  }

  async #run(flight: Flight): Promise<void> {
    const { action, abort } = flight;
    const { now, log, onEnded } = this.#options;
    const startedAt = now();
    this.#report(action, { state: 'started', message: null });
    const bound =
      action.phase === 'fetch'
        ? null
        : setTimeout(() => abort.abort(new TsdockError('TIMEOUT', { message: `${action.id} took too long` })), actionBoundMs);
    let failure: Failure | null = null;
    let result: Outcome['result'] = 'done';
    try {
      abort.signal.throwIfAborted();
      await this.#dispatch(action, abort.signal);
    } catch (error) {
      result = abort.signal.aborted && codeOf(error) !== 'TIMEOUT' ? 'cancelled' : 'failed';
      failure = failureOf(error);
      const level = failure.code === 'INTERNAL' ? 'error' : 'warn';
      if (result === 'failed')
        log[level](`${action.id} failed: ${failure.message}`, {
          action: action.id,
          code: failure.code,
          stack: stackOf(error, failure.code),
        });
    } finally {
      if (bound !== null) clearTimeout(bound);
    }
    this.#atWork -= 1;
    this.#ended.push({ action, result, failure, startedAt, endedAt: now() });
    this.#report(action, { state: result === 'done' ? 'done' : 'failed', message: failure?.message ?? null });
    onEnded(resourceOf(action.subject));
  }

  /** The one dispatch of the project: `kind` says which controller and which action belong together. */
  #dispatch(action: AnyAction, signal: AbortSignal): Promise<void> {
    const controller = this.#options.controllers[action.kind] as unknown as Controller<ActingKind>;
    return controller.run(action as Action, {
      signal,
      log: this.#options.log.child({ action: action.id }),
      progress: ({ part, stage, done, total }) => this.#report(action, { state: 'running', message: null, part, stage, done, total }),
    });
  }

  #report(action: AnyAction, fields: Pick<Progress, 'state' | 'message'> & Partial<Progress>): void {
    this.#options.onProgress({
      at: this.#options.now(),
      subject: action.subject,
      verb: action.verb,
      reason: action.reason.message === '' ? action.reason.code : `${action.reason.code}: ${action.reason.message}`,
      part: null,
      stage: null,
      done: null,
      total: null,
      ...fields,
    });
  }
}

function laneOf(action: AnyAction): Lane {
  return (lanes[action.kind] as Readonly<Record<string, Lane>>)[action.verb] ?? 'runtime';
}

function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : describeError(error);
  const hint = error instanceof TsdockError ? error.hint : null;
  return { code, message, hint, retryable: isRetryable(error), retryAt: retryAtOf(error) };
}

/** A registry that limits pulls says when it will listen again. */
function retryAtOf(error: unknown): Instant | null {
  return error instanceof Error && 'retryAt' in error && typeof error.retryAt === 'number' ? error.retryAt : null;
}

/** Native errors keep their errno as code; anything else is a bug. */
function codeOf(error: unknown): string {
  if (error instanceof TsdockError) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'INTERNAL';
}

function stackOf(error: unknown, code: string): string | undefined {
  return code === 'INTERNAL' && error instanceof Error ? error.stack : undefined;
}
