import { resourceToJson } from '../../api/protocol.ts';
import type { EngineInfo, SetStatus } from '../../model/engine-api.ts';
import type { Instant } from '../../model/resource.ts';
import { resourceKey } from '../../model/resource.ts';
import type { ResourceStatus } from '../../model/status.ts';
import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { describeSubject } from '../keys.ts';
import { escapeControls, type Paint, paintFor, printData, table } from '../output.ts';

export async function run(context: CommandContext): Promise<Outcome> {
  const { globals, streams } = context;
  const connection = await connect(context, 'read');
  try {
    const { engine } = connection;
    const [sets, resources, info] = await Promise.all([
      engine.sets(),
      engine.resources({ kind: null, namespace: null, name: null }),
      engine.info(),
    ]);
    const troubled = resources.filter(isTroubled);
    const data = { sets, troubled: troubled.map(resourceToJson), daemon: connection.daemon ? info : null };
    if (await printData(streams, globals.output, data)) return done;
    streams.stdout.write(
      statusText({ sets, troubled, info: connection.daemon ? info : null }, Date.now(), paintFor(context, streams.stdout)),
    );
    return done;
  } finally {
    await connection.close();
  }
}

export interface StatusView {
  readonly sets: readonly SetStatus[];
  readonly troubled: readonly ResourceStatus[];
  /** Null: no daemon. */
  readonly info: EngineInfo | null;
}

/** Sets as a table, then every file that is set aside and every object that is not as it should be, then the engine. */
export function statusText({ sets, troubled, info }: StatusView, now: Instant, paint: Paint): string {
  const rows = sets.map((set) => [set.id, String(set.revision), String(set.objects), set.state, set.note ?? '']);
  const files = sets.flatMap((set) =>
    set.files.flatMap(({ path, state, error }) => (state === 'ok' ? [] : [error ?? `${path}: ${state}`])),
  );
  const lines = [
    ...files.map((error) => `${paint('bad', 'file')}    ${escapeControls(error)}`),
    ...troubled.map((item) => `${paint('warn', 'object')}  ${objectLine(item)}`),
    `engine  ${engineText(info, now)}`,
  ];
  return `${table(['SET', 'REVISION', 'OBJECTS', 'STATE', 'NOTE'], rows, paint)}${lines.map((line) => `${line}\n`).join('')}`;
}

/** An image that nobody wants any more is kept for a while: that is no trouble. */
const isTroubled = ({ kind, status: { phase } }: ResourceStatus) =>
  phase !== 'Ready' && phase !== 'Suspended' && !(kind === 'Image' && phase === 'Deleting');

function objectLine({ kind, metadata, status }: ResourceStatus): string {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const why = ready === undefined ? '' : `: ${ready.reason}: ${ready.message}`;
  return escapeControls(`${describeSubject(resourceKey(kind, metadata.namespace, metadata.name))} ${status.phase}${why}`);
}

function engineText(info: EngineInfo | null, now: Instant): string {
  if (info === null) return 'no daemon; containers go on under their supervisors';
  return escapeControls(`daemon up ${formatAge(now - Date.parse(info.startedAt))}, pid ${info.pid}, state ${info.stateDir}`);
}
