import { causeToJson } from '../../api/protocol.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, count, done, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { notFound, parseObject } from '../keys.ts';
import { paintFor, printData } from '../output.ts';
import { renderCause } from '../why-tree.ts';

export async function run(context: CommandContext, [word = '']: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams, signal } = context;
  const key = parseObject(word.includes('/') ? word : `container/${word}`, globals);
  const connection = await connect(context, 'read');
  try {
    const cause = await connection.engine.why(key, { signal }).catch(async (error: unknown) => {
      throw error instanceof TsdockError && error.code === 'CLI021' ? await notFound(connection.engine, key) : error;
    });
    if (await printData(context, causeToJson(cause))) return done;
    streams.stdout.write(renderCause(cause, { depth: count(options, 'depth'), now: Date.now(), paint: paintFor(context, streams.stdout) }));
    return done;
  } finally {
    await connection.close();
  }
}
