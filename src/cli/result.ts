/** How an apply, delete, stop … ended, for people and for programs. */
import { resultToJson } from '../api/protocol.ts';
import type { ApplyResult, WaitOptions } from '../model/engine-api.ts';
import { parseKey, resourceOf } from '../model/resource.ts';
import { type CommandContext, flagOn, type Options, type Outcome } from './command.ts';
import type { Connection } from './connect.ts';
import { namespaceFlag } from './keys.ts';
import { counted, escapeControls, paintFor } from './output.ts';
import { blockedText } from './plan-tree.ts';
import { createProgress } from './progress.ts';

/** How long an apply is followed unless `--timeout` says otherwise (product.md 10.1). */
const defaultTimeoutMs = 300_000;

/**
 * Runs a change with its progress shown and prints how it ended; the exit code is the engine's. An engine in this process is always waited for: nobody would
 * go on when it is gone.
 */
export async function runChange(
  context: CommandContext,
  options: Options,
  connection: Connection,
  change: (options: WaitOptions) => Promise<ApplyResult>,
): Promise<Outcome> {
  const view = createProgress(context);
  try {
    const result = await change({
      actor: 'cli',
      wait: flagOn(options, 'wait') || !connection.daemon,
      timeoutMs: context.globals.timeoutMs ?? defaultTimeoutMs,
      signal: context.signal,
      onProgress: view.update,
    });
    view.end();
    printResult(context, result);
    return { is: 'exit', code: result.exitCode };
  } finally {
    view.end();
  }
}

function printResult(context: CommandContext, result: ApplyResult): void {
  const { streams, globals } = context;
  if (globals.output === 'json') {
    streams.stdout.write(`${JSON.stringify(resultToJson(result))}\n`);
    return;
  }
  for (const warning of result.warnings) streams.stderr.write(`${escapeControls(warningLine(warning))}\n`);
  const failed = result.result === 'failed' || result.result === 'rolledBack';
  if (failed) for (const line of failureLines(result, paintFor(context, streams.stderr))) streams.stderr.write(`${line}\n`);
  else if (!globals.quiet) streams.stdout.write(`${resultLine(result)}\n`);
}

/** `web.yaml:3:9: SCH030: …` as `web.yaml:3:9: warning[SCH030]: …`. */
function warningLine(warning: string): string {
  return warning.replace(/^(?<place>(?:\S+:\d+:\d+: )?)(?<code>[A-Z]{3,4}\d{3}): /, '$<place>warning[$<code>]: ');
}

/** `Applied cli:shop revision 42 in 21.4s: 1 replaced, 2 in place, 5 unchanged.` */
export function resultLine({ result, revision, seconds, summary, operation }: ApplyResult): string {
  if (result === 'unchanged') return `Nothing to change: ${counted(summary.unchanged, 'object')} unchanged.`;
  const counts = [
    [summary.created, 'created'],
    [summary.updated, 'in place'],
    [summary.replaced, 'replaced'],
    [summary.restarted, 'restarted'],
    [summary.repaired, 'repaired'],
    [summary.deleted, 'deleted'],
    [summary.unchanged, 'unchanged'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  if (revision === null && told.length === 0) return `Done in ${seconds.toFixed(1)}s.`;
  const sets = operation === null || operation.sets.length === 0 ? '' : ` ${escapeControls(operation.sets.join(', '))}`;
  const at = revision === null ? '' : ` revision ${revision}`;
  return `Applied${sets}${at} in ${seconds.toFixed(1)}s${told.length === 0 ? '' : `: ${told.join(', ')}`}.`;
}

/** One line a cause, then what to look at. A cause that already is an error line stays as it is. */
export function failureLines(
  { blocked, operation, seconds, exitCode }: ApplyResult,
  paint: (tone: 'bad', text: string) => string,
): readonly string[] {
  const causes = blocked.map((entry) => errorLineOf(entry) ?? blockedText(entry));
  const said = causes.length > 0 ? causes : [operation?.cause == null ? 'it did not get ready' : escapeControls(operation.cause)];
  const first = blocked[0]?.subject;
  const end =
    operation?.state === 'superseded'
      ? 'a newer apply took over'
      : `${exitCode === 4 ? 'not ready' : 'gave up'} after ${seconds.toFixed(1)}s`;
  const key = first === undefined ? null : parseKey(resourceOf(first));
  const look =
    key === null ? [] : [escapeControls(`look: tsdock why ${key.kind.toLowerCase()}/${key.name}${namespaceFlag(key.namespace)}`)];
  return [...said.map((line) => `${paint('bad', '✘')} ${line}`), end, ...look];
}

/** `web.yaml:6:10: error[REG404]: …` of a reason that says it, without the word for its kind; null: it is no error line. */
function errorLineOf({ reason }: ApplyResult['blocked'][number]): string | null {
  return reason.message.includes('error[') ? escapeControls(reason.message.replace(/^[A-Z]\w+: /, '')) : null;
}
