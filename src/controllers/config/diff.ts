import { contentHashOf } from '../../model/content-hash.ts';
import type { ObservedConfig } from '../../model/observed.ts';
import type { FieldChange } from '../../model/plan.ts';
import type { Resource } from '../../model/resource.ts';
import type { ConfigSpec } from '../../model/spec.ts';
import type { Diff } from '../controller.ts';
import { changeOf, identityOf, removalOf, resultOf, whyWrite } from './content-diff.ts';

/** Files of a Config: written as a whole under the hash of their content; what it held before stays for the instances that mount it. Pure. */
export const diffConfig: Diff<'Config'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removalOf('Config', observed, view);
  const { data, binaryData } = desired.spec;
  const contentHash = contentHashOf(data, binaryData);
  const reason = whyWrite(desired, observed, contentHash, view);
  const before = (view.record(desired.key)?.lastApplied ?? null) as Partial<ConfigSpec> | null;
  const change = changeOf(desired, observed, reason, fieldsOf(before, desired, observed));
  if (reason === null) return resultOf(desired.key, { is: 'settled' }, change);
  const input = { verb: 'write', data, binaryData, contentHash, identity: identityOf(desired, view) } as const;
  const step = { verb: 'write', phase: 'up', input, reason, acquires: [], releases: [] } as const;
  return resultOf(desired.key, { is: 'changing', steps: [step] }, change);
};

function fieldsOf(
  before: Partial<ConfigSpec> | null,
  desired: Resource<'Config'>,
  observed: ObservedConfig | null,
): readonly FieldChange[] {
  if (before?.data === undefined) return observed === null ? fieldsOf({ data: {} }, desired, observed) : [];
  const { data, binaryData } = desired.spec;
  return [...fieldChanges('data', before.data, data, desired), ...fieldChanges('binaryData', before.binaryData ?? {}, binaryData, desired)];
}

/** A file is told by its name and size: content may be long, and may be what nobody should read over a shoulder. */
function fieldChanges(
  field: 'data' | 'binaryData',
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  desired: Resource<'Config'>,
): readonly FieldChange[] {
  const sizeText = field === 'data' ? textSize : binarySize;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((name) => before[name] !== after[name])
    .map((name) => ({
      path: `${field}.${name}`,
      from: sizeText(before[name]),
      to: sizeText(after[name]),
      effect: 'content',
      source: desired.fields[`${field}.${name}`] ?? desired.fields[field] ?? desired.fields.files ?? null,
      drift: false,
    }));
}

function textSize(content: string | undefined): string | null {
  if (content === undefined) return null;
  const lines = content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
  return `${lines} ${lines === 1 ? 'line' : 'lines'}, ${Buffer.byteLength(content)} bytes`;
}

function binarySize(base64: string | undefined): string | null {
  return base64 === undefined ? null : `${Buffer.from(base64, 'base64').length} bytes`;
}
