import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseKey, type ResourceKey } from '../../model/resource.ts';
import type { SealedValue } from '../../model/spec.ts';
import { readJson, writeWhole } from '../../store/files.ts';

/**
 * Generated values of a Secret beside the store, sealed: no manifest has them, so they must outlive a store that is lost. `<state>/secrets/<namespace>/<name>.json`.
 */
export async function keepGenerated(
  stateDir: string,
  key: ResourceKey<'Secret'>,
  values: Readonly<Record<string, SealedValue>>,
): Promise<void> {
  if (Object.keys(values).length === 0) await forgetGenerated(stateDir, key);
  else await writeWhole(pathOf(stateDir, key), `${JSON.stringify({ key, values })}\n`, 0o600);
}

export async function forgetGenerated(stateDir: string, key: ResourceKey<'Secret'>): Promise<void> {
  const path = pathOf(stateDir, key);
  await rm(path, { force: true });
  await rmdir(dirname(path)).catch(() => undefined); // others are in it, or it is not there
}

export async function readKept(stateDir: string, key: ResourceKey<'Secret'>): Promise<Readonly<Record<string, SealedValue>>> {
  const file = (await readJson(pathOf(stateDir, key))) as { readonly key?: unknown; readonly values?: unknown } | null;
  if (file === null || file.key !== key || typeof file.values !== 'object' || file.values === null) return {};
  return file.values as Readonly<Record<string, SealedValue>>;
}

function pathOf(stateDir: string, key: ResourceKey<'Secret'>): string {
  const { namespace, name } = parseKey(key);
  return join(stateDir, 'secrets', namespace, `${name}.json`);
}
