/**
 * The contract of the controllers on the real kernel. The cases with scripted faults stay in test/contract: a kernel fails no call on request; what a death of the engine
 * leaves is killed for in survival.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { createControllers } from '../../src/controllers/index.ts';
import { silentLogger } from '../../src/model/log.ts';
import { type Native, openNative } from '../../src/native/index.ts';
import type { ContractHost } from '../support/contract.ts';
import { describeKinds, filesOf } from '../support/contract-kinds.ts';
import { eventually } from '../support/eventually.ts';
import { packageRoot } from '../support/host.ts';
import { inOwnNetwork, runInOwnNetwork } from '../support/own-network.ts';
import { type LedgerScope, takeLedger } from '../support/residue.ts';

if (inOwnNetwork) describeKinds({ make: makeKernelHost, faults: [] });
else {
  test('every kind keeps its contract on the real kernel', { timeout: 120_000 }, () => runInOwnNetwork('e2e', import.meta.filename));
}

async function makeKernelHost(): Promise<ContractHost> {
  const prefix = `tc${randomBytes(3).toString('hex')}`;
  const directory = mkdtempSync(join(tmpdir(), `tsdock-${prefix}-`));
  const places = { stateDir: join(directory, 'state'), runDir: join(directory, 'run'), prefix };
  mkdirSync(places.stateDir);
  mkdirSync(places.runDir);
  const native = await openNative(places);
  const wire = () =>
    createControllers({ ...places, native, log: silentLogger, now: Date.now, random: Math.random, image: { dockerConfig: null } });
  const scope: LedgerScope = { ...places, inNetwork: (command, args) => execFileSync(command, args, { encoding: 'utf8' }) };
  return {
    controllers: () => wire().controllers,
    network: wire().network,
    sealer: wire().sealer,
    image: (tag) => `oci:${join(packageRoot, 'build', 'sample-image')}:${tag}`,
    residue: () => residueOf(scope, directory),
    fault: () => {
      throw new Error('no faults on request');
    },
    close: () => tearDown(native, scope, directory),
  };
}

/** What kernel and disk have of this host, without what differs from host to host: names of files, links and processes, not their numbers. */
function residueOf(scope: LedgerScope, directory: string): readonly string[] {
  const { prefix, runDir, stateDir } = scope;
  const ledger = takeLedger(scope);
  const lines = [
    ...ledger.mounts.map((mount) => `mount ${mount.split(' ')[1]}`),
    ...ledger.links.filter((link) => link.startsWith(prefix)).map((link) => `link ${link}`),
    ...ledger.tables.filter((table) => table.includes(prefix)).map((table) => `table ${table}`),
    ...ledger.addresses
      .filter((address) => address.startsWith(prefix) && !address.includes(' fe80:'))
      .map((address) => `address ${address}`),
    ...ledger.cgroups.flatMap((cgroup) => (existsSync(join(cgroup, 'c')) ? groupsBelow(join(cgroup, 'c')) : [])),
    // The zygote stays as long as somebody is connected; everything else belongs to an instance.
    ...ledger.processes.filter((line) => !line.includes('zygote')).map((line) => `process ${line.replace(/^\d+ /, '')}`),
    ...filesOf(join(runDir, 'files')),
    ...filesOf(join(runDir, 'containers')),
    ...ledger.memory.flatMap((name) => filesOf(join('/dev/shm', name))),
    ...filesOf(join(stateDir, 'secrets')),
    ...filesOf(join(stateDir, 'volumes')),
    ...filesOf(join(stateDir, 'upper')),
  ];
  return [...new Set(lines)].map((line) => nameless(line.replaceAll(directory, '').replaceAll(prefix, ''))).sort();
}

/** Without ids of instances, and the part of one that the name of a veth has. */
function nameless(line: string): string {
  return line.replace(/[0-9a-f]{12}/g, '<id>').replace(/^link [0-9a-f]{7}$/, 'link <id>');
}

function groupsBelow(path: string): readonly string[] {
  const found = execFileSync('find', [path, '-mindepth', '1', '-type', 'd'], { encoding: 'utf8' }).split('\n');
  return found.filter((line) => line !== '').map((line) => `cgroup ${line}`);
}

/** Removes everything that a test left, and waits for the zygote to leave with its cgroups. */
async function tearDown(native: Native, scope: LedgerScope, directory: string): Promise<void> {
  for (const { id } of await native.containers.list()) await native.containers.remove(id, { logs: true });
  const { networks, published } = await native.net.dump();
  for (const owner of new Set(published.map((port) => port.owner))) await native.net.publish({ owner, endpoints: [] });
  for (const { name } of networks) await native.net.removeNetwork(name);
  await native.close();
  await eventually(() => {
    const { processes, cgroups, links } = takeLedger(scope);
    const left = [...processes, ...cgroups, ...links.filter((link) => link.startsWith(scope.prefix))];
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
  });
  for (const name of takeLedger(scope).memory) rmSync(join('/dev/shm', name), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}
