import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNetworkController } from '../../../src/controllers/network/controller.ts';
import { diffNetwork } from '../../../src/controllers/network/diff.ts';
import { namesHashOf, namesText } from '../../../src/controllers/network/names.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { Action, ActionInputs, NameEntry, ReasonCode } from '../../../src/model/plan.ts';
import type { ResourceKey } from '../../../src/model/resource.ts';
import { frontKey, frontLease, identity, nameEntry, network, networkSpec, record, view } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';
import { World } from '../../support/world.ts';

const context = { signal: new AbortController().signal, log: silentLogger, progress: () => undefined };
const names: readonly NameEntry[] = [nameEntry('10.88.0.2', ['web-1', 'web'])];
const textOf = (entries: readonly NameEntry[], spec = networkSpec()) => namesText({ ...frontLease, spec, names: entries });

async function setup() {
  const directory = scratch();
  const runDir = join(directory, 'run');
  const world = new World({ now: () => 1000 });
  const controller = createNetworkController({
    native: world.native(),
    runDir,
    prefix: 'ts',
    log: silentLogger,
  });
  const act = (input: ActionInputs['Network'], code: ReasonCode = 'Created') => {
    const action: Action<'Network'> = {
      id: `${frontKey}#${input.verb}`,
      kind: 'Network',
      subject: frontKey,
      verb: input.verb,
      phase: 'up',
      input,
      reason: { code, message: '', paths: [] },
      after: [],
      acquires: [],
      releases: [],
    };
    return controller.run(action, context);
  };
  const ensure = (entries = names, code: ReasonCode = 'Created', spec = networkSpec()) =>
    act({ verb: 'create', network: { identity, spec, ...frontLease, names: entries } }, code);
  const remove = () => act({ verb: 'remove', link: frontLease.link });
  return { runDir, world, controller, ensure, remove, home: join(runDir, 'files/networks', frontLease.link) };
}

test('nothing is observed at first', async () => {
  const { controller } = await setup();
  expect(await controller.observe()).toEqual([]);
});

test('a network is its link with the mark, and files that say the rest', async () => {
  const { controller, ensure, world, home } = await setup();
  await ensure();
  await ensure();
  expect([...world.networks.values()]).toMatchObject([
    {
      name: 'ts-front',
      alias: 'ts:Network/shop/front',
      gateway: '10.88.0.1/24',
      subnet: '10.88.0.0/24',
      mtu: 1500,
      masquerade: true,
      isolated: true,
      internal: false,
    },
  ]);
  expect(await readFile(join(home, 'names.json'), 'utf8')).toBe(textOf(names));
  expect((await stat(join(home, 'names.json'))).mode & 0o777).toBe(0o600);
  const [observed] = await controller.observe();
  expect(observed).toMatchObject({
    key: frontKey,
    identity,
    ...frontLease,
    mtu: 1500,
    up: true,
    tableIntact: true,
    namesHash: namesHashOf(textOf(names)),
  });
  const verdict = diffNetwork(network(), observed ?? null, view({ names, records: [record(frontKey)] })).verdicts.get(frontKey);
  expect(verdict).toEqual({ is: 'settled' });
  expect(await controller.observe('Network/shop/other')).toEqual([]);
});

test('a change of names replaces their file as a whole and touches nothing else', async () => {
  const { controller, ensure, world, home } = await setup();
  await ensure();
  const before = (await stat(join(home, 'names.json'))).ino;
  const fewer = [nameEntry('10.88.0.2', ['w'])];
  await ensure(fewer, 'NamesChanged');
  expect((await stat(join(home, 'names.json'))).ino).not.toBe(before);
  expect(await readFile(join(home, 'names.json'), 'utf8')).toBe(textOf(fewer));
  expect((await controller.observe())[0]?.namesHash).toBe(namesHashOf(textOf(fewer)));
  expect(world.calls).toEqual(['net.ensureNetwork']);
});

test('a link of ours whose files are gone is seen, as made from something unknown', async () => {
  const { controller, ensure, runDir } = await setup();
  await ensure();
  await rm(join(runDir, 'files'), { recursive: true });
  expect(await controller.observe()).toMatchObject([{ key: frontKey, identity: { uid: '', set: '', specHash: '' }, namesHash: null }]);
});

test("another engine's links are not seen", async () => {
  const { controller, ensure, world } = await setup();
  await ensure();
  const [link] = world.networks.values();
  if (link === undefined) throw new Error('it was made');
  world.networks.set('tsdock-1', { ...link, name: 'tsdock-1', alias: 'tsdock:Network/shop/front' });
  expect((await controller.observe()).map((found) => found.link)).toEqual(['ts-front']);
});

test('removal leaves no trace, twice, and after a crash in the middle', async () => {
  const { controller, ensure, remove, world, runDir } = await setup();
  await ensure();
  world.fault(1, 'fail-before');
  await expect(remove()).rejects.toMatchObject({ code: 'NET010' });
  expect(await controller.observe()).toHaveLength(1);
  await remove();
  await remove();
  expect(world.describe()).toEqual([]);
  expect(await readdir(join(runDir, 'files/networks'))).toEqual([]);
});

test('what the kernel refuses is NET010 with the step', async () => {
  const { ensure, world } = await setup();
  world.fault(1, 'fail-before');
  await expect(ensure()).rejects.toMatchObject({ code: 'NET010', message: expect.stringContaining('net.ensureNetwork') });
});

test('events of a link wake its network, of the table all of them', async () => {
  const { controller, ensure, world } = await setup();
  await ensure();
  const woken: ResourceKey[] = [];
  const stop = new AbortController();
  controller.watch?.((key) => woken.push(key), stop.signal);
  world.dropLink('ts-front');
  await expect.poll(() => woken).toEqual([frontKey]);
  world.dropTable();
  await expect.poll(() => woken).toEqual([frontKey, frontKey]);
  stop.abort();
});
