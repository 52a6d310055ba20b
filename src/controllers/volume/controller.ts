import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { ObservedVolume } from '../../model/observed.ts';
import { type Identity, parseKey, type ResourceKey, resourceKey, resourceOf } from '../../model/resource.ts';
import type { VolumeSpec } from '../../model/spec.ts';
import type { Native } from '../../native/index.ts';
import { isAbsent, listDirectories, readJson, writeWhole } from '../../store/files.ts';
import type { Controller } from '../controller.ts';
import { diffVolume } from './diff.ts';

export interface VolumeControllerOptions {
  readonly native: { readonly layers: Pick<Native['layers'], 'removeTree'> };
  readonly stateDir: string;
  readonly runDir: string;
  readonly log: Logger;
}

/** What a volume says about itself. */
interface VolumeFile {
  readonly key: ResourceKey<'Volume'>;
  readonly identity: Identity;
  readonly driver: VolumeSpec['driver'];
  readonly hostPath: string | null;
}

/** Type of a tmpfs, statfs(2). */
const tmpfsMagic = 0x01021994;
const defaultMode = 0o755;

/**
 * `local`: `<state>/volumes/<namespace>/<name>/data`. `bind`: the host's directory, never made. `tmpfs`: `<run>/files/volumes/…/data`, gone with a reboot; refused where
 * the run directory is not on a tmpfs. `volume.json` beside the data says what it is and is written last. Below `data` everything belongs to containers: no path there is
 * ever followed, and removal moves the whole directory aside first.
 */
export function createVolumeController(options: VolumeControllerOptions): Controller<'Volume'> {
  const { stateDir, runDir } = options;
  const roots = { persistent: join(stateDir, 'volumes'), volatile: join(runDir, 'files/volumes') } as const;
  const directoryOf = (key: ResourceKey, driver: VolumeSpec['driver']) => {
    const { namespace, name } = parseKey(key);
    return join(driver === 'tmpfs' ? roots.volatile : roots.persistent, safe(namespace, key), safe(name, key));
  };

  return {
    kind: 'Volume',
    diff: diffVolume,

    async observe(key) {
      const keys = key === undefined ? await knownKeys([roots.persistent, roots.volatile]) : [key];
      const found = await Promise.all(
        keys.flatMap((each) => (['local', 'tmpfs'] as const).map((place) => observeAt(each, directoryOf(each, place)))),
      );
      return found.filter((volume): volume is ObservedVolume => volume !== null);
    },

    async run({ input, subject, kind }) {
      const key = resourceOf(subject) as ResourceKey<typeof kind>;
      if (input.verb === 'remove') {
        for (const place of ['local', 'tmpfs'] as const)
          await discard(directoryOf(key, place), place === 'local' ? stateDir : runDir, options);
        return;
      }
      const { spec, identity } = input;
      const directory = directoryOf(key, spec.driver);
      await ensureDirectory(key, spec, directory, runDir);
      const file: VolumeFile = { key, identity, driver: spec.driver, hostPath: spec.hostPath };
      await writeWhole(join(directory, 'volume.json'), `${JSON.stringify(file)}\n`, 0o600);
    },
  };
}

async function knownKeys(roots: readonly string[]): Promise<readonly ResourceKey<'Volume'>[]> {
  const keys = new Set<ResourceKey<'Volume'>>();
  for (const root of roots) {
    for (const namespace of await listDirectories(root)) {
      for (const name of await listDirectories(join(root, namespace))) keys.add(resourceKey('Volume', namespace, name));
    }
  }
  return [...keys].sort();
}

async function observeAt(key: ResourceKey<'Volume'>, directory: string): Promise<ObservedVolume | null> {
  const file = asVolumeFile(await readJson(join(directory, 'volume.json')));
  if (file === null || file.key !== key) return null;
  const path = pathOf(file, directory);
  const found = await statDirectory(path);
  return {
    kind: 'Volume',
    key,
    identity: file.identity,
    uses: [],
    claims: [],
    path,
    driver: file.driver,
    hostPath: file.hostPath,
    owner: { uid: found?.uid ?? 0, gid: found?.gid ?? 0, mode: (found?.mode ?? 0) & 0o7777 },
    present: found !== null,
  };
}

function pathOf(volume: Pick<VolumeFile, 'driver' | 'hostPath'>, directory: string): string {
  return volume.driver === 'bind' && volume.hostPath !== null ? volume.hostPath : join(directory, 'data');
}

async function ensureDirectory(key: ResourceKey<'Volume'>, spec: VolumeSpec, directory: string, runDir: string): Promise<void> {
  const path = pathOf(spec, directory);
  if (spec.driver === 'bind') {
    if ((await statDirectory(path)) === null) {
      throw new TsdockError('VOL001', {
        key,
        message: `${key}: ${path} is not a directory on this host`,
        hint: 'make it, or use driver local',
      });
    }
  } else {
    if (spec.driver === 'tmpfs' && (await statfs(runDir)).type !== tmpfsMagic) {
      throw new TsdockError('VOL010', { key, message: `${key}: driver tmpfs needs the run directory on a tmpfs, ${runDir} is on a disk` });
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // The mode of mkdir is cut by the umask, and a directory that is already there keeps what its users made of it.
    if (await madeDirectory(path)) await chmod(path, defaultMode);
  }
  await applyOwner(path, spec.owner);
}

/** Owner and mode through one descriptor that is known to be the directory itself; chown comes first because it clears set-id bits. */
async function applyOwner(path: string, owner: VolumeSpec['owner']): Promise<void> {
  if (owner.uid === null && owner.gid === null && owner.mode === null) return;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const found = await handle.stat();
    await handle.chown(owner.uid ?? found.uid, owner.gid ?? found.gid);
    if (owner.mode !== null) await handle.chmod(owner.mode);
  } finally {
    await handle.close();
  }
}

/** Gone from its place by one rename, then emptied; what an earlier crash left in the trash goes with it. Absent: success. */
async function discard(directory: string, home: string, { native, log }: VolumeControllerOptions): Promise<void> {
  const trash = join(home, 'trash');
  if ((await statDirectory(directory)) !== null) {
    await mkdir(trash, { recursive: true, mode: 0o700 });
    await rename(directory, join(trash, `volume-${randomBytes(8).toString('hex')}`));
    // An empty namespace is only untidy.
    await rmdir(dirname(directory)).catch((error: unknown) => log.debug('namespace directory stays', { directory, error: String(error) }));
  }
  for (const name of await listDirectories(trash)) {
    if (name.startsWith('volume-')) await native.layers.removeTree(join(trash, name));
  }
}

async function madeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await statDirectory(path)) !== null) return false;
    throw error;
  }
}

/** Facts of a directory; null when there is none, a symlink included: nothing is mounted from where somebody else points. */
async function statDirectory(path: string): Promise<{ readonly uid: number; readonly gid: number; readonly mode: number } | null> {
  try {
    const found = await lstat(path);
    return found.isDirectory() ? found : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Names are DNS labels when they come from a manifest; whatever comes from elsewhere must still be one plain path component. */
function safe(part: string, key: ResourceKey): string {
  if (/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(part)) return part;
  throw new TsdockError('VOL010', { message: `${JSON.stringify(key.slice(0, 60))} cannot be the name of a directory` });
}

function asVolumeFile(value: unknown): VolumeFile | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, identity, driver, hostPath } = value as Partial<VolumeFile>;
  if (typeof key !== 'string' || typeof identity?.uid !== 'string' || driver === undefined) return null;
  return { key, identity, driver, hostPath: hostPath ?? null };
}
