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
  if (!globals.quiet) await warnOfUnread(context, input);
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

/** A preview runs no programs: what one of them would say now stays unknown. */
async function warnOfUnread({ streams }: CommandContext, { loaded }: LoadedInput): Promise<void> {
  const unread = loaded.documents.flatMap((document) =>
    document.kind === 'Secret' && Object.values(document.spec.values).some(({ form }) => form === 'unread') ? [document] : [],
  );
  if (unread.length === 0) return;
  const [{ diagnosticAt }, { printDiagnostics }] = await Promise.all([import('../../manifest/diagnostic.ts'), import('../report.ts')]);
  const message = 'this program is only run by an apply, its value is unknown until then';
  const warnings = unread.map(({ fields, origin, key }) =>
    diagnosticAt(fields['from.exec[0]'] ?? fields['from.exec'] ?? origin, {
      severity: 'warning',
      code: 'SEC006',
      message,
      hint: 'the one that holds now stands for it',
      key,
    }),
  );
  printDiagnostics(warnings, streams);
}
