import { resourceToJson } from '../../api/protocol.ts';
import { labelsMatch, parseSelector } from '../../model/labels.ts';
import { type ObjectKind, resourceKey } from '../../model/resource.ts';
import type { ResourceStatus } from '../../model/status.ts';
import { type CommandContext, done, flag, type Options, type Outcome, text } from '../command.ts';
import { connect } from '../connect.ts';
import { defaultNamespace, notFound, parseKind } from '../keys.ts';
import { listOf, paintFor, printData } from '../output.ts';
import { resourceTable } from '../resource-table.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const asked = askedFor(args);
  const everywhere = flag(options, 'allNamespaces');
  const selector = parseSelector(text(options, 'selector') ?? '');
  const namespace = globals.namespace ?? defaultNamespace;
  const connection = await connect(context, 'read');
  try {
    const { engine } = connection;
    const found = await engine.resources({ kind: asked.kind, namespace: everywhere ? null : namespace, name: asked.name });
    const items = found.filter((item) => labelsMatch(selector, item.metadata.labels));
    if (asked.kind !== null && asked.name !== null && items.length === 0) {
      throw await notFound(engine, resourceKey(asked.kind, namespace, asked.name));
    }
    const data = asked.name === null ? listOf(items.map(resourceToJson)) : items[0] && resourceToJson(items[0]);
    if (await printData(streams, globals.output, data)) return done;
    if (globals.output === 'name') printNames(context, items);
    else if (items.length === 0) streams.stderr.write(`none${everywhere ? '' : ` in namespace ${namespace}`}\n`);
    else {
      const columns = { kind: asked.kind, namespaces: everywhere, wide: globals.output === 'wide' };
      streams.stdout.write(resourceTable(items, columns, Date.now(), paintFor(context, streams.stdout)));
    }
    return done;
  } finally {
    await connection.close();
  }
}

/** `container`, `container web`, `container/web` or `all`. */
function askedFor([kindWord = '', nameWord]: readonly string[]): { readonly kind: ObjectKind | null; readonly name: string | null } {
  if (kindWord === 'all') return { kind: null, name: nameWord ?? null };
  const slash = kindWord.indexOf('/');
  if (slash < 0) return { kind: parseKind(kindWord), name: nameWord ?? null };
  return { kind: parseKind(kindWord.slice(0, slash)), name: kindWord.slice(slash + 1) };
}

function printNames({ streams }: CommandContext, items: readonly ResourceStatus[]): void {
  for (const { kind, metadata } of items) streams.stdout.write(`${kind.toLowerCase()}/${metadata.name}\n`);
}
