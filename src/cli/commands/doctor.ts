import type { HostInfo } from '../../native/index.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { counted, escapeControls, paintFor, printData } from '../output.ts';

/** Says what is missing on this host and what that costs. What is missing is no failure: the engine works with the rest. */
export async function run(context: CommandContext): Promise<Outcome> {
  const { streams } = context;
  const connection = await connect(context, 'read');
  try {
    const { features, kernel, cgroup, controllers } = (await connection.engine.info()).host as HostInfo;
    if (await printData(context, { kernel, cgroup, controllers, features })) return done;
    const paint = paintFor(context, streams.stdout);
    for (const { name, available, consequence } of features) {
      const line = available
        ? `${paint('good', 'ok')}       ${escapeControls(name)}`
        : `${paint('warn', 'missing')}  ${escapeControls(`${name}: ${consequence}`)}`;
      streams.stdout.write(`${line}\n`);
    }
    const missing = features.filter(({ available }) => !available).length;
    streams.stdout.write(
      missing === 0 ? 'nothing is missing\n' : `${counted(missing, 'feature')} of ${features.length} missing; everything else works\n`,
    );
    return done;
  } finally {
    await connection.close();
  }
}
