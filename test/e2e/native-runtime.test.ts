import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Native, NativeError, type NativeEvent } from '../../src/native/index.ts';
import { alive, cgroupsOf, eventually, execSpec, type Ground, inPhase, logText, makeGround, outputOf, text } from './native-support.ts';

describe('an instance', () => {
  let ground: Ground;
  let native: Native;
  const events: NativeEvent[] = [];
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
    native.onEvent((event) => events.push(event));
  });
  afterAll(() => ground.clear());

  const failureOf = async (work: Promise<unknown>): Promise<NativeError> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(NativeError);
    return error as NativeError;
  };

  describe('from the inside', () => {
    test('it must have namespaces of its own', async () => {
      const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts'];
      const output = await outputOf(
        native,
        ground.spec(`for n in ${kinds.join(' ')}; do readlink /proc/self/ns/$n; done; echo $$; hostname`),
      );
      const [lines, host] = [
        output.split('\n'),
        kinds.map((kind) => execFileSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' }).trim()),
      ];
      for (const [index, kind] of kinds.entries()) {
        expect(lines[index]).toMatch(new RegExp(`^${kind}:\\[`));
        expect(lines[index]).not.toBe(host[index]);
      }
      expect(lines.slice(6, 8)).toEqual(['1', 'box']);
    });

    test('descriptors must be exactly 0 to 2', async () => {
      expect((await outputOf(native, ground.spec('ls /proc/1/fd; true'))).trim().split('\n')).toEqual(['0', '1', '2']);
    });

    test('no signal may be blocked or ignored, those of the C library neither', async () => {
      const output = await outputOf(native, ground.spec("exec grep -E '^Sig(Blk|Ign)' /proc/self/status"));
      expect(output.trim().replaceAll('\t', ' ')).toBe('SigBlk: 0000000000000000\nSigIgn: 0000000000000000');
    });

    test('capabilities must be the golden ones for root', async () => {
      const output = await outputOf(native, ground.spec("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status"));
      expect(output.trim().replaceAll('\t', ' ')).toMatchInlineSnapshot(`
        "CapInh: 0000000000000000
        CapPrm: 00000000800405fb
        CapEff: 00000000800405fb
        CapBnd: 00000000800405fb
        CapAmb: 0000000000000000
        NoNewPrivs: 0
        Seccomp: 2"
      `);
    });

    test('a user must have no capabilities, its groups and its home', async () => {
      const spec = ground.spec("grep -E '^(Cap|NoNewPrivs)' /proc/self/status; id; echo $HOME; echo out > /dev/stdout", (draft) => {
        draft.process.user = 'web';
        draft.security.noNewPrivileges = true;
      });
      expect((await outputOf(native, spec)).trim().replaceAll('\t', ' ')).toMatchInlineSnapshot(`
        "CapInh: 0000000000000000
        CapPrm: 0000000000000000
        CapEff: 0000000000000000
        CapBnd: 00000000800405fb
        CapAmb: 0000000000000000
        NoNewPrivs: 1
        uid=1000(web) gid=1000(web) groups=26(tape),1000(web)
        /home/web
        out"
      `);
    });

    test('masked paths must be empty and read-only ones must refuse writes', async () => {
      const output = await outputOf(
        native,
        ground.spec(
          'wc -c < /proc/interrupts; wc -c < /proc/timer_list; ls -A /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/panic; mkdir /sys/fs/cgroup/x; true',
        ),
      );
      expect(output.split('\n').slice(0, 3)).toEqual(['0', '0', '0']);
      expect(output.match(/Read-only file system/g)).toHaveLength(2);
    });

    test('mounts must be the golden ones', async () => {
      const output = await outputOf(
        native,
        ground.spec(
          "cut -d' ' -f2,3,4 /proc/mounts | cut -d, -f1-5 | sed -E 's/(overlay rw),.*/\\1/; s/,(size|nr_inodes|inode64).*//' | grep -vE '^(/sys/fs/cgroup/|/proc/|/sys/firmware|/sys/devices)'",
        ),
      );
      // The overlay is made beside the others, so which of them is the older mount is left to chance.
      expect(output.trim().split('\n').sort()).toEqual([
        '/ overlay rw',
        '/dev tmpfs rw,nosuid,noexec,relatime',
        '/dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime',
        '/dev/pts devpts rw,nosuid,noexec,relatime,gid=5',
        '/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime',
        '/proc proc rw,nosuid,nodev,noexec,relatime',
        '/sys sysfs ro,nosuid,nodev,noexec,relatime',
        '/sys/fs/cgroup tmpfs ro,nosuid,nodev,noexec,relatime',
      ]);
    });

    test('device nodes and their links must be those every program expects', async () => {
      const output = await outputOf(
        native,
        ground.spec('ls -A /dev; echo x > /dev/null; head -c4 /dev/zero | wc -c; stat -c %t:%T /dev/null; readlink /dev/ptmx'),
      );
      expect(output.trim().split('\n')).toEqual([
        'fd',
        'full',
        'mqueue',
        'null',
        'ptmx',
        'pts',
        'random',
        'shm',
        'stderr',
        'stdin',
        'stdout',
        'tty',
        'urandom',
        'zero',
        '4',
        '1:3',
        'pts/ptmx',
      ]);
    });

    test('mounts must be where the spec says, read-only where it says so', async () => {
      const source = join(ground.directory, 'data');
      mkdirSync(source);
      writeFileSync(join(source, 'there'), 'from the host');
      const spec = ground.spec(
        'cat /data/there /etc/file; echo no > /data/there; echo yes > /made/by/it; stat -f -c %T /scratch; echo t > /scratch/t && cat /scratch/t',
        (draft) => {
          draft.mounts = [
            { type: 'bind', source, target: '/data', readOnly: true, create: false },
            { type: 'bind', source: join(source, 'there'), target: '/etc/file', readOnly: true, create: false },
            { type: 'bind', source: join(ground.directory, 'new'), target: '/made/by', readOnly: false, create: true },
            { type: 'tmpfs', target: '/scratch', sizeBytes: 65_536, mode: 0o1777, readOnly: false },
          ];
        },
      );
      const output = await outputOf(native, spec);
      expect(output).toContain('from the hostfrom the host');
      expect(output).toContain('/data/there: Read-only file system');
      expect(output).toMatch(/tmpfs\n(.*\n)?t\n/);
      expect(readFileSync(join(ground.directory, 'new/it'), 'utf8')).toBe('yes\n');
      expect(readFileSync(join(source, 'there'), 'utf8')).toBe('from the host');
    });

    test('a read-only root must refuse writes', async () => {
      const spec = ground.spec('echo x > /file; echo $?', (draft) => {
        draft.rootfs.readOnly = true;
      });
      expect(await outputOf(native, spec)).toContain('Read-only file system');
    });

    test('a terminal must be its controlling one and its output must be in the log', async () => {
      const spec = ground.spec('tty; test -c /dev/console && echo console; stty size', (draft) => {
        draft.process.terminal = true;
      });
      expect((await outputOf(native, spec)).replaceAll('\r', '').trim().split('\n')).toEqual(['/dev/pts/0', 'console', '24 80']);
    });

    test('a low port and ping must need no capability', async () => {
      expect(
        (await outputOf(native, ground.spec('cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range')))
          .trim()
          .split('\n'),
      ).toEqual(['0', '0\t2147483647']);
    });

    test('sysctls must be set in its own namespaces only', async () => {
      const spec = ground.spec('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced', (draft) => {
        draft.sysctls = [
          { key: 'net.ipv4.ip_forward', value: '1' },
          { key: 'kernel.shm_rmid_forced', value: '1' },
        ];
      });
      expect((await outputOf(native, spec)).trim()).toBe('1\n1');
      const global = ground.spec('true', (draft) => {
        draft.sysctls = [{ key: 'vm.overcommit_memory', value: '1' }];
      });
      expect(await failureOf(native.containers.create(global, { start: true }))).toMatchObject({ code: 'E_SYSCTL', step: 'sysctl' });
    });

    test('a limit that cannot be raised must be clamped with a warning', async () => {
      const spec = ground.spec('ulimit -n', (draft) => {
        draft.rlimits = [{ name: 'nofile', soft: 123, hard: 456 }];
      });
      expect((await outputOf(native, spec)).trim()).toBe('123');
      const high = ground.spec('ulimit -Hn', (draft) => {
        draft.rlimits = [{ name: 'nofile', soft: 100, hard: 1_048_576 }];
      });
      const { warnings } = await native.containers.create(high, { start: true });
      await inPhase(native, high.id, 'exited');
      if (!native.host.capabilities.includes('SYS_RESOURCE')) expect(warnings.join()).toMatch(/^RlimitClamped: nofile 1048576 to \d+$/);
    });
  });

  describe('that cannot start', () => {
    test('must name a missing program: ENOENT at step exec', async () => {
      const spec = ground.spec('', (draft) => {
        draft.process.argv = ['/bin/no-such-program'];
      });
      expect(await failureOf(native.containers.create(spec, { start: true }))).toMatchObject({
        code: 'ENOENT',
        step: 'exec',
        syscall: 'execve',
      });
      expect(await native.containers.status(spec.id)).toMatchObject({
        phase: 'broken',
        process: null,
        error: { code: 'ENOENT', step: 'exec' },
      });
    });

    test('must name an unknown user', async () => {
      const spec = ground.spec('true', (draft) => {
        draft.process.user = 'nobody-here';
      });
      expect(await failureOf(native.containers.create(spec, { start: true }))).toMatchObject({ code: 'E_USER', step: 'user' });
    });

    test('must not enter a directory through a descriptor', async () => {
      for (let descriptor = 3; descriptor < 24; descriptor += 1) {
        const spec = ground.spec('pwd', (draft) => {
          draft.process.cwd = `/proc/self/fd/${descriptor}`;
        });
        expect((await failureOf(native.containers.create(spec, { start: true }))).step).toBe('cwd');
        await native.containers.remove(spec.id, { logs: true });
      }
    });

    test('must refuse an image whose /dev is a symlink, and leave nothing behind', async () => {
      const layer = join(ground.directory, 'evil');
      const canary = join(ground.directory, 'canary');
      mkdirSync(layer);
      mkdirSync(canary);
      symlinkSync(canary, join(layer, 'dev'));
      const spec = ground.spec('true', (draft) => {
        draft.rootfs.layers = [ground.layer, layer];
      });
      expect(await failureOf(native.containers.create(spec, { start: true }))).toMatchObject({ step: 'rootfs.dev' });
      expect(execFileSync('ls', ['-A', canary], { encoding: 'utf8' })).toBe('');
    });

    test('must leave nothing when its layers are missing', async () => {
      const spec = ground.spec('true', (draft) => {
        draft.rootfs.layers = ['/no/such/layer'];
      });
      expect(await failureOf(native.containers.create(spec, { start: true }))).toMatchObject({ code: 'ENOENT', step: 'rootfs.overlay' });
      expect(existsSync(join(ground.runDir, 'containers', spec.id))).toBe(false);
      expect(cgroupsOf(ground.prefix).filter((path) => path.includes(spec.id))).toEqual([]);
    });
  });

  describe('that ends', () => {
    test.each([
      ['exit 7', { code: 7, signal: null }],
      ['kill -9 $$; exit 3', { code: 3, signal: null }],
    ])('%s must be recorded once', async (command, exit) => {
      const spec = ground.spec(command);
      await native.containers.create(spec, { start: true });
      const status = await inPhase(native, spec.id, 'exited');
      expect(status).toMatchObject({ exit: { ...exit, oom: false }, stoppedBy: 'self', process: null, restarts: 0 });
      expect(events.filter((event) => event.type === 'exited' && event.id === spec.id)).toHaveLength(1);
    });

    test('by a signal must say which', async () => {
      const spec = ground.spec('sleep 100');
      const { started } = await native.containers.create(spec, { start: true });
      await native.containers.signal(spec.id, { signal: 9, all: false });
      expect((await inPhase(native, spec.id, 'exited')).exit).toMatchObject({ code: null, signal: 9, oom: false });
      expect(started?.pid).toBeGreaterThan(1);
    });

    test('for lack of memory must say so', async () => {
      const spec = ground.spec('dd if=/dev/zero of=/dev/null bs=60M count=1', (draft) => {
        draft.limits.memoryBytes = 16 << 20;
        draft.process.argv = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=60M', 'count=1'];
      });
      await native.containers.create(spec, { start: true });
      expect((await inPhase(native, spec.id, 'exited')).exit).toMatchObject({ signal: 9, oom: true });
    });

    test('must start again with its files kept', async () => {
      const spec = ground.spec('cat /mark; echo once > /mark');
      await native.containers.create(spec, { start: true });
      await inPhase(native, spec.id, 'exited');
      await native.containers.start(spec.id);
      await eventually(() => logText(spec).includes('once'));
    });
  });

  describe('with a restart policy', () => {
    test('must be started again after kill -9, at once, in the same groups', async () => {
      const spec = ground.spec('sleep 100', (draft) => {
        draft.restart.policy = 'Always';
      });
      const { started } = await native.containers.create(spec, { start: true });
      process.kill(started?.pid ?? 0, 9);
      const status = await eventually(async () => {
        const found = await native.containers.status(spec.id);
        return found?.restarts === 1 && found.phase === 'running' ? found : null;
      });
      expect(status?.process?.pid).not.toBe(started?.pid);
      expect(status?.exit).toMatchObject({ signal: 9 });
      await native.containers.stop(spec.id, { signal: 15, graceMs: 0, by: 'user' });
      expect(await native.containers.status(spec.id)).toMatchObject({ phase: 'exited', stoppedBy: 'user', restarts: 1 });
    });

    test('must wait longer each time it fails and obey the maximum', async () => {
      const spec = ground.spec('exit 1', (draft) => {
        draft.restart = { policy: 'OnFailure', initialMs: 40, maxMs: 80, resetMs: 60_000, maxRestarts: 3 };
      });
      await native.containers.create(spec, { start: true });
      expect(await inPhase(native, spec.id, 'exited')).toMatchObject({ restarts: 3, attempts: 3, exit: { code: 1 } });
      const waits = events.filter((event) => event.type === 'restarting' && event.id === spec.id);
      expect(waits.map((event) => event.type === 'restarting' && event.attempts)).toEqual([1, 2, 3]);
    });

    test('must not come back from a stop during its back-off', async () => {
      const spec = ground.spec('exit 1', (draft) => {
        draft.restart = { policy: 'Always', initialMs: 60_000, maxMs: 60_000, resetMs: 600_000, maxRestarts: null };
      });
      await native.containers.create(spec, { start: true });
      expect((await inPhase(native, spec.id, 'backoff')).nextTryMs).toBeGreaterThan(Date.now());
      await native.containers.stop(spec.id, { signal: 15, graceMs: 100, by: 'engine' });
      expect(await native.containers.status(spec.id)).toMatchObject({ phase: 'exited', stoppedBy: 'engine', nextTryMs: null });
    });
  });

  describe('that is stopped', () => {
    test('must get its signal and the time to end', async () => {
      const spec = ground.spec("trap 'echo bye; exit 5' TERM; while :; do sleep 0.05; done");
      await native.containers.create(spec, { start: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 5000, by: 'user' })).toMatchObject({ code: 5, signal: null });
      expect(logText(spec)).toContain('bye');
    });

    test('must be killed with all it started after the grace', async () => {
      const spec = ground.spec("trap '' TERM; sleep 100 & sleep 100 & wait; while :; do sleep 1; done");
      await native.containers.create(spec, { start: true });
      await eventually(async () => ((await native.containers.stats(spec.id))?.pids ?? 0) >= 3);
      expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 100, by: 'user' })).toMatchObject({ code: null, signal: 9 });
      expect((await native.containers.stats(spec.id))?.pids).toBe(0);
    });

    test('by a kill of everything must start again', async () => {
      const spec = ground.spec("trap '' TERM; while :; do sleep 0.05; done");
      await native.containers.create(spec, { start: true });
      for (let round = 0; round < 3; round += 1) {
        expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 50, by: 'user' })).toMatchObject({ signal: 9 });
        await native.containers.start(spec.id);
        expect((await native.containers.stats(spec.id))?.pids).toBeGreaterThan(0);
      }
      await native.containers.signal(spec.id, { signal: 9, all: true });
      await inPhase(native, spec.id, 'exited');
      await native.containers.start(spec.id);
      expect(await native.containers.status(spec.id)).toMatchObject({ phase: 'running' });
    });

    test('twice, or when it never ran, must be success', async () => {
      const spec = ground.spec('true');
      await native.containers.create(spec, { start: false });
      expect(await native.containers.status(spec.id)).toMatchObject({ phase: 'created', process: null });
      expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 100, by: 'user' })).toBeNull();
      expect(await native.containers.stop('000000000000', { signal: 15, graceMs: 100, by: 'user' })).toBeNull();
    });
  });

  test('a signal for one run must not reach the next', async () => {
    const spec = ground.spec('exec sleep 100', (draft) => {
      draft.restart.policy = 'Always';
    });
    await native.containers.create(spec, { start: true });
    const first = (await inPhase(native, spec.id, 'running')).process;
    if (first === null) throw new Error('it runs');
    await native.containers.signal(spec.id, { signal: 9, all: false, only: first });
    const next = await eventually(async () => {
      const status = await native.containers.status(spec.id);
      return status?.phase === 'running' && status.restarts === 1 ? status.process : null;
    });
    await native.containers.signal(spec.id, { signal: 9, all: true, only: first });
    await native.containers.signal(spec.id, { signal: 15, all: false, only: first });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await native.containers.status(spec.id)).toMatchObject({ phase: 'running', restarts: 1, process: next });
  });

  describe('with init', () => {
    test('must pass signals on, reap orphans and end as its child', async () => {
      const spec = ground.spec("trap 'exit 9' TERM; (sleep 0.1 &) ; touch /orphaned; while :; do sleep 0.05; done", (draft) => {
        draft.init = true;
      });
      await native.containers.create(spec, { start: true });
      // The loop's own ended sleeps are zombies for a moment too; only children of process 1 tell of the init.
      const look = await native.containers.exec(
        spec.id,
        execSpec(`until [ -e /orphaned ]; do sleep 0.01; done
          for try in $(seq 100); do
            children=$(grep -lE "^PPid:.1$" /proc/[0-9]*/status 2>/dev/null | wc -l)
            [ "$children" = 1 ] && break
            sleep 0.1
          done
          echo "children $children of $(cat /proc/1/comm)"`),
      );
      expect((await text(look.stdout)).trim()).toBe('children 1 of tsdock-init');
      expect(await native.containers.stop(spec.id, { signal: 15, graceMs: 5000, by: 'user' })).toMatchObject({ code: 9 });
    });
  });

  describe('created again', () => {
    test('must be success for the same spec and EEXIST for another', async () => {
      const spec = ground.spec('sleep 100');
      const first = await native.containers.create(spec, { start: true });
      const second = await native.containers.create(spec, { start: true });
      expect(second.started).toEqual(first.started);
      expect(await failureOf(native.containers.create({ ...spec, hostname: 'other' }, { start: true }))).toMatchObject({ code: 'EEXIST' });
    });
  });

  describe('that is removed', () => {
    test('must leave no process, mount, cgroup or directory', async () => {
      const spec = ground.spec('sleep 100', (draft) => {
        draft.mounts = [{ type: 'bind', source: join(ground.directory, 'kept'), target: '/data', readOnly: false, create: true }];
      });
      const { started, supervisorPid } = await native.containers.create(spec, { start: true });
      expect(cgroupsOf(ground.prefix).some((path) => path.includes(spec.id))).toBe(true);
      await native.containers.remove(spec.id, { logs: true });
      await eventually(() => !alive(supervisorPid));
      expect(alive(started?.pid ?? 0)).toBe(false);
      expect(cgroupsOf(ground.prefix).filter((path) => path.includes(spec.id))).toEqual([]);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(spec.id);
      for (const path of [spec.rootfs.upper, spec.log.directory, join(ground.runDir, 'containers', spec.id)])
        expect(existsSync(path)).toBe(false);
      expect(existsSync(join(ground.directory, 'kept'))).toBe(true);
      expect(await native.containers.status(spec.id)).toBeNull();
      await native.containers.remove(spec.id, { logs: true });
    });
  });

  describe('with an exec', () => {
    test('must give its output, errors, input and exit code', async () => {
      const spec = ground.spec('sleep 100');
      await native.containers.create(spec, { start: true });
      const handle = await native.containers.exec(
        spec.id,
        execSpec('cat; echo wrong >&2; pwd; echo $HOME; exit 4', { stdin: true, user: 'web', cwd: '/tmp' }),
      );
      handle.stdin?.end('given\n');
      const [stdout, stderr, exit] = await Promise.all([text(handle.stdout), text(handle.stderr), handle.wait()]);
      expect([stdout, stderr]).toEqual(['given\n/tmp\n/home/web\n', 'wrong\n']);
      expect(exit).toMatchObject({ code: 4, signal: null });
    });

    test('must have the rights and namespaces of the instance', async () => {
      const spec = ground.spec('for n in pid net; do readlink /proc/self/ns/$n; done; sleep 100');
      await native.containers.create(spec, { start: true });
      await eventually(() => logText(spec).includes('net:'));
      const command =
        "ls /proc/self/fd | wc -l; grep -E '^(CapInh|CapEff|CapBnd|Seccomp:)' /proc/self/status; for n in pid net; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup | grep -v ':/$'";
      const lines = (await text((await native.containers.exec(spec.id, execSpec(command))).stdout)).replaceAll('\t', ' ').split('\n');
      expect(lines.slice(0, 5)).toEqual([
        '4',
        'CapInh: 0000000000000000',
        'CapEff: 00000000800405fb',
        'CapBnd: 00000000800405fb',
        'Seccomp: 2',
      ]);
      expect(lines.slice(5, 7)).toEqual(logText(spec).trim().split('\n'));
      expect(lines.slice(7).join('')).toBe('');
    });

    test('must have a terminal of the wanted size that can be resized', async () => {
      const spec = ground.spec('sleep 100');
      await native.containers.create(spec, { start: true });
      const handle = await native.containers.exec(
        spec.id,
        execSpec('tty; stty size; read line; stty size; echo got $line', { terminal: { cols: 91, rows: 33 } }),
      );
      const seen: string[] = [];
      handle.stdout.on('data', (chunk: Buffer) => seen.push(chunk.toString('utf8').replaceAll('\r', '')));
      await eventually(() => seen.join('') === '/dev/pts/0\n33 91\n');
      await handle.resize(100, 40);
      handle.stdin?.write('word\r');
      await eventually(() => seen.join('') === '/dev/pts/0\n33 91\nword\n40 100\ngot word\n');
      expect(await handle.wait()).toMatchObject({ code: 0 });
    });

    test('must be killed by a signal and say so', async () => {
      const spec = ground.spec('sleep 100');
      await native.containers.create(spec, { start: true });
      const handle = await native.containers.exec(spec.id, execSpec('sleep 100', { argv: ['sleep', '100'] }));
      expect(alive(handle.pid)).toBe(true);
      await handle.signal(9);
      expect(await handle.wait()).toMatchObject({ code: null, signal: 9 });
    });

    test('must have its variables on top of those of the container', async () => {
      const spec = ground.spec('sleep 100', (draft) => draft.process.env.push('KEPT=1', 'CHANGED=old'));
      await native.containers.create(spec, { start: true });
      const handle = await native.containers.exec(spec.id, execSpec('echo $KEPT $CHANGED $NEW $PATH', { env: ['CHANGED=new', 'NEW=a=b'] }));
      expect(await text(handle.stdout)).toBe('1 new a=b /bin\n');
    });

    test('of a missing program must be ENOENT at step exec, in nothing that runs E_NOT_RUNNING', async () => {
      const spec = ground.spec('sleep 100');
      await native.containers.create(spec, { start: true });
      expect(await failureOf(native.containers.exec(spec.id, execSpec('', { argv: ['no-such'] })))).toMatchObject({
        code: 'ENOENT',
        step: 'exec',
      });
      await native.containers.stop(spec.id, { signal: 9, graceMs: 0, by: 'user' });
      expect(await failureOf(native.containers.exec(spec.id, execSpec('true')))).toMatchObject({ code: 'E_NOT_RUNNING' });
    });
  });

  test('limits must be changed while it runs', async () => {
    const spec = ground.spec('sleep 100');
    await native.containers.create(spec, { start: true });
    await native.containers.update(spec.id, { limits: { ...spec.limits, memoryBytes: 32 << 20 }, restart: null, stop: null });
    const limit = await text(
      (
        await native.containers.exec(
          spec.id,
          execSpec('cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null'),
        )
      ).stdout,
    );
    expect(limit.trim()).toBe(String(32 << 20));
  });

  test('a lock must be held once and say by whom', () => {
    const path = join(ground.directory, 'lock');
    const lock = native.lock(path);
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+\n$`));
    expect(native.lock(path)).toBeNull();
    lock?.release();
    native.lock(path)?.release();
    rmSync(path);
  });
});
