import type { EngineApi } from '../../model/engine-api.ts';
import { labelsMatch, parseSelector, type SelectorTerm } from '../../model/labels.ts';
import type { InstanceItem } from '../../model/status.ts';
import { type CommandContext, done, flag, type Options, type Outcome, text } from '../command.ts';
import { connect } from '../connect.ts';
import { instanceTable } from '../instance-table.ts';
import { defaultNamespace } from '../keys.ts';
import { listOf, paintFor, printData } from '../output.ts';
import { sortItems } from '../sort.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const everywhere = flag(options, 'allNamespaces');
  const namespace = everywhere ? null : (globals.namespace ?? defaultNamespace);
  const selector = parseSelector(text(options, 'selector') ?? '');
  const sort = text(options, 'sort');
  const read = async (engine: EngineApi) => await sortItems(await selected(engine, namespace, selector), sort, (item) => item);
  const show = (items: readonly InstanceItem[], { head }: { readonly head: boolean }) =>
    globals.output === 'name'
      ? items.map((item) => `${item.name}\n`).join('')
      : instanceTable(
          items,
          { namespaces: everywhere, wide: globals.output === 'wide', head },
          Date.now(),
          paintFor(context, streams.stdout),
        );
  if (flag(options, 'watch')) {
    const { watch } = await import('../watch.ts');
    return await watch(context, {
      read: ({ engine }) => read(engine),
      show,
      keyOf: (item) => `${item.namespace}/${item.name}`,
      dataOf: (item) => item,
    });
  }
  const connection = await connect(context, 'read');
  try {
    const items = await read(connection.engine);
    if (!(await printData(context, listOf(items)))) streams.stdout.write(show(items, { head: true }));
    return done;
  } finally {
    await connection.close();
  }
}

/** Instances carry no labels of their own: those of their containers count. */
async function selected(engine: EngineApi, namespace: string | null, selector: readonly SelectorTerm[]): Promise<readonly InstanceItem[]> {
  const items = await engine.instances({ namespace });
  if (selector.length === 0) return items;
  const containers = await engine.resources({ kind: 'Container', namespace, name: null });
  const wanted = containers.filter(({ metadata }) => labelsMatch(selector, metadata.labels));
  const names = new Set(wanted.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  return items.filter((item) => names.has(`${item.namespace}/${item.container}`));
}
