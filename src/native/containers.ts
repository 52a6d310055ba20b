import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorFields, NativeError, nativeError } from './error.ts';
import { type ExecExits, openExec, type RawExec } from './exec.ts';
import type { ContainerRuntime, Created, ExitInfo, InstanceId, InstanceStats, InstanceStatus, Started } from './index.ts';
import type { RawAddon, RawEngine } from './raw.ts';

/** Start times cross as decimal texts: a JSON number cannot hold them. */
interface RawStarted {
  readonly pid: number;
  readonly startTime: string;
}

/** `ContainerRuntime` over the addon's JSON requests. */
export function createContainers(addon: RawAddon, engine: RawEngine, exits: ExecExits, runDir: string): ContainerRuntime {
  const ask = async <T>(id: InstanceId, request: object): Promise<T> => result<T>(await engine.request(id, JSON.stringify(request)));
  const status = async (id: InstanceId): Promise<InstanceStatus | null> => {
    try {
      return toStatus(await ask<RawStatus>(id, { type: 'status' }));
    } catch {
      return storedStatus(engine, id);
    }
  };
  return {
    create: async (spec, { start }) => {
      const created = result<Omit<Created, 'started'> & { readonly started: RawStarted | null }>(
        await engine.create(JSON.stringify(spec), start),
      );
      return { ...created, started: created.started === null ? null : toStarted(created.started) };
    },
    start: async (id) => toStarted(await ask<RawStarted>(id, { type: 'start' })),
    signal: (id, { signal, all, only }) =>
      ask(id, { type: 'signal', signal, all, only: only === undefined ? null : { pid: only.pid, startTime: `${only.startTime}` } }),
    stop: async (id, options) => absentIsNull(ask<ExitInfo | null>(id, { type: 'stop', ...options })),
    exec: async (id, spec) => {
      const raw = await ask<RawExec>(id, { type: 'exec', spec });
      return openExec({ addon, id, raw, exits, signal: (signal) => ask(id, { type: 'execSignal', exec: raw.exec, signal }) });
    },
    update: (id, update) => ask(id, { type: 'update', ...update }),
    stats: (id) => goneIsNull(ask<InstanceStats>(id, { type: 'stats' })),
    remove: async (id, options) => {
      await absentIsNull(evenIfLost(() => ask<null>(id, { type: 'remove', ...options })));
    },
    ids: async () => instanceIds(runDir),
    list: async () => {
      const statuses = await Promise.all(instanceIds(runDir).map(status));
      return statuses.filter((found) => found !== null);
    },
    status,
  };
}

type RawStatus = Omit<InstanceStatus, 'process'> & { readonly process: RawStarted | null };

function storedStatus(engine: RawEngine, id: InstanceId): InstanceStatus | null {
  try {
    const stored = engine.storedStatus(id);
    return stored === null ? null : toStatus(JSON.parse(stored) as RawStatus);
  } catch (error) {
    throw nativeError(error);
  }
}

function toStatus(raw: RawStatus): InstanceStatus {
  return { ...raw, process: raw.process === null ? null : toStarted(raw.process) };
}

function toStarted(raw: RawStarted): Started {
  return { pid: raw.pid, startTime: BigInt(raw.startTime) };
}

/** Verbs whose goal is an absence succeed when there is nothing. */
async function absentIsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NativeError && error.code === 'ENOENT' && error.step === 'instance') return null;
    throw error;
  }
}

/** As `absentIsNull`, also for one whose supervisor ends while it is asked. */
async function goneIsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await absentIsNull(work);
  } catch (error) {
    if (error instanceof NativeError && lostCodes.has(error.code)) return null;
    throw error;
  }
}

/** A supervisor that ends in between had removed its instance, or another one takes its place: asked again, it is absent or is removed. Three deaths are told. */
async function evenIfLost<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !(error instanceof NativeError) || !lostCodes.has(error.code)) throw error;
    }
  }
}

/** The second when it was gone already and nobody had read that yet. */
const lostCodes: ReadonlySet<string> = new Set(['E_SUPERVISOR_LOST', 'EPIPE', 'ECONNRESET']);

/** At once: the run directory is in memory, and a turn of the thread pool costs more than a thousand names. */
function instanceIds(runDir: string): readonly InstanceId[] {
  try {
    return readdirSync(join(runDir, 'containers'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function result<T>(text: string): T {
  const answer = JSON.parse(text) as { readonly ok: T } | { readonly error: ErrorFields };
  if ('error' in answer) throw new NativeError(answer.error);
  return answer.ok;
}
