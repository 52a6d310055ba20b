import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type InstanceId, type Instant, parseKey, type ResourceKey, resourceKey } from '../../model/resource.ts';
import { isAbsent, listDirectories } from '../../store/files.ts';
import { instanceName, parseIdentity } from './instance.ts';

/** Log directory of one incarnation: whose output it is. It outlives the instance and a reboot. */
export interface LogDirectory {
  readonly path: string;
  readonly key: ResourceKey<'Container'>;
  readonly slot: number;
  readonly instance: InstanceId;
  /** When its first supervisor began; from the file system, so only good for telling older from newer. */
  readonly createdAt: Instant;
}

/**
 * All log directories, newest first. A supervisor keeps the identity of its instance beside the log from the beginning; what has none is not ours to judge and is left out.
 * `known` remembers them between calls: an instance never changes whose it is, so each is read once.
 */
export async function listLogDirectories(
  stateDir: string,
  known: Map<InstanceId, LogDirectory> = new Map(),
): Promise<readonly LogDirectory[]> {
  const root = join(stateDir, 'logs');
  const names = new Set(await listDirectories(root));
  for (const name of known.keys()) if (!names.has(name)) known.delete(name);
  const found = await Promise.all([...names].map((name) => known.get(name) ?? readLogDirectory(root, name)));
  for (const directory of found) if (directory !== null) known.set(directory.instance, directory);
  return found.filter((directory) => directory !== null).sort((a, b) => b.createdAt - a.createdAt || (a.instance < b.instance ? 1 : -1));
}

async function readLogDirectory(root: string, instance: InstanceId): Promise<LogDirectory | null> {
  const path = join(root, instance);
  try {
    const file = join(path, 'identity');
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    const identity = parseIdentity(text);
    return identity === null ? null : { path, key: identity.key, slot: identity.slot, instance, createdAt: mtimeMs };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
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
