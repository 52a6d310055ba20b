import type { ObservedVolume } from '../../model/observed.ts';
import { because, type Change, type FieldChange, noEffects, type Reason } from '../../model/plan.ts';
import { parseKey, type Resource, type SubjectKey, schemaVersion } from '../../model/resource.ts';
import type { VolumeSpec } from '../../model/spec.ts';
import type { Diff, DiffResult, PlanView, Verdict } from '../controller.ts';

/**
 * A directory with data. Owner and mode are applied when it is made and when the manifest changes, never because its users changed them. Another driver or host path
 * would lose the data and is refused; removal respects `reclaimPolicy` unless a person deleted the volume by name. Pure.
 */
export const diffVolume: Diff<'Volume'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removal(observed, view);
  const lossy = observed === null ? [] : lossyFields(desired, observed);
  if (lossy.length > 0) {
    const text = lossy.map((field) => `${field.path} ${String(field.from)} -> ${String(field.to)}`).join(', ');
    const reason = because('Protected', `${text} would leave its data behind; use a new name`, ...lossy.map((field) => field.path));
    return result(desired.key, { is: 'blocked', reason, until: null }, { ...changeOf(desired, observed, reason, lossy), dataLoss: true });
  }
  const uid = view.record(desired.key)?.uid ?? '';
  const reason = whyWrite(desired, observed, uid);
  const fields = fieldChanges((view.record(desired.key)?.lastApplied ?? null) as VolumeSpec | null, desired, observed);
  const change = reason === null && fields.length === 0 ? null : changeOf(desired, observed, reason, fields);
  if (reason === null) return result(desired.key, { is: 'settled' }, change);
  const verb = observed === null || !observed.present ? 'create' : 'update';
  const identity = { uid, set: desired.set, specHash: desired.specHash, schemaVersion };
  const step = { verb, phase: 'up', input: { verb, spec: desired.spec, identity }, reason, acquires: [], releases: [] } as const;
  return result(desired.key, { is: 'changing', steps: [step] }, change);
};

function whyWrite(desired: Resource<'Volume'>, observed: ObservedVolume | null, uid: string): Reason | null {
  if (observed === null) return because('Created', 'it does not exist');
  if (!observed.present) return because('Lost', `${observed.path} is gone`);
  const { identity } = observed;
  if (identity?.specHash !== desired.specHash) return because('SpecChanged', 'owner or policies differ');
  return identity.set !== desired.set || (uid !== '' && identity.uid !== uid)
    ? because('SpecChanged', 'it carries another identity')
    : null;
}

function removal(observed: ObservedVolume, view: PlanView): DiffResult<'Volume'> {
  const record = view.record(observed.key);
  const spec = (record?.lastApplied ?? null) as VolumeSpec | null;
  const reason = view.removal ?? because('NotDesired', 'no document names it');
  const { namespace, name } = parseKey(observed.key);
  if (reason.code !== 'Deleted' && spec?.reclaimPolicy !== 'Delete') {
    const kept = because('Retained', 'reclaimPolicy Retain keeps its data; tsdock delete --allow-data-loss removes it');
    return result(observed.key, { is: 'blocked', reason: kept, until: null }, null);
  }
  const step = { verb: 'remove', phase: 'down', input: { verb: 'remove' }, reason, acquires: [], releases: [] } as const;
  const change: Change = {
    ...noEffects,
    kind: 'Volume',
    namespace,
    name,
    set: record?.set ?? observed.identity?.set ?? '',
    action: 'delete',
    reason: reason.message,
    dataLoss: observed.driver !== 'bind',
  };
  return result(observed.key, { is: 'changing', steps: [step] }, change);
}

function lossyFields(desired: Resource<'Volume'>, observed: ObservedVolume): readonly FieldChange[] {
  return (['driver', 'hostPath'] as const)
    .filter((path) => observed[path] !== desired.spec[path])
    .map((path) => ({
      path,
      from: observed[path],
      to: desired.spec[path],
      effect: 'data-loss',
      source: desired.fields[path] ?? null,
      drift: false,
    }));
}

function changeOf(
  desired: Resource<'Volume'>,
  observed: ObservedVolume | null,
  reason: Reason | null,
  fields: readonly FieldChange[],
): Change {
  const action = observed === null ? 'create' : reason?.code === 'Lost' ? 'repair' : 'update';
  const text = reason?.message ?? `${fields.map((field) => field.path).join(', ')} changed`;
  return { ...noEffects, kind: 'Volume', namespace: desired.namespace, name: desired.name, set: desired.set, action, reason: text, fields };
}

const usual: VolumeSpec = {
  driver: 'local',
  hostPath: null,
  accessMode: 'ReadWriteOnce',
  owner: { uid: null, gid: null, mode: null },
  reclaimPolicy: 'Retain',
};

function fieldChanges(before: VolumeSpec | null, desired: Resource<'Volume'>, observed: ObservedVolume | null): readonly FieldChange[] {
  if (before === null && observed !== null) return [];
  const wanted = flat(desired.spec);
  const earlier = flat(before ?? usual);
  return Object.keys(wanted)
    .filter((path) => wanted[path] !== earlier[path])
    .map((path) => ({
      path,
      from: before === null ? null : earlier[path],
      to: wanted[path],
      effect: 'in-place',
      source: desired.fields[path] ?? null,
      drift: false,
    }));
}

function flat(spec: VolumeSpec): Readonly<Record<string, unknown>> {
  const { owner, ...rest } = spec;
  const mode = owner.mode === null ? null : owner.mode.toString(8).padStart(4, '0');
  return { ...rest, 'owner.uid': owner.uid, 'owner.gid': owner.gid, 'owner.mode': mode };
}

function result(key: SubjectKey, verdict: Verdict<'Volume'>, change: Change | null): DiffResult<'Volume'> {
  return { verdicts: new Map([[key, verdict]]), change };
}
