/** F31 to F33 of reliability.md: kill -9 of supervisor and zygote at moments all over a create, restart, stop and removal. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NativeError } from '../../src/native/error.ts';
import type { InstanceSpec, Native, NativeEvent } from '../../src/native/index.ts';
import {
  alive,
  cgroupsOf,
  commandOf,
  eventually,
  type Ground,
  inPhase,
  makeGround,
  nameOf,
  parentOf,
  pids,
  zygotes,
} from './native-support.ts';

const rounds = Number(process.env.TSDOCK_CHAOS_ROUNDS ?? 15);
/** A start takes about 6 ms, a removal 3: strikes fall before, in and after them. */
const longestDelayMs = 9;
const targets = ['supervisor', 'zygote', 'both'] as const;
/** One after the other: what a supervisor leaves is only known while the zygote that forked it lives. */
const targetOf = (round: number) => targets[Math.floor((round * targets.length) / rounds)] ?? 'both';

describe('killed in the middle', () => {
  let ground: Ground;
  let native: Native;
  beforeEach(async () => {
    ground = makeGround();
    native = await ground.open();
  });
  afterEach(() => ground.clear());

  let marker = 100_000 + (process.pid % 1000) * 1000;
  /** A program that can be counted from outside. */
  const program = (change?: (draft: Parameters<NonNullable<Parameters<Ground['spec']>[1]>>[0]) => void) => {
    const name = String(++marker);
    const spec = ground.spec('', (draft) => {
      draft.process.argv = ['sleep', name];
      change?.(draft);
    });
    return { spec, copies: () => pids().filter((pid) => commandOf(pid) === `sleep ${name}` && alive(pid)) };
  };

  /** A child that has not executed its program yet has its supervisor's name and command line; it is the program that these tests must not kill. */
  const supervisors = () => {
    const named = pids().filter((pid) => commandOf(pid).includes(ground.runDir) && nameOf(pid).startsWith('sup:'));
    return named.filter((pid) => !named.includes(parentOf(pid)));
  };

  /** Kills after a while, whatever is there then. */
  const strike = async (target: (typeof targets)[number]): Promise<void> => {
    const until = performance.now() + Math.random() * longestDelayMs;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    const victims = [...(target === 'zygote' ? [] : supervisors()), ...(target === 'supervisor' ? [] : zygotes(ground.runDir))];
    for (const pid of victims) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was faster.
      }
    }
  };

  /** As an engine does: what failed is tried again. A bug is no failure of the native side. */
  const insist = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NativeError) || tries === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };

  const makeRunning = (spec: InstanceSpec) =>
    insist(async () => {
      await native.containers.create(spec, { start: true });
      if ((await native.containers.status(spec.id))?.phase !== 'running') await native.containers.start(spec.id);
    });

  const expectNothingLeft = async (spec: InstanceSpec, copies: () => readonly number[]): Promise<void> => {
    await eventually(() => copies().length === 0 && cgroupsOf(ground.prefix).every((path) => !path.endsWith(spec.id)));
    await eventually(() => !existsSync(join(ground.runDir, 'containers', spec.id)));
    expect(existsSync(spec.rootfs.upper)).toBe(false);
  };

  const isWhole = async (spec: InstanceSpec, copies: () => readonly number[]): Promise<boolean> =>
    copies().length === 1 && existsSync(spec.rootfs.upper) && (await native.containers.status(spec.id))?.phase === 'running';

  test('a create that is tried again must end in one copy', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { spec, copies } = program();
      await Promise.all([makeRunning(spec), strike(targetOf(round))]);
      await insist(async () => void (await native.containers.start(spec.id)));
      await inPhase(native, spec.id, 'running');
      expect(copies(), `round ${round}`).toHaveLength(1);
      expect(await native.containers.status(spec.id)).toMatchObject({ restarts: 0, process: { pid: copies()[0] } });
      await insist(() => native.containers.remove(spec.id, { logs: true }));
      await expectNothingLeft(spec, copies);
    }
  });

  test('a restart by policy must be one copy, its exit known and told at most once', async () => {
    const exits: NativeEvent[] = [];
    native.onEvent((event) => {
      if (event.type === 'exited') exits.push(event);
    });
    for (let round = 0; round < rounds; round += 1) {
      const { spec, copies } = program((draft) => {
        draft.restart.policy = 'Always';
        draft.restart.initialMs = 1;
      });
      await makeRunning(spec);
      const [pid = 0] = copies();
      process.kill(pid, 'SIGKILL');
      await strike(targetOf(round));
      const after = await eventually(async () => {
        const status = await native.containers.status(spec.id);
        return status?.phase === 'running' && status.supervisorPid !== null && status.process?.pid !== pid ? status : null;
      });
      // The kernel closes what tells of the exec before it has set the new command line.
      await eventually(() => expect(copies(), `round ${round}`).toEqual([after?.process?.pid]));
      // With both dead the reaper of the system took it: then its exit is not known, and not guessed.
      const known = targetOf(round) === 'both' ? [9, null] : [9];
      expect(known, `round ${round}`).toContain(after?.exit?.signal);
      expect(after?.exit, `round ${round}`).toMatchObject({ code: null, oom: false });
      expect(after?.restarts).toBeGreaterThan(0);
      expect(exits.filter((event) => event.type === 'exited' && event.id === spec.id).length).toBeLessThanOrEqual(1);
      await insist(() => native.containers.remove(spec.id, { logs: true }));
    }
  });

  test('a stop must hold, with the grace the program was promised', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { spec, copies } = program((draft) => {
        draft.restart.policy = 'Always';
        draft.process.argv = ['sh', '-c', `trap 'sleep 0.1; exit 3' TERM; sleep ${draft.process.argv[1]} & wait $!`];
        draft.stop = { signal: 15, graceMs: 5000 };
      });
      await makeRunning(spec);
      await eventually(() => copies().length === 1);
      const stop = () => native.containers.stop(spec.id, { signal: 15, graceMs: 5000, by: 'user' });
      await Promise.all([insist(stop), strike(targetOf(round))]);
      await insist(stop);
      expect(await inPhase(native, spec.id, 'exited'), `round ${round}`).toMatchObject({
        stoppedBy: 'user',
        exit: { code: 3, signal: null },
      });
      expect(copies()).toEqual([]);
      await insist(() => native.containers.remove(spec.id, { logs: true }));
      await expectNothingLeft(spec, copies);
    }
  });

  test('a removal that has begun must be carried to its end, whoever dies; one that has not must leave the program alone', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { spec, copies } = program((draft) => {
        draft.restart.policy = 'Always';
      });
      await makeRunning(spec);
      await Promise.all([native.containers.remove(spec.id, { logs: true }).catch(() => undefined), strike(targetOf(round))]);
      // The addon asks again itself when a supervisor is lost; with another engine nobody would.
      await eventually(async () => (await native.containers.status(spec.id)) === null || isWhole(spec, copies));
      if (await isWhole(spec, copies)) await insist(() => native.containers.remove(spec.id, { logs: true }));
      await expectNothingLeft(spec, copies);
    }
  });

  test('a supervisor that died in a removal must not start the program again, also when nobody asks for anything any more', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { spec, copies } = program((draft) => {
        draft.restart.policy = 'Always';
        draft.restart.initialMs = 1;
      });
      await makeRunning(spec);
      const other = await ground.open();
      const removal = other.containers.remove(spec.id, { logs: true }).catch(() => undefined);
      await strike('supervisor');
      await other.close();
      await Promise.race([removal, new Promise((resolve) => setTimeout(resolve, 1000))]);
      // Where the request was lost with its supervisor, all of it still runs.
      await eventually(async () => (await native.containers.status(spec.id)) === null || isWhole(spec, copies));
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (await isWhole(spec, copies)) await insist(() => native.containers.remove(spec.id, { logs: true }));
      await expectNothingLeft(spec, copies);
    }
  });

  test('a start that comes while the program is being stopped must wait for its end', async () => {
    const { spec, copies } = program((draft) => {
      draft.process.argv = ['sh', '-c', `trap 'sleep 0.2; exit 3' TERM; sleep ${draft.process.argv[1]} & wait $!`];
    });
    await makeRunning(spec);
    const before = await native.containers.status(spec.id);
    await eventually(() => copies().length === 1);
    const stopped = native.containers.stop(spec.id, { signal: 15, graceMs: 5000, by: 'user' });
    await inPhase(native, spec.id, 'stopping');
    const started = await native.containers.start(spec.id);
    expect(await stopped).toMatchObject({ code: 3 });
    expect(started.pid).not.toBe(before?.process?.pid);
    expect(await inPhase(native, spec.id, 'running')).toMatchObject({ stoppedBy: null, process: { pid: started.pid } });
    await eventually(() => copies().length === 1);
  });
});
