import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObservedSecret } from '../../model/observed.ts';
import { type ResourceKey, resourceOf } from '../../model/resource.ts';
import type { Native } from '../../native/index.ts';
import type { Controller } from '../controller.ts';
import { collectContents, writeContent } from './files.ts';
import { findContent, homeOf, knownKeys, writeNote } from './homes.ts';
import { forgetGenerated, keepGenerated } from './kept.ts';
import type { Sealer } from './seal.ts';
import { diffSecret } from './secret-diff.ts';

export interface SecretControllerOptions {
  readonly native: { readonly containers: Pick<Native['containers'], 'list'> };
  readonly stateDir: string;
  /** Directory in memory for files of Secrets; made when it is asked for. Its path, or null while there is none and `absent` is `leave`. */
  readonly memory: (absent: 'make' | 'leave') => Promise<string | null>;
  readonly sealer: Pick<Sealer, 'open'>;
}

const secretMode = 0o400;

/** Files of Secrets, in clear and in memory: below `objects` of the memory directory. What was generated is kept under the state directory, sealed. */
export function createSecretController(options: SecretControllerOptions): Controller<'Secret'> {
  const { memory, sealer, stateDir, native } = options;
  const observeOne = async (root: string, key: ResourceKey<'Secret'>): Promise<readonly ObservedSecret[]> => {
    const found = await findContent(key, homeOf(root, key));
    return found === null ? [] : [{ kind: 'Secret', key, uses: [], claims: [], ...found }];
  };

  return {
    kind: 'Secret',
    diff: diffSecret,

    async observe(key) {
      const directory = await memory('leave');
      if (directory === null) return [];
      const root = join(directory, 'objects');
      const keys = key === undefined ? await knownKeys(root, 'Secret') : [key];
      return (await Promise.all(keys.map((each) => observeOne(root, each)))).flat();
    },

    async run({ input, subject }) {
      const key = resourceOf(subject) as ResourceKey<'Secret'>;
      if (input.verb === 'remove') {
        await forgetGenerated(stateDir, key);
        const directory = await memory('leave');
        if (directory !== null) await removeHome(directory, key);
        return;
      }
      const { identity, contentHash, values, generated } = input;
      const files = await Promise.all(Object.entries(values).map(async ([name, value]) => [name, await sealer.open(value)] as const));
      const own = Object.entries(values).flatMap(([name, value]) => (generated.includes(name) ? [[name, value.sealed] as const] : []));
      await keepGenerated(stateDir, key, Object.fromEntries(own));
      const home = homeOf(join((await memory('make')) ?? '', 'objects'), key);
      await writeContent(home, contentHash, files, secretMode);
      await writeNote(home, { key, identity, contentHash });
      await collectContents(home, contentHash, native.containers);
    },
  };
}

/** With the directories around it that are empty then: memory is not ours to keep. */
async function removeHome(memory: string, key: ResourceKey<'Secret'>): Promise<void> {
  const home = homeOf(join(memory, 'objects'), key);
  await rm(home, { recursive: true, force: true });
  for (let at = dirname(home); at.startsWith(memory); at = dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
