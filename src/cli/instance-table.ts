/** `ps` as a table (product.md 10.5). */
import type { Instant } from '../model/resource.ts';
import type { InstanceItem } from '../model/status.ts';
import { formatAge, formatDuration } from '../model/time.ts';
import { type Paint, type Row, shortDigest, type Tone, table } from './output.ts';

export function instanceTable(
  items: readonly InstanceItem[],
  form: { readonly namespaces: boolean; readonly wide: boolean; readonly head: boolean },
  now: Instant,
  paint: Paint,
): string {
  const head = [
    ...(form.namespaces ? ['NAMESPACE'] : []),
    ...['INSTANCE', 'STATE', 'READY', 'RESTARTS', 'ADDRESS', 'PORTS', 'AGE'],
    ...(form.wide ? ['PID', 'EXIT', 'IMAGE', 'DIGEST', 'UID'] : []),
  ];
  const rows = items.map((item): Row => {
    const wide = form.wide
      ? [item.pid === null ? '-' : String(item.pid), exitText(item), item.image.ref, shortDigest(item.image.digest), item.uid]
      : [];
    return [
      ...(form.namespaces ? [item.namespace] : []),
      item.name,
      { text: item.phase, tone: phaseTone(item) },
      item.ready === 'unknown' ? '-' : item.ready,
      restartsText(item, now),
      item.address ?? '-',
      portsText(item),
      ageText(item, now),
      ...wide,
    ];
  });
  return table(head, rows, paint, form.head);
}

function phaseTone({ phase, exit }: InstanceItem): Tone {
  if (phase === 'running') return 'good';
  if (phase === 'backoff' || phase === 'broken') return 'bad';
  return phase === 'exited' && exit !== null && exit.code !== 0 ? 'bad' : 'plain';
}

/** `4 (16s)`: restarts, and when the next one comes. */
function restartsText({ restarts, nextTry }: InstanceItem, now: Instant): string {
  return nextTry === null ? String(restarts) : `${restarts} (${formatDuration(Date.parse(nextTry) - now)})`;
}

/** `0.0.0.0:8080->80, 127.0.0.1:53->53/udp` */
function portsText({ ports }: InstanceItem): string {
  if (ports.length === 0) return '-';
  return ports
    .map(
      ({ hostIP, hostPort, containerPort, protocol }) =>
        `${hostIP}:${hostPort}->${containerPort}${protocol === 'TCP' ? '' : `/${protocol.toLowerCase()}`}`,
    )
    .join(', ');
}

function ageText({ startedAt, exit, phase }: InstanceItem, now: Instant): string {
  if (phase === 'exited' && exit !== null) return `${formatAge(now - Date.parse(exit.at))} ago`;
  return startedAt === null ? '-' : formatAge(now - Date.parse(startedAt));
}

/** `0`, `1`, `signal 9`, `137 (out of memory)` */
export function exitText({ exit }: Pick<InstanceItem, 'exit'>): string {
  if (exit === null) return '-';
  const how = exit.code === null ? `signal ${exit.signal}` : String(exit.code);
  return exit.oomKilled ? `${how} (out of memory)` : how;
}
