import type { ImageFinding, VerifiedImage } from '../../model/engine-api.ts';
import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { counted, escapeControls, listOf, printData, shortDigest } from '../output.ts';
import { createProgress } from '../progress.ts';

/** Ends with 0 when everything is right now, with 2 when a dry run found damage, with 1 when something stays damaged. */
export async function run(context: CommandContext, refs: readonly string[], options: Options): Promise<Outcome> {
  const { streams, signal } = context;
  const repair = !flag(options, 'dryRun');
  const connection = await connect(context, 'write');
  const view = createProgress(context);
  try {
    const report = await connection.engine.verifyImages(refs, { repair, signal, onProgress: view.update });
    view.end();
    const { images, damagedRecords } = report;
    if (!(await printData(context, { ...listOf(images.map((image) => ({ kind: 'ImageCheck', ...image }))), damagedRecords }))) {
      streams.stdout.write([...damagedRecords.map((path) => describeRecord(path, repair)), ...images.map(describe)].join(''));
    }
    const isWrong = images.some(({ state }) => state === 'damaged');
    if (repair) return isWrong ? { is: 'exit', code: 1 } : done;
    return isWrong || damagedRecords.length > 0 ? { is: 'changes' } : done;
  } finally {
    view.end();
    await connection.close();
  }
}

function describeRecord(path: string, repair: boolean): string {
  return `${path}  ${repair ? 'could not be read and was removed; pull the image it was for' : 'cannot be read'}\n`;
}

function describe({ ref, state, findings, usedBy }: VerifiedImage): string {
  const head = `${escapeControls(ref)}  ${state}\n`;
  const mounted = findings.some(({ part, repaired }) => repaired && part.startsWith('layer')) && usedBy.length > 0;
  const note = mounted
    ? `  ${counted(usedBy.length, 'instance')} may have the damaged layer mounted until made anew: ${usedBy.join(', ')}\n`
    : '';
  return `${head}${findings.map(describeFinding).join('')}${note}`;
}

function describeFinding({ part, digest, problems, repaired, error }: ImageFinding): string {
  const lines = problems.map((problem) => `  ${part}  ${shortDigest(digest)}  ${escapeControls(problem)}\n`);
  if (error !== null) lines.push(`  ${part}  not repaired: ${escapeControls(error)}\n`);
  else if (repaired) lines.push(`  ${part}  repaired\n`);
  return lines.join('');
}
