import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls, printData } from '../output.ts';

export async function run(context: CommandContext, [ref = '', name = '']: readonly string[], options: Options): Promise<Outcome> {
  const connection = await connect(context, 'write');
  try {
    const image = await connection.engine.tagImage(ref, name, { replace: flag(options, 'replace') });
    if (await printData(context, { kind: 'ImageContent', ...image })) return done;
    context.streams.stdout.write(`${escapeControls(image.ref)}  ${image.digest}\n`);
    return done;
  } finally {
    await connection.close();
  }
}
