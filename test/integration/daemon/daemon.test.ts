import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runDaemon } from '../../../src/daemon.ts';
import { defaultEngineConfig } from '../../../src/manifest/engine-defaults.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { Engine } from '../../../src/reconciler/engine.ts';
import type { OpenDaemonEngine } from '../../../src/wiring.ts';
import { runCli } from '../../support/cli.ts';
import { type Host, makeHost } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';

interface Started {
  readonly manifests: string;
  /** Runs `tsdock` against this daemon. */
  tsdock(...args: string[]): ReturnType<typeof runCli>;
  names(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

async function startDaemon(
  host: Host,
  options: { readonly stopContainers?: boolean; readonly log?: typeof silentLogger } = {},
): Promise<Started> {
  const manifests = join(host.directory, 'manifests');
  const runDir = join(host.directory, 'run');
  mkdirSync(manifests, { recursive: true });
  const engine = await Engine.open(host.options());
  const opened: OpenDaemonEngine = {
    engine,
    config: defaultEngineConfig,
    documents: () => engine.documents(),
    onRemoved: (listener) => engine.onRemoved(listener),
    close: async ({ stopContainers }) => {
      if (stopContainers) await engine.stopContainers();
      await engine.close();
    },
  };
  const controller = new AbortController();
  let served: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    served = runDaemon(opened, {
      socket: join(runDir, 'tsdock.sock'),
      directories: [manifests],
      lookMs: 60_000,
      stopContainers: options.stopContainers ?? false,
      signal: controller.signal,
      log: options.log ?? silentLogger,
      onReady: resolve,
    });
    served.catch(reject);
  });
  const stop = () => {
    controller.abort();
    return served;
  };
  onTestFinished(stop);
  const tsdock = (...args: string[]) => runCli(args, {}, runDir);
  const names = async () => {
    const { items } = JSON.parse((await tsdock('ps', '-A', '-o', 'json')).stdout) as {
      readonly items: readonly { readonly name: string; readonly phase: string }[];
    };
    return items.map(({ name, phase }) => `${name} ${phase}`).sort();
  };
  return { manifests, tsdock, names, stop };
}

const container = (name: string, image: string) => `apiVersion: tsdock/v1
kind: Container
metadata: {name: ${name}}
spec: {image: "${image}", networkMode: none}
`;

test('a watched directory converges; a broken file keeps its last good objects and says where it is broken', async () => {
  const host = makeHost();
  const daemon = await startDaemon(host);
  const file = (name: string) => join(daemon.manifests, name);

  writeFileSync(file('a.yaml'), container('a', host.image('1')));
  writeFileSync(file('b.yaml'), container('b', host.image('1')));
  await eventually(async () => expect(await daemon.names()).toEqual(['a-1 running', 'b-1 running']));

  writeFileSync(file('a.yaml'), 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: a\nspec: [');
  await eventually(async () => expect((await daemon.tsdock('status')).stdout).toMatch(/file +.*a\.yaml:\d+:\d+: error\[/));
  expect(await daemon.names()).toEqual(['a-1 running', 'b-1 running']);

  rmSync(file('b.yaml'));
  await eventually(async () => expect(await daemon.names()).toEqual(['a-1 running']));

  writeFileSync(file('a.yaml'), container('c', host.image('2')));
  await eventually(async () => expect(await daemon.names()).toEqual(['c-1 running']));
});

test('all files gone at once deletes nothing, and the directory gone neither', async () => {
  const host = makeHost();
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => void warnings.push(message), child: () => log };
  const daemon = await startDaemon(host, { log });
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(daemon.manifests, `${name}.yaml`), container(name, host.image('1')));
  const all = ['a-1 running', 'b-1 running', 'c-1 running', 'd-1 running'];
  await eventually(async () => expect(await daemon.names()).toEqual(all));
  for (const name of ['a', 'b', 'c']) rmSync(join(daemon.manifests, `${name}.yaml`));
  await eventually(async () =>
    expect((await daemon.tsdock('status')).stdout).toMatch(/3 of 4 objects lost their documents at once; nothing deleted/),
  );
  expect(await daemon.names()).toEqual(all);
  const set = `dir:${daemon.manifests}`;
  const asked = await daemon.tsdock('prune', set);
  expect(asked).toMatchObject({
    code: 64,
    stderr: `error[CLI010]: 3 objects of ${set} would be removed; hint: tsdock prune ${set} --confirm\n`,
  });
  expect((await daemon.tsdock('prune', set, '--confirm')).code).toBe(0);
  await eventually(async () => expect(await daemon.names()).toEqual(['d-1 running']));

  rmSync(daemon.manifests, { recursive: true });
  await eventually(() =>
    expect(warnings.join('\n')).toMatch(/warning\[DMN020\]: .*manifests disappeared; its object stays as it is until it returns/),
  );
  await eventually(async () => expect((await daemon.tsdock('status')).stdout).toMatch(/file +warning\[DMN020\]: .*disappeared/));
  expect(await daemon.names()).toEqual(['d-1 running']);
});

test('what is deleted by hand and still declared by a file comes back at once; the command says so', async () => {
  const host = makeHost();
  const told: { readonly message: string; readonly fields: unknown }[] = [];
  const log = { ...silentLogger, info: (message: string, fields?: object) => void told.push({ message, fields }), child: () => log };
  const daemon = await startDaemon(host, { log });
  const file = join(daemon.manifests, 'a.yaml');
  writeFileSync(file, container('a', host.image('1')));
  await eventually(async () => expect(await daemon.names()).toEqual(['a-1 running']));
  expect(told).toContainEqual({
    message: 'applied',
    fields: { revision: 1, added: ['Container/default/a'], changed: [], removed: [] },
  });
  const [before] = [...host.world.instances.keys()];

  const deleted = await daemon.tsdock('delete', 'container/a');
  expect(deleted).toMatchObject({ code: 0, stdout: expect.stringContaining('1 deleted') });
  expect(deleted.stderr).toContain(
    `${file}:3:18: warning[CLI023]: Container "a" is declared here, in a watched directory, and comes back at once; remove it from the file instead\n`,
  );
  // The next full look is a minute away: the deletion itself is what the directory is looked at again for.
  await eventually(async () => expect(await daemon.names()).toEqual(['a-1 running']));
  expect([...host.world.instances.keys()]).not.toContain(before);
});

test('every command works through the socket as it does without', async () => {
  const host = makeHost();
  const daemon = await startDaemon(host);
  const file = join(host.directory, 'app.yaml');
  writeFileSync(file, container('web', host.image('1')));
  const { tsdock } = daemon;
  expect((await tsdock('diff', '-f', file)).code).toBe(2);
  const applied = await tsdock('apply', '-f', file);
  expect(applied).toMatchObject({ code: 0 });
  expect(applied.stdout).toMatch(/^Applied cli:default revision 1 in/);
  expect(await tsdock('diff', '-f', file)).toMatchObject({ code: 0 });
  expect(await tsdock('apply', '-f', file)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing to change: \d objects? unchanged\.\n$/),
  });
  expect((await tsdock('get', 'container')).stdout).toMatch(/web +Ready/);
  expect((await tsdock('stop', 'web')).code).toBe(0);
  expect(await daemon.names()).toEqual(['web-1 exited']);
  expect((await tsdock('start', 'web')).code).toBe(0);
  expect(await daemon.names()).toEqual(['web-1 running']);
  expect((await tsdock('restart', 'web')).code).toBe(0);
  expect((await tsdock('events')).stdout).toMatch(/RestartRequested/);
  writeFileSync(file, container('web', host.image('1')).replace('networkMode: none', 'networkMode: none, env: {A: "1"}'));
  const diff = JSON.parse((await tsdock('diff', '-f', file, '-o', 'json')).stdout);
  expect(diff.changes).toMatchObject([{ name: 'web', action: 'replace', fields: [{ path: 'env.A', to: '1' }] }]);
  expect((await tsdock('image', 'ls')).stdout).toContain('layout');
  expect((await tsdock('describe', 'container/web')).stdout).toContain('Instances');
  expect((await tsdock('delete', 'container/web')).code).toBe(0);
  expect(await daemon.names()).toEqual([]);
  expect((await tsdock('version', '-o', 'json')).stdout).toContain('"daemon": "0.1.0"');
});

test('a set that is owned elsewhere is refused with 6, a broken apply changes nothing', async () => {
  const host = makeHost();
  const daemon = await startDaemon(host);
  writeFileSync(join(daemon.manifests, 'a.yaml'), container('a', host.image('1')));
  await eventually(async () => expect(await daemon.names()).toEqual(['a-1 running']));
  const file = join(host.directory, 'app.yaml');
  writeFileSync(file, container('a', host.image('2')));
  const refused = await daemon.tsdock('apply', '-f', file);
  expect(refused.stderr).toMatch(/^error\[CLI030\]: /);
  expect(refused.code).toBe(6);
  writeFileSync(file, container('x', host.image('1')).replace('networkMode: none', 'networks: [nowhere]'));
  const dangling = await daemon.tsdock('apply', '-f', file);
  expect(dangling.stderr).toMatch(/app\.yaml:4:\d+: error\[REF001\]: Network "nowhere" does not exist/);
  expect(dangling.code).toBe(3);
  expect(await daemon.names()).toEqual(['a-1 running']);
});

test('its end leaves containers running, and a new one goes on', async () => {
  const host = makeHost();
  const first = await startDaemon(host);
  writeFileSync(join(first.manifests, 'a.yaml'), container('a', host.image('1')));
  await eventually(async () => expect(await first.names()).toEqual(['a-1 running']));
  await first.stop();
  const pids = () => [...host.world.instances.values()].map((one) => one.status.process?.pid);
  const before = pids();
  expect(before).toEqual([expect.any(Number)]);
  const second = await startDaemon(host);
  await eventually(async () => expect(await second.names()).toEqual(['a-1 running']));
  expect(pids()).toEqual(before);
});

test('with --stop-containers nothing runs afterwards, and the next one starts it again', async () => {
  const host = makeHost();
  const first = await startDaemon(host, { stopContainers: true });
  writeFileSync(join(first.manifests, 'a.yaml'), container('a', host.image('1')));
  await eventually(async () => expect(await first.names()).toEqual(['a-1 running']));
  await first.stop();
  expect([...host.world.instances.values()].map((one) => one.status.phase)).toEqual(['exited']);
  const second = await startDaemon(host);
  await eventually(async () => expect(await second.names()).toEqual(['a-1 running']));
});
