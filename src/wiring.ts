/** Opens native module, store, controllers and engine from the two directories and the config file: the one place that knows them all. */
import { readFile } from 'node:fs/promises';
import { hasErrors } from './manifest/diagnostic.ts';
import { defaultEngineConfig, type EngineConfig, loadEngineConfig } from './manifest/engine-config.ts';
import type { EngineApi } from './model/engine-api.ts';
import { TsdockError } from './model/errors.ts';
import type { Logger } from './model/log.ts';
import type { AnyResource, SetId } from './model/resource.ts';

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
  /** Documents as they were accepted last, by set. */
  documents(): ReadonlyMap<SetId, readonly AnyResource[]>;
  /** Stops everything that runs, to be started again by the next engine. */
  stopContainers(): Promise<void>;
  close(): Promise<void>;
}

/** `write` takes the lock (DMN001 when it is held) and adopts what runs; `read` changes nothing. */
export async function openEngine(settings: EngineSettings, _access: 'read' | 'write'): Promise<OpenEngine> {
  await readConfig(settings);
  throw new TsdockError('INTERNAL', { message: 'there is no engine in this build' });
}

async function readConfig({ config: path, configGiven, log }: EngineSettings): Promise<EngineConfig> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !configGiven) return null;
    throw new TsdockError('CLI011', { message: `${path}: cannot be read (${error.code})`, cause: error });
  });
  if (text === null) return defaultEngineConfig;
  const { config, diagnostics } = loadEngineConfig(text, path);
  if (hasErrors(diagnostics)) throw new TsdockError('MANIFEST', { message: `${path} is invalid`, diagnostics });
  for (const { code, message } of diagnostics) log.warn(message, { code, file: path });
  return config;
}
