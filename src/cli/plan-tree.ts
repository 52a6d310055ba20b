/** A plan as a tree for people (product.md 10.3). The symbols carry the meaning without colour. */
import type { Override, PlanReport } from '../model/engine-api.ts';
import type { Blocked, Change, FieldChange } from '../model/plan.ts';
import { type Origin, resourceKey } from '../model/resource.ts';
import { isRedacted, isUnknown } from '../model/secret.ts';
import { describeSubject, namespaceFlag } from './keys.ts';
import { counted, escapeControls, formatBytes, noPaint, type Paint, type Tone } from './output.ts';

const symbols: { readonly [A in Change['action']]: { readonly symbol: string; readonly tone: Tone; readonly words: string } } = {
  create: { symbol: '+', tone: 'good', words: 'create' },
  update: { symbol: '~', tone: 'warn', words: 'in place' },
  replace: { symbol: '~', tone: 'warn', words: 'replace' },
  restart: { symbol: '~', tone: 'warn', words: 'restart' },
  repair: { symbol: '!', tone: 'drift', words: 'drift, will be repaired' },
  delete: { symbol: '-', tone: 'bad', words: 'delete' },
  none: { symbol: '=', tone: 'dim', words: 'unchanged' },
};

export function renderPlan(report: PlanReport, paint: Paint = noPaint): string {
  const changes = report.changes.filter((change) => change.action !== 'none');
  const lines =
    changes.length === 0 ? [`No changes: ${counted(report.summary.unchanged, 'object')} unchanged.`] : changesOf(report, changes, paint);
  return [...lines, ...overridesOf(report, paint), ...blockedOf(report.blocked, paint)].map((line) => `${line}\n`).join('');
}

function changesOf(report: PlanReport, changes: readonly Change[], paint: Paint): readonly string[] {
  const sets = report.sets.map(({ id, revision }) => `${escapeControls(id)} (revision ${revision})`);
  const lines = [`Plan for ${report.sets.length === 1 ? 'set' : 'sets'} ${sets.join(', ')}   plan ${report.planId.slice(0, 8)}`];
  for (const namespace of [...new Set(changes.map((change) => change.namespace))].sort()) {
    const inside = changes.filter((change) => change.namespace === namespace);
    lines.push('', `  ${namespace === '_' ? 'host' : escapeControls(namespace)}`);
    for (const [index, change] of inside.entries()) lines.push(...changeLines(change, index === inside.length - 1, paint));
  }
  if (report.summary.unchanged > 0) lines.push('', `  ${paint('dim', `= ${report.summary.unchanged} unchanged`)}`);
  return [...lines, '', `Summary  ${summaryText(changes, paint)}`];
}

function changeLines(change: Change, last: boolean, paint: Paint): readonly string[] {
  const { symbol, tone } = symbols[change.action];
  const head = `${paint(tone, symbol)} ${change.kind} ${escapeControls(change.name)}`;
  const padding = ' '.repeat(Math.max(2, 34 - change.kind.length - change.name.length));
  const stem = last ? '     ' : '  │  ';
  const inner = [...change.fields.map((field) => fieldLine(field, change.action, paint)), ...consequences(change, paint)];
  return [`  ${last ? '└─' : '├─'} ${head}${padding}${whatHappens(change, paint)}`, ...inner.map((line) => `${stem}  ${line}`)];
}

function whatHappens(change: Change, paint: Paint): string {
  const { words } = symbols[change.action];
  const tone = change.action === 'delete' ? 'bad' : change.action === 'replace' ? 'strong' : 'plain';
  const pull = change.pull === null ? null : change.pull.bytes === null ? 'pull' : `pull ${formatBytes(change.pull.bytes)}`;
  const downtime = change.downtime === null ? null : paint('bad', escapeControls(change.downtime));
  const reason = change.fields.length === 0 && change.reason !== '' ? `(${escapeControls(change.reason)})` : null;
  return [paint(tone, words), downtime, pull, reason]
    .filter((part) => part !== null)
    .join(', ')
    .replace(', (', ' (');
}

function consequences(change: Change, paint: Paint): readonly string[] {
  return [
    ...change.exposure.map((endpoint) => `${paint('bad', 'NEW: reachable from the network')}  ${escapeControls(endpoint)}`),
    ...(change.dataLoss ? [paint('bad', 'data loss')] : []),
  ];
}

/** `~ env.LOG_LEVEL  debug -> info   web.yaml:8` */
function fieldLine({ path, from, to, effect, source, drift }: FieldChange, action: Change['action'], paint: Paint): string {
  const [symbol, tone]: readonly [string, Tone] = drift
    ? ['!', 'drift']
    : from == null
      ? ['+', 'good']
      : to == null
        ? ['-', 'bad']
        : ['~', 'warn'];
  const value = isUnknown(to)
    ? 'unknown until it is applied (redacted)'
    : isRedacted(from ?? to)
      ? `${from != null && to != null ? 'changed ' : ''}(redacted)`
      : from == null
        ? showValue(to)
        : to == null
          ? showValue(from)
          : `${showValue(from)} -> ${showValue(to)}`;
  const label = action === 'create' ? '' : `   ${paint('dim', `(${effect === 'in-place' ? 'in place' : effect})`)}`;
  const place = source === null ? '' : `   ${paint('dim', placeOf(source))}`;
  return `${paint(tone, symbol)} ${escapeControls(path).padEnd(24)} ${value}${label}${place}`;
}

const placeOf = ({ file, line }: Origin) => `${escapeControls(file)}:${line}`;

const maxShown = 60;

/** A value on one line: bare where that cannot be misread, else as JSON; cut at 60 characters. */
function showValue(value: unknown): string {
  const bare = typeof value === 'string' && /^[\w./:@+-]+$/.test(value);
  const text = bare ? String(value) : (JSON.stringify(value) ?? 'none');
  return escapeControls(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
}

/** `1 replace · 2 in place   expected unavailability: none` */
export function summaryText(changes: readonly Change[], paint: Paint): string {
  const counts = (Object.keys(symbols) as Change['action'][]).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} ${action === 'update' ? 'in place' : action}`];
  });
  const down = changes.filter((change) => change.downtime !== null).map((change) => change.name);
  const unavailable = down.length === 0 ? 'none' : paint('bad', escapeControls(down.join(', ')));
  return `${counts.join(' · ')}   expected unavailability: ${unavailable}`;
}

/** What stays as a person wants it, whatever the manifests say. */
function overridesOf({ overrides }: PlanReport, paint: Paint): readonly string[] {
  if (overrides.length === 0) return [];
  return ['', ...overrides.map((override) => `${paint('drift', 'override')}  ${overrideText(override)}`)];
}

/** `Container web: state Stopped since 2026-03-01T12:00:00.000Z; tsdock start web ends it` */
export function overrideText({ kind, namespace, name, path, value, since }: Override): string {
  const subject = describeSubject(resourceKey(kind, namespace, name));
  return escapeControls(
    `${subject}: ${path} ${value} since ${since}, by a person; tsdock start ${name}${namespaceFlag(namespace)} ends it`,
  );
}

/** Reasons that the plan itself takes away. */
const passing: ReadonlySet<string> = new Set(['WaitingForImage', 'WaitingForDependency', 'ConcurrencyLimit']);

function blockedOf(blocked: readonly Blocked[], paint: Paint): readonly string[] {
  const lasting = blocked.filter(({ reason }) => !passing.has(reason.code));
  if (lasting.length === 0) return [];
  return ['', ...lasting.map((entry) => `${paint('warn', 'waiting')}  ${blockedText(entry)}`)];
}

/** `Container web: PortInUse: 0.0.0.0:8080 is in use by nginx (pid 812)` */
export function blockedText({ subject, reason }: Blocked): string {
  return escapeControls(`${describeSubject(subject)}: ${reason.code}: ${reason.message}`);
}
