import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Progress } from '../../../src/model/engine-api.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import type { ResourceKey } from '../../../src/model/resource.ts';
import { Engine } from '../../../src/reconciler/engine.ts';
import type { OpenStore } from '../../../src/reconciler/options.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { eventsOf, type Host, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';
import { nativeError } from '../../support/world.ts';

const doc = (kind: string, name: string, spec: string, annotations = ''): string =>
  `---\napiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}${annotations === '' ? '' : `, annotations: {${annotations}}`}}\nspec: ${spec}\n`;
const container = (host: Host, name: string, more = '', tag = '1'): string =>
  doc('Container', name, `{image: "${host.image(tag)}"${more === '' ? '' : `, ${more}`}}`);
const running = (host: Host): readonly string[] =>
  host.world
    .describe()
    .filter((line) => line.startsWith('Container/'))
    .map((line) => line.split(' ').slice(0, 2).join(' '));

test('an applied container runs, is published and is unchanged afterwards', async () => {
  const host = makeHost();
  const engine = await host.open();
  const progress: Progress[] = [];
  const web = snapshot(container(host, 'web', 'ports: ["8080:80"]'));
  const result = await engine.apply([web], waiting({ onProgress: (one) => progress.push(one) }));
  expect(result).toMatchObject({ result: 'applied', exitCode: 0, revision: 1, summary: { created: 1 }, blocked: [] });
  expect(host.world.describe()).toEqual([
    'Container/default/web:1 running 10.88.0.2',
    expect.stringMatching(/^link tsw\S* \S+ 10\.88\.0\.0\/24$/),
    'port tcp *:8080 -> 10.88.0.2:80 Container/default/web',
  ]);
  expect(progress.map((one) => `${one.verb} ${one.state}`)).toEqual(
    expect.arrayContaining(['pull started', 'pull done', 'create done', 'publish done']),
  );
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged', exitCode: 0, summary: { unchanged: 1 } });
  expect(await engine.plan([web])).toMatchObject({ changes: [], actions: [] });
  const events = await eventsOf(engine);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
});

test('a changed env replaces the instance, keeps its address and leaves others alone', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web') + container(host, 'db'))], waiting());
  const before = [...host.world.instances.keys()];
  const lines = host.world.describe();
  const edited = snapshot(container(host, 'web', 'env: {A: "1"}') + container(host, 'db'));
  const report = await engine.plan([edited]);
  expect(report.changes).toEqual([
    expect.objectContaining({
      kind: 'Container',
      name: 'web',
      action: 'replace',
      fields: [expect.objectContaining({ path: 'env.A', to: '1' })],
    }),
  ]);
  expect(report.summary).toMatchObject({ replaced: 1, unchanged: 1 });
  expect(await engine.apply([edited], waiting())).toMatchObject({ result: 'applied', revision: 2, summary: { replaced: 1 } });
  expect(host.world.describe()).toEqual(lines);
  expect(before.filter((id) => host.world.instances.has(id))).toHaveLength(1);
});

test('what a pruning snapshot no longer names is removed with everything that was only there for it', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web', 'ports: ["8080:80"]') + container(host, 'db'))], waiting());
  expect(await engine.apply([snapshot(container(host, 'db'))], waiting())).toMatchObject({ exitCode: 0, summary: { deleted: 1 } });
  expect(running(host)).toEqual(['Container/default/db:1 running']);
  expect(await engine.apply([snapshot('')], waiting())).toMatchObject({ exitCode: 0 });
  expect(host.world.describe()).toEqual([]);
  expect((await eventsOf(engine)).filter((event) => event.reason === 'Pruned').map((event) => event.object)).toEqual([
    'Container/default/web',
    'Container/default/db',
  ]);
});

test('two containers trade their host ports in one edit', async () => {
  const host = makeHost();
  const engine = await host.open();
  const pair = (a: number, b: number) => snapshot(container(host, 'a', `ports: ["${a}:80"]`) + container(host, 'b', `ports: ["${b}:80"]`));
  await engine.apply([pair(8080, 8081)], waiting());
  expect(await engine.apply([pair(8081, 8080)], waiting())).toMatchObject({ exitCode: 0, blocked: [] });
  const owners = [...host.world.published.values()].map(({ hostPort, owner }) => `${hostPort} ${owner}`).sort();
  expect(owners).toEqual(['8080 Container/default/b', '8081 Container/default/a']);
});

test('a snapshot that does not prune adds to its set and takes nothing away', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'), { prune: false })], waiting());
  await engine.apply([snapshot(container(host, 'db'), { prune: false })], waiting());
  expect(running(host)).toEqual(['Container/default/db:1 running', 'Container/default/web:1 running']);
  expect(await engine.sets()).toEqual([expect.objectContaining({ id: 'cli:default', objects: 2, revision: 2, state: 'Ready' })]);
});

test('an object of another set is refused, unless ownership is taken', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  const other = snapshot(container(host, 'web'), { set: 'cli:other' });
  await expect(engine.apply([other], waiting())).rejects.toMatchObject({ code: 'CLI030', key: 'Container/default/web' });
  const pids = [...host.world.starts];
  expect(await engine.apply([other], waiting({ takeOwnership: true }))).toMatchObject({ exitCode: 0 });
  expect([...host.world.starts]).toEqual(pids);
  expect(await engine.resources({ kind: 'Container', namespace: null, name: null })).toEqual([
    expect.objectContaining({ metadata: expect.objectContaining({ set: 'cli:other' }) }),
  ]);
});

test('many objects at once are not deleted: refused on the command line, held in a watched directory until confirmed', async () => {
  const host = makeHost();
  const engine = await host.open();
  const four = ['a', 'b', 'c', 'd'].map((name) => container(host, name)).join('');
  await engine.apply([snapshot(four)], waiting());
  await expect(engine.apply([snapshot(container(host, 'a'))], waiting())).rejects.toMatchObject({ code: 'CLI025' });
  const set = 'dir:/m';
  await engine.apply([snapshot(four, { set })], waiting({ takeOwnership: true }));
  expect(await engine.apply([snapshot(container(host, 'a'), { set })], waiting())).toMatchObject({ exitCode: 0 });
  expect(running(host)).toHaveLength(4);
  expect(await engine.sets()).toContainEqual(
    expect.objectContaining({ id: set, held: ['Container/default/b', 'Container/default/c', 'Container/default/d'] }),
  );
  await engine.confirmPrune(set);
  await eventually(() => expect(running(host)).toEqual(['Container/default/a:1 running']));
  await expect(engine.confirmPrune(set), 'nothing is held any more').rejects.toMatchObject({ code: 'CLI021' });
});

test('a protected object goes only by force; one whose prune is disabled leaves its set and stays', async () => {
  const host = makeHost();
  const engine = await host.open();
  const all =
    doc('Container', 'safe', `{image: "${host.image('1')}"}`, 'tsdock/protect: "true"') +
    doc('Container', 'loose', `{image: "${host.image('1')}"}`, 'tsdock/prune: disabled');
  await engine.apply([snapshot(all)], waiting());
  await expect(engine.apply([snapshot('')], waiting())).rejects.toMatchObject({ code: 'CLI025', key: 'Container/default/safe' });
  await expect(engine.remove(['Container/default/safe'], waiting())).rejects.toMatchObject({ code: 'CLI025' });
  expect(await engine.apply([snapshot('')], waiting({ force: true }))).toMatchObject({ exitCode: 0 });
  expect(running(host)).toEqual(['Container/default/loose:1 running']);
  expect(await engine.remove(['Container/default/loose'], waiting())).toMatchObject({ exitCode: 0 });
  expect(host.world.describe()).toEqual([]);
});

test('delete by name refuses what others use and takes them along with cascade', async () => {
  const host = makeHost();
  const engine = await host.open();
  const all = doc('Network', 'front', '{}') + container(host, 'web', 'networks: [front], ports: ["8080:80"]');
  await engine.apply([snapshot(all)], waiting());
  await expect(engine.remove(['Network/default/front'], waiting())).rejects.toMatchObject({ code: 'CLI022' });
  await expect(engine.remove(['Network/default/nope'], waiting())).rejects.toMatchObject({ code: 'CLI021' });
  expect(await engine.remove(['Network/default/front'], waiting({ cascade: true }))).toMatchObject({
    exitCode: 0,
    summary: { deleted: 2 },
  });
  expect(host.world.describe()).toEqual([]);
  expect(await engine.resources({ kind: 'Container', namespace: null, name: null })).toEqual([]);
});

test('a stopped container stays stopped over an apply and a new engine until it is started', async () => {
  const host = makeHost();
  const engine = await host.open();
  const web = snapshot(container(host, 'web', 'ports: ["8080:80"]'));
  await engine.apply([web], waiting());
  expect(await engine.stop(['Container/default/web'], waiting())).toMatchObject({ exitCode: 0 });
  expect(running(host)).toEqual(['Container/default/web:1 exited']);
  await engine.apply([web], waiting());
  await engine.close();
  const next = await host.open();
  expect(await next.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect(running(host)).toEqual(['Container/default/web:1 exited']);
  expect(await next.resources({ kind: 'Container', namespace: null, name: null })).toEqual([
    expect.objectContaining({ status: expect.objectContaining({ phase: 'Suspended' }) }),
  ]);
  expect(await next.start(['Container/default/web'], waiting())).toMatchObject({ exitCode: 0 });
  expect(running(host)).toEqual(['Container/default/web:1 running']);
});

test('a restart ends the process and starts it again in the same instance', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  const [id] = [...host.world.instances.keys()];
  expect(await engine.restart(['Container/default/web'], waiting())).toMatchObject({ exitCode: 0 });
  expect([...host.world.starts]).toEqual([[id, 2]]);
});

test('a program that cannot be executed fails the apply with the reason', async () => {
  const host = makeHost();
  const engine = await host.open();
  host.world.programs.set('/app', { error: nativeError('ENOENT', 'exec', 'execve /app: no such file') });
  const result = await engine.apply([snapshot(container(host, 'web'))], waiting());
  expect(result).toMatchObject({
    result: 'failed',
    exitCode: 1,
    operation: { state: 'failed' },
    blocked: [{ reason: { code: 'StartError' } }],
  });
  expect(await engine.resources({ kind: 'Container', namespace: null, name: null })).toEqual([
    expect.objectContaining({ status: expect.objectContaining({ phase: 'Failed' }) }),
  ]);
});

test('a program that keeps crashing fails the apply', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  const [id = ''] = [...host.world.instances.keys()];
  for (let crash = 0; crash < 3; crash++) {
    host.world.exit(id, { code: 3 });
    if (crash < 2) host.world.restart(id);
  }
  const again = engine.apply([snapshot(container(host, 'web', 'restartBackoff: {initial: 1s}'))], waiting());
  expect(await again).toMatchObject({ result: 'failed', exitCode: 1, blocked: [{ reason: { code: 'CrashLoopBackOff' } }] });
});

test('what is not ready when the time is over ends with exit code 4 and says why', async () => {
  const host = makeHost();
  const engine = await host.open();
  host.world.programs.set('/app', { exit: { code: 1, signal: null, oom: false } });
  const result = await engine.apply([snapshot(container(host, 'web'))], waiting({ timeoutMs: 300 }));
  expect(result).toMatchObject({
    result: 'failed',
    exitCode: 4,
    operation: { state: 'timed-out' },
    blocked: [{ reason: { code: 'CrashLoopBackOff' } }],
  });
});

test('a newer apply of the same set supersedes one that waits', async () => {
  const host = makeHost();
  const engine = await host.open();
  host.world.programs.set('/app', { exit: { code: 1, signal: null, oom: false } });
  const first = engine.apply([snapshot(container(host, 'web'))], waiting());
  await eventually(() => expect(running(host)).toEqual(['Container/default/web:1 backoff']));
  host.world.programs.clear();
  const second = engine.apply([snapshot(container(host, 'web', 'env: {A: "1"}'))], waiting());
  expect(await first).toMatchObject({ result: 'failed', exitCode: 6, operation: { state: 'superseded' } });
  expect(await second).toMatchObject({ result: 'applied', exitCode: 0 });
});

test('each exit is one event, also when it happened while no engine looked', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  const [id = ''] = [...host.world.instances.keys()];
  host.world.exit(id, { code: 7 });
  await eventually(async () => expect(await exitsOf(engine)).toEqual(['web-1 exited with 7']));
  host.world.restart(id);
  await engine.close();
  host.world.exit(id, { code: null, signal: 9, oom: true });
  const next = await host.open();
  await eventually(async () => expect(await exitsOf(next)).toEqual(['web-1 exited with 7', 'web-1 was ended by signal 9']));
  expect((await eventsOf(next)).filter((event) => event.reason === 'OOMKilled')).toHaveLength(1);
  expect((await eventsOf(next)).filter((event) => event.reason === 'Restarted')).toHaveLength(1);

  async function exitsOf(source: typeof engine): Promise<readonly string[]> {
    return (await eventsOf(source)).filter((event) => event.reason === 'Exited').map((event) => event.message);
  }
});

test('drift is repaired: a removed link, a flushed table, a process that is gone for good', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web', 'ports: ["8080:80"]'))], waiting());
  const whole = host.world.describe();
  host.world.dropTable();
  await eventually(() => expect(host.world.describe()).toEqual(whole));
  host.world.dropLink([...host.world.networks.keys()][0] ?? '');
  await eventually(() => expect(host.world.describe()).toEqual(whole));
  await engine.close();
  host.world.reboot();
  await host.open();
  await eventually(() => expect(host.world.describe()).toEqual(whole));
});

test('a new engine adopts what runs and starts nothing again', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web', 'ports: ["8080:80"], replicas: 2'))], waiting());
  const starts = [...host.world.starts];
  host.world.killEngine();
  const next = await host.open();
  const web = snapshot(container(host, 'web', 'ports: ["8080:80"], replicas: 2'));
  expect(await next.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect([...host.world.starts]).toEqual(starts);
});

test('a second engine is refused while the first one lives', async () => {
  const host = makeHost();
  await host.open();
  await expect(host.open()).rejects.toMatchObject({ code: 'DMN001' });
});

test('data of a volume must not go with its object unless a person says so', async () => {
  const host = makeHost();
  const engine = await host.open();
  const file = join(host.directory, 'state/volumes/default/data/data/file');
  const wished = () =>
    snapshot(
      doc('Volume', 'data', '{}') + doc('Volume', 'cache', '{reclaimPolicy: Delete}') + container(host, 'web', 'mounts: ["data:/data"]'),
    );
  await engine.apply([wished()], waiting());
  writeFileSync(file, 'precious');
  const all: readonly ResourceKey[] = ['Container/default/web', 'Volume/default/data', 'Volume/default/cache'];

  await expect(engine.remove(all, waiting())).rejects.toMatchObject({ code: 'CLI024', key: 'Volume/default/data' });
  expect(running(host), 'nothing was touched').toEqual(['Container/default/web:1 running']);

  expect(await engine.remove(all, waiting({ retained: 'keep' }))).toMatchObject({
    exitCode: 0,
    summary: { deleted: 2 },
    warnings: ['Volume "data" keeps its data (reclaimPolicy Retain); tsdock delete volume/data --allow-data-loss removes it'],
  });
  expect(running(host)).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe('precious');
  expect(existsSync(join(host.directory, 'state/volumes/default/cache'))).toBe(false);
  expect(await engine.resources({ kind: 'Volume', namespace: null, name: null })).toEqual([
    expect.objectContaining({
      status: expect.objectContaining({ conditions: expect.arrayContaining([expect.objectContaining({ reason: 'Retained' })]) }),
    }),
  ]);

  await engine.apply([wished()], waiting());
  expect(readFileSync(file, 'utf8'), 'the same name finds its data again').toBe('precious');
  expect(await engine.remove(['Container/default/web', 'Volume/default/data'], waiting({ retained: 'remove' }))).toMatchObject({
    exitCode: 0,
  });
  expect(existsSync(file)).toBe(false);
});

test('an apply that cannot be written is refused and leaves nothing', async () => {
  const host = makeHost();
  const disk = { full: false };
  const engine = await Engine.open({ ...host.options(), openStore: storeOn(disk) });
  onTestFinished(() => engine.close());
  await engine.apply([snapshot(container(host, 'first'))], waiting());
  disk.full = true;
  await expect(engine.apply([snapshot(container(host, 'second'), { prune: false })], waiting())).rejects.toMatchObject({ code: 'DMN011' });
  await eventually(() => expect(running(host)).toEqual(['Container/default/first:1 running']));
  disk.full = false;
  // What was being made when the disk said no is taken down again.
  await eventually(async () => expect(await engine.resources({ kind: 'Container', namespace: null, name: null })).toHaveLength(1));
  expect(await engine.apply([snapshot(container(host, 'second'), { prune: false })], waiting())).toMatchObject({
    exitCode: 0,
    revision: 2,
  });
  expect(running(host)).toEqual(['Container/default/first:1 running', 'Container/default/second:1 running']);
});

test('an engine that cannot write its end lets go of lock and store all the same', async () => {
  const host = makeHost();
  const disk = { full: false };
  const engine = await Engine.open({ ...host.options(), openStore: storeOn(disk) });
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  disk.full = true;
  await expect(engine.close()).rejects.toMatchObject({ code: 'DMN011' });
  const next = await host.open();
  expect(await next.resources({ kind: 'Container', namespace: null, name: null })).toHaveLength(1);
});

/** A store on a disk that can be full. */
function storeOn(disk: { full: boolean }): OpenStore {
  return async (path, options) => {
    const store = await openStore(path, options);
    const write: Store['write'] = (change) =>
      disk.full ? Promise.reject(new TsdockError('DMN011', { message: 'no space left on device' })) : store.write(change);
    return new Proxy(store, { get: (target, name) => (name === 'write' ? write : bound(target, name)) });
  };
}

test('a volume kept after its deletion goes when its data may go', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(doc('Volume', 'data', '{}'))], waiting());
  expect(await engine.remove(['Volume/default/data'], waiting({ retained: 'keep' }))).toMatchObject({
    exitCode: 0,
    summary: { deleted: 0 },
  });
  expect(await engine.remove(['Volume/default/data'], waiting({ retained: 'remove' }))).toMatchObject({
    exitCode: 0,
    summary: { deleted: 1 },
  });
  expect(await engine.resources({ kind: 'Volume', namespace: null, name: null })).toEqual([]);
});

/** Private fields are not there for a proxy. */
function bound(target: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

test('what an action has left is seen before it may be done again, whatever is looked at meanwhile', async () => {
  const host = makeHost();
  const options = host.options();
  const { watch: _unheard, ...controller } = options.controllers.Container;
  const gates = new Map<string, () => void>();
  const gate = (name: string): Promise<void> => new Promise((resolve) => gates.set(name, resolve));
  const begun: string[] = [];
  let lookAtLate: Promise<void> | null = null;
  let isLooking = false;
  const engine = await Engine.open({
    ...options,
    controllers: {
      ...options.controllers,
      Container: {
        ...controller,
        observe: async (key) => {
          isLooking ||= key === 'Container/default/late';
          if (key === 'Container/default/late') await lookAtLate;
          return controller.observe(key);
        },
        run: async (action, context) => {
          begun.push(action.id);
          await gate(action.id);
          return controller.run(action, context);
        },
      },
    },
  });
  onTestFinished(async () => {
    for (const open of gates.values()) open();
    await engine.close();
  });
  const apply = (...names: readonly string[]) =>
    engine.apply([snapshot(names.map((name) => container(host, name)).join(''), { set: `cli:${names[0]}` })], waiting({ wait: false }));
  const eachOnce = ['Container/default/one:1#create', 'Container/default/other:1#create'];
  await engine.pullImage(host.image('1'), { signal: new AbortController().signal, onProgress: () => undefined });
  await apply('one', 'other');
  await eventually(() => expect([...begun].sort()).toEqual(eachOnce));
  // A look is under way, the next one is asked for, and the action ends.
  lookAtLate = gate('look');
  await apply('late');
  await eventually(() => expect(isLooking).toBe(true));
  await apply('last');
  gates.get('Container/default/one:1#create')?.();
  await eventually(() => expect(host.world.describe().join('\n')).toContain('Container/default/one:1 running'));
  gates.get('look')?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(begun.filter((id) => id === 'Container/default/one:1#create')).toHaveLength(1);
});
