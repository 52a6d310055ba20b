import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Options, type Outcome, parseDuration, text } from '../command.ts';
import { connect } from '../connect.ts';
import { counted, escapeControls, formatBytes, printData } from '../output.ts';

/** A dry run that found something ends with 2, as that of `diff`. */
export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { streams } = context;
  const age = text(options, 'olderThan');
  const dryRun = flag(options, 'dryRun');
  const connection = await connect(context, 'write');
  try {
    const olderThanMs = age === null ? 0 : parseDuration(age, '--older-than');
    const report = await connection.engine.pruneImages({ olderThanMs, dryRun });
    const { images, blobs, layers, bytes, held } = report;
    if (!(await printData(context, { kind: 'ImagePrune', ...report }))) {
      for (const { ref } of images) streams.stdout.write(`${dryRun ? 'would remove' : 'removed'} ${escapeControls(ref)}\n`);
      const content = `${counted(blobs, 'blob')}, ${counted(layers, 'unpacked layer')}`;
      streams.stdout.write(`${dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)} (${content})\n`);
    }
    if (held !== null)
      throw new TsdockError('IMG033', { message: `nothing was removed: ${held}`, hint: 'tsdock image verify, then again' });
    return dryRun && (images.length > 0 || blobs > 0 || layers > 0) ? { is: 'changes' } : done;
  } finally {
    await connection.close();
  }
}
