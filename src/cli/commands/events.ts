import { eventToJson } from '../../api/protocol.ts';
import type { Event } from '../../model/event.ts';
import { parseKey } from '../../model/resource.ts';
import { type CommandContext, done, flag, type Options, type Outcome, parseSince, text, texts } from '../command.ts';
import { connect } from '../connect.ts';
import { eventLine } from '../event-line.ts';
import { parseObject } from '../keys.ts';
import { paintFor } from '../output.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams, signal } = context;
  const since = text(options, 'since');
  const from = since === null ? 0 : parseSince(since, Date.now(), '--since');
  const about = text(options, 'for');
  const key = about === null ? null : parseObject(about, globals);
  const paint = paintFor(context, streams.stdout);
  const types = texts(options, 'type').map((type) => type.toLowerCase());
  const wanted = (event: Event) =>
    (types.length === 0 || types.includes(event.type.toLowerCase()) || types.includes(event.reason.toLowerCase())) &&
    event.at >= from &&
    (key === null || event.object === key) &&
    (globals.namespace === null || (event.object !== null && parseKey(event.object).namespace === globals.namespace));
  const connection = await connect(context, 'read');
  try {
    for await (const event of connection.engine.events({ since: 0, follow: flag(options, 'watch'), signal })) {
      if (!wanted(event)) continue;
      streams.stdout.write(`${globals.output === 'json' ? JSON.stringify(eventToJson(event)) : eventLine(event, paint)}\n`);
    }
    return done;
  } catch (error) {
    if (context.signal.aborted && flag(options, 'watch')) return { is: 'interrupted' };
    throw error;
  } finally {
    await connection.close();
  }
}
