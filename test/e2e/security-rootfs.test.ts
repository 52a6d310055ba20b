/** S03, S15 and S16 of reliability.md on the real runtime: hostile root file systems, hidden and read-only paths, cgroup files. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Native, NativeError } from '../../src/native/index.ts';
import { type Draft, type Ground, makeGround, outputOf } from './native-support.ts';

/** What an image may have put in the place of a directory or file of ours. */
const shapes: Readonly<Record<string, (path: string, canary: string) => void>> = {
  'a symlink to the host': (path, canary) => symlinkSync(canary, path),
  'a chain of dots': (path, canary) => symlinkSync(`../../../../../../../../../..${canary}`, path),
  'a dangling symlink': (path) => symlinkSync('/nowhere/at/all', path),
  'a dangling symlink to the host': (path, canary) => symlinkSync(join(canary, 'new'), path),
  'a loop': (path) => symlinkSync(path.split('/').pop() ?? '', path),
  'a magic link': (path, canary) => symlinkSync(`/proc/self/root${canary}`, path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a file': (path) => writeFileSync(path, 'image'),
  'a device': (path) => execFileSync('mknod', [path, 'c', '1', '11']),
};

describe('hostile root file systems', () => {
  let ground: Ground;
  let native: Native;
  let canary: string;
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
    canary = join(ground.directory, 'canary');
    mkdirSync(canary);
    writeFileSync(join(canary, 'file'), 'canary');
  });
  afterAll(() => ground.clear());

  function expectCanaryUntouched(what: string): void {
    expect(readdirSync(canary), what).toEqual(['file']);
    expect(readFileSync(join(canary, 'file'), 'utf8'), what).toBe('canary');
  }

  /** A layer over the usual one in which `path` has `shape`. */
  function hostileLayer(path: string, shape: string): string {
    const layer = join(ground.directory, `hostile-${Math.random().toString(36).slice(2)}`);
    cpSync(ground.layer, layer, { recursive: true, verbatimSymlinks: true });
    const place = join(layer, path);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(join(place, '..'), { recursive: true });
    shapes[shape]?.(place, canary);
    return layer;
  }

  /** Starts, and returns what the container wrote or why it did not start. */
  async function attempt(layer: string, command: string, change: (spec: Draft) => void = () => undefined): Promise<string> {
    const spec = ground.spec(command, (draft) => {
      draft.rootfs.layers = [layer];
      change(draft);
    });
    try {
      return await outputOf(native, spec);
    } catch (error) {
      expect(error).toBeInstanceOf(NativeError);
      return `refused: ${(error as NativeError).step}`;
    } finally {
      await native.containers.remove(spec.id, { logs: true });
      rmSync(layer, { recursive: true });
    }
  }

  test.each(['dev', 'proc', 'sys'].flatMap((name) => Object.keys(shapes).map((shape) => [name, shape] as const)))(
    'an image whose /%s is %s must not start',
    async (name, shape) => {
      expect(await attempt(hostileLayer(name, shape), 'echo started')).toBe(`refused: rootfs.${name}`);
      expectCanaryUntouched(`${name} ${shape}`);
    },
  );

  test.each(Object.keys(shapes))('mounts onto paths that are %s must stay inside the root or fail', async (shape) => {
    for (const target of ['/data', '/data/below', '/etc/resolv.conf', '/run', '/tmp']) {
      const parent = target
        .split('/')
        .slice(1, target === '/data/below' ? 2 : undefined)
        .join('/');
      const seen = await attempt(hostileLayer(parent, shape), `ls ${target}; echo ran; echo x > ${target}/written`, (draft) => {
        draft.mounts = [
          { type: 'tmpfs', target, sizeBytes: 65_536, mode: 0o755, readOnly: false },
          { type: 'bind', source: join(canary, 'file'), target: `${target}/file`, readOnly: true, create: false },
        ];
      });
      expect(seen).toMatch(/^refused: mounts|ran/);
      expectCanaryUntouched(`${target} ${shape}`);
    }
  });

  test('a neighbour that swaps directory and symlink during starts must redirect nothing', async () => {
    const volume = join(ground.directory, 'volume');
    mkdirSync(join(volume, 'a'), { recursive: true });
    symlinkSync(canary, join(volume, 'link'));
    const racer = spawn('sh', ['-c', `cd ${volume}; while :; do mv -T a b; mv -T link a; mv -T a link; mv -T b a; done`], {
      stdio: 'ignore',
    });
    try {
      for (let round = 0; round < 60; round += 1) {
        const spec = ground.spec('echo x > /volume/a/x/written', (draft) => {
          draft.mounts = [
            { type: 'bind', source: volume, target: '/volume', readOnly: false, create: false },
            { type: 'tmpfs', target: '/volume/a/x', sizeBytes: 65_536, mode: 0o777, readOnly: false },
          ];
        });
        await outputOf(native, spec).catch((error: unknown) => expect(error).toBeInstanceOf(NativeError));
        await native.containers.remove(spec.id, { logs: true });
        expectCanaryUntouched(`round ${round}`);
      }
    } finally {
      racer.kill('SIGKILL');
    }
  });

  test('a device node of an image or of its volume must not open', async () => {
    execFileSync('mknod', [join(ground.layer, 'kmsg'), 'c', '1', '11']);
    const volume = join(ground.directory, 'nodes');
    mkdirSync(volume);
    execFileSync('mknod', [join(volume, 'kmsg'), 'c', '1', '11']);
    const spec = ground.spec(
      '{ true < /dev/zero; } && echo usual; for n in /kmsg /nodes/kmsg; do { true < $n; } 2>/dev/null && echo "opened $n"; done; mknod /dev/k c 1 11 && { true < /dev/k; } && echo opened made; echo end',
      (draft) => {
        draft.mounts = [{ type: 'bind', source: volume, target: '/nodes', readOnly: false, create: false }];
        draft.security.capabilities.push('MKNOD');
      },
    );
    const seen = await outputOf(native, spec);
    expect(seen).toContain('usual\n');
    expect(seen).not.toContain('opened');
    expect(seen).toContain('end\n');
    rmSync(join(ground.layer, 'kmsg'));
  });

  test('masked files must be empty, masked directories too, and read-only paths read-only', async () => {
    const corePattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const seen = await outputOf(
      native,
      ground.spec(`
        for f in /proc/keys /proc/timer_list /proc/interrupts /proc/kcore /proc/sched_debug; do [ -e $f ] && [ "$(wc -c < $f)" != 0 ] && echo "readable $f"; done
        for d in /sys/firmware /proc/acpi /proc/scsi /proc/asound /sys/devices/virtual/powercap; do [ -d $d ] && [ -n "$(ls $d)" ] && echo "listed $d"; done
        for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/uevent_helper /sys/power/state
        do { echo '|/x' > $f; } 2>/dev/null && echo "written $f"; done
        mount -o remount,rw /proc/sys 2>/dev/null && echo remounted; umount /proc/keys 2>/dev/null && echo unmounted
        echo end`),
    );
    expect(seen).toBe('end\n');
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(corePattern);
  });

  test.each([
    ['kernel.core_pattern', '|/x'],
    ['kernel.shm_rmid_forced', '1\n0'],
    ['kernel.shm_rmid_forced', '1+kernel.core_pattern=|/x'],
    ['net/../kernel.core_pattern', 'x'],
    ['net.ipv4./../../../kernel/core_pattern', 'x'],
    ['net..ipv4.ip_forward', '1'],
    ['vm.overcommit_memory', '1'],
    ['', '1'],
  ])('the sysctl %j = %j must be refused', async (key, value) => {
    const spec = ground.spec('echo started', (draft) => {
      draft.sysctls = [{ key, value }];
    });
    await expect(native.containers.create(spec, { start: true })).rejects.toMatchObject({ step: 'sysctl' });
  });

  test('no cgroup file must be writable, no group of the host visible, no release_agent present', async () => {
    const seen = await outputOf(
      native,
      ground.spec(`
        find /sys/fs/cgroup -name release_agent
        for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/made 2>/dev/null && echo "made in $d"; done
        for f in $(find /sys/fs/cgroup -name notify_on_release -o -name cgroup.procs -o -name memory.limit_in_bytes -o -name memory.max); do { echo 1 > $f; } 2>/dev/null && echo "written $f"; done
        grep -E ' - cgroup2? ' /proc/self/mountinfo | grep -vE ' ro,' && echo 'mounted writable'
        grep -E ' - cgroup2? ' /proc/self/mountinfo | grep -vE ' / /sys/fs/cgroup' && echo 'mounted elsewhere'
        find /sys/fs/cgroup -mindepth 2 -type d
        echo end`),
    );
    expect(seen).toBe('end\n');
  });

  test('a container must leave no device node and no directory on the host', () => {
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => lstatSync('/nowhere')).toThrow();
  });
});
