import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { NativeEvent, NetworkSpec, PublishedPort } from '../../../src/native/index.ts';
import { createNet } from '../../../src/native/net.ts';
import { eventually } from '../../support/eventually.ts';
import { inOwnNetwork, runInOwnNetwork } from '../../support/own-network.ts';
import { engineProcesses } from '../../support/residue.ts';
import { helperPath, loadAddon } from './addon.ts';

const red: NetworkSpec = {
  name: 'tsi-red',
  alias: 'tsi:Network/shop/red',
  gateway: '10.88.5.1/24',
  subnet: '10.88.5.0/24',
  mtu: 1450,
  masquerade: true,
  isolated: true,
  internal: false,
};
const web: PublishedPort = { protocol: 'tcp', hostIP: null, hostPort: 8080, address: '10.88.5.2', containerPort: 80 };

/** Pid of the network process of a run directory. */
function networkProcess(runDir: string): number {
  const found = engineProcesses(runDir).find(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tsdock-net\n';
    } catch {
      return false; // it has ended since
    }
  });
  if (found === undefined) throw new Error('there is no network process');
  return found.pid;
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** The tests below change links and tables. */
if (!inOwnNetwork) {
  test('the network part holds what it promises in a namespace of its own', { timeout: 60_000 }, () => {
    runInOwnNetwork('integration', import.meta.filename);
  });
} else {
  describe('inside', defineTests);
}

function defineTests(): void {
  const addon = loadAddon();
  const events: NativeEvent[] = [];
  const runDir = mkdtempSync(join(tmpdir(), 'tsdock-net-'));
  const { net, close } = createNet(addon, { runDir, prefix: 'tsi', helper: helperPath }, (event) => events.push(event));
  const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
  afterAll(async () => {
    close();
    await eventually(() => expect(engineProcesses(runDir)).toEqual([]));
    rmSync(runDir, { recursive: true });
  });

  test('a network is dumped as it was made, and gone without a trace', async () => {
    await net.ensureNetwork(red);
    await net.ensureNetwork(red);
    ip('link', 'add', 'tsi-v', 'type', 'veth', 'peer', 'name', 'other');
    ip('link', 'set', 'tsi-v', 'master', 'tsi-red');
    expect(await net.dump()).toEqual({
      networks: [{ ...red, up: true, members: ['tsi-v'] }],
      published: [],
      reserved: [],
      tableIntact: true,
    });
    ip('link', 'del', 'tsi-v');
    await net.removeNetwork('tsi-red');
    await net.removeNetwork('tsi-red');
    expect(await net.dump()).toEqual({ networks: [], published: [], reserved: [], tableIntact: false });
    expect(execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' })).toBe('');
    expect(ip('link')).not.toContain('tsi-');
  });

  test('every combination of switches is seen as it was asked for', async () => {
    for (const masquerade of [true, false]) {
      for (const isolated of [true, false]) {
        for (const internal of [true, false]) {
          const spec = { ...red, masquerade, isolated, internal };
          await net.ensureNetwork(spec);
          expect((await net.dump()).networks[0]).toEqual({ ...spec, up: true, members: [] });
        }
      }
    }
    await net.removeNetwork('tsi-red');
  });

  test('published ports belong to their owner and conflicts are told by code', async () => {
    await net.ensureNetwork(red);
    const dns: PublishedPort = { protocol: 'udp', hostIP: '127.0.0.1', hostPort: 53, address: '10.88.5.3', containerPort: 5353 };
    await net.publish({ owner: 'Container/shop/web', endpoints: [web, dns] });
    expect((await net.dump()).published).toEqual([web, dns].map((port) => ({ ...port, owner: 'Container/shop/web' })));
    await expect(net.publish({ owner: 'Container/shop/api', endpoints: [web] })).rejects.toMatchObject({
      code: 'EEXIST',
      step: 'nft',
      message: 'nft: port 8080/tcp is taken by Container/shop/web',
    });
    await net.publish({ owner: 'Container/shop/web', endpoints: [] });
    expect((await net.dump()).published).toEqual([]);
    await net.removeNetwork('tsi-red');
  });

  test('a port that a process of the host serves is not taken from it', async () => {
    ip('link', 'set', 'lo', 'up');
    const server = createServer().listen(8080, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await net.ensureNetwork(red);
    await expect(net.publish({ owner: 'a', endpoints: [web] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await net.publish({ owner: 'a', endpoints: [{ ...web, hostIP: '192.0.2.1' }] });
    server.close();
    await net.publish({ owner: 'a', endpoints: [web] });
    await net.removeNetwork('tsi-red');
  });

  test('a published port stays reserved and the table stays ours while the network process is killed again and again', async () => {
    await net.ensureNetwork(red);
    await net.publish({ owner: 'a', endpoints: [web, { ...web, protocol: 'udp' }] });
    const table = () => execFileSync('nft', ['list', 'table', 'inet', 'tsi'], { encoding: 'utf8' });
    const before = table();
    for (let round = 0; round < 3; round++) {
      const pid = networkProcess(runDir);
      process.kill(pid, 'SIGKILL');
      execFileSync('nft', ['flush', 'ruleset']);
      await eventually(() => expect(networkProcess(runDir)).not.toBe(pid));
      await eventually(() => expect(table()).toBe(before));
      await eventually(async () => expect(await canListen(8080)).toBe(false));
    }
    await net.publish({ owner: 'a', endpoints: [] });
    expect(await canListen(8080)).toBe(true);
    await net.removeNetwork('tsi-red');
  });

  test('a table that is flushed or edited in a loop is back each time, with every element', async () => {
    await net.ensureNetwork(red);
    await net.publish({ owner: 'a', endpoints: [web] });
    const table = () => execFileSync('nft', ['list', 'table', 'inet', 'tsi'], { encoding: 'utf8' });
    const before = table();
    for (const edit of ['flush ruleset', 'delete table inet tsi', 'flush map inet tsi pub4', 'add element inet tsi brs { "other" }']) {
      for (let round = 0; round < 5; round++) execFileSync('nft', edit.split(' '));
      await eventually(() => expect(table()).toBe(before));
    }
    execFileSync('nft', ['flush', 'ruleset']);
    await net.publish({ owner: 'b', endpoints: [{ ...web, hostPort: 8081, containerPort: 81 }] });
    expect((await net.dump()).published.map((port) => port.hostPort)).toEqual([8080, 8081]);
    await net.removeNetwork('tsi-red');
  });

  test('a reserved port is kept from other programs until it is published or given up', async () => {
    await net.ensureNetwork(red);
    await net.reserve({ owner: 'a', endpoints: [web] });
    expect(await canListen(8080)).toBe(false);
    expect(await net.dump()).toMatchObject({ published: [], reserved: [{ ...web, owner: 'a' }] });
    await net.publish({ owner: 'a', endpoints: [{ ...web, hostPort: 8081 }] });
    expect(await canListen(8080), 'not published yet').toBe(false);
    await net.reserve({ owner: 'a', endpoints: [] });
    await net.publish({ owner: 'a', endpoints: [] });
    expect(await canListen(8080)).toBe(true);
    const server = createServer().listen(8080, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(net.reserve({ owner: 'a', endpoints: [{ ...web, hostPort: 8081 }, web] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await canListen(8081)).toBe(true);
    server.close();
    await net.removeNetwork('tsi-red');
  });

  test('what cannot be is refused with a code and nothing is made', async () => {
    const bad = [
      { ...red, alias: 'mine' },
      { ...red, gateway: '10.88.6.1/24' },
      { ...red, subnet: 'fd00::/64' },
      { ...red, name: 'a-name-that-is-too-long' },
    ];
    for (const spec of bad) await expect(net.ensureNetwork(spec)).rejects.toMatchObject({ code: 'EINVAL' });
    ip('link', 'add', 'tsi-red', 'type', 'bridge');
    ip('link', 'set', 'tsi-red', 'up');
    await expect(net.ensureNetwork(red)).rejects.toMatchObject({ code: 'E_NOT_OURS' });
    await expect(net.removeNetwork('tsi-red')).rejects.toMatchObject({ code: 'E_NOT_OURS' });
    ip('link', 'del', 'tsi-red');
    await expect(net.publish({ owner: 'a', endpoints: [{ ...web, address: 'x' }] })).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(net.publish({ owner: 'a', endpoints: [{ ...web, hostPort: 0 }] })).rejects.toMatchObject({ code: 'EINVAL' });
    expect(ip('-d', 'link')).not.toContain('bridge');
  });

  test('routes are those of others', async () => {
    await net.ensureNetwork(red);
    ip('link', 'add', 'up0', 'type', 'bridge');
    ip('addr', 'add', '192.0.2.1/24', 'dev', 'up0');
    ip('link', 'set', 'up0', 'up');
    ip('route', 'add', 'default', 'via', '192.0.2.9');
    const routes = await net.routes();
    expect(routes).toContainEqual({ destination: '192.0.2.0/24', device: 'up0' });
    expect(routes).toContainEqual({ destination: '0.0.0.0/0', device: 'up0' });
    expect(routes.filter(({ device }) => device === 'tsi-red')).toEqual([]);
    ip('link', 'del', 'up0');
    await net.removeNetwork('tsi-red');
  });

  test('what others do to our bridge and table is told, what we do to the table is not', async () => {
    await net.ensureNetwork(red);
    await net.publish({ owner: 'a', endpoints: [web] });
    await eventually(() => expect(events).toContainEqual({ type: 'link', name: 'tsi-red' }));
    events.length = 0;
    execFileSync('nft', ['add', 'table', 'inet', 'foreign']);
    execFileSync('nft', ['flush', 'chain', 'inet', 'tsi', 'forward']);
    // The link may have more to say of its own making.
    await eventually(() => expect(events.filter(({ type }) => type === 'table')).toEqual([{ type: 'table' }]));
    await eventually(async () => {
      const state = await net.dump();
      expect([state.tableIntact, state.published.length]).toEqual([true, 1]);
    });
    events.length = 0;
    ip('link', 'set', 'tsi-red', 'down');
    await eventually(() => expect(events).toContainEqual({ type: 'link', name: 'tsi-red' }));
    events.length = 0;
    ip('addr', 'flush', 'dev', 'tsi-red');
    await eventually(() => expect(events).toContainEqual({ type: 'link', name: 'tsi-red' }));
    expect((await net.dump()).networks[0]).toMatchObject({ gateway: '', up: false });
    ip('link', 'del', 'tsi-red');
    await eventually(() => expect(events.at(-1)).toEqual({ type: 'link', name: 'tsi-red' }));
    await net.ensureNetwork({ ...red, name: 'tsi-new', gateway: '10.88.9.1/24', subnet: '10.88.9.0/24' });
    await net.removeNetwork('tsi-new');
    expect(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).trim()).toBe('table inet foreign');
  });
}
