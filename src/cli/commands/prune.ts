import { type CommandContext, done, flag, type Options, type Outcome, usage } from '../command.ts';
import { connect } from '../connect.ts';
import { counted } from '../output.ts';

export async function run(context: CommandContext, [set = '']: readonly string[], options: Options): Promise<Outcome> {
  const connection = await connect(context, flag(options, 'confirm') ? 'write' : 'read');
  try {
    const { engine } = connection;
    const held = (await engine.sets()).find((candidate) => candidate.id === set)?.held ?? [];
    if (flag(options, 'confirm')) await engine.confirmPrune(set);
    for (const key of held) context.streams.stdout.write(`${key}\n`);
    if (flag(options, 'confirm')) return done;
    throw usage(`${counted(held.length, 'object')} of ${set} would be removed`, `tsdock prune ${set} --confirm`);
  } finally {
    await connection.close();
  }
}
