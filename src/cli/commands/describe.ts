import { eventToJson, resourceToJson } from '../../api/protocol.ts';
import type { EngineApi } from '../../model/engine-api.ts';
import type { Event } from '../../model/event.ts';
import { type ObjectKind, parseKey, type ResourceKey } from '../../model/resource.ts';
import { type CommandContext, count, done, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { describeResource } from '../describe.ts';
import { notFound, parseObject } from '../keys.ts';
import { paintFor, printData } from '../output.ts';

const defaultEvents = 20;

export async function run(context: CommandContext, [word = '']: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const key = parseObject(word, globals);
  const { kind, namespace, name } = parseKey(key);
  const connection = await connect(context, 'read');
  try {
    const { engine } = connection;
    const [resource] = await engine.resources({ kind: kind as ObjectKind, namespace, name });
    if (resource === undefined) throw await notFound(engine, key);
    const instances = kind === 'Container' ? (await engine.instances({ namespace })).filter((instance) => instance.container === name) : [];
    const events = await lastEvents(engine, key, count(options, 'events') ?? defaultEvents, context.signal);
    const data = { ...resourceToJson(resource), instances, events: events.map(eventToJson) };
    if (await printData(context, data)) return done;
    streams.stdout.write(await describeResource({ resource, instances, events }, Date.now(), paintFor(context, streams.stdout)));
    return done;
  } finally {
    await connection.close();
  }
}

async function lastEvents(engine: EngineApi, key: ResourceKey, wanted: number, signal: AbortSignal): Promise<readonly Event[]> {
  const about: Event[] = [];
  for await (const event of engine.events({ since: 0, follow: false, signal })) if (event.object === key) about.push(event);
  return wanted === 0 ? [] : about.slice(-wanted);
}
