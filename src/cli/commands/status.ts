import { resourceToJson } from '../../api/protocol.ts';
import type { EngineInfo, Override, SetStatus } from '../../model/engine-api.ts';
import type { Instant } from '../../model/resource.ts';
import { resourceKey } from '../../model/resource.ts';
import type { ResourceStatus } from '../../model/status.ts';
import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, flag, type Options, type Outcome } from '../command.ts';
import { type Connection, connect } from '../connect.ts';
import { describeSubject } from '../keys.ts';
import { escapeControls, type Paint, paintFor, printData, table } from '../output.ts';
import { overrideText } from '../plan-tree.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { streams } = context;
  const show = (view: StatusView) => statusText(view, Date.now(), paintFor(context, streams.stdout));
  if (flag(options, 'watch')) {
    const { watch } = await import('../watch.ts');
    return await watch(context, {
      read: async (connection) => [await readStatus(connection)],
      show: ([view]) => (view === undefined ? '' : show(view)),
      keyOf: () => 'status',
      dataOf: statusJson,
    });
  }
  const connection = await connect(context, 'read');
  try {
    const view = await readStatus(connection);
    if (!(await printData(context, statusJson(view)))) streams.stdout.write(show(view));
    return done;
  } finally {
    await connection.close();
  }
}

async function readStatus({ engine, daemon }: Connection): Promise<StatusView> {
  const [sets, resources, info] = await Promise.all([
    engine.sets(),
    engine.resources({ kind: null, namespace: null, name: null }),
    engine.info(),
  ]);
  return { sets, troubled: resources.filter(isTroubled), overrides: resources.flatMap(overridesIn), info: daemon ? info : null };
}

const statusJson = ({ sets, troubled, overrides, info }: StatusView) => ({
  sets,
  troubled: troubled.map(resourceToJson),
  overrides,
  daemon: info,
});

/** What a person asked for beside the manifests (status.overrides). */
function overridesIn({ kind, metadata, status }: ResourceStatus): readonly Override[] {
  const { namespace, name } = metadata;
  if (kind !== 'Container') return [];
  const found = Array.isArray(status.overrides) ? (status.overrides as readonly Pick<Override, 'path' | 'value' | 'since'>[]) : [];
  return found.map((override) => ({ kind, namespace, name, ...override }));
}

export interface StatusView {
  readonly sets: readonly SetStatus[];
  readonly troubled: readonly ResourceStatus[];
  readonly overrides: readonly Override[];
  /** Null: no daemon. */
  readonly info: EngineInfo | null;
}

/** Sets as a table, then every file that is set aside and every object that is not as it should be, then the engine. */
export function statusText({ sets, troubled, overrides, info }: StatusView, now: Instant, paint: Paint): string {
  const rows = sets.map((set) => [set.id, String(set.revision), String(set.objects), set.state, set.note ?? '']);
  const files = sets.flatMap((set) =>
    set.files.flatMap(({ path, state, error }) => (state === 'ok' ? [] : [error ?? `${path}: ${state}`])),
  );
  const lines = [
    ...files.map((error) => `${paint('bad', 'file')}    ${escapeControls(error)}`),
    ...troubled.map((item) => `${paint('warn', 'object')}  ${objectLine(item)}`),
    ...overrides.map((override) => `${paint('drift', 'override')}  ${overrideText(override)}`),
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
