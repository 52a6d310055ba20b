import { Socket } from 'node:net';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { NativeError, nativeError } from './error.ts';
import type { ExecHandle, ExitInfo, InstanceId } from './index.ts';
import type { RawAddon } from './raw.ts';

/** Answer to an exec: descriptors that now belong to us. */
export interface RawExec {
  readonly exec: number;
  readonly pid: number;
  readonly stdin: number | null;
  readonly stdout: number | null;
  readonly stderr: number | null;
  readonly terminal: number | null;
}

/** Matches exits, which come as events and may come before anybody waits, with the execs they belong to. */
export interface ExecExits {
  ended(id: InstanceId, exec: number, exit: ExitInfo): void;
  /** The supervisor is gone, and with it the knowledge of how its execs end. */
  lost(id: InstanceId): void;
  wait(id: InstanceId, exec: number): Promise<ExitInfo>;
}

interface Waiter {
  readonly id: InstanceId;
  readonly promise: Promise<ExitInfo>;
  resolve(exit: ExitInfo): void;
  reject(error: NativeError): void;
}

export function createExecExits(): ExecExits {
  const waiters = new Map<string, Waiter>();
  const open = (id: InstanceId, exec: number): Waiter => {
    const key = `${id}/${exec}`;
    const found = waiters.get(key);
    if (found !== undefined) return found;
    const waiter = makeWaiter(id);
    waiters.set(key, waiter);
    return waiter;
  };
  return {
    ended: (id, exec, exit) => open(id, exec).resolve(exit),
    lost: (id) => {
      for (const [key, waiter] of waiters) {
        if (waiter.id !== id) continue;
        waiter.reject(
          new NativeError({ code: 'E_SUPERVISOR_LOST', syscall: null, step: 'exec', message: `exec: the supervisor of ${id} ended` }),
        );
        waiters.delete(key);
      }
    },
    wait: (id, exec) => open(id, exec).promise.finally(() => waiters.delete(`${id}/${exec}`)),
  };
}

function makeWaiter(id: InstanceId): Waiter {
  let settle: Pick<Waiter, 'resolve' | 'reject'> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<ExitInfo>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever waits sees the rejection; an exec nobody waits for is no unhandled one.
  promise.catch(() => {});
  return { id, promise, ...settle };
}

/** Wraps the descriptors of a running exec in streams. */
export function openExec(options: {
  readonly addon: RawAddon;
  readonly id: InstanceId;
  readonly raw: RawExec;
  readonly exits: ExecExits;
  readonly signal: (signal: number) => Promise<void>;
}): ExecHandle {
  const { addon, id, raw, exits, signal } = options;
  const ended = exits.wait(id, raw.exec);
  ended.catch(() => {});
  const streams = raw.terminal === null ? pipeStreams(raw) : terminalStreams(raw.terminal);
  return {
    pid: raw.pid,
    ...streams,
    resize: async (cols, rows) => {
      if (raw.terminal === null)
        throw new NativeError({ code: 'ENOTTY', syscall: null, step: 'exec', message: 'exec: it has no terminal' });
      try {
        addon.resizeTerminal(raw.terminal, cols, rows);
      } catch (error) {
        throw nativeError(error);
      }
    },
    signal,
    wait: () => ended,
  };
}

type Streams = { readonly stdin: Writable | null; readonly stdout: Readable; readonly stderr: Readable | null };

function pipeStreams(raw: RawExec): Streams {
  if (raw.stdout === null || raw.stderr === null)
    throw new NativeError({ code: 'E_PROTOCOL', syscall: null, step: 'exec', message: 'exec: streams are missing' });
  const stdin = raw.stdin === null ? null : new Socket({ fd: raw.stdin, readable: false, writable: true });
  // Writing to a command that has ended is no fault of the writer.
  stdin?.on('error', () => {});
  return {
    stdin,
    stdout: new Socket({ fd: raw.stdout, readable: true, writable: false }),
    stderr: new Socket({ fd: raw.stderr, readable: true, writable: false }),
  };
}

/** The master of a terminal reports EIO when the last program has closed it: that is the end of the stream. */
function terminalStreams(descriptor: number): Streams {
  const master = new ReadStream(descriptor);
  const stdout = new PassThrough();
  master.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') stdout.end();
    else stdout.destroy(error);
  });
  master.pipe(stdout);
  stdout.on('close', () => master.destroy());
  return { stdin: master, stdout, stderr: null };
}
