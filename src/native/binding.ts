import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createContainers } from './containers.ts';
import { NativeError } from './error.ts';
import { createExecExits, type ExecExits } from './exec.ts';
import type { ExitInfo, HostInfo, InstanceId, Native, NativeEvent } from './index.ts';
import { createLayers } from './layers.ts';
import { createNet } from './net.ts';
import type { RawAddon } from './raw.ts';
import { guarded } from './reply.ts';

export interface EngineOptions {
  readonly stateDir: string;
  readonly runDir: string;
  /** Carried by every link, table, cgroup and mount. */
  readonly prefix: string;
}

/** Of `crates/addon/src/lib.rs`. */
const abiVersion = 1;

/** Both are built by `npm run build`; this module is at another depth in the sources, in dist/ and in the bundle. */
const built = new URL('build/', packageRoot());
const addonPath = fileURLToPath(new URL('tsdock.node', built));
const helperPath = fileURLToPath(new URL('tsdock-rt', built));

/**
 * Loads the addon and opens the façade. Starts no process: the zygote comes with the first `create`, or is joined when one of an earlier daemon answers.
 * Fails with `E_NOT_BUILT` or `E_ABI` when the addon is missing or of another version.
 */
export async function openNative(options: EngineOptions): Promise<Native> {
  const addon = loadAddon();
  const host = guarded(() => JSON.parse(addon.probeHost()) as HostInfo);
  const exits = createExecExits();
  const listeners = new Set<(event: NativeEvent) => void>();
  const tell = (event: NativeEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const onEvent = (text: string): void => {
    const event = publicEvent(exits, JSON.parse(text) as RawEvent);
    if (event !== null) tell(event);
  };
  const engine = guarded(
    () => new addon.Engine(JSON.stringify({ runDir: options.runDir, prefix: options.prefix, helper: helperPath }), onEvent),
  );
  const network = createNet(addon, { runDir: options.runDir, prefix: options.prefix, helper: helperPath }, tell);
  return {
    host,
    containers: createContainers(addon, engine, exits, options.runDir),
    net: network.net,
    layers: createLayers(addon),
    lock: (path) => guarded(() => addon.lockFile(path)),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      network.close();
      engine.close();
    },
  };
}

function loadAddon(): RawAddon {
  let addon: RawAddon;
  try {
    addon = createRequire(import.meta.url)(addonPath) as RawAddon;
  } catch (error) {
    throw new NativeError(
      { code: 'E_NOT_BUILT', syscall: null, step: 'load', message: `${addonPath} cannot be loaded; run npm run build` },
      { cause: error },
    );
  }
  const found = addon.abiVersion();
  if (found === abiVersion) return addon;
  throw new NativeError({
    code: 'E_ABI',
    syscall: null,
    step: 'load',
    message: `the addon has version ${found}, this program wants ${abiVersion}; run npm run build`,
  });
}

type RawEvent = NativeEvent | { readonly type: 'execExited'; readonly id: InstanceId; readonly exec: number; readonly exit: ExitInfo };

/** Ends of execs go to their handles, everything else to the listeners. */
function publicEvent(exits: ExecExits, event: RawEvent): NativeEvent | null {
  if (event.type === 'execExited') {
    exits.ended(event.id, event.exec, event.exit);
    return null;
  }
  if (event.type === 'lost') exits.lost(event.id);
  return event;
}

/** Directory of the nearest package.json above this module. */
function packageRoot(): URL {
  let directory = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', directory))) directory = new URL('..', directory);
  return directory;
}
