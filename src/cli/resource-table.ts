/** `get` as a table: columns every kind has, and those of one kind. */
import type { Instant, ObjectKind } from '../model/resource.ts';
import type { Phase, ResourceStatus } from '../model/status.ts';
import { formatAge } from '../model/time.ts';
import { formatBytes, type Paint, type Row, shortDigest, type Tone, table } from './output.ts';

export interface TableForm {
  /** Null: several kinds in one table. */
  readonly kind: ObjectKind | null;
  readonly namespaces: boolean;
  readonly wide: boolean;
  /** Whether the titles of the columns are wanted. */
  readonly head: boolean;
}

interface Column {
  readonly title: string;
  readonly value: (item: ResourceStatus) => string;
}

/** A field of the status, wherever it is, as text; `-` when it is not known. */
function field(item: ResourceStatus, ...path: readonly string[]): string {
  let value: unknown = item.status;
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  if (value === undefined || value === null || value === '') return '-';
  return String(value);
}

function keysOf(item: ResourceStatus): string {
  const { stringData = {}, generate = {} } = (item.spec ?? {}) as { readonly stringData?: object; readonly generate?: object };
  return [...Object.keys(stringData), ...Object.keys(generate)].sort().join(', ') || '-';
}

const bytesOf = (text: string) => (text === '-' ? text : formatBytes(Number(text)));

const columnsOf: { readonly [K in ObjectKind]: readonly Column[] } = {
  Container: [
    { title: 'READY', value: (item) => `${field(item, 'replicas', 'ready')}/${field(item, 'replicas', 'desired')}` },
    { title: 'ADDRESS', value: (item) => field(item, 'address') },
    { title: 'IMAGE', value: (item) => field(item, 'image', 'ref') },
  ],
  Image: [
    { title: 'DIGEST', value: (item) => shortDigest(field(item, 'digest')) },
    { title: 'SIZE', value: (item) => bytesOf(field(item, 'size')) },
  ],
  Network: [
    { title: 'SUBNET', value: (item) => field(item, 'subnet') },
    { title: 'BRIDGE', value: (item) => field(item, 'bridge') },
  ],
  Volume: [{ title: 'PATH', value: (item) => field(item, 'path') }],
  Config: [],
  Registry: [],
  Secret: [{ title: 'KEYS', value: keysOf }],
};

const wideColumns: readonly Column[] = [
  { title: 'SET', value: (item) => item.metadata.set },
  { title: 'GENERATION', value: (item) => String(item.metadata.generation) },
  { title: 'UID', value: (item) => item.metadata.uid },
  { title: 'ORIGIN', value: ({ metadata: { origin } }) => `${origin.file}:${origin.line}` },
];

const phaseTones: { readonly [P in Phase]: Tone } = {
  Pending: 'warn',
  Progressing: 'warn',
  Ready: 'good',
  Degraded: 'warn',
  Failed: 'bad',
  Suspended: 'dim',
  Deleting: 'dim',
};

export function resourceTable(items: readonly ResourceStatus[], form: TableForm, now: Instant, paint: Paint): string {
  const own = [...(form.kind === null ? [] : columnsOf[form.kind]), ...(form.wide ? wideColumns : [])];
  const head = [
    ...(form.namespaces ? ['NAMESPACE'] : []),
    ...(form.kind === null ? ['KIND'] : []),
    'NAME',
    'PHASE',
    'REASON',
    ...own.map(({ title }) => title),
    'AGE',
  ];
  const rows = items.map((item): Row => {
    const { kind, metadata, status } = item;
    return [
      ...(form.namespaces ? [metadata.namespace === '_' ? '-' : metadata.namespace] : []),
      ...(form.kind === null ? [kind] : []),
      metadata.name,
      { text: status.phase, tone: phaseTones[status.phase] },
      reasonOf(item),
      ...own.map(({ value }) => value(item)),
      formatAge(now - Date.parse(metadata.createdAt)),
    ];
  });
  return table(head, rows, paint, form.head);
}

/** Why it is not ready, as far as it is not. */
function reasonOf({ status }: ResourceStatus): string {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? '-' : ready.reason;
}
