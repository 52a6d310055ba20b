import type { NativeEvent, Net, NetState } from './index.ts';
import type { RawAddon, RawNet } from './raw.ts';
import { guarded, replied } from './reply.ts';

/** `Net` and the end of its threads. */
export interface OpenNet {
  readonly net: Net;
  /** Requests that wait are still worked off; later ones fail with `E_CLOSED`. */
  close(): void;
}

export interface NetOptions {
  readonly runDir: string;
  /** Names the table and begins every alias, followed by a colon. */
  readonly prefix: string;
  /** Path of `tsdock-rt`, which is the network process. */
  readonly helper: string;
}

/** Opens the network part in the network namespace of this process. Starts no process: that comes with the first change. */
export function createNet(addon: RawAddon, { runDir, prefix, helper }: NetOptions, onEvent: (event: NativeEvent) => void): OpenNet {
  const raw: RawNet = guarded(
    () => new addon.RawNet(JSON.stringify({ runDir, prefix, helper }), (text) => onEvent(JSON.parse(text) as NativeEvent)),
  );
  const ask = <T>(request: object): Promise<T> => replied<T>(raw.request(JSON.stringify(request)));
  let together: Promise<NetState> | null = null;
  /** All who ask before the request is made get the same answer: a look asks once for its networks and once for its containers. */
  const dump = (): Promise<NetState> => {
    together ??= Promise.resolve().then(() => {
      together = null;
      return ask<NetState>({ type: 'dump' });
    });
    return together;
  };
  return {
    net: {
      ensureNetwork: (network) => ask({ type: 'ensureNetwork', network }),
      removeNetwork: (name) => ask({ type: 'removeNetwork', name }),
      publish: ({ owner, endpoints }) => ask({ type: 'publish', owner, endpoints }),
      reserve: ({ owner, endpoints }) => ask({ type: 'reserve', owner, endpoints }),
      dump,
      routes: () => ask({ type: 'routes' }),
    },
    close: () => raw.close(),
  };
}
