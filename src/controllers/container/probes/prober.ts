import PQueue from 'p-queue';
import type { Logger } from '../../../model/log.ts';
import type { ProbeName, ProbeTarget, ProbeVerdict } from '../../../model/probes.ts';
import type { InstanceId, Instant, ResourceKey } from '../../../model/resource.ts';
import type { ProbeCheck } from '../../../model/spec.ts';
import { nameOf } from './describe.ts';
import {
  askedProbes,
  firstProbeState,
  nextProbeState,
  type ProbeResult,
  type ProbeState,
  pauseBefore,
  resumedProbeState,
  soonest,
} from './machine.ts';
import { printable } from './printable.ts';

export interface ProberOptions {
  /** Asks once. Rejects when it could not, or with the reason of `signal` soon after that aborts. */
  readonly check: (target: ProbeTarget, check: ProbeCheck, signal: AbortSignal) => Promise<ProbeResult>;
  /** What an engine before this one, or this one earlier, has kept of an instance; null: nothing. */
  readonly load: (instance: InstanceId) => ProbeVerdict | null;
  readonly save: (instance: InstanceId, verdict: ProbeVerdict) => void;
  readonly now: () => Instant;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** Tries at a time. A command costs a process, a connection almost nothing; what waits here begins later, its timeout too. */
const lanes = { exec: 32, network: 256 } as const;

/**
 * Asks all probes of all instances it is told to follow, each on its own timer and with its own time limit: one that hangs holds up nobody but itself. Verdicts are kept on file,
 * so that they outlive this process. Without probes there is no timer.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #followed = new Map<InstanceId, Followed>();
  readonly #lanes = { exec: new PQueue({ concurrency: lanes.exec }), network: new PQueue({ concurrency: lanes.network }) };
  readonly #listeners = new Set<(key: ResourceKey<'Container'>) => void>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Tells which container has another verdict, until `signal` aborts. */
  listen(listener: (key: ResourceKey<'Container'>) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** From now on these are asked and nobody else; what is asked already goes on. An instance stands once. */
  follow(targets: readonly ProbeTarget[]): void {
    const wanted = new Set(targets.map(({ instance }) => instance));
    for (const [instance, followed] of this.#followed) if (!wanted.has(instance)) this.#drop(instance, followed);
    for (const target of targets) {
      const known = this.#followed.get(target.instance);
      if (known !== undefined && isSame(known.target, target)) continue;
      if (known !== undefined) this.#drop(target.instance, known);
      this.#begin(target);
    }
  }

  /** What is known of an instance, of whichever run. */
  verdictOf(instance: InstanceId): ProbeVerdict | null {
    return this.#followed.get(instance)?.state.verdict ?? this.#options.load(instance);
  }

  #begin(target: ProbeTarget): void {
    const { now, random } = this.#options;
    const kept = this.#options.load(target.instance);
    const isResumed = kept !== null && kept.startedAt === target.startedAt;
    const state = isResumed ? resumedProbeState(target.probes, kept) : firstProbeState(target.probes, target.startedAt);
    const followed: Followed = { target, state, ends: new AbortController(), timers: new Map() };
    this.#followed.set(target.instance, followed);
    if (JSON.stringify(kept) !== JSON.stringify(state.verdict)) this.#keep(followed);
    for (const name of askedProbes(target.probes, state)) {
      const probe = target.probes[name];
      if (probe === null) continue;
      // Many are resumed in one tick: each at its own moment of its period. Where people wait for it to become ready, at once.
      const spread = isResumed && state.verdict.wasReady ? probe.periodMs * random() : 0;
      this.#schedule(followed, name, pauseBefore(probe, name, state, now()) + spread);
    }
  }

  #drop(instance: InstanceId, followed: Followed): void {
    this.#followed.delete(instance);
    followed.ends.abort(new Error('not asked any more'));
    for (const timer of followed.timers.values()) clearTimeout(timer);
  }

  #schedule(followed: Followed, name: ProbeName, delayMs: number): void {
    const timer = setTimeout(() => void this.#ask(followed, name), delayMs);
    followed.timers.set(name, timer);
  }

  /** One try, and the timer of the next. Never rejects. */
  async #ask(followed: Followed, name: ProbeName): Promise<void> {
    const { target, ends } = followed;
    const probe = target.probes[name];
    if (probe === null || ends.signal.aborted) return;
    const lane = probe.check.type === 'exec' ? this.#lanes.exec : this.#lanes.network;
    const result = await lane.add(() => this.#tryOnce(target, probe, ends.signal));
    if (ends.signal.aborted || result === undefined) return;
    const now = this.#options.now();
    const before = followed.state;
    followed.state = nextProbeState(target.probes, before, name, result, now);
    const { verdict } = followed.state;
    if (JSON.stringify(verdict) !== JSON.stringify(before.verdict)) this.#keep(followed);
    const asked = askedProbes(target.probes, followed.state);
    const isBegun = verdict.started && !before.verdict.started;
    for (const next of asked) {
      const other = target.probes[next];
      if (other === null || (next !== name && !isBegun)) continue;
      // A little earlier than its period, each time another little: what began together does not stay together.
      const jitter = 1 - (1 - soonest) * this.#options.random();
      this.#schedule(followed, next, pauseBefore(other, next, followed.state, now) * jitter);
    }
  }

  async #tryOnce(
    target: ProbeTarget,
    probe: { readonly check: ProbeCheck; readonly timeoutMs: number },
    ends: AbortSignal,
  ): Promise<ProbeResult> {
    const name = nameOf(probe.check, target.host);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${probe.timeoutMs / 1000}s`)), probe.timeoutMs);
    const give = (): void => limit.abort(ends.reason);
    ends.addEventListener('abort', give, { once: true });
    if (ends.aborted) give();
    try {
      const { success, message } = await this.#options.check(target, probe.check, limit.signal);
      return { success, message: `${name}: ${message}` };
    } catch (error) {
      const reason = limit.signal.aborted ? (limit.signal.reason as unknown) : error;
      return { success: false, message: `${name}: ${printable(Buffer.from(reason instanceof Error ? reason.message : String(reason)))}` };
    } finally {
      clearTimeout(timer);
      ends.removeEventListener('abort', give);
    }
  }

  #keep({ target, state }: Followed): void {
    try {
      this.#options.save(target.instance, state.verdict);
    } catch (error) {
      this.#options.log.warn('the verdict of probes is not kept', { instance: target.instance, error: String(error) });
    }
    for (const listener of this.#listeners) listener(target.key);
  }
}

interface Followed {
  readonly target: ProbeTarget;
  state: ProbeState;
  /** Aborted when nobody wants to know any more. */
  readonly ends: AbortController;
  readonly timers: Map<ProbeName, NodeJS.Timeout>;
}

function isSame(a: ProbeTarget, b: ProbeTarget): boolean {
  return (
    a.startedAt === b.startedAt &&
    a.host === b.host &&
    a.keepsOutput === b.keepsOutput &&
    (a.probes === b.probes || JSON.stringify(a.probes) === JSON.stringify(b.probes))
  );
}
