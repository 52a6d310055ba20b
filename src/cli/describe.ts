/** Everything about one object on one page. */
import type { Event } from '../model/event.ts';
import type { Instant, Labels } from '../model/resource.ts';
import type { InstanceItem, ResourceStatus } from '../model/status.ts';
import { formatAge, formatDuration } from '../model/time.ts';
import { eventLine } from './event-line.ts';
import { exitText } from './instance-table.ts';
import { escapeControls, type Paint } from './output.ts';

export interface Described {
  readonly resource: ResourceStatus;
  readonly instances: readonly InstanceItem[];
  readonly events: readonly Event[];
}

export async function describeResource({ resource, instances, events }: Described, now: Instant, paint: Paint): Promise<string> {
  const { kind, metadata, spec, status } = resource;
  const { phase, conditions, observedGeneration, ...fields } = status;
  const lines = [
    `${paint('strong', `${kind} ${escapeControls(metadata.name)}`)}`,
    pair('Namespace', metadata.namespace),
    pair('Set', metadata.set),
    pair('Origin', `${metadata.origin.file}:${metadata.origin.line}:${metadata.origin.column}`),
    pair('Labels', labelsText(metadata.labels)),
    pair('Annotations', labelsText(metadata.annotations)),
    pair('UID', metadata.uid),
    pair('Created', `${metadata.createdAt} (${formatAge(now - Date.parse(metadata.createdAt))} ago)`),
    pair('Generation', `${metadata.generation}, observed ${observedGeneration}`),
    pair('Phase', phase),
    '',
    paint('strong', 'Conditions'),
    ...conditions.map(
      ({ type, status: state, reason, message, since }) =>
        `  ${type}=${state}  ${reason}  ${escapeControls(message)}  ${paint('dim', `since ${formatAge(now - since)}`)}`,
    ),
    ...(instances.length === 0 ? [] : ['', paint('strong', 'Instances'), ...instances.map((item) => `  ${instanceLine(item, now)}`)]),
    ...(await yamlSection('Status', fields, paint)),
    ...(await yamlSection('Spec', spec, paint)),
    '',
    paint('strong', 'Events'),
    ...(events.length === 0 ? ['  none'] : events.map((event) => `  ${eventLine(event, paint)}`)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const pair = (name: string, value: string) => `  ${`${name}:`.padEnd(13)} ${escapeControls(value)}`;

function labelsText(labels: Labels): string {
  const entries = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return entries.length === 0 ? '-' : entries.join(', ');
}

function instanceLine(item: InstanceItem, now: Instant): string {
  const parts = [
    item.name,
    item.phase,
    item.pid === null ? null : `pid ${item.pid}`,
    item.address,
    item.startedAt === null ? null : `started ${formatAge(now - Date.parse(item.startedAt))} ago`,
    item.restarts === 0 ? null : `${item.restarts} restarts`,
    item.nextTry === null ? null : `next try in ${formatDuration(Date.parse(item.nextTry) - now)}`,
    item.exit === null ? null : `last exit ${exitText(item)}`,
  ];
  return escapeControls(parts.filter((part) => part !== null).join('  '));
}

async function yamlSection(title: string, value: unknown, paint: Paint): Promise<readonly string[]> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [];
  const { stringify } = await import('yaml');
  const text = stringify(value, { aliasDuplicateObjects: false }).trimEnd();
  return ['', paint('strong', title), ...text.split('\n').map((line) => `  ${escapeControls(line)}`)];
}
