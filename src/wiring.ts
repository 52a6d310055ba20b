/** Opens native module, store, controllers and engine from the two directories and the config file: the one place that knows them all. */
import { readFile, stat } from 'node:fs/promises';
import { createControllers } from './controllers/index.ts';
import { completeSpec } from './manifest/complete.ts';
import { hasErrors } from './manifest/diagnostic.ts';
import { defaultEngineConfig, type EngineConfig } from './manifest/engine-defaults.ts';
import { buildGraph } from './manifest/graph.ts';
import { collectPaths, type HostFacts, type PathState } from './manifest/graph-host.ts';
import type { EngineApi } from './model/engine-api.ts';
import { TsdockError } from './model/errors.ts';
import type { SourceSnapshot } from './model/graph.ts';
import type { Logger } from './model/log.ts';
import type { AnyResource, SetId } from './model/resource.ts';
import { type Native, openNative } from './native/index.ts';
import type { Engine } from './reconciler/engine.ts';
import type { EngineOptions } from './reconciler/options.ts';
import type { ReadOnlyEngine } from './reconciler/read-only.ts';
import { packageVersion } from './version.ts';

export interface EngineSettings {
  readonly stateDir: string;
  readonly runDir: string;
  readonly config: string;
  /** Whether the config file was asked for by name: then it must be there. */
  readonly configGiven: boolean;
  readonly log: Logger;
}

export interface OpenEngine {
  readonly engine: EngineApi;
  readonly config: EngineConfig;
  /** Lets go of lock, store and native module. Containers go on. */
  close(): Promise<void>;
}

export interface OpenDaemonEngine extends Omit<OpenEngine, 'close'> {
  /** Documents as they were accepted last, by set. */
  documents(): ReadonlyMap<SetId, readonly AnyResource[]>;
  /** Calls back when objects were deleted by name; returns how to hear no more. */
  onRemoved(listener: () => void): () => void;
  /** As of an `OpenEngine`; with `stopContainers` what runs is stopped, and started again by the next engine. */
  close(options: { readonly stopContainers: boolean }): Promise<void>;
}

/** An engine for one command. DMN001 when another one holds the lock. */
export async function openEngine(settings: EngineSettings, life: 'command' | 'read'): Promise<OpenEngine> {
  const { native, config, options } = await openParts(settings, null);
  const engine = await orClose(native, life === 'read' ? readEngine(options) : startEngine(options));
  return { engine, config, close: () => engine.close().finally(() => native.close()) };
}

/** An engine that looks at everything again and again. DMN001 when another one holds the lock. */
export async function openDaemonEngine(settings: EngineSettings): Promise<OpenDaemonEngine> {
  const { native, config, options } = await openParts(settings, 'configured');
  const engine = await orClose(native, startEngine(options));
  return {
    engine,
    config,
    documents: () => engine.documents(),
    onRemoved: (listener) => engine.onRemoved(listener),
    close: async ({ stopContainers }) => {
      try {
        if (stopContainers) await engine.stopContainers();
        await engine.close();
      } finally {
        await native.close();
      }
    },
  };
}

/** A command that only looks loads nothing of what acts. */
async function readEngine(options: EngineOptions): Promise<ReadOnlyEngine> {
  const { openReadOnly } = await import('./reconciler/read-only.ts');
  return await openReadOnly(options);
}

async function startEngine(options: EngineOptions): Promise<Engine> {
  const { Engine } = await import('./reconciler/engine.ts');
  return await Engine.open(options);
}

interface Parts {
  readonly native: Native;
  readonly config: EngineConfig;
  readonly options: EngineOptions;
}

async function openParts(settings: EngineSettings, resync: 'configured' | null): Promise<Parts> {
  const { stateDir, runDir, log } = settings;
  const config = await readConfig(settings);
  const { prefix } = config;
  const native = await openNative({ stateDir, runDir, prefix });
  const shared = { native, stateDir, runDir, prefix, log, now: Date.now, random: Math.random };
  const wired = createControllers({ ...shared, pools: config.pools.map((pool) => pool.cidr) });
  const options: EngineOptions = {
    ...shared,
    ...wired,
    version: packageVersion(),
    resyncMs: resync === null ? null : config.reconcileMs,
    gc: config.gc,
    completeSpec,
    buildGraph: async (snapshots) => buildGraph(snapshots, await hostFacts(native, config, snapshots)),
  };
  return { native, config, options };
}

/** What was opened is let go of again when the engine cannot be. */
async function orClose<T>(native: Native, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await native.close();
    throw error;
  }
}

// ----------------------------------------------------------------------------------------------------------------------- host

async function hostFacts(native: Native, { prefix, pools }: EngineConfig, snapshots: readonly SourceSnapshot[]): Promise<HostFacts> {
  const paths = collectPaths(snapshots.flatMap((snapshot) => snapshot.documents));
  // Only a subnet somebody chose can be in the way of a route.
  const choosesSubnet = snapshots.some(({ documents }) => documents.some(({ kind, spec }) => kind === 'Network' && spec.subnet !== null));
  const [routes, states] = await Promise.all([choosesSubnet ? native.net.routes() : null, Promise.all(paths.map(pathState))]);
  return {
    cpus: native.host.cpus,
    controllers: native.host.controllers,
    routes: routes?.filter(({ device }) => !device.startsWith(prefix)) ?? null,
    paths: new Map(paths.map((path, index) => [path, states[index] ?? 'missing'])),
    pools,
  };
}

async function pathState(path: string): Promise<PathState> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'other';
  }
}

// --------------------------------------------------------------------------------------------------------------------- config

async function readConfig({ config: path, configGiven, log }: EngineSettings): Promise<EngineConfig> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !configGiven) return null;
    throw new TsdockError('CLI011', { message: `${path}: cannot be read (${error.code})`, cause: error });
  });
  if (text === null) return defaultEngineConfig;
  const { loadEngineConfig } = await import('./manifest/engine-config.ts');
  const { config, diagnostics } = loadEngineConfig(text, path);
  if (hasErrors(diagnostics)) throw new TsdockError('MANIFEST', { message: `${path} is invalid`, diagnostics });
  for (const { code, message } of diagnostics) log.warn(message, { code, file: path });
  return config;
}
