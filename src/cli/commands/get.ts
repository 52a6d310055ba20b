import { resourceToJson } from '../../api/protocol.ts';
import type { EngineApi } from '../../model/engine-api.ts';
import { labelsMatch, parseSelector } from '../../model/labels.ts';
import { type ObjectKind, resourceKey } from '../../model/resource.ts';
import type { ResourceStatus } from '../../model/status.ts';
import { type CommandContext, done, flag, type Options, type Outcome, text } from '../command.ts';
import { connect } from '../connect.ts';
import { defaultNamespace, notFound, parseKind } from '../keys.ts';
import { listOf, paintFor, printData } from '../output.ts';
import { resourceTable } from '../resource-table.ts';
import { sortItems } from '../sort.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const asked = askedFor(args);
  const everywhere = flag(options, 'allNamespaces');
  const selector = parseSelector(text(options, 'selector') ?? '');
  const sort = text(options, 'sort');
  const namespace = globals.namespace ?? defaultNamespace;
  const read = async (engine: EngineApi) => {
    const found = await engine.resources({ kind: asked.kind, namespace: everywhere ? null : namespace, name: asked.name });
    const selected = found.filter((item) => labelsMatch(selector, item.metadata.labels));
    return await sortItems(selected, sort, resourceToJson);
  };
  const show = (items: readonly ResourceStatus[], { head }: { readonly head: boolean }) => {
    if (globals.output === 'name') return namesOf(items);
    const form = { kind: asked.kind, namespaces: everywhere, wide: globals.output === 'wide', head };
    return resourceTable(items, form, Date.now(), paintFor(context, streams.stdout));
  };
  if (flag(options, 'watch')) {
    const { watch } = await import('../watch.ts');
    return await watch(context, { read: ({ engine }) => read(engine), show, keyOf, dataOf: resourceToJson });
  }
  const connection = await connect(context, 'read');
  try {
    const { engine } = connection;
    const items = await read(engine);
    if (asked.kind !== null && asked.name !== null && items.length === 0) {
      throw await notFound(engine, resourceKey(asked.kind, namespace, asked.name));
    }
    const data = asked.name === null ? listOf(items.map(resourceToJson)) : items[0] && resourceToJson(items[0]);
    if (await printData(context, data)) return done;
    if (items.length === 0 && globals.output !== 'name') streams.stderr.write(`none${everywhere ? '' : ` in namespace ${namespace}`}\n`);
    else streams.stdout.write(show(items, { head: true }));
    return done;
  } finally {
    await connection.close();
  }
}

const keyOf = ({ kind, metadata }: ResourceStatus) => resourceKey(kind, metadata.namespace, metadata.name);

/** `container`, `container web`, `container/web` or `all`. */
function askedFor([kindWord = '', nameWord]: readonly string[]): { readonly kind: ObjectKind | null; readonly name: string | null } {
  if (kindWord === 'all') return { kind: null, name: nameWord ?? null };
  const slash = kindWord.indexOf('/');
  if (slash < 0) return { kind: parseKind(kindWord), name: nameWord ?? null };
  return { kind: parseKind(kindWord.slice(0, slash)), name: kindWord.slice(slash + 1) };
}

function namesOf(items: readonly ResourceStatus[]): string {
  return items.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}\n`).join('');
}
