/** Streams of lines to clients that may be slow: what is sent waits for the client, what is measured does not. */
import type { Writable } from 'node:stream';
import type { Progress } from '../model/engine-api.ts';

/** Most progress lines that wait for one client; beyond it those of running actions are left out. */
const maxWaiting = 256;

/**
 * Progress of `run` as it happens, then its result. `run` is never held up by the reader: of a reader that falls behind, only beginnings and ends are kept.
 * A failure of `run` is thrown at the end.
 */
export async function* progressOf<R>(
  run: (onProgress: (progress: Progress) => void) => Promise<R>,
): AsyncGenerator<{ readonly progress: Progress } | { readonly result: R }, void, undefined> {
  const waiting: Progress[] = [];
  let wake: () => void = () => undefined;
  let over = false;
  const ended = run((progress) => {
    if (waiting.length >= maxWaiting) dropOne(waiting, progress);
    else waiting.push(progress);
    wake();
  }).finally(() => {
    over = true;
    wake();
  });
  ended.catch(() => undefined); // reported below, also when the reader leaves early
  while (!over || waiting.length > 0) {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield { progress: next };
    if (!over) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (over || waiting.length > 0) resolve();
      });
    }
  }
  yield { result: await ended };
}

function dropOne(waiting: Progress[], latest: Progress): void {
  const index = waiting.findIndex((progress) => progress.state === 'running');
  if (index >= 0) waiting.splice(index, 1);
  else if (latest.state === 'running') return;
  else waiting.shift();
  waiting.push(latest);
}

export interface LineOptions {
  /** How long a full client may stay full before it is dropped. */
  readonly stallMs: number;
}

/** How writing lines ended: all sent, the client left, or it was dropped because it did not read. */
export type LinesEnd = 'sent' | 'left' | 'dropped';

/** Writes one JSON line a value and stops reading `lines` while the client is full. Errors of `lines` are the caller's. */
export async function writeLines(target: Writable, lines: AsyncIterable<unknown>, options: LineOptions): Promise<LinesEnd> {
  for await (const line of lines) {
    if (target.destroyed) return 'left';
    if (target.write(`${JSON.stringify(line)}\n`)) continue;
    const state = await drained(target, options.stallMs);
    if (state !== 'sent') return state;
  }
  return target.destroyed ? 'left' : 'sent';
}

function drained(target: Writable, stallMs: number): Promise<LinesEnd> {
  return new Promise((resolve) => {
    const done = (end: LinesEnd) => {
      clearTimeout(timer);
      target.removeListener('drain', onDrain);
      target.removeListener('close', onClose);
      resolve(end);
    };
    const onDrain = () => done('sent');
    const onClose = () => done('left');
    const timer = setTimeout(() => done('dropped'), stallMs);
    target.on('drain', onDrain);
    target.on('close', onClose);
  });
}
