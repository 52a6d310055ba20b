import { defaultPools } from './graph-host.ts';

/** Settings of the engine, defaults filled in. */
export interface EngineConfig {
  /** Carried by every link, nft table, cgroup and mount. */
  readonly prefix: string;
  /** Pause between full looks. */
  readonly reconcileMs: number;
  /** Where automatic subnets come from: blocks of prefix length `block`. */
  readonly pools: readonly { readonly cidr: string; readonly block: number }[];
}

export const defaultEngineConfig: EngineConfig = { prefix: 'tsdock', reconcileMs: 30_000, pools: defaultPools };
