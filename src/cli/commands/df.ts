import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { formatBytes, paintFor, printData, table } from '../output.ts';

export async function run(context: CommandContext): Promise<Outcome> {
  const { streams } = context;
  const connection = await connect(context, 'read');
  try {
    const usage = await connection.engine.diskUsage();
    if (await printData(context, { kind: 'DiskUsage', ...usage })) return done;
    const rows = usage.parts.map(({ name, count, bytes, reclaimableBytes }) => [
      name,
      count === null ? '-' : String(count),
      formatBytes(bytes),
      reclaimableBytes === 0 ? '-' : formatBytes(reclaimableBytes),
    ]);
    streams.stdout.write(table(['WHAT', 'COUNT', 'SIZE', 'RECLAIMABLE'], rows, paintFor(context, streams.stdout)));
    streams.stdout.write(`${formatBytes(usage.freeBytes)} of ${formatBytes(usage.totalBytes)} free on ${usage.path}\n`);
    return done;
  } finally {
    await connection.close();
  }
}
