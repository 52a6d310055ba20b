import type { NativeEvent, Net, NetState } from './index.ts';
import type { RawAddon, RawNet } from './raw.ts';
import { guarded, replied } from './reply.ts';

/** `Net` and the end of its threads. */
export interface OpenNet {
  readonly net: Net;
  /** Requests that wait are still worked off; later ones fail with `E_CLOSED`. */
  close(): void;
}

/** Opens the network part in the network namespace of this process. `prefix` names the table and begins every alias, followed by a colon. */
export function createNet(addon: RawAddon, options: { prefix: string; onEvent: (event: NativeEvent) => void }): OpenNet {
  const raw: RawNet = guarded(() => new addon.RawNet(options.prefix, (text) => options.onEvent(JSON.parse(text) as NativeEvent)));
  const ask = <T>(request: object): Promise<T> => replied<T>(raw.request(JSON.stringify(request)));
  return {
    net: {
      ensureNetwork: (network) => ask({ type: 'ensureNetwork', network }),
      removeNetwork: (name) => ask({ type: 'removeNetwork', name }),
      publish: ({ owner, endpoints }) => ask({ type: 'publish', owner, endpoints }),
      dump: () => ask<NetState>({ type: 'dump' }),
      routes: () => ask({ type: 'routes' }),
    },
    close: () => raw.close(),
  };
}
