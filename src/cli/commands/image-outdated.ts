import type { EngineApi } from '../../model/engine-api.ts';
import { type CommandContext, done, type Options, type Outcome, texts } from '../command.ts';
import { connect } from '../connect.ts';
import { loadInput } from '../inputs.ts';
import { hasTagOnly, isMeant, lookUp, taggedImages } from '../locks.ts';
import { listOf, paintFor, printData, shortDigest, table } from '../output.ts';

/** One tag: what it stood for, what it stands for now. */
interface Row {
  readonly ref: string;
  /** Null: neither locked nor here. */
  readonly from: string | null;
  readonly to: string | null;
  readonly moved: boolean;
  readonly newer: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export async function run(context: CommandContext, refs: readonly string[], options: Options): Promise<Outcome> {
  const { streams } = context;
  const connection = await connect(context, 'read');
  try {
    const fromFiles = texts(options, 'filename').length > 0;
    const all = fromFiles ? await ofManifests(context, connection.engine, options) : await ofHost(context, connection.engine);
    const rows = all.filter(({ ref }) => isMeant(ref, refs));
    const changed = rows.some(({ moved, newer }) => moved || newer !== null);
    const outcome: Outcome = changed ? { is: 'changes' } : done;
    if (await printData(context, listOf(rows.map((row) => ({ kind: 'ImageUpdate', ...row }))))) return outcome;
    const lines = rows.map(({ ref, from, to, moved, newer, error }) => [
      ref,
      from === null ? '-' : shortDigest(from),
      to === null ? '-' : shortDigest(to),
      error === null ? (moved ? 'moved' : 'same') : error.code,
      newer ?? '-',
    ]);
    const head = ['IMAGE', fromFiles ? 'LOCKED' : 'HERE', 'NOW', 'STATE', 'NEWER'];
    streams.stdout.write(table(head, lines, paintFor(context, streams.stdout)));
    for (const { ref, error } of rows) if (error !== null) streams.stderr.write(`${ref}: ${error.code}: ${error.message}\n`);
    return outcome;
  } finally {
    await connection.close();
  }
}

async function ofManifests(context: CommandContext, engine: EngineApi, options: Options): Promise<readonly Row[]> {
  const updates = await lookUp(engine, taggedImages(context, await loadInput(context, options)), context.signal);
  return updates.map(({ ref, locked, lookup: { found, error }, moved }) => ({
    ref,
    from: locked?.digest ?? null,
    to: found?.topDigest ?? null,
    moved: moved && locked !== null,
    newer: found?.newer ?? null,
    error,
  }));
}

/** Everything that is here under a tag. */
async function ofHost({ signal }: CommandContext, engine: EngineApi): Promise<readonly Row[]> {
  const images = (await engine.images()).filter(({ ref }) => hasTagOnly(ref));
  const lookups = await engine.lookUpImages(
    images.map(({ ref }) => ref),
    { signal },
  );
  return images.flatMap(({ ref, digest, configDigest }) => {
    const lookup = lookups.find(({ asked }) => asked === ref);
    if (lookup === undefined) return [];
    const { found, error } = lookup;
    return [
      {
        ref,
        from: digest,
        to: found?.digest ?? null,
        moved: found !== null && found.configDigest !== configDigest,
        newer: found?.newer ?? null,
        error,
      },
    ];
  });
}
