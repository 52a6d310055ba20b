import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { ObservedConfig } from '../../model/observed.ts';
import { type ContentHash, type Identity, parseKey, type ResourceKey, resourceKey, resourceOf } from '../../model/resource.ts';
import type { Native } from '../../native/index.ts';
import { isAbsent, listDirectories, readJson, writeWhole } from '../../store/files.ts';
import type { Controller } from '../controller.ts';
import { diffConfig } from './diff.ts';
import { collectContents, contentDirectory, writeContent } from './files.ts';

export interface ConfigControllerOptions {
  readonly native: { readonly containers: Pick<Native['containers'], 'list'> };
  readonly runDir: string;
  readonly log: Logger;
}

/** Which content is current and whose it is. */
interface ConfigFile {
  readonly key: ResourceKey<'Config'>;
  readonly identity: Identity;
  readonly contentHash: ContentHash;
}

/**
 * Files of Configs in the run directory: `<run>/files/configs/<namespace>/<name>/<hash>/<file>`, `config.json` beside the hashes says which one is current. After a reboot
 * they are written anew. Content that an instance still mounts stays until the first write after it is gone.
 */
export function createConfigController(options: ConfigControllerOptions): Controller<'Config'> {
  const root = join(options.runDir, 'files/configs');
  const homeOf = (key: ResourceKey) => {
    const { namespace, name } = parseKey(key);
    return join(root, safe(namespace, key), safe(name, key));
  };

  return {
    kind: 'Config',
    diff: diffConfig,

    async observe(key) {
      const keys = key === undefined ? await knownKeys(root) : [key];
      const found = await Promise.all(keys.map((each) => observeAt(each, homeOf(each))));
      return found.filter((config): config is ObservedConfig => config !== null);
    },

    async run({ input, subject }) {
      const key = resourceOf(subject) as ResourceKey<'Config'>;
      const home = homeOf(key);
      if (input.verb === 'remove') {
        await rm(home, { recursive: true, force: true });
        return;
      }
      await writeContent(home, input.contentHash, input.data);
      const file: ConfigFile = { key, identity: input.identity, contentHash: input.contentHash };
      await writeWhole(join(home, 'config.json'), `${JSON.stringify(file)}\n`, 0o600);
      // An instance names the contents it mounts in the identity it carries.
      const identities = (await options.native.containers.list()).map((instance) => instance.identity);
      await collectContents(home, input.contentHash, (hash) => identities.some((text) => text.includes(hash)));
    },
  };
}

async function knownKeys(root: string): Promise<readonly ResourceKey<'Config'>[]> {
  const keys: ResourceKey<'Config'>[] = [];
  for (const namespace of await listDirectories(root)) {
    for (const name of await listDirectories(join(root, namespace))) keys.push(resourceKey('Config', namespace, name));
  }
  return keys;
}

async function observeAt(key: ResourceKey<'Config'>, home: string): Promise<ObservedConfig | null> {
  const file = asConfigFile(await readJson(join(home, 'config.json')));
  if (file === null || file.key !== key) return null;
  const path = contentDirectory(home, file.contentHash);
  if (!(await isDirectory(path))) return null;
  return { kind: 'Config', key, identity: file.identity, uses: [], claims: [], contentHash: file.contentHash, path };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function safe(part: string, key: ResourceKey): string {
  if (/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(part)) return part;
  throw new TsdockError('CFG010', { message: `${JSON.stringify(key.slice(0, 60))} cannot be the name of a directory` });
}

function asConfigFile(value: unknown): ConfigFile | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, identity, contentHash } = value as Partial<ConfigFile>;
  if (typeof key !== 'string' || typeof identity?.uid !== 'string' || typeof contentHash !== 'string') return null;
  return { key, identity, contentHash };
}
