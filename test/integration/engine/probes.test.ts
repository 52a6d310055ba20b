import { expect, test } from 'vitest';
import type { Engine } from '../../../src/reconciler/engine.ts';
import { eventsOf, type Host, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';

const container = (host: Host, more: string, name = 'web'): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${host.image('1')}", ${more}}\n`;
const fast = 'period: 100ms, timeout: 100ms';
const fine = { code: 0, output: 'fine' } as const;
const broken = { code: 1, output: 'no database' } as const;

async function readyOf(engine: Engine): Promise<readonly string[]> {
  return (await engine.instances({ namespace: null })).map(({ name, ready }) => `${name} ${ready}`);
}

async function conditionOf(engine: Engine): Promise<{ readonly phase: string; readonly reason: string; readonly message: string }> {
  const [resource] = await engine.resources({ kind: 'Container', namespace: null, name: null });
  const ready = resource?.status.conditions.find(({ type }) => type === 'Ready');
  return { phase: resource?.status.phase ?? '', reason: ready?.reason ?? '', message: ready?.message ?? '' };
}

async function messages(engine: Engine, reason: string): Promise<readonly string[]> {
  return (await eventsOf(engine)).filter((event) => event.reason === reason).map(({ message }) => message);
}

function onlyId(host: Host): string {
  const [id] = host.world.instances.keys();
  if (id === undefined) throw new Error('no instance');
  return id;
}

test('an apply waits until readiness has succeeded', async () => {
  const host = makeHost();
  host.world.commands.set('check', broken);
  const engine = await host.open();
  const applied = engine.apply([snapshot(container(host, `readinessProbe: {exec: [check], ${fast}}`))], waiting());
  await eventually(async () => expect((await conditionOf(engine)).reason).toBe('ProbeFailing'));
  expect(await readyOf(engine)).toEqual(['web-1 no']);
  host.world.commands.set('check', fine);
  expect(await applied).toMatchObject({ result: 'applied', exitCode: 0 });
  expect(await readyOf(engine)).toEqual(['web-1 yes']);
});

test('an apply that is never ready ends as not ready in time and names probe, command and output', async () => {
  const host = makeHost();
  host.world.commands.set('check', broken);
  const engine = await host.open();
  const spec = `readinessProbe: {exec: [check, --password=hunter2], ${fast}}`;
  const result = await engine.apply([snapshot(container(host, spec))], waiting({ timeoutMs: 1_500 }));
  expect(result.exitCode).toBe(4);
  expect(JSON.stringify(result.blocked)).toContain('web-1: readiness failed (3 of 3): exec check: exit 1: no database');
  expect(JSON.stringify(result)).not.toContain('hunter2');
  expect(await messages(engine, 'ProbeFailing')).toEqual(['web-1: readiness failed (3 of 3): exec check: exit 1: no database']);
});

test('one that is not ready any more is Degraded, is not restarted, and recovers', async () => {
  const host = makeHost();
  host.world.commands.set('check', fine);
  const engine = await host.open();
  await engine.apply([snapshot(container(host, `readinessProbe: {exec: [check], ${fast}}`))], waiting());
  host.world.commands.set('check', broken);
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Degraded', reason: 'ProbeFailing' }));
  expect(host.world.starts.get(onlyId(host))).toBe(1);
  host.world.commands.set('check', fine);
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Ready' }));
  await eventually(async () => expect(await messages(engine, 'Recovered')).toEqual(['web-1 is ready']));
});

test('a failed liveness ends the process once, and the back-off of the supervisor is shown with its cause', async () => {
  const host = makeHost();
  host.world.commands.set('check', fine);
  const engine = await host.open();
  await engine.apply([snapshot(container(host, `livenessProbe: {exec: [check], ${fast}}`))], waiting());
  host.world.commands.set('check', broken);
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Degraded', reason: 'CrashLoopBackOff' }));
  expect((await conditionOf(engine)).message).toMatch(
    /^web-1: liveness failed \(3 of 3\): exec check: exit 1: no database, 1 restart, next try /,
  );
  expect(host.world.calls.filter((call) => call === 'containers.signal')).toHaveLength(1);
  expect(host.world.calls).not.toContain('containers.stop');
  host.world.commands.set('check', fine);
  host.world.restart(onlyId(host));
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Ready' }));
  expect(await messages(engine, 'Restarted')).toEqual(['web-1 was restarted (1 in all)']);
  expect(await messages(engine, 'ProbeFailing')).toHaveLength(1);
});

test('with restartPolicy Never a failed liveness is the end', async () => {
  const host = makeHost();
  host.world.commands.set('check', broken);
  const engine = await host.open();
  const spec = `restartPolicy: Never, livenessProbe: {exec: [check], ${fast}}`;
  await engine.apply([snapshot(container(host, spec))], waiting());
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Failed', reason: 'Exited' }));
  expect((await conditionOf(engine)).message).toContain('liveness failed (3 of 3)');
});

test('startup holds back liveness, and a restart of the process begins with it again', async () => {
  const host = makeHost();
  host.world.commands.set('start', broken);
  host.world.commands.set('live', broken);
  const engine = await host.open();
  const spec = `startupProbe: {exec: [start], ${fast}, failureThreshold: 1000}, livenessProbe: {exec: [live], ${fast}}`;
  const applied = engine.apply([snapshot(container(host, spec))], waiting());
  await eventually(async () => expect((await conditionOf(engine)).message).toContain('startup failed'));
  expect(host.world.calls).not.toContain('containers.signal');
  host.world.commands.set('live', fine);
  host.world.commands.set('start', fine);
  expect(await applied).toMatchObject({ exitCode: 0 });
  host.world.commands.set('start', broken);
  host.world.exit(onlyId(host), { code: 1 });
  host.world.restart(onlyId(host));
  await eventually(async () => expect((await conditionOf(engine)).message).toContain('startup failed'));
  expect(await readyOf(engine)).toEqual(['web-1 no']);
});

test('the next engine asks no startup probe again and keeps what is ready', async () => {
  const host = makeHost();
  host.world.commands.set('start', fine);
  host.world.commands.set('check', fine);
  const first = await host.open();
  const spec = `startupProbe: {exec: [start], ${fast}, failureThreshold: 1}, readinessProbe: {exec: [check], period: 60s}`;
  await first.apply([snapshot(container(host, spec))], waiting());
  host.world.commands.set('start', broken);
  const second = await host.reopen();
  expect(await readyOf(second)).toEqual(['web-1 yes']);
  await eventually(async () => expect(await conditionOf(second)).toMatchObject({ phase: 'Ready' }));
  expect(host.world.calls).not.toContain('containers.signal');
  expect(host.world.starts.get(onlyId(host))).toBe(1);
});

test('a hanging probe is killed at its timeout, never runs twice and holds up nobody', async () => {
  const host = makeHost();
  host.world.commands.set('hang', 'hangs');
  host.world.commands.set('check', fine);
  const engine = await host.open();
  const documents =
    container(host, `readinessProbe: {exec: [hang], ${fast}}`, 'stuck') + container(host, 'readinessProbe: {exec: [check]}', 'web');
  const applied = engine.apply([snapshot(documents)], waiting({ timeoutMs: 3_000 }));
  await eventually(async () => expect(await readyOf(engine)).toEqual(['stuck-1 no', 'web-1 yes']));
  await eventually(async () => expect(await messages(engine, 'ProbeFailing')).toHaveLength(1));
  expect(host.world.execs.size).toBeLessThanOrEqual(1);
  expect(await messages(engine, 'ProbeFailing')).toEqual(['stuck-1: readiness failed (3 of 3): exec hang: no answer within 0.1s']);
  await engine.apply([snapshot('')], waiting());
  await applied.catch(() => undefined);
  expect(host.world.execs.size).toBe(0);
});

test('changed probes hold at once and leave the process alone', async () => {
  const host = makeHost();
  host.world.commands.set('check', fine);
  host.world.commands.set('other', broken);
  const engine = await host.open();
  await engine.apply([snapshot(container(host, `readinessProbe: {exec: [check], ${fast}}`))], waiting());
  const edited = snapshot(container(host, `readinessProbe: {exec: [other], ${fast}}`));
  expect((await engine.plan([edited])).changes).toEqual([
    expect.objectContaining({
      action: 'update',
      downtime: null,
      fields: [expect.objectContaining({ path: 'readinessProbe', effect: 'in-place' })],
    }),
  ]);
  await engine.apply([edited], waiting({ wait: false }));
  await eventually(async () => expect(await conditionOf(engine)).toMatchObject({ phase: 'Degraded', reason: 'ProbeFailing' }));
  await engine.apply([snapshot(container(host, ''))], waiting());
  expect(await readyOf(engine)).toEqual(['web-1 yes']);
  expect(host.world.starts.get(onlyId(host))).toBe(1);
});

test('a published port leads to a copy that is ready', async () => {
  const host = makeHost();
  host.world.commands.set('check', fine);
  const engine = await host.open();
  const spec = `replicas: 2, ports: ["8080:80"], readinessProbe: {exec: [check], ${fast}}`;
  await engine.apply([snapshot(container(host, spec))], waiting());
  const holder = (): string | undefined => [...host.world.published.values()][0]?.address;
  const before = holder();
  const [first] = [...host.world.instances.values()].filter(({ spec }) => JSON.parse(spec.identity).address === before);
  host.world.exit(first?.spec.id ?? '', { code: 1 });
  await eventually(() => expect(holder()).not.toBe(before));
});
