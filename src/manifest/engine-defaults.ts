import type { GcPolicy } from '../model/gc-policy.ts';
import { defaultPools } from './graph-host.ts';

/** Settings of the engine, defaults filled in. */
export interface EngineConfig {
  /** Carried by every link, nft table, cgroup and mount. */
  readonly prefix: string;
  /** Pause between full looks. */
  readonly reconcileMs: number;
  /** Where automatic subnets come from: blocks of prefix length `block`. */
  readonly pools: readonly { readonly cidr: string; readonly block: number }[];
  readonly gc: GcPolicy;
}

export const defaultEngineConfig: EngineConfig = {
  prefix: 'tsdock',
  reconcileMs: 30_000,
  pools: defaultPools,
  gc: { high: 0.85, low: 0.75, minAgeMs: 24 * 3_600_000, keepRevisions: 10 },
};
