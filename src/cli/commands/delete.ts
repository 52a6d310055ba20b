import type { EngineApi, RemoveOptions } from '../../model/engine-api.ts';
import type { ObjectKind, ResourceKey } from '../../model/resource.ts';
import { parseKey, resourceKey } from '../../model/resource.ts';
import { type CommandContext, done, flag, type Options, type Outcome, texts, usage } from '../command.ts';
import { connect } from '../connect.ts';
import { loadInput } from '../inputs.ts';
import { notFound, parseObject } from '../keys.ts';
import { runChange } from '../result.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const all = flag(options, 'all');
  const named = all ? [] : await namedKeys(context, args, options);
  if (!all && named.length === 0) throw usage('nothing is named', 'tsdock delete container/web, or -f web.yaml');
  const connection = await connect(context, 'write');
  try {
    const { engine } = connection;
    const keys = all ? await allKeys(engine, context.globals.namespace) : await existing(engine, named, flag(options, 'ignoreMissing'));
    if (keys.length === 0) {
      if (!context.globals.quiet) context.streams.stderr.write('nothing to delete\n');
      return done;
    }
    const cascade = flag(options, 'cascade') || all;
    const force = flag(options, 'force');
    const retained = retainedVolumes(options);
    return await runChange(context, options, connection, (waiting) => engine.remove(keys, { ...waiting, cascade, force, retained }));
  } finally {
    await connection.close();
  }
}

/** Data goes only when a person says so; whoever deletes a whole file or everything wants the rest gone all the same. */
function retainedVolumes(options: Options): RemoveOptions['retained'] {
  if (flag(options, 'allowDataLoss')) return 'remove';
  const wholesale = flag(options, 'all') || texts(options, 'filename').length > 0;
  return wholesale || flag(options, 'keepVolumes') ? 'keep' : 'refuse';
}

async function namedKeys(context: CommandContext, args: readonly string[], options: Options): Promise<readonly ResourceKey[]> {
  const keys = args.map((word) => parseObject(word, context.globals));
  if (texts(options, 'filename').length === 0) return keys;
  const { loaded } = await loadInput(context, options);
  return [...keys, ...loaded.documents.map((document) => document.key)];
}

async function allKeys(engine: EngineApi, namespace: string | null): Promise<readonly ResourceKey[]> {
  const resources = await engine.resources({ kind: null, namespace, name: null });
  // What nobody declared goes with what uses it.
  const declared = resources.filter(({ metadata }) => metadata.namespace !== '_');
  return declared.map(({ kind, metadata }) => resourceKey(kind, metadata.namespace, metadata.name));
}

/** Those of `keys` that are there. CLI021 for the first that is not, unless that does not matter. */
async function existing(engine: EngineApi, keys: readonly ResourceKey[], ignoreMissing: boolean): Promise<readonly ResourceKey[]> {
  const found: ResourceKey[] = [];
  for (const key of keys) {
    const { kind, namespace, name } = parseKey(key);
    const [resource] = await engine.resources({ kind: kind as ObjectKind, namespace, name });
    if (resource !== undefined) found.push(key);
    else if (!ignoreMissing) throw await notFound(engine, key);
  }
  return found;
}
