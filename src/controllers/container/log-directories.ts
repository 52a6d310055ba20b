import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type InstanceId, type Instant, parseKey, type ResourceKey, resourceKey } from '../../model/resource.ts';
import { listDirectories, readJson, writeWhole } from '../../store/files.ts';
import { instanceName } from './instance.ts';

/** Log directory of one incarnation: whose output it is. It outlives the instance and a reboot. */
export interface LogDirectory {
  readonly path: string;
  readonly key: ResourceKey<'Container'>;
  readonly slot: number;
  readonly instance: InstanceId;
  readonly createdAt: Instant;
}

/** Makes the directory before its supervisor does, with a note of whose it is. Repeatable. */
export async function makeLogDirectory(directory: LogDirectory): Promise<void> {
  const { path, ...owner } = directory;
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (asOwner(await readJson(join(path, 'instance.json'))) === null)
    await writeWhole(join(path, 'instance.json'), `${JSON.stringify(owner)}\n`, 0o600);
}

/** All log directories, newest first. Those without a note are not ours to judge and are left out. */
export async function listLogDirectories(stateDir: string): Promise<readonly LogDirectory[]> {
  const root = join(stateDir, 'logs');
  const names = await listDirectories(root);
  const found = await Promise.all(
    names.map(async (name) => {
      const owner = asOwner(await readJson(join(root, name, 'instance.json')));
      return owner === null ? [] : [{ path: join(root, name), ...owner }];
    }),
  );
  return found.flat().sort((a, b) => b.createdAt - a.createdAt || (a.instance < b.instance ? 1 : -1));
}

/** Log directories of one slot beyond the newest `keep`. Pure. */
export function surplusLogs(directories: readonly LogDirectory[], key: ResourceKey, slot: number, keep: number): readonly LogDirectory[] {
  return directories.filter((directory) => directory.key === key && directory.slot === slot).slice(keep);
}

/**
 * Directories a name stands for: `web` is every slot of the container, `web-1` one of them. Of each slot the newest incarnation, or the one before it. Pure; expects
 * newest first.
 */
export function logsNamed(
  directories: readonly LogDirectory[],
  wanted: { readonly namespace: string; readonly name: string; readonly previous: boolean },
): readonly LogDirectory[] {
  const own = directories.filter((directory) => directory.key === resourceKey('Container', wanted.namespace, wanted.name));
  const matching =
    own.length > 0
      ? own
      : directories.filter((directory) => {
          const { namespace, name } = parseKey(directory.key);
          return namespace === wanted.namespace && instanceName(name, directory.slot) === wanted.name;
        });
  const bySlot = new Map<string, LogDirectory[]>();
  for (const directory of matching) {
    const slot = `${directory.key}:${directory.slot}`;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), directory]);
  }
  return [...bySlot.values()].flatMap((incarnations) => incarnations[wanted.previous ? 1 : 0] ?? []);
}

function asOwner(value: unknown): Omit<LogDirectory, 'path'> | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, slot, instance, createdAt } = value as Partial<LogDirectory>;
  if (typeof key !== 'string' || typeof slot !== 'number' || typeof instance !== 'string' || typeof createdAt !== 'number') return null;
  return { key, slot, instance, createdAt };
}
