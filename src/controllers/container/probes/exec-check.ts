import type { ProbeTarget } from '../../../model/probes.ts';
import type { ContainerRuntime, ExecHandle } from '../../../native/index.ts';
import type { ProbeResult } from './machine.ts';
import { printable } from './printable.ts';

/** So much of what a command prints is kept; the rest is read and dropped, so that it neither fills this process nor holds up the command. */
const keptBytes = 4096;
const sigkill = 9;
/** A killed command is waited for this long: never two of a probe at once. */
const killedMs = 2_000;

/**
 * Runs a command beside the process of an instance; exit code 0 is success. When `signal` aborts it is killed with what it started, and this rejects. What it prints is told
 * only with `keepsOutput`.
 */
export async function checkExec(
  containers: Pick<ContainerRuntime, 'exec'>,
  target: Pick<ProbeTarget, 'instance' | 'keepsOutput'>,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  signal.throwIfAborted();
  const starting = containers.exec(target.instance, { argv: command, env: [], cwd: null, user: null, terminal: null, stdin: false });
  const handle = await unlessAborted(starting, signal, () => void starting.then(kill, () => undefined));
  const output = collect(handle);
  const exit = await unlessAborted(handle.wait(), signal, () => kill(handle));
  const said = target.keepsOutput ? printable(output()) : '';
  for (const stream of streamsOf(handle)) (stream as { destroy?: () => void }).destroy?.();
  const how = exit.signal === null ? `exit ${exit.code ?? 'unknown'}` : `ended by signal ${exit.signal}`;
  return { success: exit.code === 0, message: `${how}${said === '' ? '' : `: ${said}`}` };
}

/** Rejects with the signal's reason when it aborts first, after `onAbort` has ended. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => Promise<void> | void): Promise<T> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    abort = () => resolve('aborted');
  });
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    const first = await Promise.race([work, aborted]);
    if (first !== 'aborted') return first as T;
    work.catch(() => undefined);
    await onAbort();
    throw signal.reason;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The supervisor kills what the command started along with it. */
async function kill(handle: ExecHandle): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, killedMs);
  });
  const killed = handle.signal(sigkill).then(() => handle.wait());
  await Promise.race([
    killed.then(
      () => undefined,
      () => undefined,
    ),
    patience,
  ]);
  clearTimeout(timer);
  for (const stream of streamsOf(handle)) (stream as { destroy?: () => void }).destroy?.();
}

function collect(handle: ExecHandle): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const stream of streamsOf(handle)) {
    stream.on('data', (chunk: Buffer) => {
      if (size >= keptBytes) return;
      chunks.push(chunk.subarray(0, keptBytes - size));
      size += chunk.length;
    });
    stream.on('error', () => undefined); // what it said is lost, how it ended is not
  }
  return () => Buffer.concat(chunks);
}

function streamsOf({ stdout, stderr }: ExecHandle): readonly NodeJS.ReadableStream[] {
  return stderr === null ? [stdout] : [stdout, stderr];
}
