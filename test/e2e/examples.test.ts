import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { packageRoot, type TestHost } from '../support/host.ts';

/** What one file of examples/manifests needs on the command line, and what can be seen when it is applied. */
interface Example {
  readonly options?: readonly string[];
  /** Addresses of the host that answer with the sample image's page. */
  readonly answers?: readonly string[];
  readonly running: number;
  /** What `delete` needs beside the file. */
  readonly deleteOptions?: readonly string[];
  /** What else the file promises, checked on the instances it made. */
  readonly holds?: (instances: readonly Instance[], host: TestHost) => void | Promise<void>;
}

const examples: Readonly<Record<string, Example>> = {
  'config.yaml': {
    answers: ['http://127.0.0.1:8082/'],
    running: 1,
    holds: ([page]) => expect(mountTargets(page)).toEqual(expect.arrayContaining(['/config', '/etc/settings.env'])),
  },
  'environment.yaml': {
    running: 1,
    holds: ([variables]) => {
      const [child] = procFile(variables, `task/${variables?.pid}/children`).split(' '); // the reaper has no variables
      const lines = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0');
      expect(lines).toEqual(expect.arrayContaining(['APP_WORKERS=4', 'APP_CACHE=64Mi', 'LOG_LEVEL=info', 'APP_NAME=variables-1']));
      expect(lines.find((line) => line.startsWith('APP_PASSWORD='))).toMatch(/^APP_PASSWORD=[A-Za-z0-9]{24}$/);
      expect(lines.join('\n')).not.toContain('APP_TOKEN');
    },
  },
  'files.yaml': {
    options: ['--var', 'TITLE=tsdock'],
    answers: ['http://127.0.0.1:8086/'],
    running: 1,
    holds: ([files], host) => {
      const path = `/proc/${files?.pid}/root/files`;
      expect(readdirSync(path).sort()).toEqual(['empty.gif', 'gzip.conf', 'keepalive.conf', 'logo.png', 'title.txt']);
      expect(readFileSync(`${path}/title.txt`, 'utf8')).toBe('tsdock');
      expect(readFileSync(`${path}/logo.png`).subarray(1, 4).toString()).toBe('PNG');
      expect(statSync(`${path}/gzip.conf`)).toMatchObject({ uid: 1000, gid: 1000, mode: 0o100400 });
      return immutableIsKept(host);
    },
  },
  'hello.yaml': { answers: ['http://127.0.0.1:8080/'], running: 1 },
  'host-network.yaml': { running: 0 },
  'image.yaml': {
    running: 3,
    holds: async (_, host) => expect((await host.ok(['image', 'ls'])).stdout).toContain('tsdock/hello:1'),
  },
  'limits.yaml': {
    running: 1,
    holds: ([limited]) => expect(limitsOf(limited)).toEqual({ memory: 64 * 2 ** 20, pids: 32, quotaUs: 50_000 }),
  },
  'network.yaml': {
    answers: ['http://127.0.0.1:8081/'],
    running: 2,
    holds: (instances) => expect(instances.find((instance) => instance.container === 'api')?.address).toBe('10.88.20.10'),
  },
  'probes.yaml': {
    answers: ['http://127.0.0.1:8087/'],
    running: 2,
    holds: (instances) => {
      for (const instance of instances) expect(instance).toMatchObject({ ready: 'yes', restarts: 0 });
    },
  },
  'process.yaml': {
    running: 1,
    deleteOptions: ['--force'],
    holds: ([process]) => expect(mountTargets(process)).toContain('/etc/host-os-release'),
  },
  'registry.yaml': {
    running: 0,
    holds: async (_, host) => expect((await host.ok(['get', 'registry'])).stdout).toMatch(/^docker-hub +Ready/m),
  },
  'replicas.yaml': { answers: ['http://127.0.0.1:8083/'], running: 3 },
  'restart.yaml': { running: 1, holds: ([steady], host) => startedAgainAfterFailure(steady, host) },
  'security.yaml': {
    running: 1,
    holds: ([careful]) => {
      const status = procFile(careful, 'status');
      expect(status).toMatch(/^Uid:\t1000\t1000/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(status, 'CAP_NET_BIND_SERVICE alone').toMatch(/^CapBnd:\t0000000000000400$/m);
    },
  },
  'signatures.yaml': {
    running: 0,
    holds: async (_, host) => expect((await host.ok(['get', 'registry'])).stdout).toMatch(/^signed +Ready/m),
  },
  'secret.yaml': {
    answers: ['http://127.0.0.1:8085/'],
    running: 1,
    holds: ([report]) => {
      const path = `/proc/${report?.pid}/root/run/secrets`;
      expect(readdirSync(path)).toEqual(['reader']);
      expect(readFileSync(`${path}/reader`, 'utf8')).toMatch(/^[0-9a-f]{32}$/);
      expect(statSync(`${path}/reader`)).toMatchObject({ uid: 0, gid: 1000, mode: 0o100440 });
      expect(procFile(report, 'mountinfo')).toMatch(/ \/run\/secrets ro,.* - tmpfs /);
    },
  },
  'stopped.yaml': { running: 0 },
  'variables.yaml': {
    options: ['--var', 'PORT=8084', '--var', 'COPIES=2'],
    answers: ['http://127.0.0.1:8084/'],
    running: 2,
    holds: async (_, host) => expect((await host.ok(['describe', 'container/variable'])).stdout).toContain('costs $5'),
  },
  'volume.yaml': { running: 1, holds: ([keeper]) => expect(mountTargets(keeper)).toEqual(expect.arrayContaining(['/data', '/scratch'])) },
};

const directory = join(packageRoot, 'examples', 'manifests');

test('every example is applied by a test', () => {
  expect(
    readdirSync(directory)
      .filter((name) => name !== 'files')
      .sort(),
  ).toEqual(Object.keys(examples).sort());
});

for (const [name, example] of Object.entries(examples)) {
  onHost(`the example ${name} is applied, has nothing to change then, does what it says and goes away`, async (host) => {
    await serveSample(host);
    const input = ['-f', join(directory, name), ...(example.options ?? [])];
    await host.ok(['apply', ...input]);
    await host.ok(['diff', ...input]);

    const { items } = await host.json<{ readonly items: readonly Instance[] }>(['ps']);
    expect(items.map((item) => item.phase)).toEqual(Array(example.running).fill('running'));
    for (const url of example.answers ?? []) await eventually(() => expect(host.fetch(url)).toContain('Hello from tsdock'), 5000);
    await example.holds?.(items, host);

    await host.ok(['delete', ...input, ...(example.deleteOptions ?? [])]);
    expect(await host.json(['get', 'container'])).toMatchObject({ items: [] });
  });
}

interface Instance {
  readonly container: string;
  readonly phase: string;
  readonly ready: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly address: string | null;
}

/** Serves the sample image where the examples expect it; resolves when it listens. */
async function serveSample(host: TestHost): Promise<void> {
  const layout = join(packageRoot, 'build', 'sample-image');
  const server = host.spawn(process.execPath, [
    join(packageRoot, 'bin', 'tsdock'),
    ...['image', 'serve', layout, '--repository', 'tsdock/hello', '--port', '5080'],
  ]);
  let seen = '';
  server.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  await eventually(() => expect(seen).toContain('serving'));
}

/** A file of the instance's process as proc_pid(5) has it; throws when there is no process. */
function procFile(instance: Instance | undefined, name: string): string {
  return readFileSync(`/proc/${instance?.pid}/${name}`, 'utf8');
}

/** Where something is mounted as the container sees it (field 5 of proc_pid_mountinfo(5)). */
function mountTargets(instance: Instance | undefined): readonly string[] {
  return procFile(instance, 'mountinfo')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? []);
}

/** Limits of the instance's cgroup as the kernel has them: bytes, processes, microseconds in 100 ms; cgroup v1 or v2, as this host mounts them. */
function limitsOf(instance: Instance | undefined): Record<'memory' | 'pids' | 'quotaUs', number> {
  const groups = procFile(instance, 'cgroup')
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const read = (controller: string, v1File: string, v2File: string): number => {
    const v1 = groups.find(([, names = '']) => names.split(',').includes(controller));
    const v2 = groups.find(([hierarchy]) => hierarchy === '0');
    const path = v1 === undefined ? join('/sys/fs/cgroup', v2?.[2] ?? '', v2File) : join('/sys/fs/cgroup', controller, v1[2] ?? '', v1File);
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  };
  return {
    memory: read('memory', 'memory.limit_in_bytes', 'memory.max'),
    pids: read('pids', 'pids.max', 'pids.max'),
    quotaUs: read('cpu', 'cpu.cfs_quota_us', 'cpu.max'),
  };
}

async function startedAgainAfterFailure(instance: Instance | undefined, host: TestHost): Promise<void> {
  const before = instance?.pid;
  if (typeof before !== 'number') throw new Error('there is no process to kill');
  process.kill(before, 'SIGKILL');
  await eventually(async () => {
    const [now] = (await host.json<{ readonly items: readonly Instance[] }>(['ps'])).items;
    expect(now).toMatchObject({ phase: 'running', restarts: 1 });
    expect(now?.pid).not.toBe(before);
  });
}

async function immutableIsKept(host: TestHost): Promise<void> {
  const result = await host.ok(['apply', '-f', join(directory, 'files.yaml'), '--var', 'TITLE=other'], 7);
  expect(result.stderr).toContain('error[CFG003]');
}
