import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { loadInput } from '../inputs.ts';
import { failureOf, isMeant, lookUp, taggedImages, writeUpdates } from '../locks.ts';
import { listOf, printData, shortDigest } from '../output.ts';

/** Moves `tsdock.lock` to what the tags stand for now. Applies nothing: `diff` shows what it would mean. */
export async function run(context: CommandContext, refs: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const input = await loadInput(context, options);
  const connection = await connect(context, 'read');
  try {
    const wanted = taggedImages(context, input).filter(({ ref }) => isMeant(ref, refs));
    const updates = await lookUp(connection.engine, wanted, context.signal);
    const moved = updates.filter((update) => update.moved);
    const dryRun = flag(options, 'dryRun');
    if (!dryRun) await writeUpdates(input, moved);
    const rows = moved.map(({ ref, locked, lookup }) => ({ ref, from: locked?.digest ?? null, to: lookup.found?.topDigest ?? '' }));
    if (!(await printData(context, listOf(rows.map((row) => ({ kind: 'ImageUpdate', ...row })))))) {
      for (const { ref, from, to } of rows)
        streams.stdout.write(`${ref}  ${from === null ? 'not locked' : shortDigest(from)} -> ${shortDigest(to)}\n`);
      if (rows.length === 0 && !globals.quiet) streams.stdout.write('Nothing has moved.\n');
    }
    const failed = updates.find(({ lookup }) => lookup.error !== null);
    if (failed !== undefined) throw failureOf(failed.lookup);
    return dryRun && moved.length > 0 ? { is: 'changes' } : done;
  } finally {
    await connection.close();
  }
}
