/** What stop, start and restart share. */

import { parseKey } from '../../model/resource.ts';
import { type CommandContext, type Options, type Outcome, usage } from '../command.ts';
import { connect } from '../connect.ts';
import { notFound, parseContainer } from '../keys.ts';
import { runChange } from '../result.ts';

export async function changeContainers(
  verb: 'stop' | 'start' | 'restart',
  context: CommandContext,
  args: readonly string[],
  options: Options,
): Promise<Outcome> {
  const keys = args.map((word) => parseContainer(word, context.globals));
  const connection = await connect(context, 'write');
  try {
    const { engine } = connection;
    for (const key of keys) {
      const { namespace, name } = parseKey(key);
      const [resource] = await engine.resources({ kind: 'Container', namespace, name });
      if (resource === undefined) throw await notFound(engine, key);
      if (verb !== 'stop' && resource.spec?.state === 'Stopped') {
        throw usage(`Container "${name}" is declared with state: Stopped`, 'remove "state" from its manifest and apply it');
      }
    }
    return await runChange(context, options, connection, (waiting) => engine[verb](keys, waiting));
  } finally {
    await connection.close();
  }
}
