/** A plan as a plain diff (`-o unified`) and as a table for reviews (`-o markdown`). */
import type { PlanReport } from '../model/engine-api.ts';
import type { Change, FieldChange } from '../model/plan.ts';
import { counted, escapeControls, noPaint, type Paint } from './output.ts';
import { summaryText } from './plan-tree.ts';

/** What changes of each object as lines of YAML, `-` before and `+` after. */
export function unifiedPlan(report: PlanReport, paint: Paint = noPaint): string {
  const lines = changed(report).flatMap((change) => {
    const name = escapeControls(nameOf(change));
    const old = change.action === 'create' ? '/dev/null' : `a/${name}`;
    const fresh = change.action === 'delete' ? '/dev/null' : `b/${name}`;
    const head = [paint('strong', `--- ${old}`), paint('strong', `+++ ${fresh}`), paint('dim', `@@ ${describeAction(change)} @@`)];
    return [...head, ...change.fields.flatMap((field) => unifiedField(field, paint))];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function unifiedField({ path, from, to }: FieldChange, paint: Paint): readonly string[] {
  const line = (sign: string, value: unknown) => `${sign}${escapeControls(path)}: ${yamlValue(value)}`;
  return [...(from == null ? [] : [paint('bad', line('-', from))]), ...(to == null ? [] : [paint('good', line('+', to))])];
}

/** JSON is YAML, and stays on one line; plain words need no quotes. */
function yamlValue(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[A-Za-z_/][\w./@+-]*$/.test(value) && !/^(?:true|false|null)$/i.test(value);
  return escapeControls(isPlain ? String(value) : (JSON.stringify(value) ?? 'null'));
}

/** A row a field, so that a review can point at it. */
export function markdownPlan(report: PlanReport): string {
  const changes = changed(report);
  if (changes.length === 0) return `No changes: ${counted(report.summary.unchanged, 'object')} unchanged.\n`;
  const rows = changes.flatMap((change) => {
    const first = [code(nameOf(change)), cell(describeAction(change))];
    if (change.fields.length === 0) return [[...first, '', '', '', '']];
    return change.fields.map((field, index) => [...(index === 0 ? first : ['', '']), ...markdownField(field)]);
  });
  const table = [['Object', 'Action', 'Field', 'From', 'To', 'Source'], ['---', '---', '---', '---', '---', '---'], ...rows];
  const exposure = changes.flatMap((change) =>
    change.exposure.map((endpoint) => `- **NEW: reachable from the network** ${code(endpoint)} (${nameOf(change)})`),
  );
  const loss = changes.filter(({ dataLoss }) => dataLoss).map((change) => `- **data loss** ${code(nameOf(change))}`);
  const notes = [...exposure, ...loss];
  const lines = [
    ...table.map((row) => `| ${row.join(' | ')} |`),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    `${summaryText(changes, noPaint)} (plan ${report.planId.slice(0, 8)})`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function markdownField({ path, from, to, source }: FieldChange): readonly string[] {
  const value = (one: unknown) => (one == null ? '' : code(typeof one === 'string' ? one : (JSON.stringify(one) ?? '')));
  return [code(path), value(from), value(to), source === null ? '' : cell(`${source.file}:${source.line}`)];
}

const changed = (report: PlanReport) => report.changes.filter((change) => change.action !== 'none');

const nameOf = ({ kind, namespace, name }: Change) => (namespace === '_' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`);

function describeAction({ action, downtime, reason, fields }: Change): string {
  const words = action === 'update' ? 'in place' : action;
  const why = fields.length === 0 && reason !== '' ? ` (${reason})` : '';
  return escapeControls(`${words}${downtime === null ? '' : `, ${downtime}`}${why}`);
}

const cell = (text: string) => escapeControls(text).replaceAll('|', '\\|');

/** Code in a cell: its fence is longer than any run of backticks inside. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${cell(text)}\`` : `${fence} ${cell(text)} ${fence}`;
}
