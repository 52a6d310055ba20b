import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'e2e', 'image', 'puller.mjs');

/** A pull in a process of its own. */
export interface Puller {
  readonly child: ChildProcess;
  /** Whether the pull has been answered as done by now. */
  readonly isDone: () => boolean;
  /** `done`, `killed`, or what it said when it failed. */
  readonly ended: Promise<string>;
}

/** Starts one; `trace` is a command line that goes before Node's, of strace for instance. Ended after a minute at the latest. */
export function startPull(stateDir: string, ref: string, trace: readonly string[] = []): Puller {
  const [command = process.execPath, ...args] = [...trace, process.execPath, program, stateDir, ref];
  const env = { ...process.env, UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: '1' };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? 'done' : signal === 'SIGKILL' || code === 137 ? 'killed' : errors);
    });
  });
  return { child, isDone: () => output.includes('done'), ended };
}
