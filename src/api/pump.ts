/** Output of a session passed on piece by piece, and the moment when nothing more is to be expected of it. */
import type { ExecSession } from '../model/engine-api.ts';

/** After its process ended, output that others hold open is waited for while it still comes, this long between two pieces. */
const lingerMs = 250;

export interface Pump {
  readonly ended: Promise<void>;
  /** Pieces passed on so far. */
  pieces(): number;
}

/** Reads `source` as fast as `write` takes it. A source or target that breaks ends the pump. */
export function passOn(source: NodeJS.ReadableStream, write: (bytes: Buffer) => Promise<unknown>): Pump {
  let pieces = 0;
  const run = async () => {
    for await (const chunk of source) {
      pieces += 1;
      await write(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer));
    }
  };
  return { ended: run().catch(() => undefined), pieces: () => pieces };
}

/** Code of the session once its output is passed on too; output held open by others is left after `lingerMs` of silence. */
export async function endOf(session: Pick<ExecSession, 'wait'>, pumps: readonly Pump[]): Promise<number> {
  const code = await session.wait();
  const all = Promise.all(pumps.map((pump) => pump.ended)).then(() => 'ended' as const);
  const count = () => pumps.reduce((sum, pump) => sum + pump.pieces(), 0);
  for (;;) {
    const before = count();
    const silence = new Promise<'silent'>((resolve) => setTimeout(() => resolve('silent'), lingerMs));
    if ((await Promise.race([all, silence])) === 'ended' || count() === before) return code;
  }
}
