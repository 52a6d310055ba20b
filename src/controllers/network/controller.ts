import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { ObservedNetwork } from '../../model/observed.ts';
import type { NetworkInput } from '../../model/plan.ts';
import { type Identity, type ResourceKey, resourceOf } from '../../model/resource.ts';
import { type Native, NativeError, type NetState } from '../../native/index.ts';
import { listDirectories } from '../../store/files.ts';
import { readRunJson, readRunText, writeRunFile } from '../../store/run-files.ts';
import type { Controller } from '../controller.ts';
import { defaultMtu, diffNetwork } from './diff.ts';
import { linkAlias, networkOfAlias } from './link.ts';
import { gatewayCidr, namesHashOf, namesText } from './names.ts';

export interface NetworkControllerOptions {
  readonly native: Pick<Native, 'net' | 'onEvent'>;
  readonly runDir: string;
  /** The engine's mark on links. */
  readonly prefix: string;
  readonly log: Logger;
}

/** What is observed of a link whose identity file is gone: ours by its alias, made from something unknown. */
const unknownIdentity: Identity = { uid: '', set: '', specHash: '', schemaVersion: 0 };

/**
 * Bridges, the engine's rule table and the names of their members, for the network process to answer with. A network is its link: the alias says which, `identity.json`
 * beside its names says from what it was made.
 */
export function createNetworkController(options: NetworkControllerOptions): Controller<'Network'> {
  const { native, prefix } = options;
  const directoryOf = (link: string) => join(options.runDir, 'files/networks', link);

  return {
    kind: 'Network',
    diff: diffNetwork,

    async observe(key) {
      const state = await translated('dump', () => native.net.dump());
      const ours = state.networks.flatMap((network) => {
        const owner = networkOfAlias(prefix, network.alias);
        return owner === null || (key !== undefined && owner !== key) ? [] : [{ owner, network }];
      });
      return ours.map(({ owner, network }) => observed(owner, network, state, directoryOf(network.name)));
    },

    async run({ input, subject, reason }) {
      if (input.verb === 'remove') {
        await rm(directoryOf(input.link), { recursive: true, force: true });
        await translated('removeNetwork', () => native.net.removeNetwork(input.link));
        return;
      }
      const key = resourceOf(subject) as ResourceKey<'Network'>;
      // Names are asked for later than what is being started now.
      if (reason.code === 'NamesChanged') await new Promise((resolve) => setImmediate(resolve));
      writeFiles(key, input.network, directoryOf(input.network.link));
      // Names are a file; the look that found it changed found link and rules right.
      if (reason.code === 'NamesChanged') return;
      await translated('ensureNetwork', () => native.net.ensureNetwork(nativeSpec(key, input.network, prefix)));
    },

    watch(wake, signal) {
      const wakeLink = async (link: string | null) => {
        const links = link === null ? await listDirectories(join(options.runDir, 'files/networks')) : [link];
        for (const name of links) {
          const file = asIdentityFile(readRunJson(join(directoryOf(name), 'identity.json')));
          if (file !== null && !signal.aborted) wake(file.key);
        }
      };
      const unsubscribe = native.onEvent((event) => {
        if (event.type !== 'link' && event.type !== 'table') return;
        wakeLink(event.type === 'link' ? event.name : null).catch((error: unknown) =>
          options.log.warn('network event not resolved', { error: String(error) }),
        );
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
  };
}

interface IdentityFile {
  readonly key: ResourceKey<'Network'>;
  readonly identity: Identity;
}

function observed(key: ResourceKey<'Network'>, network: NetState['networks'][number], state: NetState, directory: string): ObservedNetwork {
  const file = asIdentityFile(readRunJson(join(directory, 'identity.json')));
  const names = readRunText(join(directory, 'names.json'));
  return {
    kind: 'Network',
    key,
    identity: file?.key === key ? file.identity : unknownIdentity,
    uses: [],
    claims: [],
    link: network.name,
    subnet: network.subnet,
    gateway: network.gateway.replace(/\/\d+$/, ''),
    mtu: network.mtu,
    isolated: network.isolated,
    masquerade: network.masquerade,
    up: network.up,
    tableIntact: state.tableIntact,
    namesHash: names === null ? null : namesHashOf(names),
  };
}

/** Identity first: whatever exists afterwards says what it is. */
function writeFiles(key: ResourceKey<'Network'>, network: NetworkInput, directory: string): void {
  const file: IdentityFile = { key, identity: network.identity };
  const text = `${JSON.stringify(file)}\n`;
  const path = join(directory, 'identity.json');
  if (readRunText(path) !== text) writeRunFile(path, text, 0o600);
  writeRunFile(join(directory, 'names.json'), namesText(network), 0o600);
}

function nativeSpec(key: ResourceKey<'Network'>, network: NetworkInput, prefix: string) {
  const { spec, link, subnet } = network;
  return {
    name: link,
    alias: linkAlias(prefix, key),
    gateway: gatewayCidr(network),
    subnet,
    mtu: spec.mtu ?? defaultMtu,
    masquerade: spec.masquerade,
    isolated: spec.isolated,
    internal: false,
  };
}

function asIdentityFile(value: unknown): IdentityFile | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, identity } = value as Partial<IdentityFile>;
  return typeof key === 'string' && typeof identity?.uid === 'string' ? { key, identity } : null;
}

async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    throw new TsdockError('NET010', { message: `${error.step ?? what}: ${error.message}`, cause: error });
  }
}
