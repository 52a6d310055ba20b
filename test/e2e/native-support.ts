import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecSpec, type InstanceSpec, type InstanceStatus, type Native, openNative } from '../../src/native/index.ts';

/** A state and run directory, a busybox layer and a prefix of its own. */
export interface Ground {
  readonly directory: string;
  readonly runDir: string;
  readonly prefix: string;
  readonly layer: string;
  open(): Promise<Native>;
  spec(command: string, change?: (spec: Draft) => void): InstanceSpec;
  /** Ends what is left and says what should not have been left. */
  clear(): Promise<void>;
}

type Mutable<T> = T extends readonly (infer Item)[] ? Mutable<Item>[] : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
export type Draft = Mutable<InstanceSpec>;

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));

/** Throws where the tests cannot run: `npm test` has made sure of both, and a test that is left out proves nothing. */
export function makeGround(): Ground {
  if (process.getuid?.() !== 0) throw new Error('needs root');
  if (busybox === undefined) throw new Error('needs busybox-static');
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-rt-'));
  const runDir = join(directory, 'run');
  const layer = join(directory, 'layer');
  const prefix = `tsrt${randomBytes(3).toString('hex')}`;
  fillLayer(layer);
  const opened: Native[] = [];
  const open = async () => {
    const native = await openNative({ stateDir: directory, runDir, prefix });
    opened.push(native);
    return native;
  };
  return {
    directory,
    runDir,
    prefix,
    layer,
    open,
    spec: (command, change) => {
      const spec = makeSpec(directory, layer, command);
      change?.(spec);
      return spec;
    },
    clear: async () => {
      const native = await open();
      for (const { id } of await native.containers.list()) await native.containers.remove(id, { logs: true });
      await Promise.all(opened.map((each) => each.close()));
      await eventually(() => zygotes(runDir).length === 0);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `/bin/busybox` with a link for each applet, and the files an image has. */
function fillLayer(layer: string): void {
  for (const path of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev']) mkdirSync(join(layer, path), { recursive: true });
  if (busybox === undefined) throw new Error('busybox-static is missing');
  copyFileSync(busybox, join(layer, 'bin/busybox'));
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(layer, 'bin', applet));
  execFileSync('sh', [
    '-c',
    `printf 'root:x:0:0:root:/root:/bin/sh\\nweb:x:1000:1000::/home/web:/bin/sh\\n' > '${layer}/etc/passwd'; printf 'root:x:0:\\nweb:x:1000:\\ntape:x:26:web\\n' > '${layer}/etc/group'; chmod 1777 '${layer}/tmp'`,
  ]);
}

export const baseline = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

function makeSpec(directory: string, layer: string, command: string): Draft {
  const id = randomBytes(6).toString('hex');
  return {
    id,
    identity: '{"test":true}',
    hostname: 'box',
    domainname: null,
    rootfs: { layers: [layer], upper: join(directory, 'upper', id), readOnly: false },
    mounts: [],
    process: { argv: ['sh', '-c', command], env: ['PATH=/bin'], cwd: '/', user: '', groups: [], terminal: false, stdin: false },
    init: false,
    security: {
      capabilities: [...baseline],
      noNewPrivileges: false,
      seccomp: 'default',
      maskedPaths: [
        '/proc/acpi',
        '/proc/asound',
        '/proc/interrupts',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/sched_debug',
        '/proc/scsi',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/sys/firmware',
        '/sys/devices/virtual/powercap',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      privileged: false,
    },
    limits: { memoryBytes: 64 << 20, swapBytes: null, cpuMillis: null, pids: 64 },
    rlimits: [],
    sysctls: [],
    oomScoreAdj: 0,
    shmBytes: 1 << 20,
    network: { mode: 'none' },
    restart: { policy: 'Never', initialMs: 50, maxMs: 400, resetMs: 60_000, maxRestarts: null },
    stop: { signal: 15, graceMs: 500 },
    log: { directory: join(directory, 'logs', id), maxBytes: 1 << 20, maxFiles: 3 },
  };
}

/** The only retry of these tests. */
export async function eventually<T>(check: () => T | Promise<T>, limitMs = 10_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function inPhase(native: Native, id: string, phase: InstanceStatus['phase']): Promise<InstanceStatus> {
  return eventually(async () => {
    const status = await native.containers.status(id);
    return status?.phase === phase ? status : null;
  }).then((status) => status as InstanceStatus);
}

/** The bytes the container wrote, without the log's own columns. */
export function logText(spec: InstanceSpec): string {
  const lines = readFileSync(join(spec.log.directory, 'current.log'), 'utf8').split('\n');
  return lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n');
}

/** Runs to its end and returns what it wrote. */
export async function outputOf(native: Native, spec: InstanceSpec): Promise<string> {
  await native.containers.create(spec, { start: true });
  await inPhase(native, spec.id, 'exited');
  return logText(spec);
}

export function execSpec(command: string, change: Partial<ExecSpec> = {}): ExecSpec {
  return { argv: ['sh', '-c', command], env: [], cwd: null, user: null, terminal: null, stdin: false, ...change };
}

export async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

/** Pids of the zygotes of a run directory. */
export function zygotes(runDir: string): readonly number[] {
  return namedProcesses(runDir, 'tsdock-zygote');
}

/** Pids of its supervisors that wait for an instance. */
export function spares(runDir: string): readonly number[] {
  return namedProcesses(runDir, 'tsdock-spare');
}

function namedProcesses(runDir: string, name: string): readonly number[] {
  return pids().filter(
    (pid) => commandOf(pid).startsWith('tsdock-rt zygote') && commandOf(pid).includes(runDir) && nameOf(pid) === name && alive(pid),
  );
}

export function pids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

export function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`));
}

export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** cgroup directories of a prefix, in all hierarchies. */
export function cgroupsOf(prefix: string): readonly string[] {
  // Its exit code tells of groups of other tests that vanished under it.
  return spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*/${prefix}/c/*`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);
}
