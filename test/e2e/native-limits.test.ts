/** F35, F38 and F42 of reliability.md on the real runtime: what a container does to its limits, its end and its log. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Native, NativeEvent } from '../../src/native/index.ts';
import { cgroupsOf, eventually, execSpec, type Ground, inPhase, logText, makeGround, text } from './native-support.ts';

/** Wants more memory than there is, alone: with a second process at it the kernel may look for a second victim while the first one ends. */
const hog = 'dd if=/dev/zero of=/dev/null bs=60M count=1';

describe('limits of an instance', () => {
  let ground: Ground;
  let native: Native;
  const events: NativeEvent[] = [];
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
    native.onEvent((event) => events.push(event));
  });
  afterAll(async () => {
    await ground.clear();
    // On v2 alone the runner of the tests was moved below the prefix too, so the directory stays until it ends.
    if (native.host.cgroup === 'unified') return;
    await eventually(() => execFileSync('find', ['/sys/fs/cgroup', '-name', ground.prefix], { encoding: 'utf8' }) === '');
  });

  test('a child killed for lack of memory must be told, and must not be the end nor the reason of it', async () => {
    const spec = ground.spec(`(${hog}); echo alive; exit 3`, (draft) => {
      draft.limits.memoryBytes = 16 << 20;
    });
    await native.containers.create(spec, { start: true });
    const status = await inPhase(native, spec.id, 'exited');
    expect(logText(spec)).toContain('alive\n');
    expect(status.exit).toMatchObject({ code: 3, signal: null, oom: false });
    const told = events.filter((event) => event.type === 'oom' && event.id === spec.id).length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual((await native.containers.stats(spec.id))?.oomKills ?? 0);
  });

  describe.each([false, true])('after a child was killed for lack of memory (init: %s)', (init) => {
    /** A program that lives on after it, with the signal that will end it still to come. */
    async function survivor() {
      const spec = ground.spec(`trap '' TERM; (${hog}); echo alive; sleep 1000`, (draft) => {
        draft.limits.memoryBytes = 16 << 20;
        draft.init = init;
      });
      await native.containers.create(spec, { start: true });
      await eventually(() => logText(spec).includes('alive'));
      await eventually(() => events.some((event) => event.type === 'oom' && event.id === spec.id));
      const pid = (await native.containers.status(spec.id))?.process?.pid ?? 0;
      return { spec, program: init ? Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]) : pid };
    }

    test.each([
      { by: 'a stop past its grace', signal: 15 },
      { by: 'a stop with SIGKILL', signal: 9 },
    ])('an end by $by must not be called one', async ({ signal }) => {
      const { spec } = await survivor();
      expect(await native.containers.stop(spec.id, { signal, graceMs: 50, by: 'user' })).toMatchObject({ signal: 9, oom: false });
    });

    test("an end by somebody else's SIGKILL must not be called one", async () => {
      const { spec, program } = await survivor();
      process.kill(program, 'SIGKILL');
      const status = await inPhase(native, spec.id, 'exited');
      expect(status.exit).toMatchObject({ ...(init ? { code: 137 } : { signal: 9 }), oom: false });
    });

    test('an end by the same lack must be called one', async () => {
      const spec = ground.spec(`(${hog}); exec ${hog}`, (draft) => {
        draft.limits.memoryBytes = 16 << 20;
        draft.init = init;
      });
      await native.containers.create(spec, { start: true });
      const status = await inPhase(native, spec.id, 'exited');
      expect(status.exit).toMatchObject({ ...(init ? { code: 137 } : { signal: 9 }), oom: true });
    });
  });

  test('an instance whose processes fork while they are killed must end at the deadline and leave no group', async () => {
    const spec = ground.spec("trap '' TERM; f() { while :; do sleep 0; done; }; for i in 1 2 3 4 5 6; do f & done; f");
    await native.containers.create(spec, { start: true });
    await eventually(async () => ((await native.containers.stats(spec.id))?.pids ?? 0) > 5);
    expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 100, by: 'user' })).toMatchObject({ signal: 9, oom: false });
    await native.containers.remove(spec.id, { logs: true });
    expect(cgroupsOf(ground.prefix).filter((path) => path.endsWith(spec.id))).toEqual([]);
  });

  test('a flood of output must keep to its files and its supervisor answering and small', async () => {
    const spec = ground.spec("trap 'exit 0' TERM; yes 'a line of forty bytes, more or less of it' & wait", (draft) => {
      draft.log.maxBytes = 1 << 20;
    });
    await native.containers.create(spec, { start: true });
    const supervisor = (await native.containers.status(spec.id))?.supervisorPid;
    const residentKiB = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${supervisor}/status`, 'utf8'))?.[1]);
    await eventually(() => readdirSync(spec.log.directory).filter((name) => name.startsWith('current')).length === 3);
    const before = residentKiB();
    for (let round = 0; round < 20; round += 1) {
      const handle = await native.containers.exec(spec.id, execSpec('echo through'));
      const [output] = await Promise.all([text(handle.stdout), text(handle.stderr), handle.wait()]);
      expect(output).toBe('through\n');
    }
    expect(residentKiB() - before).toBeLessThan(512);
    expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 5000, by: 'user' })).toMatchObject({ code: 0 });
    for (const name of readdirSync(spec.log.directory))
      expect(statSync(join(spec.log.directory, name)).size).toBeLessThan((1 << 20) + (256 << 10));
  });
});
