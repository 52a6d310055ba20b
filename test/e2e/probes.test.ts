import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addImage, tar } from '../../scripts/lib/oci-layout.mjs';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { packageRoot, type TestHost } from '../support/host.ts';
import { busyboxLayout } from '../support/images.ts';

interface Instance {
  readonly name: string;
  readonly uid: string;
  readonly pid: number | null;
  readonly ready: string;
  readonly restarts: number;
  readonly phase: string;
}

const busybox = (): string => `oci:${busyboxLayout()}:1`;
const container = (name: string, spec: string): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec:\n  terminationGracePeriodSeconds: 0\n${spec}\n`;
const idle = (name: string, spec: string): string =>
  container(name, `  image: "${busybox()}"\n  networkMode: none\n  command: [sh, -c, 'touch /alive; exec sleep 100000']\n${spec}`);

async function instances(host: TestHost): Promise<readonly Instance[]> {
  return (await host.json<{ readonly items: readonly Instance[] }>(['ps'])).items;
}

async function readiness(host: TestHost): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await instances(host)).map(({ name, ready }) => [name, ready]));
}

/** A gRPC health service on the loopback of the test's host that says SERVING after its first answer. */
const grpcServer = `
const sessions = require('node:http2').createServer();
let asked = 0;
sessions.on('stream', (stream) => {
  stream.resume();
  stream.on('error', () => {});
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, asked++ === 0 ? 2 : 1]));
  });
});
sessions.listen(5051, '127.0.0.1');`;

onHost('exec, HTTP, TCP and gRPC make a container ready, and one whose port nobody serves stays unready', async (host) => {
  await host.daemon();
  host.spawn(process.execPath, ['-e', grpcServer]);
  const sample = `oci:${join(packageRoot, 'build', 'sample-image')}:1`;
  const file = host.write(
    'probes.yaml',
    [
      idle('exec', '  readinessProbe: {exec: [test, -e, /alive]}'),
      container('http', `  image: "${sample}"\n  readinessProbe: {httpGet: {path: /healthz, port: 80}}`),
      container('tcp', `  image: "${sample}"\n  ports: [{name: web, containerPort: 80}]\n  readinessProbe: {tcpSocket: {port: web}}`),
      container(
        'grpc',
        `  image: "${busybox()}"\n  networkMode: host\n  command: [sleep, "100000"]\n  readinessProbe: {grpc: {port: 5051}}`,
      ),
    ].join(''),
  );
  await host.ok(['apply', '-f', file]);
  expect(await readiness(host)).toEqual({ 'exec-1': 'yes', 'grpc-1': 'yes', 'http-1': 'yes', 'tcp-1': 'yes' });
  await host.ok(['delete', '-f', file]);

  const deaf = host.write('deaf.yaml', container('deaf', `  image: "${sample}"\n  readinessProbe: {httpGet: {port: 81}, period: 200ms}`));
  const late = await host.ok(['apply', '-f', deaf, '--timeout', '3s'], 4);
  expect(late.stderr + late.stdout).toMatch(/readiness failed \(3 of 3\): GET http:\/\/10\.\S+:81\/: connect ECONNREFUSED/);
  expect((await host.ok(['describe', 'container/deaf'])).stdout).toContain('ProbeFailing');
  await host.ok(['delete', '-f', deaf]);
});

onHost('the HEALTHCHECK of an image is its readiness', async (host) => {
  await host.daemon();
  const layout = join(host.directory, 'checked');
  const programs = ['sh', 'sleep', 'test', 'touch'].map((name) => ({ name: `bin/${name}`, type: 'symlink' as const, link: 'busybox' }));
  const directories = ['bin', 'dev', 'etc', 'proc', 'sys'].map((name) => ({ name, type: 'directory' as const }));
  const system = tar([...directories, { name: 'bin/busybox', content: readFileSync('/bin/busybox'), mode: 0o755 }, ...programs]);
  const second = 1_000_000_000;
  addImage(layout, {
    tag: 'checked',
    layers: [system],
    config: {
      Cmd: ['sh', '-c', 'exec sleep 100000'],
      Env: ['PATH=/bin'],
      Healthcheck: { Test: ['CMD-SHELL', 'test -e /healthy'], Interval: second, Timeout: second, Retries: 2 },
    },
  });
  const file = host.write('checked.yaml', container('checked', `  image: "oci:${layout}:checked"\n  networkMode: none`));
  await host.ok(['apply', '-f', file, '--timeout', '2s'], 4);
  expect(await readiness(host)).toEqual({ 'checked-1': 'no' });
  await host.ok(['exec', 'checked', '--', 'touch', '/healthy']);
  await eventually(async () => expect(await readiness(host)).toEqual({ 'checked-1': 'yes' }));
  await host.ok(['delete', '-f', file]);
});

onHost('a probe that hangs is killed with its children and holds up no other', async (host) => {
  await host.daemon();
  const stuck = "[sh, -c, 'sleep 54321 & sleep 54321']";
  const file = host.write(
    'stuck.yaml',
    idle('stuck', `  readinessProbe: {exec: ${stuck}, period: 300ms, timeout: 300ms}`) +
      idle('fine', '  readinessProbe: {exec: [test, -e, /alive], period: 300ms}'),
  );
  await host.ok(['apply', '-f', file, '--timeout', '3s'], 4);
  expect(await readiness(host)).toEqual({ 'fine-1': 'yes', 'stuck-1': 'no' });
  // One try may run right now, never what an earlier one has left.
  expect(sleepers().length).toBeLessThanOrEqual(2);
  expect((await host.ok(['describe', 'container/stuck'])).stdout).toContain('no answer within 0.3s');
  await host.ok(['delete', '-f', file]);
  expect(sleepers()).toEqual([]);
});

// Known and not understood: in two of some hundred runs the next run of the process was ended by SIGKILL right after its start, and its back-off began. Only of a whole suite.
onHost(
  'a process whose liveness fails is restarted once, and one that has started is left alone by the next daemon',
  async (host) => {
    const daemon = await host.daemon();
    const file = host.write(
      'alive.yaml',
      idle(
        'alive',
        // On a busy host an answer takes its time: only what is there or not there decides.
        `  startupProbe: {exec: [test, -e, /alive, '-a', '!', -e, /late], period: 200ms, timeout: 30s, failureThreshold: 100}
  livenessProbe: {exec: [test, -e, /alive], period: 200ms, timeout: 30s, failureThreshold: 2}`,
      ),
    );
    await host.ok(['apply', '-f', file]);
    await host.ok(['exec', 'alive', '--', 'rm', '/alive']);
    await eventually(async () => expect(await instances(host)).toMatchObject([{ phase: 'running', restarts: 1, ready: 'yes' }]));
    const { stdout } = await host.ok(['events']);
    expect(stdout).toMatch(/ProbeFailing.*liveness failed \(2 of 2\): exec test: exit 1/);
    expect(stdout.match(/Z +ProbeFailing /g)).toHaveLength(1);

    const [before] = await instances(host);
    await host.ok(['exec', 'alive', '--', 'touch', '/late']);
    daemon.kill('SIGKILL');
    await eventually(() => expect(daemon.signalCode).toBe('SIGKILL'));
    await host.daemon();
    expect(await instances(host)).toMatchObject([{ pid: before?.pid, restarts: 1, ready: 'yes' }]);
    await host.ok(['exec', 'alive', '--', 'rm', '/alive', '/late']);
    await eventually(async () => expect(await instances(host)).toMatchObject([{ restarts: 2, ready: 'yes' }]));
    await host.ok(['delete', '-f', file]);
  },
  { retry: 3 },
);

/** Sleeps of the hanging probe, on the whole machine. */
function sleepers(): readonly string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => /^(?:\S*\/)?(?:busybox )?sleep 54321/.test(line));
}
