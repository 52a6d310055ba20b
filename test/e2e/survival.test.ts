import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

interface Item {
  readonly name: string;
  readonly uid: string;
  readonly pid: number;
  readonly restarts: number;
  readonly phase: string;
  readonly exit: { readonly code: number | null; readonly signal: number | null; readonly at: string } | null;
}
interface Instances {
  readonly items: readonly Item[];
}
interface LoggedEvent {
  readonly reason: string;
  readonly object: string | null;
}

const counter = (image: string) => `
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: ${image}
  ports: ["8080:80"]
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: counter}
spec:
  image: ${image}
  command: [sh, -c, 'i=0; while true; do i=$((i+1)); echo "line $i"; sleep 0.05; done']
  terminationGracePeriodSeconds: 1
`;

const startTime = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];

onHost('containers keep process, port and log while the daemon is killed, and a new daemon adopts them', async (host) => {
  const registry = await startRegistry(host);
  const file = host.write('app.yaml', counter(registry.push(busyboxLayout(), 'busybox', '1')));
  const daemon = await host.daemon();
  await host.ok(['apply', '-f', file]);
  const before = await host.json<Instances>(['ps']);
  const identities = before.items.map((item) => [item.name, item.pid, startTime(item.pid)]);
  expect(identities).toHaveLength(2);

  killDaemon(daemon.pid);
  await eventually(() => expect(daemon.exitCode ?? daemon.signalCode).not.toBeNull());
  expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n');
  expect(before.items.map((item) => [item.name, item.pid, startTime(item.pid)])).toEqual(identities);

  await host.daemon();
  const after = await host.json<Instances>(['ps']);
  expect(after.items.map((item) => [item.name, item.pid, startTime(item.pid)])).toEqual(identities);
  expect(after.items.map((item) => item.restarts)).toEqual([0, 0]);
  await host.ok(['diff', '-f', file]);

  const lines = (await host.ok(['logs', 'counter', '--no-prefix'])).stdout.trim().split('\n');
  expect(lines.length).toBeGreaterThan(5);
  expect(lines, 'no line lost, doubled or reordered').toEqual(lines.map((_, index) => `line ${index + 1}`));
  await host.ok(['delete', '-f', file]);
});

onHost('a killed process is started again by its supervisor, once, and its exit is recorded once', async (host) => {
  const registry = await startRegistry(host);
  const file = host.write('app.yaml', counter(registry.push(busyboxLayout(), 'busybox', '1')));
  await host.daemon();
  await host.ok(['apply', '-f', file]);
  const web = async () => (await host.json<Instances>(['ps'])).items.find((item) => item.name === 'web-1');
  const first = await web();
  process.kill(first?.pid ?? 0, 'SIGKILL');
  const second = await eventually(async () => {
    const item = await web();
    expect(item).toMatchObject({ phase: 'running', restarts: 1 });
    expect(item?.pid).not.toBe(first?.pid);
    return item;
  });
  expect(second?.uid, 'the same incarnation').toBe(first?.uid);
  expect(second?.exit).toMatchObject({ code: null, signal: 9 });
  await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n'));
  await eventually(async () => {
    const events = (await host.ok(['events', '-o', 'json'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LoggedEvent);
    expect(events.filter((event) => event.reason === 'Exited' && event.object === 'Container/default/web')).toHaveLength(1);
  });
  await host.ok(['delete', '-f', file]);
});

onHost('a process that ended while no daemon ran was restarted by its supervisor and is counted afterwards', async (host) => {
  const registry = await startRegistry(host);
  const file = host.write('app.yaml', counter(registry.push(busyboxLayout(), 'busybox', '1')));
  await host.ok(['apply', '-f', file]);
  const [first] = (await host.json<Instances>(['ps'])).items.filter((item) => item.name === 'web-1');
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n'));
  const [second] = (await host.json<Instances>(['ps'])).items.filter((item) => item.name === 'web-1');
  expect(second).toMatchObject({ restarts: 1, phase: 'running', uid: first?.uid });
  await host.ok(['delete', '-f', file]);
});

/** The daemon runs as the child of nsenter, which has replaced itself by it: the pid is the daemon's own. */
function killDaemon(pid: number | undefined): void {
  if (pid === undefined) throw new Error('the daemon has no pid');
  expect(execFileSync('cat', [`/proc/${pid}/cmdline`], { encoding: 'utf8' })).toContain('daemon');
  process.kill(pid, 'SIGKILL');
}
