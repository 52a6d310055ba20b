import { lstat, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { ContainerCreateInput } from '../../model/plan.ts';
import type { Mount } from '../../model/spec.ts';
import { isAbsent } from '../../store/files.ts';

/**
 * Makes sure that everything a container mounts is there. A missing host path is VOL001 unless it says `create`; nothing is ever made silently. Sub paths of volumes are made
 * like directories; a symlink in one is refused, since what is in a volume belongs to containers.
 */
export async function prepareMounts(input: ContainerCreateInput): Promise<void> {
  for (const mount of input.resource.spec.mounts) await prepare(input, mount);
}

async function prepare(input: ContainerCreateInput, mount: Mount): Promise<void> {
  const { key, name } = input.resource;
  if (mount.type === 'hostPath') {
    if (await exists(mount.source)) return;
    if (!mount.create) {
      throw new TsdockError('VOL001', {
        key,
        message: `${name}: ${mount.source} does not exist on this host`,
        hint: 'make it, or set create: true',
      });
    }
    await mkdir(mount.source, { recursive: true, mode: 0o755 });
  }
  if (mount.type === 'volume' && mount.subPath !== null) await makeBelow(input, input.volumes[mount.volume] ?? '', mount.subPath);
  if (mount.type === 'config' && mount.subPath !== null) {
    const path = join(input.configs[mount.config]?.path ?? '', join('/', mount.subPath));
    if (!(await exists(path)))
      throw new TsdockError('CFG010', { key, message: `${name}: ${mount.config} has no file ${JSON.stringify(mount.subPath)}` });
  }
}

async function makeBelow(input: ContainerCreateInput, root: string, subPath: string): Promise<void> {
  const { key, name } = input.resource;
  let at = root;
  for (const part of join('/', subPath).split('/').filter(Boolean)) {
    at = join(at, part);
    const found = await lstat(at).catch((error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    });
    if (found === null) await mkdir(at, { mode: 0o755 });
    else if (found.isSymbolicLink()) {
      throw new TsdockError('VOL010', {
        key,
        message: `${name}: ${part} in subPath ${JSON.stringify(subPath)} is a symlink`,
        hint: 'name the directory itself',
      });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
