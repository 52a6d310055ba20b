import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { instanceTable } from '../instance-table.ts';
import { defaultNamespace } from '../keys.ts';
import { listOf, paintFor, printData } from '../output.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const everywhere = flag(options, 'allNamespaces');
  const connection = await connect(context, 'read');
  try {
    const items = await connection.engine.instances({ namespace: everywhere ? null : (globals.namespace ?? defaultNamespace) });
    if (await printData(streams, globals.output, listOf(items))) return done;
    if (globals.output === 'name') for (const item of items) streams.stdout.write(`${item.name}\n`);
    else {
      const form = { namespaces: everywhere, wide: globals.output === 'wide' };
      streams.stdout.write(instanceTable(items, form, Date.now(), paintFor(context, streams.stdout)));
    }
    return done;
  } finally {
    await connection.close();
  }
}
