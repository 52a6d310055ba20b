import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createContainerController } from '../../../src/controllers/container/controller.ts';
import { updateHashOf } from '../../../src/controllers/container/hashes.ts';
import { createNeeds } from '../../../src/controllers/container/needs.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { Endpoint } from '../../../src/model/observed.ts';
import type { Action, ContainerCreateInput, ContainerInput } from '../../../src/model/plan.ts';
import { type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import type { ContainerSpec, Mount } from '../../../src/model/spec.ts';
import { eventually } from '../../support/eventually.ts';
import { container, frontKey, record, usualFiles, view, webKey } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';
import { nativeError, World } from '../../support/world.ts';

const context = { signal: new AbortController().signal, log: silentLogger, progress: () => undefined };
const id = '0123456789ab';
const noSecrets = { open: () => Promise.reject(new Error('no Secret here')), isInMemory: () => Promise.resolve(false) };

function setup() {
  const directory = scratch();
  const [stateDir, runDir] = [join(directory, 'state'), join(directory, 'run')];
  const world = new World({ now: () => 1000 });
  const prober = { verdictOf: () => null, listen: () => undefined };
  const places = { stateDir, runDir, prefix: 'ts' };
  const open = () => createContainerController({ ...places, native: world.native(), prober, log: silentLogger, secrets: noSecrets });
  const controller = open();
  const act = (input: ContainerInput) => {
    const action: Action<'Container'> = {
      id: `${webKey}:1#${input.verb}`,
      kind: 'Container',
      subject: `${webKey}:1`,
      verb: input.verb,
      phase: 'up',
      input,
      reason: { code: 'Created', message: '', paths: [] },
      after: [],
      acquires: [],
      releases: [],
    };
    return controller.run(action, context);
  };
  const create = (spec: Partial<ContainerSpec> = {}, over: Partial<ContainerCreateInput> = {}) =>
    act({ verb: 'create', create: { ...createInput(spec), ...over } });
  const start = () => act({ verb: 'start', instance: id });
  const publish = (...endpoints: readonly Endpoint[]) => act({ verb: 'publish', endpoints });
  const one = async () => (await controller.observe(webKey))[0]?.slots[0];
  return { directory, stateDir, runDir, world, open, controller, act, create, start, publish, one };
}

function createInput(spec: Partial<ContainerSpec>): ContainerCreateInput {
  const desired = container(spec);
  const needs = createNeeds({ ...desired, spec: { ...desired.spec, mounts: [] } }, 1, view({ records: [record(webKey)] }));
  if (needs.is === 'missing') throw new Error(needs.reason.message);
  return { ...needs.input, resource: desired, instance: id, updateHash: updateHashOf(desired.spec) };
}

const endpoint = (hostPort: number, over: Partial<Endpoint> = {}): Endpoint => ({
  protocol: 'tcp',
  hostIP: null,
  hostPort,
  address: '10.88.0.2',
  containerPort: 80,
  ...over,
});

test('nothing is observed at first, and looking makes nothing', async () => {
  const { controller, directory } = setup();
  expect(await controller.observe()).toEqual([]);
  expect(await controller.observe(webKey)).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});

test('what was made is observed with all that it was made from', async () => {
  const { controller, create, publish } = setup();
  await create();
  expect((await controller.observe(webKey))[0]?.slots[0]).toMatchObject({ slot: 1, instance: id, phase: 'running', supervised: true });
  await publish(endpoint(65_001));
  const [observed] = await controller.observe();
  expect(observed).toMatchObject({
    key: webKey,
    identity: { uid: 'u1', set: 'cli:shop', specHash: 'v1:spec', schemaVersion: 1 },
    uses: ['Image/_/registry.test/web:1', frontKey],
    claims: [`address:${frontKey}:10.88.0.2`, 'port:tcp:0.0.0.0:65001'],
    published: [endpoint(65_001)],
    slots: [{ phase: 'running', address: '10.88.0.2', stopSignal: 'SIGTERM', graceMs: 10_000, ...pick(createInput({})) }],
  });
  expect(await controller.observe(resourceKey('Container', 'shop', 'other'))).toEqual([]);
});

const pick = ({ replaceHash, updateHash }: ContainerCreateInput) => ({ replaceHash, updateHash });

test('every action done twice is like once', async () => {
  const { world, create, start, act, publish, controller, stateDir, runDir } = setup();
  for (const twice of [create, start, () => publish(endpoint(65_002))]) {
    await twice();
    const before = [world.describe(), await controller.observe()];
    await twice();
    expect([world.describe(), await controller.observe()]).toEqual(before);
  }
  const stop = () => act({ verb: 'stop', instance: id, by: 'engine', signal: 'SIGTERM', graceMs: 1 });
  await stop();
  await stop();
  await publish();
  await publish();
  const remove = () => act({ verb: 'remove', instance: id, keepLogs: 0 });
  await remove();
  await remove();
  await stop();
  expect(world.describe()).toEqual([]);
  expect(await controller.observe()).toEqual([]);
  expect(await readdir(join(stateDir, 'logs'))).toEqual([]);
  expect(await readdir(join(runDir, 'files/instances'))).toEqual([]);
});

test('files of an instance whose engine died in its removal are gone soon after the next engine begins, those of others stay', async () => {
  const { create, act, open, world, runDir } = setup();
  await create();
  await create({}, { instance: 'bbbbbbbbbbbb' });
  world.fault(1, 'crash-after');
  void act({ verb: 'remove', instance: id, keepLogs: 0 });
  await eventually(() => expect([...world.instances.keys()]).toEqual(['bbbbbbbbbbbb']));
  const files = () => readdir(join(runDir, 'files/instances'));
  expect(await files()).toEqual(expect.arrayContaining([id, 'bbbbbbbbbbbb']));
  const end = new AbortController();
  onTestFinished(() => end.abort());
  open().watch?.(() => undefined, end.signal);
  await eventually(async () => expect(await files()).toEqual(['bbbbbbbbbbbb']));
});

test('its files are there before the native side hears of it', async () => {
  const { create, runDir, stateDir, world } = setup();
  await create({ networkMode: 'none', networks: [] });
  const own = join(runDir, 'files/instances', id);
  expect(await readFile(join(own, 'hostname'), 'utf8')).toBe('web-1\n');
  expect(await readFile(join(own, 'hosts'), 'utf8')).toContain('localhost web-1\n');
  expect((await stat(join(stateDir, 'logs', id))).isDirectory()).toBe(true);
  expect(world.instances.get(id)?.spec.mounts.map((mount) => mount.target)).toEqual(['/etc/hosts', '/etc/hostname']);
});

test('places for what the engine mounts lie below every image, readable by all, and are made again when they were lost', async () => {
  const { create, stateDir, act } = setup();
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  const modes = async () => {
    const names = ['dev', 'etc', 'proc', 'sys', 'etc/hosts', 'etc/resolv.conf', 'etc/hostname'];
    return Promise.all(names.map(async (name) => ((await stat(join(stateDir, 'skeleton', name))).mode & 0o777).toString(8)));
  };
  await create();
  expect(await modes()).toEqual(['755', '755', '755', '755', '644', '644', '644']);
  await rm(join(stateDir, 'skeleton/etc'), { recursive: true });
  await mkdir(join(stateDir, 'skeleton/etc')); // as a crash leaves it
  expect(await modes().catch(() => null)).toBeNull();
  await act({ verb: 'remove', instance: id, keepLogs: 0 });
  await create();
  expect(await modes()).toEqual(['755', '755', '755', '755', '644', '644', '644']);
});

test('what a supervisor was told is seen from then on', async () => {
  const { create, start, act, one, world } = setup();
  await create();
  await start();
  const next = container({ gracePeriodMs: 500, stopSignal: 'SIGINT', limits: { cpuMillis: 500, memoryBytes: null, pids: null } });
  await act({ verb: 'update', instance: id, slot: 1, resource: next, updateHash: updateHashOf(next.spec), networks: [] });
  expect(await one()).toMatchObject({ updateHash: updateHashOf(next.spec), stopSignal: 'SIGINT', graceMs: 500, phase: 'running' });
  expect(world.instances.get(id)).toMatchObject({ limits: { cpuMillis: 500, pids: 4096 }, spec: { stop: { signal: 2, graceMs: 500 } } });
  expect(world.starts.get(id)).toBe(1);
});

test('a crash between telling and noting tells it again', async () => {
  const { create, act, one, world } = setup();
  await create();
  const next = container({ gracePeriodMs: 500 });
  world.fault(1, 'fail-after');
  await expect(
    act({ verb: 'update', instance: id, slot: 1, resource: next, updateHash: updateHashOf(next.spec), networks: [] }),
  ).rejects.toMatchObject({
    code: 'RUN020',
  });
  expect((await one())?.updateHash).not.toBe(updateHashOf(next.spec));
});

test('ports that outlived their instances are still seen', async () => {
  const { create, publish, act, controller } = setup();
  await create();
  await publish(endpoint(65_003));
  await act({ verb: 'remove', instance: id, keepLogs: 0 });
  expect(await controller.observe()).toMatchObject([{ key: webKey, slots: [], published: [endpoint(65_003)], identity: { uid: '' } }]);
});

test('an instance whose identity cannot be read hides no other', async () => {
  const { create, controller, world } = setup();
  await create();
  const found = world.instances.get(id);
  if (found === undefined) throw new Error('it was made');
  world.instances.set('ffffffffffff', { ...found, status: { ...found.status, id: 'ffffffffffff', identity: '{"key":' } });
  expect((await controller.observe()).flatMap((one) => one.slots.map((slot) => slot.instance))).toEqual([id]);
});

describe('a host port', () => {
  const listen = async (address: string) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    onTestFinished(() => void server.close());
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    return bound.port;
  };

  test('that somebody listens on is PRT010, naming the process, and nothing is published', async () => {
    const { publish, world } = setup();
    const port = await listen('127.0.0.1');
    world.served.add(`tcp:0.0.0.0:${port}`);
    await expect(publish(endpoint(port))).rejects.toMatchObject({
      code: 'PRT010',
      message: expect.stringMatching(new RegExp(`^0\\.0\\.0\\.0:${port} is in use by .+ \\(pid ${process.pid}\\)$`)),
    });
    expect(world.published.size).toBe(0);
    await publish(endpoint(port, { hostIP: '127.0.0.77' }), endpoint(port, { protocol: 'udp' }));
    expect(world.published.size).toBe(2);
  });

  test('of UDP is looked at too', async () => {
    const { publish, world } = setup();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void socket.close());
    const { port } = socket.address();
    world.served.add(`udp:0.0.0.0:${port}`);
    await expect(publish(endpoint(port, { protocol: 'udp' }))).rejects.toMatchObject({
      code: 'PRT010',
      message: expect.stringContaining(`(pid ${process.pid})`),
    });
  });

  test('that another owner has published is PRT010 too, and what else the kernel refuses NET010', async () => {
    const { publish, world } = setup();
    world.published.set('tcp:0.0.0.0:65005', { ...endpoint(65_005), owner: 'Container/shop/other' });
    await expect(publish(endpoint(65_005))).rejects.toMatchObject({ code: 'PRT010', key: webKey });
    world.fault(1, 'fail-before');
    await expect(publish(endpoint(65_006))).rejects.toMatchObject({ code: 'NET010' });
  });

  test('that is published already is ours, whoever listens behind it', async () => {
    const { publish, world } = setup();
    const port = await listen('127.0.0.1');
    world.published.set(`tcp:0.0.0.0:${port}`, { ...endpoint(port), owner: webKey });
    world.served.add(`tcp:0.0.0.0:${port}`);
    await publish(endpoint(port, { address: '10.88.0.9' }));
    expect([...world.published.values()].map((row) => row.address)).toEqual(['10.88.0.9']);
  });
});

describe('a mount', () => {
  const data = resourceKey('Volume', 'shop', 'data');
  const site = resourceKey('Config', 'shop', 'site');
  const hostPath = (source: string, create: boolean): Mount => ({ type: 'hostPath', source, target: '/srv', readOnly: false, create });

  test('of a missing host path is VOL001 and makes nothing, unless it says create', async () => {
    const { create, directory, world } = setup();
    const source = join(directory, 'srv/www');
    await expect(create({ mounts: [hostPath(source, false)] })).rejects.toMatchObject({
      code: 'VOL001',
      message: expect.stringContaining(source),
    });
    await expect(stat(source)).rejects.toThrow('ENOENT');
    expect(world.instances.size).toBe(0);
    await create({ mounts: [hostPath(source, true)] });
    expect((await stat(source)).isDirectory()).toBe(true);
  });

  test('of a sub path makes it, and refuses a symlink that a container left', async () => {
    const { create, directory, world } = setup();
    const root = join(directory, 'data');
    await mkdir(root);
    const mounts: readonly Mount[] = [{ type: 'volume', volume: data, target: '/d', subPath: 'a/b', readOnly: false }];
    await create({ mounts }, { volumes: { [data]: root } });
    expect((await stat(join(root, 'a/b'))).isDirectory()).toBe(true);
    expect(world.instances.get(id)?.spec.mounts.at(-1)).toMatchObject({ source: join(root, 'a/b') });
    await symlink('/etc', join(root, 'evil'));
    const linked: readonly Mount[] = [{ type: 'volume', volume: data, target: '/d', subPath: 'evil/x', readOnly: false }];
    await expect(create({ mounts: linked }, { volumes: { [data]: root }, instance: 'ffffffffffff' })).rejects.toMatchObject({
      code: 'VOL010',
    });
    expect(world.instances.has('ffffffffffff')).toBe(false);
  });

  test('of a file that a config does not have is CFG010', async () => {
    const { create, directory } = setup();
    await writeFile(join(directory, 'site.conf'), '');
    const mount = (subPath: string): readonly Mount[] => [
      { type: 'config', config: site, target: '/c', subPath, readOnly: true, files: usualFiles },
    ];
    const contents: Record<ResourceKey, { path: string; contentHash: string }> = { [site]: { path: directory, contentHash: 'sha256:0' } };
    await expect(create({ mounts: mount('other.conf') }, { contents })).rejects.toMatchObject({ code: 'CFG010' });
    await create({ mounts: mount('site.conf') }, { contents });
  });
});

test('a command that is not in the image is RUN127 in words of the manifest', async () => {
  const { create, start, world } = setup();
  world.programs.set('/web', { error: nativeError('ENOENT', 'exec', 'execve: ENOENT') });
  const told = { code: 'RUN127', key: webKey, message: 'web: "/web" not found in image registry.test/web:1' };
  await expect(create()).rejects.toMatchObject(told);
  await expect(start(), 'and again when it is started as it was left').rejects.toMatchObject(told);
});

test('logs of earlier incarnations stay as many as the manifest says', async () => {
  const { create, act, stateDir } = setup();
  const ids = ['000000000001', '000000000002', '000000000003', '000000000004'];
  for (const each of ids) {
    await create({}, { instance: each });
    await act({ verb: 'remove', instance: each, keepLogs: 2 });
  }
  expect(await readdir(join(stateDir, 'logs'))).toEqual(ids.slice(-2));
});

test('of an instance that could not be made nothing stays', async () => {
  const { create, world, runDir, stateDir } = setup();
  world.fault(1, 'fail-before');
  await expect(create()).rejects.toMatchObject({ code: 'RUN020' });
  expect(await readdir(join(runDir, 'files/instances'))).toEqual([]);
  expect(existsSync(join(stateDir, 'logs', id))).toBe(false);
});

test('a removal takes what a crash left of its slot, and nothing of an instance that lives', async () => {
  const { create, act, runDir, stateDir } = setup();
  await create({}, { instance: 'aaaaaaaaaaaa' });
  await create({}, { instance: 'bbbbbbbbbbbb', slot: 2 });
  await create();
  const crashed = join(runDir, 'files/instances/cccccccccccc');
  await mkdir(crashed);
  await copyFile(join(runDir, 'files/instances', id, 'start.json'), join(crashed, 'start.json'));
  await act({ verb: 'remove', instance: id, keepLogs: 0 });
  expect(await readdir(join(runDir, 'files/instances'))).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
  expect(await readdir(join(stateDir, 'logs'))).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
});

test('the writable layer that a reboot left goes with the slot, its logs stay', async () => {
  const { create, act, world, stateDir } = setup();
  await create({}, { instance: 'aaaaaaaaaaaa' });
  world.reboot();
  await create();
  expect(await readdir(join(stateDir, 'upper'))).toEqual([id, 'aaaaaaaaaaaa']);
  await act({ verb: 'remove', instance: id, keepLogs: 2 });
  expect(await readdir(join(stateDir, 'upper'))).toEqual([]);
  expect(await readdir(join(stateDir, 'logs'))).toEqual([id, 'aaaaaaaaaaaa']);
});

test('events wake the container they are about', async () => {
  const { create, start, publish, controller, world } = setup();
  const woken: ResourceKey[] = [];
  const stop = new AbortController();
  controller.watch?.((key) => woken.push(key), stop.signal);
  await create();
  await start();
  world.exit(id, { code: 1 });
  await publish(endpoint(65_004));
  await expect.poll(() => woken.length).toBe(3); // started, exited, restarting
  world.dropLink('ts-x');
  world.dropTable();
  stop.abort();
  world.exit(id);
  expect(new Set(woken)).toEqual(new Set([webKey]));
});
