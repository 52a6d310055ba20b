import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { ApplyOptions, EngineApi, ExecOptions, PlanReport } from '../../../src/model/engine-api.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import type { SourceSnapshot } from '../../../src/model/graph.ts';
import { runCli, runWith } from '../../support/cli.ts';
import { applied, echoSession, emptyPlan, event, fakeEngine, image, instance, progress, resource } from '../../support/fake-engine.ts';
import { scratch } from '../../support/scratch.ts';

const web = `apiVersion: tsdock/v1
kind: Container
metadata: {name: web, namespace: shop}
spec:
  image: registry.test/web:2
`;

function manifests(files: Readonly<Record<string, string>>): string {
  const directory = scratch();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const changed: PlanReport = {
  ...emptyPlan,
  changes: [
    {
      kind: 'Container',
      namespace: 'shop',
      name: 'web',
      set: 'cli:shop',
      action: 'replace',
      reason: 'SpecChanged',
      fields: [
        {
          path: 'env.LOG_LEVEL',
          from: 'debug',
          to: 'info',
          effect: 'replace',
          source: { file: 'web.yaml', line: 8, column: 9 },
          drift: false,
        },
      ],
      downtime: null,
      pull: null,
      exposure: [],
      dataLoss: false,
    },
  ],
};

test('programs that Secrets take values from are run by apply alone', async () => {
  const directory = manifests({});
  const file = join(directory, 'db.yaml');
  const ran = join(directory, 'ran');
  writeFileSync(
    file,
    `apiVersion: tsdock/v1\nkind: Secret\nmetadata: {name: db}\nspec:\n  from:\n    exec: [sh, -c, "touch ${ran}; echo hunter2"]\n`,
  );
  for (const args of [['diff'], ['apply', '--dry-run'], ['delete', '--yes'], ['image', 'outdated']]) {
    const { stderr } = await runWith(fakeEngine(), [...args, '-f', file]);
    expect(existsSync(ran), args.join(' ')).toBe(false);
    if (args[0] === 'diff') expect(stderr).toContain(`${file}:6:12: warning[SEC006]: this program is only run by an apply`);
  }
  await runWith(fakeEngine(), ['apply', '-f', file]);
  expect(existsSync(ran)).toBe(true);
});

describe('diff', () => {
  test('of nothing new says so and ends with 0', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    expect(await runWith(fakeEngine(), ['diff', '-f', file])).toEqual({ code: 0, stdout: 'No changes: 1 object unchanged.\n', stderr: '' });
  });

  test('of a change ends with 2, as a tree and as JSON', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const engine = fakeEngine({ plan: async () => changed });
    const text = await runWith(engine, ['diff', '-f', file]);
    expect(text.code).toBe(2);
    expect(text.stdout).toMatch(/env\.LOG_LEVEL +debug -> info/);
    const json = await runWith(engine, ['diff', '-f', file, '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      planId: '7f3c9a',
      changes: [{ name: 'web', action: 'replace' }],
      summary: { unchanged: 1 },
    });
    expect(json.code).toBe(2);
  });
});

describe('apply', () => {
  async function applySeen(
    args: readonly string[],
    input?: string,
  ): Promise<{
    readonly snapshots: readonly SourceSnapshot[];
    readonly options: ApplyOptions;
    readonly result: { readonly code: number };
  }> {
    const seen: { snapshots: readonly SourceSnapshot[]; options: ApplyOptions }[] = [];
    const engine = fakeEngine({
      apply: async (snapshots, options) => {
        seen.push({ snapshots, options });
        return applied;
      },
    });
    const result = await runWith(engine, args, input === undefined ? {} : { input });
    const [first] = seen;
    if (first === undefined) throw new Error(`nothing was applied: ${result.stderr}`);
    return { ...first, result };
  }

  test('tells what was done on stderr and how it ended on stdout', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const { code, stdout, stderr } = await runWith(fakeEngine(), ['apply', '-f', file]);
    expect(stderr).toBe('✔ Container shop/web-1  started\n');
    expect(stdout).toBe('Applied cli:shop revision 42 in 1.5s: 1 created, 2 unchanged.\n');
    expect(code).toBe(0);
  });

  test('as JSON is one line an event and the result last', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const { stdout } = await runWith(fakeEngine(), ['apply', '-f', file, '-o', 'json']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.state ?? line.result)).toEqual(['started', 'done', 'applied']);
    expect(lines.at(-1)).toMatchObject({ result: 'applied', revision: 42, seconds: 1.5, summary: { created: 1 } });
  });

  test('takes several files, a directory and stdin, one set a namespace', async () => {
    const directory = manifests({
      'a.yaml': web,
      'more/b.yaml': web.replace('name: web', 'name: api'),
      'more/.hidden.yaml': 'not: [a manifest',
      'more/c.yml~': 'not a manifest',
    });
    const files = ['-f', join(directory, 'a.yaml'), '-f', join(directory, 'more'), '-f', '-'];
    const { snapshots } = await applySeen(['apply', ...files], web.replace('name: web, namespace: shop', 'name: db'));
    expect(snapshots.map(({ set, prune, complete }) => ({ set, prune, complete }))).toEqual([
      { set: 'cli:default', prune: false, complete: true },
      { set: 'cli:shop', prune: false, complete: true },
    ]);
    expect(snapshots.flatMap(({ documents }) => documents.map(({ key }) => key))).toEqual([
      'Container/default/db',
      'Container/shop/web',
      'Container/shop/api',
    ]);
  });

  test('hands its flags on', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const flags = ['--prune', '--set', 'mine', '--no-wait', '--timeout', '1m30s', '--take-ownership', '--max-delete', '50%', '--force'];
    const { snapshots, options } = await applySeen(['apply', '-f', file, ...flags]);
    expect(snapshots).toMatchObject([{ set: 'mine', prune: true }]);
    expect(options).toMatchObject({ actor: 'cli', wait: false, timeoutMs: 90_000, takeOwnership: true, maxDelete: 0.5, force: true });
  });

  test('replaces declared variables from files and flags, flags first', async () => {
    const directory = manifests({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a manifest
      'web.yaml': web.replace('web:2', 'web:${TAG}').replace('spec:', 'spec:\n  replicas: ${N}'),
      'vars.env': '# comment\nTAG=3\nN=2\n',
      'vars.yaml': 'TAG: "4"\n',
    });
    const vars = ['--var-file', join(directory, 'vars.env'), '--var-file', join(directory, 'vars.yaml')];
    const { snapshots } = await applySeen(['apply', '-f', join(directory, 'web.yaml'), ...vars, '--var', 'N=5']);
    expect(snapshots[0]?.documents[0]?.spec).toMatchObject({ image: 'Image/_/registry.test/web:4', replicas: 5 });
  });

  test('an image that could be an Image object is resolved with those the engine knows', async () => {
    const file = join(manifests({ 'web.yaml': web.replace('registry.test/web:2', 'base') }), 'web.yaml');
    const seen: (readonly SourceSnapshot[])[] = [];
    const declared = { ...resource, kind: 'Image', metadata: { ...resource.metadata, name: 'base' } } as const;
    const engine = fakeEngine({
      resources: async ({ kind }) => (kind === 'Image' ? [declared] : []),
      apply: async (snapshots) => {
        seen.push(snapshots);
        return applied;
      },
    });
    await runWith(engine, ['apply', '-f', file]);
    expect(seen[0]?.[0]?.documents[0]?.spec).toMatchObject({ image: 'Image/shop/base' });
  });

  test.each([
    ['failed', 1],
    ['failed', 4],
    ['rolledBack', 5],
    ['failed', 6],
    ['failed', 7],
  ] as const)('that %s ends with the engine’s code %d and the cause on stderr', async (result, exitCode) => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const blocked = [
      {
        subject: 'Container/shop/web:1',
        reason: { code: 'StartError', message: 'web: error[RUN127]: "/app/sarver" not found in image app:5', paths: [] },
        until: null,
      },
      { subject: 'Container/shop/api', reason: { code: 'PortInUse', message: '0.0.0.0:8080 is in use', paths: [] }, until: null },
    ] as const;
    const engine = fakeEngine({ apply: async () => ({ ...applied, result, exitCode, blocked }) });
    const { code, stdout, stderr } = await runWith(engine, ['apply', '-f', file]);
    expect(stderr.replace(exitCode === 4 ? 'not ready' : 'gave up', 'ENDED')).toMatchInlineSnapshot(`
      "✘ web: error[RUN127]: "/app/sarver" not found in image app:5
      ✘ Container shop/api: PortInUse: 0.0.0.0:8080 is in use
      ENDED after 1.5s
      look: tsdock why container/web -n shop
      "
    `);
    expect(stdout).toBe('');
    expect(code).toBe(exitCode);
  });

  test.each([
    ['Image/_/registry.test/web:9', 'image/registry.test/web:9'],
    ['Container/default/web:1', 'container/web'],
    ['Volume/shop/data', 'volume/data -n shop'],
  ] as const)('whose cause is %s proposes a look that works', async (subject, words) => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const blocked = [{ subject, reason: { code: 'BackOff', message: 'no', paths: [] }, until: null }] as const;
    const engine = fakeEngine({ apply: async () => ({ ...applied, result: 'failed', exitCode: 1, blocked }) });
    const { stderr } = await runWith(engine, ['apply', '-f', file]);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`look: tsdock why ${words}`);
  });

  test('a failure of the engine is one line with its exit code', async () => {
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    const engine = fakeEngine({
      apply: async () => {
        throw new TsdockError('CLI030', { message: 'Container "web" belongs to set dir:/etc', hint: '--take-ownership' });
      },
    });
    const { code, stderr } = await runWith(engine, ['apply', '-f', file]);
    expect(stderr).toBe('error[CLI030]: Container "web" belongs to set dir:/etc; hint: --take-ownership\n');
    expect(code).toBe(6);
  });
});

describe('bad manifests', () => {
  test('are all reported, nothing is asked of an engine, exit 3', async () => {
    const directory = manifests({
      'a.yaml': web,
      'db.yaml': web.replace('image:', 'imag:'),
      'c.yaml': web.replace('{name: web', '{name: Web_1'),
    });
    const { code, stdout, stderr } = await runCli(['apply', '-f', directory]);
    expect(stderr.replaceAll(`${directory}/`, '')).toMatchInlineSnapshot(`
      "c.yaml:3:18: error[SCH012]: name "Web_1" may only have a-z, 0-9 and "-", and starts and ends with a letter or digit; hint: web-1
      db.yaml:1:1: error[SCH002]: Container "web" has no spec.image; hint: add e.g. "image: docker.io/library/nginx:1.27"
      db.yaml:5:3: error[SCH001]: unknown field "imag" in spec; hint: did you mean "image"?
      2 of 3 files are invalid, nothing was changed
      "
    `);
    expect(stdout).toBe('');
    expect(code).toBe(3);
  });

  test('as JSON carry every diagnostic', async () => {
    const directory = manifests({ 'db.yaml': web.replace('image:', 'imag:') });
    const { code, stderr } = await runCli(['diff', '-f', directory, '-o', 'json']);
    const { error, errors } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: 'SCH002', line: 1, column: 1 });
    expect(errors).toMatchObject([error, { code: 'SCH001', line: 5, column: 3, hint: 'did you mean "image"?', pointer: '/spec/imag' }]);
    expect(code).toBe(3);
  });

  test('validate finds what is wrong between files, offline', async () => {
    const directory = manifests({ 'a.yaml': web, 'b.yaml': web });
    const { code, stderr, stdout } = await runCli(['validate', directory]);
    expect(stderr).toContain('b.yaml:3:18: error[SCH020]: Container "web" is already defined at');
    expect(stdout).toBe('2 files, 2 objects: 1 invalid\n');
    expect(code).toBe(3);
  });

  test('lint is validate; a valid file ends with 0', async () => {
    const file = join(manifests({ 'a.yaml': web }), 'a.yaml');
    expect(await runCli(['lint', file])).toEqual({ code: 0, stdout: '1 file, 1 object: valid\n', stderr: '' });
  });

  test('a missing file names what is there', async () => {
    const directory = manifests({ 'web.yaml': web, 'db.yaml': web });
    const { code, stderr } = await runCli(['apply', '-f', join(directory, 'nosuch.yaml')]);
    expect(stderr.replaceAll(`${directory}/`, '')).toBe('error[CLI011]: nosuch.yaml: no such file; hint: here are db.yaml, web.yaml\n');
    expect(code).toBe(1);
  });

  test('a file without an object is a note, and nothing is done', async () => {
    const file = join(manifests({ 'empty.yaml': '# nothing\n' }), 'empty.yaml');
    const { code, stderr } = await runCli(['apply', '-f', file]);
    expect(stderr).toContain('note[YAML020]: no object in this file, nothing to do');
    expect(code).toBe(0);
  });
});

describe('reads', () => {
  const at = (engine: EngineApi, args: readonly string[]) => {
    vi.useFakeTimers({ now: Date.parse('2026-03-01T12:00:00Z'), toFake: ['Date'] });
    return runWith(engine, args).finally(() => vi.useRealTimers());
  };

  test('get, as table, wide, name and JSON', async () => {
    expect((await at(fakeEngine(), ['get', 'containers', '-n', 'shop'])).stdout).toMatchInlineSnapshot(`
      "NAME  PHASE  REASON  READY  ADDRESS    IMAGE                AGE
      web   Ready  -       2/2    10.88.1.4  registry.test/web:2  3d
      "
    `);
    expect((await at(fakeEngine(), ['get', 'all', '-A', '-o', 'wide'])).stdout).toMatchInlineSnapshot(`
      "NAMESPACE  KIND       NAME  PHASE  REASON  SET       GENERATION  UID  ORIGIN      AGE
      shop       Container  web   Ready  -       cli:shop  3           u-1  web.yaml:3  3d
      "
    `);
    expect((await at(fakeEngine(), ['get', 'container', '-n', 'shop', '-o', 'name'])).stdout).toBe('container/web\n');
    const one = JSON.parse((await at(fakeEngine(), ['get', 'container/web', '-n', 'shop', '-o', 'json'])).stdout);
    expect(one).toMatchObject({
      apiVersion: 'tsdock/v1',
      kind: 'Container',
      status: { conditions: [{ since: '2026-03-01T10:00:00.000Z' }] },
    });
    const list = JSON.parse((await at(fakeEngine(), ['get', 'container', '-n', 'shop', '-o', 'json'])).stdout);
    expect(list).toEqual({ apiVersion: 'tsdock/v1', kind: 'List', items: [one] });
  });

  test('get of a selector and of nothing', async () => {
    expect((await at(fakeEngine(), ['get', 'container', '-n', 'shop', '-l', 'app=web', '-o', 'name'])).stdout).toBe('container/web\n');
    expect((await at(fakeEngine(), ['get', 'container', '-n', 'shop', '-l', 'app!=web', '-o', 'name'])).stdout).toBe('');
    expect(await at(fakeEngine(), ['get', 'volume'])).toEqual({ code: 0, stdout: '', stderr: 'none in namespace default\n' });
  });

  test('a name that is not there is CLI021 with the nearest one', async () => {
    const missing = await at(fakeEngine(), ['get', 'container', 'wbe', '-n', 'shop']);
    expect(missing.stderr).toBe('error[CLI021]: no Container "wbe" in namespace "shop"; hint: web\n');
    expect(missing.code).toBe(1);
    expect((await at(fakeEngine(), ['describe', 'container/web'])).stderr).toBe('error[CLI021]: no Container "web"; hint: -n shop\n');
  });

  test('why tells the chain, as a tree and as JSON, and takes a bare name for a container', async () => {
    const { code, stdout } = await at(fakeEngine(), ['why', 'web', '-n', 'shop']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^web is not Ready\n└─ web WaitingForDependency: .*\n {3}└─ db CrashLoopBackOff: .* {3}<- root cause\n/);
    const { stdout: json } = await at(fakeEngine(), ['why', 'container/web', '-n', 'shop', '-o', 'json']);
    expect(JSON.parse(json)).toMatchObject({
      kind: 'Cause',
      object: 'Container/shop/web',
      causes: [{ object: 'Container/shop/db', since: '2026-03-01T11:59:00.000Z', next: ['tsdock logs db -n shop --previous'] }],
    });
    expect((await at(fakeEngine(), ['why', 'wbe', '-n', 'shop'])).stderr).toBe(
      'error[CLI021]: no Container "wbe" in namespace "shop"; hint: web\n',
    );
  });

  test('stats looks twice for the share of CPU time, and knows containers and instances by name', async () => {
    const { code, stdout } = await at(fakeEngine(), ['stats', 'web', '-n', 'shop']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^INSTANCE +CPU +MEMORY +LIMIT +PEAK +PIDS +OOM KILLS\nweb-1 /);
    const { stdout: json } = await at(fakeEngine(), ['top', 'shop/web-1', '-o', 'json']);
    expect(JSON.parse(json).items).toMatchObject([{ kind: 'InstanceUsage', name: 'web-1', cpuMicros: 2_000_000, cpuPercent: null }]);
    expect((await at(fakeEngine(), ['stats', 'api', '-n', 'shop'])).stderr).toBe(
      'error[CLI021]: no running instance "api" in namespace "shop"; hint: tsdock ps\n',
    );
  });

  test('ps, with restarts to come, exits and ports', async () => {
    const items = [
      instance,
      {
        ...instance,
        name: 'db-1',
        container: 'db',
        phase: 'backoff',
        ready: 'no',
        restarts: 4,
        nextTry: '2026-03-01T12:00:16.000Z',
        pid: null,
        ports: [],
        exit: { code: 1, signal: null, oomKilled: false, at: '2026-03-01T11:59:00.000Z' },
      },
      {
        ...instance,
        name: 'job-1',
        container: 'job',
        phase: 'exited',
        ready: 'unknown',
        pid: null,
        address: null,
        ports: [],
        exit: { code: null, signal: 9, oomKilled: true, at: '2026-03-01T11:59:00.000Z' },
      },
    ] as const;
    const engine = fakeEngine({ instances: async () => items });
    expect((await at(engine, ['ps', '-A'])).stdout).toMatchInlineSnapshot(`
      "NAMESPACE  INSTANCE  STATE    READY  RESTARTS  ADDRESS    PORTS             AGE
      shop       web-1     running  yes    0         10.88.1.4  0.0.0.0:8080->80  2h
      shop       db-1      backoff  no     4 (16s)   10.88.1.4  -                 2h
      shop       job-1     exited   -      0         -          -                 60s ago
      "
    `);
    expect((await at(engine, ['ps', '-A', '-o', 'wide'])).stdout).toMatchInlineSnapshot(`
      "NAMESPACE  INSTANCE  STATE    READY  RESTARTS  ADDRESS    PORTS             AGE      PID   EXIT                      IMAGE                DIGEST                UID
      shop       web-1     running  yes    0         10.88.1.4  0.0.0.0:8080->80  2h       4711  -                         registry.test/web:2  sha256:aaaaaaaaaaaa…  u-1
      shop       db-1      backoff  no     4 (16s)   10.88.1.4  -                 2h       -     1                         registry.test/web:2  sha256:aaaaaaaaaaaa…  u-1
      shop       job-1     exited   -      0         -          -                 60s ago  -     signal 9 (out of memory)  registry.test/web:2  sha256:aaaaaaaaaaaa…  u-1
      "
    `);
    expect(JSON.parse((await at(engine, ['ps', '-A', '-o', 'json'])).stdout)).toEqual({ apiVersion: 'tsdock/v1', kind: 'List', items });
  });

  test('status names quarantined files and objects that are not as they should be', async () => {
    const degraded = {
      ...resource,
      status: {
        ...resource.status,
        phase: 'Degraded',
        conditions: [{ type: 'Ready', status: 'False', reason: 'CrashLoopBackOff', message: 'exited 1, 4 times', since: 0 }],
      },
    } as const;
    expect((await at(fakeEngine({ resources: async () => [degraded] }), ['status'])).stdout).toMatchInlineSnapshot(`
      "SET                        REVISION  OBJECTS  STATE  NOTE
      cli:shop                   42        1        Ready
      dir:/etc/tsdock/manifests  3         2        Ready  1 file quarantined
      file    status.yaml:18:3: error[SCH001]: unknown field
      object  Container shop/web Degraded: CrashLoopBackOff: exited 1, 4 times
      engine  daemon up 3d, pid 812, state /var/lib/tsdock
      "
    `);
  });

  test('describe shows spec, status, instances and events', async () => {
    const engine = fakeEngine({
      events: async function* () {
        yield event(1, { message: 'web-1 started' });
        yield event(2, { object: 'Container/shop/other' });
        yield event(3, { type: 'Warning', reason: 'Exited', message: 'exited 1\u001b[2J' });
      },
    });
    expect((await at(engine, ['describe', 'container/web', '-n', 'shop'])).stdout).toMatchInlineSnapshot(`
      "Container web
        Namespace:    shop
        Set:          cli:shop
        Origin:       web.yaml:3:9
        Labels:       app=web
        Annotations:  -
        UID:          u-1
        Created:      2026-02-26T12:00:00.000Z (3d ago)
        Generation:   3, observed 3
        Phase:        Ready

      Conditions
        Ready=True  Ready  2 of 2 replicas run  since 2h

      Instances
        web-1  running  pid 4711  10.88.1.4  started 2h ago

      Status
        image:
          ref: registry.test/web:2
          digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        replicas:
          desired: 2
          ready: 2
        address: 10.88.1.4
        instances:
          - web-1
          - web-2

      Spec
        image: Image/_/registry.test/web:2
        replicas: 2

      Events
        2026-03-01T12:00:00.001Z  Started          Container shop/web  web-1 started
        2026-03-01T12:00:00.003Z  Exited           Container shop/web  exited 1\\x1b[2J
      "
    `);
  });

  test('events, all or of one object, as text and as JSON lines', async () => {
    const engine = fakeEngine({
      events: async function* () {
        yield event(1);
        yield event(2, { object: 'Container/shop/other' });
      },
    });
    expect((await at(engine, ['events', '--for', 'container/shop/web'])).stdout).toBe(
      '2026-03-01T12:00:00.001Z  Started          Container shop/web  event 1\n',
    );
    const lines = (await at(engine, ['events', '-o', 'json'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ sequence, at: time }) => [sequence, time])).toEqual([
      [1, '2026-03-01T12:00:00.001Z'],
      [2, '2026-03-01T12:00:00.002Z'],
    ]);
  });

  test('logs with and without prefix, times and as JSON', async () => {
    expect((await at(fakeEngine(), ['logs', 'web', '-n', 'shop'])).stdout).toBe('web-1 | hello\nweb-2 | oops\n');
    expect((await at(fakeEngine(), ['logs', 'web', '--no-prefix'])).stdout).toBe('hello\noops\n');
    expect((await at(fakeEngine(), ['logs', 'web', '-t'])).stdout).toContain('web-1 | 2026-03-01T10:00:00.000000001Z hello\n');
    expect(JSON.parse((await at(fakeEngine(), ['logs', 'web', '--json'])).stdout.split('\n')[0] ?? '')).toEqual({
      instance: 'web-1',
      at: '2026-03-01T10:00:00.000000001Z',
      stream: 'stdout',
      line: 'hello',
    });
  });

  test('logs of several containers are in the order of their times', async () => {
    const engine = fakeEngine({
      logs: async function* ({ name }) {
        yield { instance: `${name}-1`, at: name === 'a' ? '2026-03-01T10:00:02Z' : '2026-03-01T10:00:01Z', stream: 'stdout', line: name };
      },
    });
    expect((await at(engine, ['logs', 'a', 'b'])).stdout).toBe('b-1 | b\na-1 | a\n');
  });

  test('control characters of a log are escaped on a terminal and kept elsewhere', async () => {
    const engine = fakeEngine({
      logs: async function* () {
        yield { instance: 'web-1', at: '', stream: 'stdout', line: 'a\tb\u001b[31m\u202e' };
      },
    });
    const onTerminal = await runWith(engine, ['logs', 'web'], { terminal: { columns: 80, rows: 24 } });
    expect(onTerminal.stdout).toBe('web-1 | a\tb\\x1b[31m\\u202e\n');
    expect((await runWith(engine, ['logs', 'web'])).stdout).toBe('web-1 | a\tb\u001b[31m\u202e\n');
    expect((await runWith(engine, ['logs', 'web', '--raw'], { terminal: { columns: 80, rows: 24 } })).stdout).toContain('\u001b[31m');
  });
});

describe('exec', () => {
  test('passes options, stdin, both outputs and the exit code on', async () => {
    let seen: ExecOptions | null = null;
    const engine = fakeEngine({
      exec: async (options) => {
        seen = options;
        return echoSession(options, 7);
      },
    });
    const args = ['exec', '-i', '-u', '1000', '-w', '/srv', '-e', 'A=1', '-n', 'shop', 'web', '--', 'cat', '-o', 'x'];
    expect(await runWith(engine, args, { input: 'through\n' })).toEqual({ code: 7, stdout: 'cat -o x\nthrough\n', stderr: 'warned\n' });
    expect(seen).toEqual({
      namespace: 'shop',
      name: 'web',
      argv: ['cat', '-o', 'x'],
      env: { A: '1' },
      cwd: '/srv',
      user: '1000',
      terminal: null,
      stdin: true,
    });
  });

  test.each([
    ['RUN127', 127],
    ['RUN126', 126],
    ['RUN020', 125],
    ['INTERNAL', 125],
  ] as const)('%s is %d', async (failure, code) => {
    const engine = fakeEngine({
      exec: async () => {
        throw new TsdockError(failure, { message: 'no' });
      },
    });
    const result = await runWith(engine, ['exec', 'web', 'x']);
    expect(result.stderr).toBe(`error[${failure}]: no\n`);
    expect(result.code).toBe(code);
  });
});

describe('images and containers', () => {
  test('image ls', async () => {
    expect((await runWith(fakeEngine(), ['image', 'ls'])).stdout).toMatch(
      /^IMAGE +DIGEST +PLATFORM +LAYERS +SIZE +USED BY +AGE\nregistry\.test\/web:2 +sha256:aaaaaaaaaaaa… +linux\/amd64 +4 +54\.0 MB +1 /,
    );
  });

  test('image inspect shows what an image is and what its registry has about it', async () => {
    const { code, stdout } = await runWith(fakeEngine(), ['image', 'inspect', image.ref]);
    expect(code).toBe(0);
    expect(stdout.replace(/\(.* ago\)/, '(… ago)').replaceAll(/(\w)\1{63}/g, '$1…')).toMatchInlineSnapshot(`
      "Image:    registry.test/web:2
      Digest:   sha256:a…
      Index:    sha256:9…
      Config:   sha256:b…
      Platform: linux/amd64
      Size:     54.0 MB
      Resolved: 2026-03-01T10:00:00.000Z (… ago)
      Used by:  Container/shop/web
      Cmd:      ["nginx"]
      Env:      ["PATH=/bin"]
      Layers:
        1  sha256:1…  1.0 MB
      Referrers:
        sha256:3…  application/vnd.example.sbom  500 B
      "
    `);
    expect(await runWith(fakeEngine(), ['image', 'inspect', 'nothing'])).toMatchObject({
      code: 1,
      stderr: 'error[CLI021]: no image "nothing"; hint: tsdock image pull nothing\n',
    });
  });

  test('image outdated names the tags that moved and newer versions, and ends with 2', async () => {
    const { code, stdout } = await runWith(fakeEngine(), ['image', 'outdated']);
    expect(stdout).toMatch(/^IMAGE +HERE +NOW +STATE +NEWER\nregistry\.test\/web:2 +sha256:a{12}… +sha256:c{12}… +moved +3\n$/);
    expect(code).toBe(2);
  });

  test('image update writes the lock beside the manifests, and only what moved', async () => {
    const directory = manifests({ 'web.yaml': web });
    const update = ['image', 'update', '-f', directory];
    expect(await runWith(fakeEngine(), [...update, '--dry-run'])).toMatchObject({ code: 2 });
    expect(existsSync(join(directory, 'tsdock.lock'))).toBe(false);
    expect(await runWith(fakeEngine(), update)).toEqual({
      code: 0,
      stdout: 'registry.test/web:2  not locked -> sha256:eeeeeeeeeeee…\n',
      stderr: '',
    });
    const written = readFileSync(join(directory, 'tsdock.lock'), 'utf8');
    expect(written).toContain(`"registry.test/web:2":\n    digest: sha256:${'e'.repeat(64)}\n`);
    expect(await runWith(fakeEngine(), update)).toMatchObject({ code: 0, stdout: 'Nothing has moved.\n' });
    expect(readFileSync(join(directory, 'tsdock.lock'), 'utf8')).toBe(written);
  });

  test('a tag that cannot be looked up fails the update after the others were written', async () => {
    const directory = manifests({ 'a.yaml': web, 'b.yaml': web.replace('name: web', 'name: b').replace('web:2', 'gone:1') });
    const result = await runWith(fakeEngine(), ['image', 'update', '-f', directory]);
    expect(result).toMatchObject({ code: 1, stderr: 'error[REG404]: registry.test has no repository "registry.test/gone:1"\n' });
    expect(readFileSync(join(directory, 'tsdock.lock'), 'utf8')).not.toContain('gone');
  });

  test('apply --lock writes nothing and applies nothing when a tag cannot be looked up', async () => {
    const directory = manifests({ 'a.yaml': web, 'b.yaml': web.replace('name: web', 'name: b').replace('web:2', 'gone:1') });
    const apply = vi.fn(fakeEngine().apply);
    const result = await runWith(fakeEngine({ apply }), ['apply', '-f', directory, '--lock']);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('error[REG404]') });
    expect(existsSync(join(directory, 'tsdock.lock'))).toBe(false);
    expect(apply).not.toHaveBeenCalled();
  });

  test('image rm of one in use is 6, of a missing one nothing with --ignore-missing', async () => {
    expect((await runWith(fakeEngine(), ['image', 'rm', 'x'])).code).toBe(6);
    const gone = fakeEngine({
      removeImage: async () => {
        throw new TsdockError('CLI021', { message: 'no image "x"' });
      },
    });
    expect((await runWith(gone, ['image', 'rm', 'x'])).code).toBe(1);
    expect((await runWith(gone, ['image', 'rm', 'x', '--ignore-missing'])).code).toBe(0);
  });

  test('image pull shows bytes and the result', async () => {
    const engine = fakeEngine({
      pullImage: async (ref, { onProgress }) => {
        onProgress(progress({ subject: 'Image/_/registry.test/web:2', verb: 'pull', state: 'done' }));
        return { ...image, ref };
      },
    });
    const { stdout, stderr } = await runWith(engine, ['image', 'pull', 'registry.test/web:2']);
    expect(stderr).toBe('✔ Image registry.test/web:2  pulled\n');
    expect(stdout).toBe(`registry.test/web:2  sha256:${'a'.repeat(64)}  54.0 MB\n`);
  });

  test.each(['stop', 'start', 'restart'] as const)('%s names its containers', async (verb) => {
    const seen: unknown[] = [];
    const engine = fakeEngine({
      [verb]: async (keys: unknown) => {
        seen.push(keys);
        return applied;
      },
    });
    expect((await runWith(engine, [verb, 'web', 'container/web', '-n', 'shop'])).code).toBe(0);
    expect(seen).toEqual([['Container/shop/web', 'Container/shop/web']]);
    expect((await runWith(engine, [verb, 'nobody', '-n', 'shop'])).code).toBe(1);
  });

  test.each(['start', 'restart'])('%s of what is declared as stopped is refused with what to do', async (verb) => {
    const engine = fakeEngine({ resources: async () => [{ ...resource, spec: { state: 'Stopped' } }] });
    const { code, stderr } = await runWith(engine, [verb, 'web', '-n', 'shop']);
    expect(stderr).toBe(
      'error[CLI010]: Container "web" is declared with state: Stopped; hint: remove "state" from its manifest and apply it\n',
    );
    expect(code).toBe(64);
  });

  test('delete by name, by file and of what is missing', async () => {
    const seen: unknown[] = [];
    const engine = fakeEngine({
      remove: async (keys, { cascade, force, retained }) => {
        seen.push([keys, cascade, force, retained]);
        return applied;
      },
    });
    const file = join(manifests({ 'web.yaml': web }), 'web.yaml');
    await runWith(engine, ['delete', 'container/shop/web', '--force']);
    await runWith(engine, ['delete', '-f', file, '--cascade']);
    await runWith(engine, ['delete', '--all']);
    await runWith(engine, ['delete', 'container/shop/web', '--allow-data-loss']);
    await runWith(engine, ['delete', 'container/shop/web', '--keep-volumes']);
    expect(seen).toEqual([
      [['Container/shop/web'], false, true, 'refuse'],
      [['Container/shop/web'], true, false, 'keep'],
      [['Container/shop/web'], true, false, 'keep'],
      [['Container/shop/web'], false, false, 'remove'],
      [['Container/shop/web'], false, false, 'keep'],
    ]);
    expect((await runWith(engine, ['delete', 'volume/data'])).stderr).toBe('error[CLI021]: no Volume "data"\n');
    expect(await runWith(engine, ['delete', 'volume/data', '--ignore-missing'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing to delete\n',
    });
  });
});

describe('documentation and the host', () => {
  test('explain a kind and a field', async () => {
    expect((await runCli(['explain', 'container.restartPolicy'])).stdout).toMatch(
      /Container\.spec\.restartPolicy +Always \| OnFailure \| Never\n[\s\S]*default +Always\nchange +in-place/,
    );
    expect((await runCli(['explain', 'volume'])).stdout).toContain('hostPath');
  });

  test('schema is JSON', async () => {
    expect(JSON.parse((await runCli(['schema', 'container'])).stdout)).toHaveProperty('properties');
  });

  test('version without and with a daemon', async () => {
    const alone = JSON.parse((await runCli(['version', '-o', 'json'])).stdout);
    expect(Object.keys(alone)).toEqual(['client', 'daemon', 'native', 'node', 'apiVersions']);
    expect(alone.daemon).toBeNull();
    expect(JSON.parse((await runWith(fakeEngine(), ['version', '-o', 'json'])).stdout).daemon).toBe('0.1.0');
  });

  test('info and doctor tell what is missing and what it costs', async () => {
    const features = [
      { name: 'overlay', available: true, consequence: '' },
      { name: 'cgroup2', available: false, consequence: 'io limits are refused' },
    ];
    const engine = fakeEngine({
      info: async () => ({
        ...(await fakeEngine().info()),
        host: { kernel: '6.18', cgroup: 'hybrid', controllers: [], capabilities: [], cpus: 2, memoryBytes: 8e9, features },
      }),
    });
    const doctor = await runWith(engine, ['doctor']);
    expect(doctor).toEqual({
      code: 0,
      stdout: 'ok       overlay\nmissing  cgroup2: io limits are refused\n1 feature of 2 missing; everything else works\n',
      stderr: '',
    });
    expect(JSON.parse((await runWith(engine, ['info', '-o', 'json'])).stdout)).toMatchObject({
      kernel: '6.18',
      cgroup: 'hybrid',
      daemon: true,
      features,
    });
  });

  test('completion names every command', async () => {
    const { commandTable } = await import('../../../src/cli/table.ts');
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await runCli(['completion', shell]);
      for (const { name } of commandTable) expect(stdout).toContain(name.split(' ').at(-1));
    }
  });
});

describe('the daemon', () => {
  test('one that does not answer is CLI001 with exit 8 for writes', async () => {
    const directory = scratch();
    const { createServer } = await import('node:net');
    const silent = createServer().listen(join(directory, 'tsdock.sock'));
    await new Promise((resolve) => silent.once('listening', resolve));
    const { code, stderr } = await runCli(['stop', 'web'], {}, directory);
    silent.close();
    expect(stderr).toBe(
      `error[CLI001]: the daemon on ${directory}/tsdock.sock does not answer; hint: journalctl -u tsdock, or restart it\n`,
    );
    expect(code).toBe(8);
  });
});
