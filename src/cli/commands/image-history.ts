import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls, formatBytes, listOf, paintFor, printData, shortDigest, table } from '../output.ts';

export async function run(context: CommandContext, [ref = '']: readonly string[]): Promise<Outcome> {
  const { streams } = context;
  const connection = await connect(context, 'read');
  try {
    const steps = await connection.engine.imageHistory(ref);
    if (await printData(context, listOf(steps.map((step) => ({ kind: 'ImageStep', ...step }))))) return done;
    const now = Date.now();
    const rows = steps.map(({ digest, sizeBytes, created, createdBy }) => [
      digest === null ? '-' : shortDigest(digest),
      digest === null ? '-' : formatBytes(sizeBytes),
      Number.isNaN(Date.parse(created)) ? '-' : formatAge(now - Date.parse(created)),
      escapeControls(createdBy.replace(/\s+/g, ' ')).slice(0, 100) || '-',
    ]);
    streams.stdout.write(table(['LAYER', 'SIZE', 'AGE', 'STEP'], rows, paintFor(context, streams.stdout)));
    return done;
  } finally {
    await connection.close();
  }
}
