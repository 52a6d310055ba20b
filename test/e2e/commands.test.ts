import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

interface Instances {
  readonly items: readonly { readonly name: string; readonly uid: string; readonly phase: string; readonly pid: number | null }[];
}

const manifest = (image: string) => `
apiVersion: tsdock/v1
kind: Config
metadata: {name: page}
spec:
  data:
    index.html: "from a config\\n"
---
apiVersion: tsdock/v1
kind: Volume
metadata: {name: data}
spec: {}
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: web, labels: {app: web}}
spec:
  image: ${image}
  ports: ["8080:80"]
  env: {GREETING: hello}
  mounts:
    - {config: page, path: /www}
    - "data:/data"
  terminationGracePeriodSeconds: 1
`;

for (const withDaemon of [false, true]) {
  onHost(`every command does its work ${withDaemon ? 'through the daemon' : 'without a daemon'}`, async (host) => {
    const registry = await startRegistry(host);
    const image = registry.push(busyboxLayout(), 'busybox', '1');
    const file = host.write('web.yaml', manifest(image));
    if (withDaemon) await host.daemon();

    await host.ok(['validate', file]);
    await host.ok(['apply', '-f', file, '--dry-run'], 2);
    expect(await host.json<Instances>(['ps'])).toMatchObject({ items: [] });
    await host.ok(['apply', '-f', file]);
    expect(host.fetch('http://127.0.0.1:8080/')).toBe('from a config\n');

    expect((await host.ok(['ps'])).stdout).toMatch(/web-1\s+running/);
    expect((await host.ok(['get', 'container', 'web'])).stdout).toMatch(/web/);
    expect(await host.json(['get', 'container', 'web'])).toMatchObject({
      kind: 'Container',
      metadata: { name: 'web', namespace: 'default' },
      status: { phase: 'Ready' },
    });
    expect((await host.ok(['describe', 'container/web'])).stdout).toMatch(/GREETING/);
    expect((await host.ok(['image', 'ls'])).stdout).toContain('127.0.0.1:5000/busybox:1');

    const echoed = await host.ok(['exec', 'web', '--', 'sh', '-c', 'echo $GREETING; cat /proc/1/comm; pwd']);
    expect(echoed.stdout).toMatch(/^hello\n/);
    const added = await host.ok(['exec', '-e', 'MORE=x', 'web', '--', 'sh', '-c', 'echo $GREETING $MORE']);
    expect(added.stdout, 'variables come on top of those of the container').toBe('hello x\n');
    expect((await host.tsdock(['exec', 'web', '--', 'sh', '-c', 'exit 7'])).code).toBe(7);
    expect((await host.tsdock(['exec', 'web', '--', 'no-such-program'])).code).toBe(127);
    await host.ok(['exec', 'web', '--', 'sh', '-c', 'echo kept > /data/file']);
    const piped = await host.tsdock(['exec', '-i', 'web', '--', 'cat'], { input: 'through stdin\n' });
    expect(piped.stdout).toBe('through stdin\n');
    expect((await host.ok(['exec', '-t', 'web', '--', 'sh', '-c', 'tty && stty size'])).stdout).toMatch(/\/dev\/(pts\/\d+|console)/);

    host.fetch('http://127.0.0.1:8080/');
    await eventually(async () => expect((await host.ok(['logs', 'web'])).stdout).toMatch(/response:200/));
    expect((await host.ok(['events'])).stdout).toMatch(/Applied/);

    const [first] = (await host.json<Instances>(['ps'])).items;
    await host.ok(['stop', 'web']);
    expect((await host.json<Instances>(['ps'])).items[0]).toMatchObject({ phase: 'exited', pid: null });
    await host.ok(['apply', '-f', file]);
    expect((await host.json<Instances>(['ps'])).items[0], 'a stop by a person is kept').toMatchObject({ phase: 'exited' });
    expect((await host.ok(['diff', '-f', file])).stdout, 'and shown').toMatch(
      /^override {2}Container web: state Stopped since .*tsdock start web/m,
    );
    expect((await host.ok(['status'])).stdout).toMatch(/^override {2}Container web: state Stopped since/m);
    await host.ok(['start', 'web']);
    await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('from a config\n'));
    const shown = host.write('shown.yaml', (await host.ok(['get', 'container', 'web', '-o', 'yaml'])).stdout);
    await host.ok(['diff', '-f', shown]); // what is shown is a manifest of the same
    const all = host.write('all.yaml', (await host.ok(['get', 'all', '-o', 'yaml', '-l', 'app'])).stdout);
    await host.ok(['diff', '-f', all]); // several are documents of one file
    const since = async () => (await host.ok(['get', 'container', 'web', '-o', 'jsonpath={.status.conditions[0].since}'])).stdout;
    expect(await since(), 'told by the world, not by whoever looks').toBe(await since());
    await host.ok(['restart', 'web']);
    await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('from a config\n'));
    const [restarted] = (await host.json<Instances>(['ps'])).items;
    expect(restarted?.uid, 'layer and address kept').toBe(first?.uid);
    expect(restarted?.pid).not.toBe(first?.pid);

    host.write('web.yaml', manifest(image).replace('from a config', 'another text'));
    await host.ok(['diff', '-f', file], 2);
    await host.ok(['apply', '-f', file]);
    await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('another text\n'));
    expect((await host.ok(['exec', 'web', '--', 'cat', '/data/file'])).stdout, 'volumes outlive the container').toBe('kept\n');

    expect((await host.tsdock(['image', 'rm', image])).code, 'an image in use stays').toBe(6);
    await host.ok(['delete', '-f', file]);
    await host.ok(['image', 'rm', image]);
    expect((await host.ok(['image', 'ls'])).stdout).not.toContain('busybox');
    for (const command of [['version'], ['info'], ['doctor'], ['status']]) await host.ok(command);
  });
}

onHost('what goes wrong at the start says what, where and what to do, and changes nothing else', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const spec = (fields: string) => `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: bad}\nspec:\n  image: ${image}\n${fields}`;
  const file = host.write('bad.yaml', spec('  command: [/app/sarver]\n  restartPolicy: Never\n'));
  const missing = await host.tsdock(['apply', '-f', file]);
  expect(missing.stderr).toMatch(/error\[RUN127\]: .*"\/app\/sarver" not found/);
  expect(missing.code).toBe(1);
  host.write('bad.yaml', spec('  user: deploy\n'));
  expect((await host.tsdock(['apply', '-f', file])).stderr).toMatch(/error\[RUN010\]: .*user "deploy" is not in \/etc\/passwd/);
  host.write('bad.yaml', `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: bad}\nspec:\n  image: ${registry.address}/busybox:9\n`);
  expect((await host.tsdock(['apply', '-f', file, '--timeout', '5s'])).stderr).toMatch(/REG404.*has no tag "9"/);
  host.write('bad.yaml', spec('  comand: [x]\n'));
  const misspelt = await host.tsdock(['apply', '-f', file]);
  expect(misspelt.code).toBe(3);
  expect(misspelt.stderr).toMatch(/bad\.yaml:6:3: error\[SCH001\]: unknown field "comand" in spec; hint: did you mean "command"\?/);

  host.spawn('/bin/busybox', ['nc', '-l', '-p', '8080']);
  host.write('bad.yaml', spec('  ports: ["8080:80"]\n'));
  const busy = await host.tsdock(['apply', '-f', file, '--timeout', '3s']);
  expect(busy.stderr).toMatch(/error\[PRT010\]: .*8080 is in use by (nc|busybox) \(pid \d+\)/);
  await host.ok(['delete', 'container/bad']);
});
