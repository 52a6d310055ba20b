import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { ContainerCreateInput } from '../../model/plan.ts';
import type { Mount } from '../../model/spec.ts';
import { isAbsent } from '../../store/files.ts';
import { attributesOf, type ContentMount, directoryFor, isContent, sourceOfContent } from './contents.ts';

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
  if (isContent(mount)) {
    const source = sourceOfContent(mount);
    const path = input.contents[source]?.path ?? '';
    if (mount.subPath !== null && !(await exists(join(path, join('/', mount.subPath)))))
      throw new TsdockError('CFG010', { key, message: `${name}: ${source} has no file ${JSON.stringify(mount.subPath)}` });
    await makeCopy(path, mount);
  }
}

/** Content for another owner or mode, beside it and as complete: made aside and renamed. */
async function makeCopy(path: string, mount: ContentMount): Promise<void> {
  const target = directoryFor(path, mount);
  if (target === path || (await exists(target))) return;
  const { uid, gid, mode } = attributesOf(mount);
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}`);
  await mkdir(temporary, { mode: 0o700 });
  try {
    for (const name of await readdir(path)) {
      const copy = join(temporary, name);
      await writeFile(copy, await readFile(join(path, name)), { flag: 'wx', mode: 0o600 });
      await chown(copy, uid, gid);
      await chmod(copy, mode);
    }
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await exists(target))) throw error; // another instance was faster
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
