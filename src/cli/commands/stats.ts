import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineApi, InstanceUsage } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Options, type Outcome, text } from '../command.ts';
import { connect } from '../connect.ts';
import { defaultNamespace, parseInstance } from '../keys.ts';
import { listOf, paintFor, printData } from '../output.ts';
import { sortItems } from '../sort.ts';
import { shareBetween, type UsageRow, usageTable } from '../usage-table.ts';

/** Between the two looks that a share of CPU time needs. */
const sampleMs = 500;

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams, signal } = context;
  const everywhere = flag(options, 'allNamespaces');
  const named = args.map((word) => parseInstance(word, globals));
  const sort = text(options, 'sort');
  const look = async (engine: EngineApi): Promise<readonly InstanceUsage[]> => {
    const namespace = everywhere || named.length > 0 ? null : (globals.namespace ?? defaultNamespace);
    return (await engine.usage({ namespace })).filter((usage) => named.length === 0 || named.some((one) => means(one, usage)));
  };
  let before: readonly InstanceUsage[] | null = null;
  const read = async (engine: EngineApi): Promise<readonly UsageRow[]> => {
    if (before === null) {
      before = await look(engine);
      await sleep(sampleMs, undefined, { signal });
    }
    const after = await look(engine);
    const rows = shareBetween(before, after);
    before = after;
    return await sortItems(rows, sort, (row) => row);
  };
  const show = (rows: readonly UsageRow[], { head }: { readonly head: boolean }): string =>
    globals.output === 'name'
      ? rows.map(({ name }) => `${name}\n`).join('')
      : usageTable(rows, { namespaces: everywhere, head }, paintFor(context, streams.stdout));
  if (flag(options, 'watch')) {
    const { watch } = await import('../watch.ts');
    return await watch(context, {
      read: ({ engine }) => read(engine),
      show,
      keyOf: ({ namespace, name }) => `${namespace}/${name}`,
      dataOf: (row) => row,
    });
  }
  const connection = await connect(context, 'read');
  try {
    const rows = await read(connection.engine);
    const missing = named.find((one) => !rows.some((row) => means(one, row)));
    if (missing !== undefined)
      throw new TsdockError('CLI021', {
        message: `no running instance "${missing.name}" in namespace "${missing.namespace}"`,
        hint: 'tsdock ps',
      });
    if (!(await printData(context, listOf(rows)))) streams.stdout.write(show(rows, { head: true }));
    return done;
  } finally {
    await connection.close();
  }
}

/** A name stands for an instance, or for all of a container. */
function means({ namespace, name }: { readonly namespace: string; readonly name: string }, usage: InstanceUsage): boolean {
  return usage.namespace === namespace && (usage.name === name || usage.container === name);
}
