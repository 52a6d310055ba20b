import { planToJson } from '../../api/protocol.ts';
import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { type LoadedInput, loadInput } from '../inputs.ts';
import { paintFor, printData } from '../output.ts';
import { renderPlan } from '../plan-tree.ts';
import { snapshotsFor } from '../snapshots.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const outcome = await showPlan(context, await loadInput(context, options));
  return flag(options, 'exitZero') ? done : outcome;
}

/** Prints what applying would do. Nothing is written, no lock taken. */
export async function showPlan(context: CommandContext, input: LoadedInput): Promise<Outcome> {
  const { globals, streams } = context;
  if (input.loaded.documents.length === 0) return done;
  const connection = await connect(context, 'read');
  try {
    const report = await connection.engine.plan(await snapshotsFor(connection.engine, input));
    if (globals.output === 'unified' || globals.output === 'markdown') {
      const { markdownPlan, unifiedPlan } = await import('../plan-text.ts');
      streams.stdout.write(globals.output === 'unified' ? unifiedPlan(report, paintFor(context, streams.stdout)) : markdownPlan(report));
    } else if (!(await printData(context, planToJson(report)))) streams.stdout.write(renderPlan(report, paintFor(context, streams.stdout)));
    return report.changes.some((change) => change.action !== 'none') ? { is: 'changes' } : done;
  } finally {
    await connection.close();
  }
}
