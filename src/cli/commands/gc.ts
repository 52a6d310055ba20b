import type { GcReport } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import { showShare } from '../../model/size.ts';
import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { counted, escapeControls, formatBytes, printData } from '../output.ts';

/** A dry run that found something ends with 2, as that of `diff`. */
export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const dryRun = flag(options, 'dryRun');
  const connection = await connect(context, dryRun ? 'read' : 'write');
  try {
    const report = await connection.engine.collectGarbage({ dryRun });
    if (!(await printData(context, { kind: 'GarbageCollection', ...report }))) context.streams.stdout.write(gcText(report, Date.now()));
    const { images, blobs, layers, held } = report;
    if (held !== null)
      throw new TsdockError('IMG033', { message: `nothing was removed: ${held}`, hint: 'tsdock image verify, then again' });
    return dryRun && images.length + blobs + layers > 0 ? { is: 'changes' } : done;
  } finally {
    await connection.close();
  }
}

/** What went, and what the disk says to it. */
export function gcText(report: GcReport, now: number): string {
  const { dryRun, images, blobs, layers, bytes, path, usedBefore, usedAfter, low, held } = report;
  if (held !== null) return '';
  if (usedBefore <= low) return `nothing to collect: ${path} is ${showShare(usedBefore)} full, a collection ends at ${showShare(low)}\n`;
  const lines = images.map(({ ref, sizeBytes, unusedSince }) => {
    const age = `unused for ${formatAge(now - Date.parse(unusedSince))}`;
    return `${dryRun ? 'would remove' : 'removed'} ${escapeControls(ref)}  ${formatBytes(sizeBytes)}, ${age}`;
  });
  const content = `${counted(blobs, 'blob')}, ${counted(layers, 'unpacked layer')}`;
  lines.push(
    `${dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)} (${content}); ${path} ${showShare(usedBefore)} to ${showShare(usedAfter)}`,
  );
  if (usedAfter > low) lines.push(`not at ${showShare(low)}: what is left is in use, or not old enough`);
  return lines.map((line) => `${line}\n`).join('');
}
