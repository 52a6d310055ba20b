import type { Instant, ResourceKey, SetId } from './resource.ts';

/** One apply, from acceptance to its end. */
export interface Operation {
  readonly id: string;
  readonly sets: readonly SetId[];
  /** What it touches: succeeded when all of these are settled. */
  readonly keys: readonly ResourceKey[];
  readonly actor: string;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  readonly state: 'running' | 'succeeded' | 'failed' | 'timed-out' | 'superseded';
  readonly cause: string | null;
  readonly endedAt: Instant | null;
  readonly summary: Summary;
}

export interface Summary {
  readonly created: number;
  readonly updated: number;
  readonly replaced: number;
  readonly restarted: number;
  readonly repaired: number;
  readonly deleted: number;
  readonly unchanged: number;
}
