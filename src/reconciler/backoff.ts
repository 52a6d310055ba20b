import type { Attempts } from '../model/plan.ts';
import type { Instant, SpecHash } from '../model/resource.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 5 * 60_000;

/** What a failed try was about. `retryAt`: the earliest time the other side allows, when it said one. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do about it, when that is known. */
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly retryAt: Instant | null;
}

/**
 * Attempts after one more failure: the delay doubles from one second to five minutes, with up to a fifth of jitter so that many failures do not come back together.
 * A failure that time cannot heal has no next try. `random` in [0, 1). Pure.
 */
export function afterFailure(
  before: Attempts | null,
  failure: Failure,
  at: { readonly now: Instant; readonly random: number; readonly specHash: SpecHash | null },
): Attempts {
  const count = (before !== null && before.specHash === at.specHash ? before.count : 0) + 1;
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(count - 1, 30));
  const jittered = at.now + Math.round(delay * (1 + at.random / 5));
  return {
    count,
    lastAt: at.now,
    nextTry: failure.retryable ? Math.max(jittered, failure.retryAt ?? 0) : null,
    specHash: at.specHash,
    error: { code: failure.code, message: failure.message, hint: failure.hint, retryable: failure.retryable },
  };
}

export type TryVerdict = { readonly is: 'free' } | { readonly is: 'later'; readonly until: Instant } | { readonly is: 'never' };

/** Whether an action may be tried now: failures of an earlier spec do not count. Pure. */
export function mayTry(attempts: Attempts | null, specHash: SpecHash | null, now: Instant): TryVerdict {
  if (attempts === null || attempts.specHash !== specHash) return { is: 'free' };
  if (attempts.nextTry === null) return { is: 'never' };
  return attempts.nextTry > now ? { is: 'later', until: attempts.nextTry } : { is: 'free' };
}
