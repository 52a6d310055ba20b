/** S12, S14 and S17 of reliability.md on the real runtime: who a container's process is and what it may do. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstanceSpec, type Native, NativeError } from '../../src/native/index.ts';
import { baseline, type Draft, execSpec, type Ground, makeGround, outputOf, text } from './native-support.ts';

/** Numbers of linux/capability.h. */
const capabilityNumbers: Readonly<Record<string, number>> = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SETPCAP: 8,
  NET_BIND_SERVICE: 10,
  SYS_CHROOT: 18,
  SETFCAP: 31,
};

const none = '0'.repeat(16);
const baselineMask = baseline
  .reduce((mask, name) => mask | (1n << BigInt(capabilityNumbers[name] ?? 63)), 0n)
  .toString(16)
  .padStart(16, '0');

const facts = "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' /proc/self/status";

describe('identity and rights', () => {
  let ground: Ground;
  let native: Native;
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
  });
  afterAll(() => ground.clear());

  /** Lines `name: value` of a status file. */
  function parsed(status: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      status
        .trim()
        .split('\n')
        .map((line) => line.split(/:\s*/).map((part) => part.replaceAll(/\s+/g, ' ').trim())),
    );
  }

  async function execOutput(spec: InstanceSpec, command: string): Promise<string> {
    const handle = await native.containers.exec(spec.id, execSpec(command));
    const [output] = await Promise.all([text(handle.stdout), text(handle.stderr), handle.wait()]);
    return output;
  }

  /** Facts of pid 1's child at the start and of an exec, which must agree. */
  async function rightsOf(change: (spec: Draft) => void): Promise<Readonly<Record<string, string>>> {
    const spec = ground.spec(`${facts} > /tmp/facts; exec sleep 1000`, change);
    await native.containers.create(spec, { start: true });
    const exec = parsed(await execOutput(spec, facts));
    const started = parsed(await execOutput(spec, 'while [ ! -s /tmp/facts ]; do :; done; cat /tmp/facts'));
    await native.containers.remove(spec.id, { logs: true });
    expect(exec).toEqual(started);
    return started;
  }

  test('root of a baseline container must have the eleven capabilities and the filter', async () => {
    expect(await rightsOf(() => undefined)).toEqual({
      Uid: '0 0 0 0',
      Gid: '0 0 0 0',
      Groups: '0',
      CapInh: none,
      CapPrm: baselineMask,
      CapEff: baselineMask,
      CapBnd: baselineMask,
      CapAmb: none,
      NoNewPrivs: '0',
      Seccomp: '2',
    });
  });

  test('a user of a baseline container must have no capability, and exactly its groups', async () => {
    const rights = await rightsOf((draft) => {
      draft.process.user = 'web';
      draft.process.groups = ['5', '26'];
    });
    expect(rights).toEqual({
      Uid: '1000 1000 1000 1000',
      Gid: '1000 1000 1000 1000',
      Groups: '5 26 1000',
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: baselineMask,
      CapAmb: none,
      NoNewPrivs: '0',
      Seccomp: '2',
    });
  });

  test('a restricted container must have nothing to gain', async () => {
    const rights = await rightsOf((draft) => {
      draft.process.user = '1000:1000';
      draft.security.capabilities = [];
      draft.security.noNewPrivileges = true;
    });
    expect(rights).toMatchObject({
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: none,
      CapAmb: none,
      NoNewPrivs: '1',
      Seccomp: '2',
      Groups: '1000',
    });
  });

  test('a privileged container must have what the host gives and still nothing inheritable', async () => {
    const { capabilities } = native.host;
    const rights = await rightsOf((draft) => {
      draft.security = {
        ...draft.security,
        capabilities: [...capabilities],
        privileged: true,
        seccomp: 'unconfined',
        maskedPaths: [],
        readonlyPaths: [],
      };
    });
    expect(rights).toMatchObject({ CapInh: none, CapAmb: none, Seccomp: '0' });
    expect(rights.CapEff).toBe(rights.CapBnd);
    expect(BigInt(`0x${rights.CapEff}`) & (1n << 21n)).not.toBe(0n); // SYS_ADMIN
  });

  test('a setuid program must gain no more than the bounding set, and nothing with no_new_privs', async () => {
    const setuidCat = join(ground.layer, 'setuid-cat');
    copyWithLibraries('/bin/cat', ground.layer, setuidCat);
    chmodSync(setuidCat, 0o4755);
    const status = async (change: (spec: Draft) => void) => {
      const spec = ground.spec('/setuid-cat /proc/self/status', (draft) => {
        draft.process.user = 'web';
        change(draft);
      });
      return parsed(await outputOf(native, spec));
    };
    expect(await status(() => undefined)).toMatchObject({ Uid: '1000 0 0 0', CapEff: baselineMask, CapPrm: baselineMask, CapInh: none });
    const restricted = await status((draft) => {
      draft.security.noNewPrivileges = true;
    });
    expect(restricted).toMatchObject({ Uid: '1000 1000 1000 1000', CapEff: none, CapPrm: none });
  });

  test.each([
    '4294967296',
    '4294967295',
    '-1',
    '0x0',
    '1000:',
    ':1000',
    ' root',
    'a\nb',
    '1:2:3',
    'nobody-here',
    '0:nogroup',
    'root\u0000',
    '+0',
  ])('the user %j must be refused at start and exec', async (user) => {
    const spec = ground.spec('id', (draft) => {
      draft.process.user = user;
    });
    await expect(native.containers.create(spec, { start: true })).rejects.toThrow(NativeError);
    const runs = ground.spec('exec sleep 1000');
    await native.containers.create(runs, { start: true });
    await expect(native.containers.exec(runs.id, execSpec('id', { user }))).rejects.toThrow(NativeError);
    await native.containers.remove(runs.id, { logs: true });
  });

  test.each([
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a gigabyte', (path: string) => [writeFileSync(path, ''), truncateSync(path, 2 ** 30)]],
    ['a symlink to a file of the host', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a symlink to a kernel file', (path: string) => symlinkSync('/proc/kmsg', path)],
    ['a device', (path: string) => void execFileSync('mknod', [path, 'c', '1', '5'])],
    ['a directory', (path: string) => void mkdirSync(path)],
  ])('passwd and group that are %s must block nobody and name nobody', async (_, make) => {
    const layer = join(ground.directory, 'users');
    mkdirSync(join(layer, 'etc'), { recursive: true });
    try {
      for (const name of ['passwd', 'group']) make(join(layer, 'etc', name));
      const spec = (user: string) =>
        ground.spec("grep -E '^[UG]id' /proc/self/status", (draft) => {
          draft.rootfs.layers = [ground.layer, layer];
          draft.process.user = user;
        });
      // Not `id`: it would read the file itself.
      expect(parsed(await outputOf(native, spec('1234:77')))).toEqual({ Uid: '1234 1234 1234 1234', Gid: '77 77 77 77' });
      await expect(native.containers.create(spec('daemon'), { start: true })).rejects.toMatchObject({ step: 'user' });
    } finally {
      rmSync(layer, { recursive: true });
    }
  });

  test('arguments and variables must arrive as they are, or not at all', async () => {
    const odd = ['', ' ', '$(id)', 'a\nb', '"', "'", '\\', '-n', '\u00e9\u{1f600}'];
    const spec = ground.spec('', (draft) => {
      draft.process.argv = ['sh', '-c', 'for a in "$@"; do echo "<$a>"; done; echo "$NEW"; echo "$EMPTY."', 'sh', ...odd];
      draft.process.env.push('NEW=line one\nline two', 'EMPTY=');
    });
    expect(await outputOf(native, spec)).toBe(`${odd.map((text) => `<${text}>`).join('\n')}\nline one\nline two\n.\n`);
    const nul = ground.spec('', (draft) => {
      draft.process.argv = ['sh', '-c', 'echo a\u0000b'];
    });
    await expect(native.containers.create(nul, { start: true })).rejects.toThrow(NativeError);
    const many = ground.spec('', (draft) => {
      draft.process.argv = ['true', ...Array.from({ length: 400_000 }, () => 'x')];
    });
    await expect(native.containers.create(many, { start: true })).rejects.toMatchObject({ code: 'E2BIG', step: 'exec' });
  });

  test('the default filter must hold at start and in an exec, and only it', async () => {
    const attempt = 'unshare -U true 2>/dev/null && echo unshared; unshare -m true 2>/dev/null && echo mounted; echo end';
    const filtered = ground.spec(`${attempt}; exec sleep 1000`);
    await native.containers.create(filtered, { start: true });
    expect(await execOutput(filtered, attempt)).toBe('end\n');
    await native.containers.remove(filtered.id, { logs: true });
    expect(await outputOf(native, ground.spec(attempt))).toBe('end\n');
    const open = ground.spec(attempt, (draft) => {
      draft.security.seccomp = 'unconfined';
    });
    expect(await outputOf(native, open)).toBe('unshared\nend\n');
  });
});

/** A dynamic program and the libraries `ldd` names, below `root`. */
function copyWithLibraries(program: string, root: string, destination: string): void {
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  copyFileSync(program, destination);
}
