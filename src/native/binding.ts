import type { Native } from './index.ts';

export interface EngineOptions {
  readonly stateDir: string;
  readonly runDir: string;
  /** Carried by every link, table, cgroup and mount. */
  readonly prefix: string;
}

/** Loads the addon and returns the façade. */
export async function openNative(options: EngineOptions): Promise<Native> {
  throw new Error(`no addon for ${options.prefix}`);
}
