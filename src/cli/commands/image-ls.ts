import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { formatBytes, listOf, paintFor, printData, shortDigest, table } from '../output.ts';

export async function run(context: CommandContext): Promise<Outcome> {
  const { globals, streams } = context;
  const connection = await connect(context, 'read');
  try {
    const images = await connection.engine.images();
    if (await printData(context, listOf(images.map((image) => ({ kind: 'ImageContent', ...image }))))) return done;
    if (globals.output === 'name') {
      for (const { ref } of images) streams.stdout.write(`${ref}\n`);
      return done;
    }
    const now = Date.now();
    const rows = images.map((image) => [
      image.ref,
      shortDigest(image.digest),
      image.platform,
      String(image.layers),
      formatBytes(image.sizeBytes),
      image.usedBy.length === 0 ? '-' : String(image.usedBy.length),
      formatAge(now - Date.parse(image.resolvedAt)),
    ]);
    streams.stdout.write(
      table(['IMAGE', 'DIGEST', 'PLATFORM', 'LAYERS', 'SIZE', 'USED BY', 'AGE'], rows, paintFor(context, streams.stdout)),
    );
    return done;
  } finally {
    await connection.close();
  }
}
