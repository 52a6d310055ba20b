import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../model/log.ts';
import type { ObservedConfig } from '../../model/observed.ts';
import { type ResourceKey, resourceOf } from '../../model/resource.ts';
import type { Native } from '../../native/index.ts';
import type { Controller } from '../controller.ts';
import { diffConfig } from './diff.ts';
import { collectContents, writeContent } from './files.ts';
import { findContent, homeOf, knownKeys, writeNote } from './homes.ts';

export interface ConfigControllerOptions {
  readonly native: { readonly containers: Pick<Native['containers'], 'list'> };
  readonly runDir: string;
  readonly log: Logger;
}

const configMode = 0o444;

/**
 * Files of Configs in the run directory, below `<run>/files/configs`. After a reboot they are written anew. Content that an instance still mounts stays until the first
 * write after it is gone.
 */
export function createConfigController(options: ConfigControllerOptions): Controller<'Config'> {
  const root = join(options.runDir, 'files/configs');
  const observeOne = async (key: ResourceKey<'Config'>): Promise<readonly ObservedConfig[]> => {
    const found = await findContent(key, homeOf(root, key));
    return found === null ? [] : [{ kind: 'Config', key, uses: [], claims: [], ...found }];
  };

  return {
    kind: 'Config',
    diff: diffConfig,

    async observe(key) {
      return (await Promise.all((key === undefined ? await knownKeys(root, 'Config') : [key]).map(observeOne))).flat();
    },

    async run({ input, subject }) {
      const key = resourceOf(subject) as ResourceKey<'Config'>;
      const home = homeOf(root, key);
      if (input.verb === 'remove') {
        await rm(home, { recursive: true, force: true });
        return;
      }
      const { identity, contentHash, data, binaryData } = input;
      const files = [
        ...Object.entries(data),
        ...Object.entries(binaryData).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const),
      ];
      await writeContent(home, contentHash, files, configMode);
      await writeNote(home, { key, identity, contentHash });
      await collectContents(home, contentHash, options.native.containers);
    },
  };
}
