import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alive, cgroupsOf, eventually, type Ground, makeGround, zygotes } from './native-support.ts';

const helper = fileURLToPath(new URL('../../build/tsdock-rt', import.meta.url));

interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid: number;
  readonly bundle: string;
  readonly annotations?: Record<string, string>;
}

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the OCI command line', () => {
  let ground: Ground;
  let bundle: string;

  beforeAll(() => {
    ground = makeGround();
    bundle = join(ground.directory, 'bundle');
    mkdirSync(join(bundle, 'out'), { recursive: true });
    renameSync(ground.layer, join(bundle, 'rootfs'));
  });

  afterAll(async () => {
    await ground.clear();
  });

  function oci(...words: readonly string[]): Result {
    return spawnSync(helper, ['oci', '--root', ground.runDir, '--prefix', ground.prefix, ...words], { encoding: 'utf8', timeout: 30_000 });
  }

  /** Like `oci`, for what must succeed. */
  function done(...words: readonly string[]): string {
    const result = oci(...words);
    expect(result, words.join(' ')).toMatchObject({ status: 0, stderr: '' });
    return result.stdout;
  }

  function state(id: string): State {
    return JSON.parse(done('state', id));
  }

  function expectGone(id: string): void {
    expect(oci('state', id)).toEqual(
      expect.objectContaining({ status: 1, stdout: '', stderr: `error: container "${id}" does not exist\n` }),
    );
  }

  function configure(command: string, change: Record<string, unknown> = {}): void {
    const config = {
      ociVersion: '1.0.2',
      annotations: { 'org.example.key': 'value' },
      hostname: 'box',
      root: { path: 'rootfs' },
      process: {
        user: { uid: 0, gid: 0 },
        args: ['sh', '-c', command],
        env: ['PATH=/bin'],
        cwd: '/',
        capabilities: { bounding: ['CAP_KILL'] },
      },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/out', type: 'bind', source: 'out', options: ['rbind', 'rw'] },
      ],
      linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
      ...change,
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  }

  it('runs a bundle from create to delete and leaves nothing', async () => {
    const [id, pidFile, written] = ['life', join(ground.directory, 'pid'), join(bundle, 'out/written')];
    configure(
      'echo "$$ $(hostname) $(grep CapBnd /proc/self/status | tr -d "\\t")" > /out/written; echo said; touch /inside; exec sleep 1000',
    );

    done('create', '--bundle', bundle, '--pid-file', pidFile, id);
    const created = state(id);
    expect(created).toEqual({
      ociVersion: '1.0.2',
      id,
      status: 'created',
      pid: created.pid,
      bundle,
      annotations: { 'org.example.key': 'value' },
    });
    expect(alive(created.pid)).toBe(true);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${created.pid}`);
    expect(cgroupsOf(ground.prefix)).not.toEqual([]);
    expect(existsSync(written)).toBe(false);
    expect(oci('create', '--bundle', bundle, id)).toMatchObject({ status: 1, stderr: `error: container "${id}" exists already\n` });
    expect(oci('delete', id)).toMatchObject({ status: 1, stderr: `error: container "${id}" cannot be deleted: it is created\n` });

    done('start', id);
    await eventually(() => existsSync(written) && readFileSync(written, 'utf8') !== '');
    expect(readFileSync(written, 'utf8')).toBe('1 box CapBnd:0000000000000020\n');
    const running = state(id);
    expect(running.status).toBe('running');
    await eventually(() => readFileSync(`/proc/${running.pid}/cmdline`, 'utf8') === 'sleep\x001000\0');
    expect(readFileSync(pidFile, 'utf8')).toBe(`${running.pid}`);
    expect(readFileSync(join(ground.runDir, 'logs', id, 'current.log'), 'utf8')).toMatch(/ said\n$/);
    expect(existsSync(join(bundle, 'rootfs/inside'))).toBe(false);
    expect(oci('start', id)).toMatchObject({ status: 1, stderr: `error: container "${id}" cannot be started: it is running\n` });

    done('kill', id, 'KILL');
    await eventually(() => state(id).status === 'stopped');
    expect(alive(running.pid)).toBe(false);
    expect(oci('kill', id)).toMatchObject({ status: 1, stderr: `error: container "${id}" cannot be signalled: it is stopped\n` });
    expect(oci('start', id).status).toBe(1);

    done('delete', id);
    expectGone(id);
    expect(oci('delete', id).status).toBe(1);
    expect(cgroupsOf(ground.prefix)).toEqual([]);
    for (const kind of ['containers', 'logs', 'upper']) expect(readdirSync(join(ground.runDir, kind))).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(ground.directory);
    await eventually(() => !alive(created.pid) && zygotes(ground.runDir).length === 0);
  });

  it('ends a created container by SIGKILL alone, and a running one by delete --force', async () => {
    configure('exec sleep 1000', { root: { path: 'rootfs', readonly: true } });
    done('create', '--bundle', bundle, 'early');
    done('kill', 'early', 'WINCH');
    expect(state('early').status).toBe('created');
    done('kill', 'early', 'SIGKILL');
    expect(state('early')).toMatchObject({ status: 'stopped', pid: 0 });
    expect(oci('start', 'early').status).toBe(1);
    done('delete', 'early');

    done('create', '--bundle', bundle, 'forced');
    done('start', 'forced');
    const { pid } = state('forced');
    done('delete', '--force', 'forced');
    expect(alive(pid)).toBe(false);
    expectGone('forced');
    done('delete', '--force', 'forced');
  });

  it('reports a program that is not there, and the container is stopped', () => {
    configure('', { process: { user: { uid: 0, gid: 0 }, args: ['/no/such/program'], cwd: '/' } });
    done('create', '--bundle', bundle, 'absent');
    const failed = oci('start', 'absent');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^error: .*\/no\/such\/program.*ENOENT.*\n$/);
    expect(state('absent').status).toBe('stopped');
    done('delete', 'absent');
  });

  it('refuses by name what it cannot do and makes nothing of it', () => {
    configure('true', { hooks: { prestart: [{ path: '/bin/true' }] } });
    expect(oci('create', '--bundle', bundle, 'refused')).toMatchObject({
      status: 1,
      stderr: 'error: config.json: hooks: is not supported\n',
    });
    configure('true', { root: { path: 'nowhere' } });
    expect(oci('create', '--bundle', bundle, 'refused')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nowhere is not a directory'),
    });
    expectGone('refused');
    expect(oci('frobnicate', 'x')).toMatchObject({ status: 1, stderr: 'error: "frobnicate" is no command\n' });
  });
});
