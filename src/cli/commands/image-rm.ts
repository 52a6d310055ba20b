import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls } from '../output.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const connection = await connect(context, 'write');
  try {
    for (const ref of args) {
      const removed = await connection.engine.removeImage(ref).then(
        () => true,
        (error: unknown) => {
          if (flag(options, 'ignoreMissing') && error instanceof TsdockError && error.code === 'CLI021') return false;
          throw error;
        },
      );
      if (removed && !context.globals.quiet) context.streams.stdout.write(`removed ${escapeControls(ref)}\n`);
    }
    return done;
  } finally {
    await connection.close();
  }
}
