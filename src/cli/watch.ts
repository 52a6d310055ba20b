/** `-w`: the same rows again and again, live on a terminal, one line a change elsewhere. */
import type { EngineApi } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { CommandContext, Outcome } from './command.ts';
import { type Connection, connect } from './connect.ts';

export interface Watched<T> {
  read(connection: Connection): Promise<readonly T[]>;
  keyOf(item: T): string;
  /** As `-o json` has it. */
  dataOf(item: T): unknown;
  /** The whole as text; `head` false: without the titles of the columns. */
  show(items: readonly T[], form: { readonly head: boolean }): string;
}

type Change<T> = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T };

/** Between two looks. An event wakes earlier; what tells no event (an age, a counter) is seen at the next look. */
const lookMs = 2_000;
/** Without a daemon nothing wakes, and each look opens the state anew. */
const lookAloneMs = 1_000;

/** Shows what `watched` reads until it is interrupted. A daemon that ends or appears meanwhile is no reason to stop. */
export async function watch<T>(context: CommandContext, watched: Watched<T>): Promise<Outcome> {
  const print = printer(context, watched);
  let before: readonly T[] | null = null;
  while (!context.signal.aborted) {
    try {
      const connection = await connect(context, 'read');
      try {
        const wait = connection.daemon ? await followEvents(connection.engine, context.signal) : pauseAlone;
        do {
          const items = await watched.read(connection);
          print(items, before === null ? null : changesBetween(before, items, watched));
          before = items;
          await wait(context.signal);
        } while (connection.daemon && !context.signal.aborted);
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (context.signal.aborted) break;
      if (before === null || !(error instanceof TsdockError) || error.code !== 'CLI001') throw error;
      await pauseAlone(context.signal);
    }
  }
  return { is: 'interrupted' };
}

async function pauseAlone(signal: AbortSignal): Promise<void> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(lookAloneMs)]);
  if (!end.aborted) await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
}

/** A wait that ends with the next event that was not seen yet, with the time between two looks, or with the signal. */
async function followEvents(engine: EngineApi, signal: AbortSignal): Promise<(signal: AbortSignal) => Promise<void>> {
  let last = 0;
  for await (const { sequence } of engine.events({ since: 0, follow: false, signal })) last = sequence;
  return async (until) => {
    const end = AbortSignal.any([until, AbortSignal.timeout(lookMs)]);
    try {
      for await (const { sequence } of engine.events({ since: last, follow: true, signal: end })) {
        last = sequence;
        return;
      }
    } catch (error) {
      if (!end.aborted) throw error;
    }
  };
}

/** What came, changed and went. How long a condition holds is no change. */
export function changesBetween<T>(
  before: readonly T[],
  after: readonly T[],
  { keyOf, dataOf }: Pick<Watched<T>, 'keyOf' | 'dataOf'>,
): readonly Change<T>[] {
  const told = (item: T) => JSON.stringify(dataOf(item), (name, value: unknown) => (name === 'since' ? undefined : value));
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const present = new Set(after.map(keyOf));
  const changes = after.flatMap((object): readonly Change<T>[] => {
    const known = old.get(keyOf(object));
    if (known === undefined) return [{ type: 'ADDED', object }];
    return told(known) === told(object) ? [] : [{ type: 'MODIFIED', object }];
  });
  return [...changes, ...before.filter((item) => !present.has(keyOf(item))).map((object) => ({ type: 'DELETED' as const, object }))];
}

/** Prints a look: `changes` null for the first one. */
function printer<T>({ globals, streams: { stdout } }: CommandContext, { dataOf, show }: Watched<T>) {
  let drawn = 0; // lines on the terminal that the next look replaces
  return (items: readonly T[], changes: readonly Change<T>[] | null): void => {
    const shown = changes ?? items.map((object): Change<T> => ({ type: 'ADDED', object }));
    if (globals.output === 'json') {
      for (const { type, object } of shown) stdout.write(`${JSON.stringify({ type, object: dataOf(object) })}\n`);
    } else if (stdout.isTTY === true) {
      const lines = show(items, { head: true })
        .split('\n')
        .slice(0, -1)
        .slice(0, Math.max(1, (stdout.rows ?? 24) - 1));
      stdout.write(`${drawn === 0 ? '' : `\u001b[${drawn}A`}\r\u001b[J${lines.map((line) => `${line}\n`).join('')}`);
      drawn = lines.length;
    } else {
      const lines = show(
        shown.map(({ object }) => object),
        { head: changes === null },
      )
        .split('\n')
        .slice(0, -1);
      const rows = changes === null ? lines : lines.map((line, index) => `${line}${shown[index]?.type === 'DELETED' ? '  (deleted)' : ''}`);
      for (const row of rows) stdout.write(`${row}\n`);
    }
  };
}
