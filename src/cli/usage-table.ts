/** `stats` as a table, and the arithmetic behind its CPU column. */
import type { InstanceUsage } from '../model/engine-api.ts';
import { showSize } from '../model/size.ts';
import { type Paint, type Row, table } from './output.ts';

export interface UsageRow extends InstanceUsage {
  /** Of one CPU, between two looks; null: it was not there at the first. */
  readonly cpuPercent: number | null;
}

/** A memory use from which on the next allocation may be the last. */
const nearLimit = 0.9;

/** Rows of the later look, with the share of CPU time used since the earlier. A counter that fell belongs to another incarnation. */
export function shareBetween(before: readonly InstanceUsage[], after: readonly InstanceUsage[]): readonly UsageRow[] {
  const keyOf = ({ namespace, name }: InstanceUsage): string => `${namespace}/${name}`;
  const earlier = new Map(before.map((usage) => [keyOf(usage), usage]));
  return after.map((usage) => {
    const first = earlier.get(keyOf(usage));
    const ms = first === undefined ? 0 : Date.parse(usage.at) - Date.parse(first.at);
    const isComparable = first !== undefined && ms > 0 && usage.cpuMicros >= first.cpuMicros;
    return { ...usage, cpuPercent: isComparable ? Math.round((usage.cpuMicros - first.cpuMicros) / ms) / 10 : null };
  });
}

export function usageTable(
  rows: readonly UsageRow[],
  form: { readonly namespaces: boolean; readonly head: boolean },
  paint: Paint,
): string {
  const head = [...(form.namespaces ? ['NAMESPACE'] : []), 'INSTANCE', 'CPU', 'MEMORY', 'LIMIT', 'PEAK', 'PIDS', 'OOM KILLS'];
  const cells = rows.map(
    (row): Row => [
      ...(form.namespaces ? [row.namespace] : []),
      row.name,
      row.cpuPercent === null ? '-' : `${row.cpuPercent.toFixed(1)}%`,
      { text: memoryText(row), tone: isNearLimit(row) ? 'bad' : 'plain' },
      row.memoryLimitBytes === null ? '-' : showSize(row.memoryLimitBytes),
      row.memoryPeakBytes === null ? '-' : showSize(row.memoryPeakBytes),
      String(row.pids),
      { text: String(row.oomKills), tone: row.oomKills === 0 ? 'plain' : 'bad' },
    ],
  );
  return table(head, cells, paint, form.head);
}

/** `12 MiB (19%)` */
function memoryText({ memoryBytes, memoryLimitBytes }: UsageRow): string {
  const share = memoryLimitBytes === null ? '' : ` (${Math.round((100 * memoryBytes) / memoryLimitBytes)}%)`;
  return `${showSize(memoryBytes)}${share}`;
}

const isNearLimit = ({ memoryBytes, memoryLimitBytes }: UsageRow): boolean =>
  memoryLimitBytes !== null && memoryBytes >= nearLimit * memoryLimitBytes;
