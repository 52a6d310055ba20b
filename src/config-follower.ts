/** Follows the engine's configuration file: a change is checked at once and told; what it holds is taken up by the next start of the daemon. */
import { dirname } from 'node:path';
import { formatDiagnostic } from './manifest/diagnostic.ts';
import type { EngineConfig } from './manifest/engine-defaults.ts';
import { watchDirectory } from './manifest/watch.ts';
import { describeError, TsdockError } from './model/errors.ts';
import type { Logger } from './model/log.ts';

export interface ConfigFollower {
  /** Reads the file again now. */
  poke(): void;
  close(): Promise<void>;
}

export interface FollowConfigOptions {
  /** What the daemon was started with. */
  readonly current: EngineConfig;
  /** Reads the file; throws for one that is invalid. */
  readonly read: () => Promise<EngineConfig>;
  readonly log: Logger;
}

/** Names of the fields as the file has them. */
const fields: Readonly<Record<keyof EngineConfig, string>> = {
  prefix: 'spec.prefix',
  reconcileMs: 'spec.reconcile.interval',
  pools: 'spec.pools',
};

/** Looks at `file` after every change in its directory. The same finding is told once. */
export function followConfig(file: string, { current, read, log }: FollowConfigOptions): ConfigFollower {
  let told: string | null = null;
  const look = async (): Promise<void> => {
    const finding = await read().then((config) => describeDifference(current, config), describeProblem);
    if (finding !== null && finding !== told) log.warn(finding, { file });
    told = finding;
  };
  const watch = watchDirectory(dirname(file), { onDirty: () => void look(), onWarning: (message) => log.warn(message) });
  return { poke: () => watch.poke(), close: () => watch.close() };
}

/** Null when both are equal. Pure. */
function describeDifference(current: EngineConfig, found: EngineConfig): string | null {
  const names = (Object.keys(fields) as (keyof EngineConfig)[])
    .filter((name) => JSON.stringify(current[name]) !== JSON.stringify(found[name]))
    .map((name) => fields[name]);
  if (names.length === 0) return null;
  return `${names.join(', ')} changed; restart the daemon to use ${names.length === 1 ? 'it' : 'them'} (containers go on)`;
}

/** With an invalid file each place and what is wrong there. */
function describeProblem(error: unknown): string {
  const found = error instanceof TsdockError ? error.diagnostics : [];
  return found.length === 0 ? describeError(error) : found.map(formatDiagnostic).join('; ');
}
