import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVolumeController } from '../../../src/controllers/volume/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { Action, ActionInputs, Verbs } from '../../../src/model/plan.ts';
import { type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import type { VolumeSpec } from '../../../src/model/spec.ts';
import { identity, volumeSpec } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';

const key = resourceKey('Volume', 'shop', 'data');
const context = { signal: new AbortController().signal, log: silentLogger, progress: () => undefined };

function setup(directory = scratch()) {
  const [stateDir, runDir] = [join(directory, 'state'), join(directory, 'run')];
  const removeTree = (path: string) => rm(path, { recursive: true, force: true });
  const controller = createVolumeController({ native: { layers: { removeTree } }, stateDir, runDir, log: silentLogger });
  const act = (verb: Verbs['Volume'], input: ActionInputs['Volume'], subject: ResourceKey<'Volume'> = key) => {
    const action: Action<'Volume'> = {
      id: `${subject}#${verb}`,
      kind: 'Volume',
      subject,
      verb,
      phase: 'up',
      input,
      reason: { code: 'Created', message: '', paths: [] },
      after: [],
      acquires: [],
      releases: [],
    };
    return controller.run(action, context);
  };
  const write = (spec: Partial<VolumeSpec> = {}, verb: 'create' | 'update' = 'create') =>
    act(verb, { verb, spec: volumeSpec(spec), identity });
  const remove = () => act('remove', { verb: 'remove' });
  return { directory, stateDir, runDir, controller, act, write, remove, home: join(stateDir, 'volumes/shop/data') };
}

test('nothing is observed at first, and looking makes nothing', async () => {
  const { controller, directory } = setup();
  expect(await controller.observe()).toEqual([]);
  expect(await controller.observe(key)).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});

describe('a local volume', () => {
  test('is a directory that is observed with what it was made from, the same when made twice', async () => {
    const { controller, write, home } = setup();
    await write();
    await write();
    const path = join(home, 'data');
    const expected = { kind: 'Volume', key, identity, path, driver: 'local', hostPath: null, present: true, owner: { mode: 0o755 } };
    expect(await controller.observe()).toMatchObject([expected]);
    expect(await controller.observe(key)).toMatchObject([expected]);
    expect(await controller.observe('Volume/shop/other')).toEqual([]);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  test('gets owner and mode at creation and in place, and keeps its content', async () => {
    const { controller, write, home } = setup();
    await write({ owner: { uid: 1234, gid: null, mode: 0o2750 } });
    expect((await controller.observe(key))[0]?.owner).toEqual({ uid: 1234, gid: 0, mode: 0o2750 });
    await writeFile(join(home, 'data/file'), 'kept');
    await write({ owner: { uid: null, gid: 77, mode: 0o770 } }, 'update');
    expect((await controller.observe(key))[0]?.owner).toEqual({ uid: 1234, gid: 77, mode: 0o770 });
    expect(await readFile(join(home, 'data/file'), 'utf8')).toBe('kept');
  });

  test('keeps the mode its users gave it when it is written without one', async () => {
    const { write, home } = setup();
    await write();
    await chmod(join(home, 'data'), 0o1777);
    await write({}, 'update');
    expect((await stat(join(home, 'data'))).mode & 0o7777).toBe(0o1777);
  });

  test('that lost its directory is observed as not present', async () => {
    const { controller, write, home } = setup();
    await write();
    await rm(join(home, 'data'), { recursive: true });
    expect((await controller.observe(key))[0]).toMatchObject({ present: false });
  });

  test('whose directory became a symlink is not present and is not written through', async () => {
    const { controller, write, home, directory } = setup();
    await write();
    await mkdir(join(directory, 'elsewhere'), { mode: 0o700 });
    await rm(join(home, 'data'), { recursive: true });
    await symlink(join(directory, 'elsewhere'), join(home, 'data'));
    expect((await controller.observe(key))[0]).toMatchObject({ present: false });
    await expect(write({ owner: { uid: 1234, gid: 1234, mode: 0o777 } })).rejects.toThrow();
    expect(await stat(join(directory, 'elsewhere'))).toMatchObject({ uid: 0, gid: 0 });
  });

  test('half made is completed, with what is in it', async () => {
    const { controller, write, home } = setup();
    await mkdir(join(home, 'data'), { recursive: true });
    await writeFile(join(home, 'data/file'), 'kept');
    expect(await controller.observe()).toEqual([]);
    await write();
    expect(await controller.observe()).toHaveLength(1);
    expect(await readFile(join(home, 'data/file'), 'utf8')).toBe('kept');
  });

  test('is removed without a trace, twice, with what an earlier crash left', async () => {
    const { controller, write, remove, stateDir } = setup();
    await write();
    await mkdir(join(stateDir, 'trash/volume-0123'), { recursive: true });
    await remove();
    await remove();
    expect(await controller.observe()).toEqual([]);
    expect(await readdir(join(stateDir, 'volumes'))).toEqual([]);
    expect(await readdir(join(stateDir, 'trash'))).toEqual([]);
  });

  test('with a torn or foreign volume.json is not observed and is made again', async () => {
    const { controller, write, home } = setup();
    await write();
    await writeFile(join(home, 'volume.json'), '{"key": "Volume/shop/da');
    expect(await controller.observe()).toEqual([]);
    await writeFile(join(home, 'volume.json'), JSON.stringify({ key: 'Volume/shop/other', identity, driver: 'local', hostPath: null }));
    expect(await controller.observe()).toEqual([]);
    await write();
    expect(await controller.observe()).toHaveLength(1);
  });
});

describe('a bind volume', () => {
  test('is the directory of the host, which stays when the volume goes', async () => {
    const { controller, write, remove, directory } = setup();
    const hostPath = join(directory, 'srv');
    await mkdir(hostPath, { mode: 0o750 });
    await writeFile(join(hostPath, 'file'), 'kept');
    await write({ driver: 'bind', hostPath });
    expect(await controller.observe()).toMatchObject([{ driver: 'bind', hostPath, path: hostPath, present: true, owner: { mode: 0o750 } }]);
    await remove();
    expect(await controller.observe()).toEqual([]);
    expect(await readFile(join(hostPath, 'file'), 'utf8')).toBe('kept');
  });

  test.each(['missing', 'a file', 'a symlink'])('whose path is %s is VOL001, and nothing is made', async (what) => {
    const { controller, write, directory } = setup();
    const hostPath = join(directory, 'srv');
    if (what === 'a file') await writeFile(hostPath, '');
    if (what === 'a symlink') await symlink(directory, hostPath);
    await expect(write({ driver: 'bind', hostPath })).rejects.toMatchObject({ code: 'VOL001', message: expect.stringContaining(hostPath) });
    expect(await controller.observe()).toEqual([]);
  });
});

describe('a tmpfs volume', () => {
  test('lies in the run directory and goes with it', async () => {
    const { controller, write, remove, runDir, stateDir } = setup(scratch('/dev/shm'));
    await mkdir(runDir);
    await write({ driver: 'tmpfs', owner: { uid: null, gid: null, mode: 0o1777 } });
    const path = join(runDir, 'files/volumes/shop/data/data');
    expect(await controller.observe()).toMatchObject([{ driver: 'tmpfs', path, present: true, owner: { mode: 0o1777 } }]);
    await remove();
    expect(await controller.observe()).toEqual([]);
    await expect(readdir(stateDir)).rejects.toThrow('ENOENT');
  });

  test('is refused where the run directory is on a disk', async () => {
    const { write, runDir } = setup(scratch('/var/tmp'));
    await mkdir(runDir);
    await expect(write({ driver: 'tmpfs' })).rejects.toMatchObject({ code: 'VOL010', message: expect.stringContaining('tmpfs') });
  });
});

test.each([
  'Volume/shop/..',
  'Volume/../data',
  'Volume/shop/a\0b',
  'Volume//data',
  `Volume/shop/${'x'.repeat(256)}`,
  'Volume/shop/a/b',
] as const)('the name %j never becomes a path', async (bad) => {
  const { act, directory } = setup();
  await expect(act('create', { verb: 'create', spec: volumeSpec(), identity }, bad)).rejects.toMatchObject({ code: 'VOL010' });
  expect(await readdir(directory)).toEqual([]);
});
