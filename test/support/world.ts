/**
 * An in-memory kernel behind `Native`: instances with supervisors, links, an nft table, unpacked layers. It keeps facts and decides nothing; every rule of the engine
 * stays in the engine. Faults are scripted: fail call n, crash after call n, drift.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  type ContainerRuntime,
  type ExecHandle,
  type ExitInfo,
  type HostInfo,
  type InstanceId,
  type InstanceSpec,
  type InstanceStatus,
  type Layers,
  type Limits,
  type Native,
  NativeError,
  type NativeEvent,
  type Net,
  type NetworkSpec,
  type PublishedPort,
} from '../../src/native/index.ts';
import { createFakeLayers } from './fake-layers.ts';

/** What happens at one call: it fails before its effect, after it, or the engine that called dies after it (the call never returns). */
export type Fault = 'fail-before' | 'fail-after' | 'crash-after';

export interface WorldInstance {
  readonly spec: InstanceSpec;
  readonly status: InstanceStatus;
  readonly limits: Limits;
}

export interface WorldOptions {
  readonly now: () => number;
  readonly layers?: Layers;
}

export class World {
  readonly instances = new Map<InstanceId, WorldInstance>();
  readonly networks = new Map<string, NetworkSpec & { up: boolean }>();
  readonly published = new Map<string, PublishedPort & { owner: string }>();
  readonly reserved = new Map<string, readonly PublishedPort[]>();
  /** Host ports that a process of the host serves. */
  readonly served = new Set<string>();
  /** Processes that ever ran, with how often: a container that was only adopted keeps its number. */
  readonly starts = new Map<InstanceId, number>();
  /** Calls that change something, in order: `containers.create`, `net.publish`, … */
  readonly calls: string[] = [];
  /** How often somebody looked. */
  looks = 0;
  tableIntact = true;
  routes: { destination: string; device: string }[] = [];
  /** Programs by the first word of argv: what a start of it does. Everything else runs until it is stopped. */
  readonly programs = new Map<string, { readonly exit: Omit<ExitInfo, 'atMs'> } | { readonly error: NativeError }>();
  /** Commands that an exec can run, by the first word: how they end, or that they never do. Others are not found. */
  readonly commands = new Map<string, { readonly code: number; readonly output: string } | 'hangs'>();
  /** Execs that run. */
  readonly execs = new Set<string>();
  readonly #now: () => number;
  readonly #layers: Layers;
  readonly #faults = new Map<number, Fault>();
  readonly #listeners = new Set<(event: NativeEvent) => void>();
  readonly #locks = new Set<string>();
  #pid = 1000;
  readonly #deaths: (() => void)[] = [];
  #epoch = 0;

  constructor(options: WorldOptions) {
    this.#now = options.now;
    this.#layers = options.layers ?? createFakeLayers();
  }

  /** A fault at the nth changing call from now on, counted from 1. */
  fault(call: number, fault: Fault): void {
    this.#faults.set(this.calls.length + call, fault);
  }

  /** Told each time an engine dies, by a scripted crash or by `killEngine`. */
  onDeath(listener: () => void): void {
    this.#deaths.push(listener);
  }

  /** The present engine is dead: its calls have no effect any more, its lock is free, its listeners are gone. */
  killEngine(): void {
    this.#epoch += 1;
    this.#locks.clear();
    this.#listeners.clear();
    this.#faults.clear();
    for (const listener of this.#deaths.splice(0)) listener();
  }

  /** The face one engine process sees; after `killEngine` an older face does nothing. */
  native(): Native {
    const epoch = this.#epoch;
    const alive = (): boolean => epoch === this.#epoch;
    return {
      host,
      lock: (path) => {
        if (this.#locks.has(path)) return null;
        this.#locks.add(path);
        return { release: () => void (alive() && this.#locks.delete(path)) };
      },
      onEvent: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      close: () => Promise.resolve(),
      containers: this.#containers(alive),
      net: this.#net(alive),
      layers: this.#layers,
    };
  }

  // ---------------------------------------------------------------------------------------------- what happens without an engine

  /** The process ends by itself; its supervisor acts by its policy. */
  exit(id: InstanceId, how: Partial<Omit<ExitInfo, 'atMs'>> = {}): void {
    const instance = this.#instance(id);
    const exit: ExitInfo = { code: 0, signal: null, oom: false, ...how, atMs: this.#now() };
    const { restart } = instance.spec;
    const attempts = instance.status.attempts + 1;
    const again =
      (restart.policy === 'Always' || (restart.policy === 'OnFailure' && exit.code !== 0)) &&
      (restart.maxRestarts === null || attempts <= restart.maxRestarts);
    const atMs = this.#now() + Math.min(restart.maxMs, restart.initialMs * 2 ** (attempts - 1));
    this.#set(
      id,
      again
        ? { phase: 'backoff', process: null, exit, attempts, nextTryMs: atMs }
        : { phase: 'exited', process: null, exit, stoppedBy: 'self', nextTryMs: null },
    );
    this.#emit({ type: 'exited', id, exit });
    if (exit.oom) this.#emit({ type: 'oom', id });
    if (again) this.#emit({ type: 'restarting', id, attempts, atMs });
  }

  /** The supervisor's back-off is over. */
  restart(id: InstanceId): void {
    const { status } = this.#instance(id);
    this.#run(id);
    this.#set(id, { restarts: status.restarts + 1 });
  }

  /** Supervisor and process vanish as by a reboot or kill -9 of everything; the run directory's facts stay. */
  killEverything(): void {
    for (const id of this.instances.keys()) {
      this.#set(id, {
        phase: 'exited',
        process: null,
        supervisorPid: null,
        exit: { code: null, signal: 9, oom: false, atMs: this.#now() },
      });
    }
  }

  /** As after a reboot with an emptied run directory: nothing of the kernel's is left. */
  reboot(): void {
    this.instances.clear();
    this.networks.clear();
    this.published.clear();
    this.reserved.clear();
  }

  /** Somebody else removes a link of ours. */
  dropLink(name: string): void {
    this.networks.delete(name);
    this.#emit({ type: 'link', name });
  }

  dropTable(): void {
    this.tableIntact = false;
    this.published.clear();
    this.#emit({ type: 'table' });
  }

  /** Everything that runs, as lines that can be compared: container, phase, address, ports. Ids and pids are left out. */
  describe(): readonly string[] {
    const lines: string[] = [];
    for (const { spec, status } of this.instances.values()) {
      const identity = JSON.parse(spec.identity) as { key: string; slot: number; address: string | null };
      lines.push(`${identity.key}:${identity.slot} ${status.phase} ${identity.address ?? '-'}`);
    }
    for (const network of this.networks.values()) lines.push(`link ${network.name} ${network.alias} ${network.subnet}`);
    for (const port of this.published.values())
      lines.push(`port ${port.protocol} ${port.hostIP ?? '*'}:${port.hostPort} -> ${port.address}:${port.containerPort} ${port.owner}`);
    return lines.sort();
  }

  // ---------------------------------------------------------------------------------------------- the native face

  #containers(alive: () => boolean): ContainerRuntime {
    return {
      create: (spec, options) =>
        this.#call(alive, 'containers.create', () => {
          const before = this.instances.get(spec.id);
          if (before !== undefined && JSON.stringify(before.spec) !== JSON.stringify(spec))
            throw nativeError('EEXIST', 'create', `${spec.id} exists`);
          if (before === undefined) {
            mkdirSync(spec.rootfs.upper, { recursive: true });
            mkdirSync(spec.log.directory, { recursive: true });
            writeFileSync(join(spec.log.directory, 'identity'), spec.identity);
            this.instances.set(spec.id, { spec, limits: spec.limits, status: newStatus(spec, this.#now(), ++this.#pid) });
          }
          return { supervisorPid: this.#pid, started: options.start ? this.#run(spec.id) : null, warnings: [] };
        }),
      start: (id) => this.#call(alive, 'containers.start', () => this.#run(id)),
      signal: (id, { signal, only }) =>
        this.#call(alive, 'containers.signal', () => {
          if (only !== undefined && this.#instance(id).status.process?.pid !== only.pid) return;
          if (signal === 9 || signal === 15) this.exit(id, { code: null, signal });
        }),
      stop: (id, { signal, by }) =>
        this.#call(alive, 'containers.stop', () => {
          const { status } = this.#instance(id);
          if (status.phase !== 'running' && status.phase !== 'backoff') {
            this.#set(id, { stoppedBy: by });
            return status.exit;
          }
          const exit: ExitInfo =
            status.phase === 'running'
              ? { code: null, signal, oom: false, atMs: this.#now() }
              : (status.exit ?? { code: 0, signal: null, oom: false, atMs: this.#now() });
          this.#set(id, { phase: 'exited', process: null, exit, stoppedBy: by, nextTryMs: null, attempts: 0 });
          if (status.phase === 'running') this.#emit({ type: 'exited', id, exit });
          return exit;
        }),
      exec: (id, { argv }) => this.#look(alive, () => argv[0] ?? '').then((command) => this.#exec(id, command)),
      update: (id, update) =>
        this.#call(alive, 'containers.update', () => {
          const instance = this.#instance(id);
          this.instances.set(id, {
            ...instance,
            limits: update.limits ?? instance.limits,
            spec: { ...instance.spec, restart: update.restart ?? instance.spec.restart, stop: update.stop ?? instance.spec.stop },
          });
        }),
      stats: () =>
        Promise.resolve({
          memoryBytes: 3 << 20,
          memoryInactiveFileBytes: 1 << 20,
          memoryPeakBytes: 4 << 20,
          cpuMicros: 5_000,
          pids: 1,
          oomKills: 0,
        }),
      remove: (id) =>
        this.#call(alive, 'containers.remove', () => {
          const instance = this.instances.get(id);
          if (instance === undefined) return;
          rmSync(instance.spec.rootfs.upper, { recursive: true, force: true });
          this.instances.delete(id);
        }),
      ids: () => this.#look(alive, () => [...this.instances.keys()]),
      list: () => this.#look(alive, () => [...this.instances.values()].map(({ status }) => status)),
      status: (id) => this.#look(alive, () => this.instances.get(id)?.status ?? null),
    };
  }

  #net(alive: () => boolean): Net {
    return {
      ensureNetwork: (network) =>
        this.#call(alive, 'net.ensureNetwork', () => {
          this.networks.set(network.name, { ...network, up: true });
          this.tableIntact = true;
        }),
      removeNetwork: (name) =>
        this.#call(alive, 'net.removeNetwork', () => {
          this.networks.delete(name);
        }),
      publish: ({ owner, endpoints }) =>
        this.#call(alive, 'net.publish', () => {
          this.#refuseServed(endpoints);
          for (const endpoint of endpoints) {
            const other = this.published.get(portKey(endpoint));
            if (other !== undefined && other.owner !== owner)
              throw nativeError('EEXIST', 'publish', `${portKey(endpoint)} belongs to ${other.owner}`);
          }
          for (const [place, port] of this.published) if (port.owner === owner) this.published.delete(place);
          for (const endpoint of endpoints) this.published.set(portKey(endpoint), { ...endpoint, owner });
          this.#keepReserved(
            owner,
            (this.reserved.get(owner) ?? []).filter((port) => !this.published.has(portKey(port))),
          );
        }),
      reserve: ({ owner, endpoints }) =>
        this.#call(alive, 'net.reserve', () => {
          this.#refuseServed(endpoints);
          this.#keepReserved(owner, endpoints);
        }),
      dump: () =>
        this.#look(alive, () => ({
          networks: [...this.networks.values()].map((network) => ({ ...network, members: [] })),
          published: [...this.published.values()],
          reserved: [...this.reserved].flatMap(([owner, endpoints]) => endpoints.map((endpoint) => ({ ...endpoint, owner }))),
          tableIntact: this.tableIntact,
        })),
      routes: () => this.#look(alive, () => this.routes),
    };
  }

  #keepReserved(owner: string, endpoints: readonly PublishedPort[]): void {
    if (endpoints.length === 0) this.reserved.delete(owner);
    else this.reserved.set(owner, endpoints);
  }

  #refuseServed(endpoints: readonly PublishedPort[]): void {
    const taken = endpoints.map(portKey).find((port) => this.served.has(port) && !this.published.has(port));
    if (taken !== undefined) throw nativeError('EADDRINUSE', 'ports', `${taken} is in use`);
  }

  /** One changing call: counted, and where a fault is scripted, faulty. A dead engine's call does nothing and never returns. */
  async #call<T>(alive: () => boolean, name: string, effect: () => T): Promise<T> {
    await Promise.resolve();
    if (!alive()) return never();
    this.calls.push(name);
    const fault = this.#faults.get(this.calls.length) ?? null;
    if (fault === 'fail-before') throw nativeError('EIO', name, `scripted failure of ${name}`);
    const result = effect();
    if (fault === 'fail-after') throw nativeError('EIO', name, `scripted failure of ${name}`);
    if (fault === 'crash-after') {
      this.killEngine();
      return never();
    }
    await Promise.resolve();
    return alive() ? result : never();
  }

  async #look<T>(alive: () => boolean, read: () => T): Promise<T> {
    this.looks += 1;
    await Promise.resolve();
    return alive() ? structuredClone(read()) : never();
  }

  #exec(id: InstanceId, command: string): ExecHandle {
    const how = this.commands.get(command);
    if (this.#instance(id).status.phase !== 'running') throw nativeError('E_NOT_RUNNING', 'state', 'no such process runs');
    if (how === undefined) throw nativeError('ENOENT', 'exec', `${command} not found`);
    const name = `${id} ${command} ${++this.#pid}`;
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    this.execs.add(name);
    let settle: (exit: ExitInfo) => void = () => undefined;
    const exit = new Promise<ExitInfo>((resolve) => {
      settle = resolve;
    });
    const end = (code: number | null, signal: number | null): void => {
      this.execs.delete(name);
      stdout.end();
      stderr.end();
      settle({ code, signal, oom: false, atMs: this.#now() });
    };
    if (how !== 'hangs') {
      stdout.write(how.output);
      setImmediate(() => end(how.code, null));
    }
    const unsupported = (): Promise<never> => Promise.reject(nativeError('ENOTTY', 'exec', 'no terminal'));
    return {
      pid: this.#pid,
      stdin: null,
      stdout,
      stderr,
      resize: unsupported,
      signal: async (signal) => end(null, signal),
      wait: () => exit,
    };
  }

  #run(id: InstanceId): { pid: number; startTime: bigint } {
    const { spec, status } = this.#instance(id);
    if (status.phase === 'running' && status.process !== null) return status.process;
    const program = this.programs.get(spec.process.argv[0] ?? '');
    if (program !== undefined && 'error' in program) {
      this.#set(id, { error: { code: program.error.code, step: program.error.step ?? 'exec', message: program.error.message } });
      throw program.error;
    }
    this.#pid += 1;
    const started = { pid: this.#pid, startTime: BigInt(this.#pid) };
    this.starts.set(id, (this.starts.get(id) ?? 0) + 1);
    this.#set(id, { phase: 'running', process: started, startedMs: this.#now(), stoppedBy: null, error: null, nextTryMs: null });
    this.#emit({ type: 'started', id, pid: started.pid });
    if (program !== undefined) this.exit(id, program.exit);
    return started;
  }

  #instance(id: InstanceId): WorldInstance {
    const instance = this.instances.get(id);
    if (instance === undefined) throw nativeError('ENOENT', 'instance', `no instance ${id}`);
    return instance;
  }

  #set(id: InstanceId, change: Partial<InstanceStatus>): void {
    const instance = this.#instance(id);
    const sinceMs = change.phase !== undefined && change.phase !== instance.status.phase ? this.#now() : instance.status.sinceMs;
    this.instances.set(id, { ...instance, status: { ...instance.status, sinceMs, ...change } });
  }

  #emit(event: NativeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function newStatus(spec: InstanceSpec, now: number, supervisorPid: number): InstanceStatus {
  return {
    id: spec.id,
    identity: spec.identity,
    phase: 'created',
    process: null,
    supervisorPid,
    restarts: 0,
    attempts: 0,
    nextTryMs: null,
    exit: null,
    stoppedBy: null,
    sinceMs: now,
    startedMs: null,
    error: null,
    warnings: [],
  };
}

/** A promise nobody settles: the caller is dead. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

function portKey(port: PublishedPort): string {
  return `${port.protocol}:${port.hostIP ?? '0.0.0.0'}:${port.hostPort}`;
}

export function nativeError(code: string, step: string, message: string): NativeError {
  return new NativeError({ code, syscall: null, step, message });
}

const host: HostInfo = {
  kernel: '6.18.0',
  cgroup: 'unified',
  controllers: ['cpu', 'memory', 'pids'],
  capabilities: ['SYS_ADMIN', 'NET_ADMIN', 'CHOWN', 'KILL'],
  bootId: '00000000-0000-4000-8000-000000000000',
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  features: [],
};
