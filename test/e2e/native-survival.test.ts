import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstanceSpec, InstanceStatus, Native, NativeEvent } from '../../src/native/index.ts';
import {
  alive,
  cgroupsOf,
  eventually,
  execSpec,
  type Ground,
  inPhase,
  logText,
  makeGround,
  spares,
  text,
  zygotes,
} from './native-support.ts';

const root = join(import.meta.dirname, '..', '..');

describe('when one of ours is killed', () => {
  let ground: Ground;
  beforeEach(() => {
    ground = makeGround();
  });
  afterEach(() => ground.clear());

  const ticking = (change?: Parameters<Ground['spec']>[1]) =>
    ground.spec('n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.02; done', change);

  const running = async (native: Native, spec: InstanceSpec): Promise<InstanceStatus> => {
    await native.containers.create(spec, { start: true });
    await eventually(() => logText(spec).includes('tick 3'));
    return inPhase(native, spec.id, 'running');
  };

  const supervisorOf = async (native: Native, id: string, not: number | null): Promise<number> =>
    (await eventually(async () => {
      const pid = (await native.containers.status(id))?.supervisorPid ?? null;
      return pid !== null && pid !== not ? pid : null;
    })) as number;

  const ticksGoOn = async (spec: InstanceSpec): Promise<void> => {
    const last = () => Number(/tick (\d+)\s*$/.exec(logText(spec))?.[1] ?? 0);
    const before = last();
    await eventually(() => last() > before + 3);
  };

  const startDaemon = async (specs: readonly InstanceSpec[]): Promise<ChildProcess> => {
    const options = JSON.stringify({ runDir: ground.runDir, prefix: ground.prefix, helper: join(root, 'build/tsdock-rt') });
    const script = join(root, 'test/e2e/native-daemon.mjs');
    const daemon = spawn(
      process.execPath,
      [script, join(root, 'build/tsdock.node'), options, ...specs.map((spec) => JSON.stringify(spec))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve, reject) => {
      daemon.stdout?.once('data', () => resolve());
      daemon.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
    });
    return daemon;
  };

  test('the daemon: instances must keep their pids and the next daemon must adopt them', async () => {
    const specs = [ticking(), ticking()];
    const daemon = await startDaemon(specs);
    daemon.kill('SIGKILL');
    await new Promise((resolve) => daemon.once('exit', resolve));
    const native = await ground.open();
    const found = await native.containers.list();
    expect(found.map((status) => status.id).sort()).toEqual(specs.map((spec) => spec.id).sort());
    for (const spec of specs) {
      const status = found.find(({ id }) => id === spec.id);
      expect(status).toMatchObject({ phase: 'running', identity: '{"test":true}', restarts: 0 });
      expect(alive(status?.process?.pid ?? 0)).toBe(true);
      await ticksGoOn(spec);
    }
  });

  test('the spare supervisor: the next instance must do without, a new spare must serve the one after, and none must outlive its zygote', async () => {
    const native = await ground.open();
    const spare = async (not = 0): Promise<number> =>
      (await eventually(() => spares(ground.runDir).find((pid) => pid !== not) ?? null)) as number;
    const supervisor = async (spec: InstanceSpec) => (await native.containers.status(spec.id))?.supervisorPid;
    await running(native, ticking());

    const killed = await spare();
    process.kill(killed, 'SIGKILL');
    const without = ticking();
    await running(native, without);
    expect(await supervisor(without)).not.toBe(killed);

    const used = await spare(killed);
    const [first, second] = [ticking(), ticking()];
    await Promise.all([running(native, first), running(native, second)]);
    expect([await supervisor(first), await supervisor(second)]).toContain(used);
    const networks = new Set([without, first, second].map((spec) => spec.id).map((id) => networkOf(native, id)));
    expect(new Set(await Promise.all(networks)).size).toBe(3);

    const last = await spare(used);
    for (const pid of zygotes(ground.runDir)) process.kill(pid, 'SIGKILL');
    await eventually(() => !alive(last));
  });

  test('a spare supervisor must leave an instance in the network of the host that wants to be there', async () => {
    const native = await ground.open();
    await running(native, ticking());
    const [spare] = (await eventually(() => (spares(ground.runDir).length > 0 ? spares(ground.runDir) : null))) as readonly number[];
    const spec = ticking((draft) => {
      draft.network = { mode: 'host' };
    });
    expect((await running(native, spec)).supervisorPid).toBe(spare);
    expect(await networkOf(native, spec.id)).toBe(readlinkSync('/proc/self/ns/net'));
  });

  test('the daemon: a supervisor must restart its instance while nobody watches', async () => {
    const spec = ticking((draft) => {
      draft.restart.policy = 'Always';
    });
    const daemon = await startDaemon([spec]);
    const native = await ground.open();
    const before = await inPhase(native, spec.id, 'running');
    await native.close();
    daemon.kill('SIGKILL');
    process.kill(before.process?.pid ?? 0, 9);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = await (await ground.open()).containers.status(spec.id);
    expect(after).toMatchObject({ phase: 'running', restarts: 1, exit: { signal: 9 } });
    expect(after?.process?.pid).not.toBe(before.process?.pid);
  });

  test('a supervisor: its instance must live on, log on, and its exit must not be lost', async () => {
    const native = await ground.open();
    const events: NativeEvent[] = [];
    native.onEvent((event) => events.push(event));
    const spec = ticking();
    const before = await running(native, spec);
    process.kill(before.supervisorPid ?? 0, 9);
    const replacement = await supervisorOf(native, spec.id, before.supervisorPid);
    expect(await native.containers.status(spec.id)).toMatchObject({
      phase: 'running',
      process: { pid: before.process?.pid },
      supervisorPid: replacement,
    });
    await ticksGoOn(spec);
    expect(events.some((event) => event.type === 'lost' && event.id === spec.id)).toBe(true);
    expect(await text((await native.containers.exec(spec.id, execSpec('echo still'))).stdout)).toBe('still\n');
    process.kill(before.process?.pid ?? 0, 15);
    process.kill(before.process?.pid ?? 0, 9);
    expect((await inPhase(native, spec.id, 'exited')).exit).toMatchObject({ code: null, signal: 9 });
    await eventually(() => events.filter((event) => event.type === 'exited' && event.id === spec.id).length === 1);
  });

  test('a supervisor: restarts by policy must go on with the same files and groups', async () => {
    const native = await ground.open();
    const spec = ticking((draft) => {
      draft.restart.policy = 'Always';
      draft.process.argv[2] = `echo kept >> /kept; wc -l < /kept; ${draft.process.argv[2]}`;
    });
    const before = await running(native, spec);
    process.kill(before.supervisorPid ?? 0, 9);
    await supervisorOf(native, spec.id, before.supervisorPid);
    process.kill(before.process?.pid ?? 0, 9);
    await eventually(async () => (await native.containers.status(spec.id))?.restarts === 1);
    await eventually(() => /^2$/m.test(logText(spec)));
    expect((await native.containers.status(spec.id))?.warnings).toEqual([]);
  });

  test('a supervisor and the process at once: the exit must be known', async () => {
    const native = await ground.open();
    const spec = ticking();
    const before = await running(native, spec);
    process.kill(before.supervisorPid ?? 0, 19);
    process.kill(before.process?.pid ?? 0, 9);
    process.kill(before.supervisorPid ?? 0, 9);
    await supervisorOf(native, spec.id, before.supervisorPid);
    expect((await inPhase(native, spec.id, 'exited')).exit).toMatchObject({ signal: 9 });
  });

  test('a supervisor: stop and remove must work at the first try', async () => {
    const native = await ground.open();
    const spec = ticking();
    const before = await running(native, spec);
    process.kill(before.supervisorPid ?? 0, 9);
    await supervisorOf(native, spec.id, before.supervisorPid);
    expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 50, by: 'user' })).toMatchObject({ signal: 9 });
    await native.containers.remove(spec.id, { logs: true });
    expect(await native.containers.list()).toEqual([]);
  });

  test('a supervisor while it removes its instance: the removal must go on with the next one', async () => {
    const native = await ground.open();
    const spec = ticking();
    const { supervisorPid } = await running(native, spec);
    process.kill(supervisorPid ?? 0, 19);
    const removed = native.containers.remove(spec.id, { logs: true });
    await native.containers.remove('000000000000', { logs: true }); // the one thread has sent the first request by then
    process.kill(supervisorPid ?? 0, 9);
    await removed;
    expect(await native.containers.list()).toEqual([]);
    expect(cgroupsOf(ground.prefix)).toEqual([]);
  });

  test('nobody: two removals at once must both be success', async () => {
    const native = await ground.open();
    for (let round = 0; round < 5; round += 1) {
      const spec = ticking();
      await running(native, spec);
      await Promise.all([1, 2, 3].map(() => native.containers.remove(spec.id, { logs: true })));
    }
    expect(await native.containers.list()).toEqual([]);
  });

  test('a supervisor of a terminal: the program must see no hang-up', async () => {
    const native = await ground.open();
    const spec = ticking((draft) => {
      draft.process.terminal = true;
    });
    const before = await running(native, spec);
    process.kill(before.supervisorPid ?? 0, 9);
    await supervisorOf(native, spec.id, before.supervisorPid);
    await ticksGoOn(spec);
    expect(alive(before.process?.pid ?? 0)).toBe(true);
  });

  test('the zygote: instances must not notice and the next must take over', async () => {
    const native = await ground.open();
    const [first, second] = [ticking(), ticking()];
    const before = await running(native, first);
    const [zygote] = zygotes(ground.runDir);
    process.kill(zygote ?? 0, 9);
    await eventually(() => !alive(zygote ?? 0));
    await ticksGoOn(first);
    await eventually(() => zygotes(ground.runDir).length === 1);
    await running(native, second);
    process.kill(before.supervisorPid ?? 0, 9);
    await supervisorOf(native, first.id, before.supervisorPid);
    await ticksGoOn(first);
  });

  test('zygote and supervisor: the next daemon must find the instance unsupervised and take it over with its first request', async () => {
    const native = await ground.open();
    const spec = ticking((draft) => {
      // Without its log pipe the shell ends at the first write; this one does not write.
      draft.process.argv = ['sleep', '1000'];
    });
    await native.containers.create(spec, { start: true });
    const before = await inPhase(native, spec.id, 'running');
    const [zygote] = zygotes(ground.runDir);
    await native.close();
    process.kill(zygote ?? 0, 9);
    process.kill(before.supervisorPid ?? 0, 9);
    await eventually(() => !alive(before.supervisorPid ?? 0));
    const next = await ground.open();
    const kept = { phase: 'running', process: { pid: before.process?.pid } };
    expect(await next.containers.list()).toMatchObject([{ ...kept, supervisorPid: null }]);
    await next.containers.signal(spec.id, { signal: 18, all: false });
    const supervised = await next.containers.status(spec.id);
    expect(supervised).toMatchObject(kept);
    expect(alive(supervised?.supervisorPid ?? 0)).toBe(true);
    expect(await next.containers.stop(spec.id, { signal: 9, graceMs: 1000, by: 'engine' })).toMatchObject({ code: null, signal: 9 });
  });

  test('nobody: the zygote must leave with its last instance and client', async () => {
    const native = await ground.open();
    const spec = ticking();
    await running(native, spec);
    await native.close();
    expect(zygotes(ground.runDir)).toHaveLength(1);
    const again = await ground.open();
    await again.containers.remove(spec.id, { logs: true });
    await again.close();
    await eventually(() => zygotes(ground.runDir).length === 0);
    expect(readFileSync(join(ground.runDir, 'rt/zygote.log'), 'utf8')).toBe('');
  });
});

async function networkOf(native: Native, id: string): Promise<string> {
  return readlinkSync(`/proc/${(await native.containers.status(id))?.process?.pid}/ns/net`);
}
