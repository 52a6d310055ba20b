import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Streams } from '../../../src/cli/command.ts';
import { unitText } from '../../../src/cli/commands/install.ts';
import { main } from '../../../src/cli/main.ts';
import { serve } from '../../support/api.ts';
import { runCli, runWith } from '../../support/cli.ts';
import { eventually } from '../../support/eventually.ts';
import { emptyPlan, event, fakeEngine, instance, resource } from '../../support/fake-engine.ts';
import { scratch } from '../../support/scratch.ts';

const two = fakeEngine({
  resources: async () => [resource, { ...resource, metadata: { ...resource.metadata, name: 'api' } }],
  instances: async () => [instance, { ...instance, name: 'api-1', container: 'api', restarts: 3 }],
});

test('get prints paths, templates, and documents that can be applied again', async () => {
  const get = async (output: string) => (await runWith(two, ['get', 'container', '-n', 'shop', '-o', output])).stdout;
  expect(await get('jsonpath={.items[*].metadata.name}')).toBe('web api\n');
  expect(await get('template={{.kind}}/{{.metadata.name}}')).toBe('Container/web\nContainer/api\n');
  const documents = parseAllDocuments(await get('yaml')).map((document) => document.toJS() as { kind: string; metadata: { name: string } });
  expect(documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(['Container/web', 'Container/api']);
  expect(JSON.parse(await get('json'))).toMatchObject({ kind: 'List', items: [{}, {}] });
});

test.each([
  ['jsonpath', /--output jsonpath needs an expression/],
  ['jsonpath={.a[}', /jsonpath "\{\.a\[\}": .* is no field/],
  ['json=x', /--output "json=x" is not possible; hint: possible: table, wide/],
  ['xml', /--output "xml" is not possible/],
])('-o %s is a mistake that is explained', async (output, message) => {
  const { code, stderr } = await runWith(two, ['get', 'container', '-n', 'shop', '-o', output]);
  expect(stderr).toMatch(message);
  expect(code).toBe(64);
});

test('ps selects by the labels of containers and sorts by a field', async () => {
  const names = async (...flags: string[]) => (await runWith(two, ['ps', '-n', 'shop', '-o', 'name', ...flags])).stdout.trim().split('\n');
  expect(await names('--sort', 'name')).toEqual(['api-1', 'web-1']);
  expect(await names('--sort', 'restarts')).toEqual(['web-1', 'api-1']);
  const [label, value] = Object.entries(resource.metadata.labels)[0] ?? ['app', 'web'];
  expect(await names('-l', `${label}=${value}`)).toEqual(['web-1', 'api-1']);
  expect(await names('-l', `${label}!=${value}`)).toEqual(['']);
});

test('what is watched is told once and then as it changes, as JSON and as rows', async () => {
  for (const output of ['json', 'table']) {
    let phase = 'running';
    const engine = fakeEngine({ instances: async () => [{ ...instance, phase }] });
    const { directory } = await serve(engine);
    const stdout = new PassThrough();
    let text = '';
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const streams = { stdin: new PassThrough(), stdout, stderr: new PassThrough() } as unknown as Streams;
    const ended = main(['--run-dir', directory, 'ps', '-n', 'shop', '-w', '-o', output], streams);
    await eventually(() => expect(text).toMatch(/running/));
    phase = 'exited';
    await eventually(() => expect(text).toMatch(/exited/));
    process.emit('SIGINT');
    expect(await ended).toBe(130);
    const lines = text.trim().split('\n');
    if (output === 'json') {
      expect(lines.map((line) => JSON.parse(line)).map(({ type, object }) => `${type} ${object.phase}`)).toEqual([
        'ADDED running',
        'MODIFIED exited',
      ]);
    } else {
      expect(lines[0]).toMatch(/^INSTANCE +STATE/);
      expect(lines.slice(1).map((line) => /running|exited/.exec(line)?.[0])).toEqual(['running', 'exited']);
    }
  }
});

test('a socket that a killed daemon left is no daemon to `status -w`', async () => {
  const directory = scratch();
  const listener = createServer().listen(join(directory, 'first.sock'));
  await once(listener, 'listening');
  renameSync(join(directory, 'first.sock'), join(directory, 'tsdock.sock'));
  listener.close();
  const stdout = new PassThrough();
  const streams = { stdin: new PassThrough(), stdout, stderr: new PassThrough() } as unknown as Streams;
  const ended = main(['--run-dir', directory, '--state-dir', join(directory, 'state'), 'status', '-w', '-o', 'json'], streams);
  const [line] = (await once(stdout, 'data')) as [Buffer];
  process.emit('SIGINT');
  expect(await ended).toBe(130);
  expect(JSON.parse(line.toString())).toMatchObject({ type: 'ADDED', object: { daemon: null } });
});

test('events are chosen by type and reason', async () => {
  const engine = fakeEngine({
    events: async function* () {
      yield event(1, { message: 'one' });
      yield event(2, { type: 'Warning', reason: 'BackOff', message: 'two' });
    },
  });
  const told = async (...flags: string[]) => (await runWith(engine, ['events', ...flags])).stdout;
  expect(await told('--type', 'warning')).toMatch(/^[^\n]*two\n$/);
  expect(await told('--type', 'Started', '--type', 'BackOff')).toMatch(/one[\s\S]*two/);
});

test('diff shows what a person stopped, and --exit-zero only changes the code', async () => {
  const file = join(scratch(), 'web.yaml');
  writeFileSync(
    file,
    'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web, namespace: shop}\nspec: {image: "registry.test/web:2"}\n',
  );
  const override = {
    kind: 'Container',
    namespace: 'shop',
    name: 'web',
    path: 'state',
    value: 'Stopped',
    since: '2026-03-01T12:00:00.000Z',
  } as const;
  const stopped = fakeEngine({ plan: async () => ({ ...emptyPlan, overrides: [override] }) });
  const text =
    'No changes: 1 object unchanged.\n\noverride  Container shop/web: state Stopped since 2026-03-01T12:00:00.000Z, by a person; tsdock start web -n shop ends it\n';
  expect(await runWith(stopped, ['diff', '-f', file])).toEqual({ code: 0, stdout: text, stderr: '' });
  const changes = [
    {
      kind: 'Container',
      namespace: 'shop',
      name: 'web',
      set: 'cli:shop',
      action: 'delete',
      reason: '',
      fields: [],
      downtime: null,
      pull: null,
      exposure: [],
      dataLoss: false,
    },
  ] as const;
  const changing = fakeEngine({ plan: async () => ({ ...emptyPlan, changes }) });
  expect((await runWith(changing, ['diff', '-f', file])).code).toBe(2);
  const quiet = await runWith(changing, ['diff', '-f', file, '--exit-zero', '-o', 'unified']);
  expect(quiet.code).toBe(0);
  expect(quiet.stdout).toMatch(/^--- a\/Container shop\/web$/m);
});

test('status names what a person stopped', async () => {
  const overrides = [{ path: 'state', value: 'Stopped', since: '2026-03-01T12:00:00.000Z' }];
  const engine = fakeEngine({ resources: async () => [{ ...resource, status: { ...resource.status, phase: 'Suspended', overrides } }] });
  expect((await runWith(engine, ['status'])).stdout).toMatch(/override {2}Container shop\/web: state Stopped since 2026-03-01/);
});

test('explain has a page for a code', async () => {
  const { stdout } = await runCli(['explain', 'reg429']);
  expect(stdout).toBe(
    'REG429  The registry limits pulls.\n\ncause  Too many pulls from this address or account.\nnext   It is tried again at the time the registry names; log in, or set a mirror.\nexit   1\n',
  );
  expect((await runCli(['explain', 'SCH999'])).stderr).toMatch(/no code "SCH999"/);
});

test('install writes unit, configuration and directory, once; what is not ours stays', async () => {
  const root = scratch();
  const first = await runCli(['install', '--root', root]);
  expect(first).toMatchObject({ code: 0, stderr: `next: systemctl enable tsdock, on the host that has ${root} as its root\n` });
  expect(existsSync(join(root, 'etc/tsdock/manifests'))).toBe(true);
  const unit = readFileSync(join(root, 'etc/systemd/system/tsdock.service'), 'utf8');
  expect(unit).toMatch(/^ExecStart=\S+ \S+ daemon --watch \/etc\/tsdock\/manifests --state-dir /m);
  expect(unit).toMatch(/^KillMode=process$[\s\S]*^Delegate=yes$/m);
  writeFileSync(join(root, 'etc/tsdock/config.yaml'), '# mine\n');
  const second = await runCli(['install', '--root', root]);
  expect(second.stdout).toMatch(/^unchanged .*manifests\nkept .*config\.yaml\n/);
  expect(readFileSync(join(root, 'etc/tsdock/config.yaml'), 'utf8')).toBe('# mine\n');
  writeFileSync(join(root, 'etc/systemd/system/tsdock.service'), '[Unit]\n');
  const third = await runCli(['install', '--root', root]);
  expect(third.stderr).toMatch(/error\[CLI020\]: .*tsdock\.service is there and was not written by tsdock install/);
});

test('install --dry-run writes nothing', async () => {
  const root = scratch();
  mkdirSync(join(root, 'inner'));
  const { stdout, code } = await runCli(['install', '--dry-run', '--root', join(root, 'inner')]);
  expect(code).toBe(0);
  expect(stdout).toContain('kind: EngineConfig');
  expect(existsSync(join(root, 'inner', 'etc'))).toBe(false);
});

test('a unit quotes paths as systemd reads them', () => {
  const unit = unitText(
    { node: '/opt/my node/bin/node', tsdock: '/opt/100%/tsdock' },
    { stateDir: '/var/lib/tsdock', runDir: '/run/tsdock' },
  );
  expect(unit).toContain('ExecStart="/opt/my node/bin/node" /opt/100%%/tsdock daemon --watch /etc/tsdock/manifests\n');
});
