import { contentHashOf } from '../../model/content-hash.ts';
import type { ObservedConfig } from '../../model/observed.ts';
import type { Change, FieldChange, Reason } from '../../model/plan.ts';
import { parseKey, type Resource, type SubjectKey, schemaVersion } from '../../model/resource.ts';
import type { ConfigSpec } from '../../model/spec.ts';
import type { Diff, DiffResult, PlanView, Verdict } from '../controller.ts';

/** Files of a Config: written as a whole under the hash of their content; what it held before stays for the instances that mount it. Pure. */
export const diffConfig: Diff<'Config'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removal(observed, view);
  const uid = view.record(desired.key)?.uid ?? '';
  const contentHash = contentHashOf(desired.spec.data);
  const reason = whyWrite(desired, observed, contentHash, uid);
  const change = changeOf(desired, observed, reason, view);
  if (reason === null) return result(desired.key, { is: 'settled' }, change);
  const identity = { uid, set: desired.set, specHash: desired.specHash, schemaVersion };
  const input = { verb: 'write', data: desired.spec.data, contentHash, identity } as const;
  return result(
    desired.key,
    { is: 'changing', steps: [{ verb: 'write', phase: 'up', input, reason, acquires: [], releases: [] }] },
    change,
  );
};

function whyWrite(desired: Resource<'Config'>, observed: ObservedConfig | null, contentHash: string, uid: string): Reason | null {
  if (observed === null) return because('Created', 'it is not written');
  if (observed.contentHash !== contentHash) return because('ContentChanged', 'its content differs', 'data');
  const { identity } = observed;
  const isOther = identity?.specHash !== desired.specHash || identity.set !== desired.set || (uid !== '' && identity.uid !== uid);
  return isOther ? because('SpecChanged', 'it carries another identity') : null;
}

function removal(observed: ObservedConfig, view: PlanView): DiffResult<'Config'> {
  const reason = view.removal ?? because('NotDesired', 'no document names it');
  const { namespace, name } = parseKey(observed.key);
  const set = view.record(observed.key)?.set ?? observed.identity?.set ?? '';
  const change: Change = { ...emptyChange, namespace, name, set, action: 'delete', reason: reason.message };
  const step = { verb: 'remove', phase: 'down', input: { verb: 'remove' }, reason, acquires: [], releases: [] } as const;
  return result(observed.key, { is: 'changing', steps: [step] }, change);
}

const emptyChange = { kind: 'Config', fields: [], downtime: null, pull: null, exposure: [], dataLoss: false } as const;

function changeOf(desired: Resource<'Config'>, observed: ObservedConfig | null, reason: Reason | null, view: PlanView): Change | null {
  const before = (view.record(desired.key)?.lastApplied ?? null) as Partial<ConfigSpec> | null;
  const fields = before?.data === undefined ? newFields(desired, observed) : fieldChanges(before.data, desired);
  if (reason === null && fields.length === 0) return null;
  return {
    ...emptyChange,
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action: observed === null ? 'create' : 'update',
    reason: reason?.message ?? `${fields.map((field) => field.path).join(', ')} changed`,
    fields,
  };
}

function newFields(desired: Resource<'Config'>, observed: ObservedConfig | null): readonly FieldChange[] {
  return observed === null ? fieldChanges({}, desired) : [];
}

/** A file is told by its name and size: content may be long, and may be what nobody should read over a shoulder. */
function fieldChanges(before: Readonly<Record<string, string>>, desired: Resource<'Config'>): readonly FieldChange[] {
  const { data } = desired.spec;
  return [...new Set([...Object.keys(before), ...Object.keys(data)])]
    .sort()
    .filter((name) => before[name] !== data[name])
    .map((name) => ({
      path: `data.${name}`,
      from: sizeText(before[name]),
      to: sizeText(data[name]),
      effect: 'content',
      source: desired.fields[`data.${name}`] ?? desired.fields.data ?? null,
      drift: false,
    }));
}

function sizeText(content: string | undefined): string | null {
  if (content === undefined) return null;
  const lines = content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
  return `${lines} ${lines === 1 ? 'line' : 'lines'}, ${Buffer.byteLength(content)} bytes`;
}

function because(code: Reason['code'], message: string, ...paths: readonly string[]): Reason {
  return { code, message, paths };
}

function result(key: SubjectKey, verdict: Verdict<'Config'>, change: Change | null): DiffResult<'Config'> {
  return { verdicts: new Map([[key, verdict]]), change };
}
