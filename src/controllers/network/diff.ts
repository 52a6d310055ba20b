import type { ObservedNetwork } from '../../model/observed.ts';
import { because, type Change, type FieldChange, type NetworkInput, type NetworkLease, noEffects, type Reason } from '../../model/plan.ts';
import { parseKey, type Resource, type SubjectKey, schemaVersion } from '../../model/resource.ts';
import type { NetworkSpec } from '../../model/spec.ts';
import type { Diff, DiffResult, PlanView, Verdict } from '../controller.ts';
import { namesHashOf, namesText } from './names.ts';

/** MTU of a network whose manifest names none. */
export const defaultMtu = 1500;

/** A bridge by its lease: made, brought back to what the manifest says, or removed. Names files are part of it. Pure. */
export const diffNetwork: Diff<'Network'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removal(observed, view);
  const lease = view.networkLease(desired.key);
  const refused = view.missingLease(desired.key);
  if (lease === null) {
    const reason = refused ?? because('PoolExhausted', 'it has no subnet', 'subnet');
    return result(desired.key, { is: 'blocked', reason, until: null }, changeOf(desired, observed, reason, view));
  }
  const network = inputOf(desired, lease, view);
  const reason = observed === null ? because('Created', 'it does not exist') : whyUpdate(network, desired, observed);
  if (reason === null) return result(desired.key, { is: 'settled' }, changeOf(desired, observed, null, view));
  const verb = observed === null ? 'create' : 'update';
  const step = { verb, phase: 'up', input: { verb, network }, reason, acquires: [], releases: [] } as const;
  return result(desired.key, { is: 'changing', steps: [step] }, changeOf(desired, observed, reason, view));
};

function inputOf(desired: Resource<'Network'>, lease: NetworkLease, view: PlanView): NetworkInput {
  return {
    identity: { uid: view.record(desired.key)?.uid ?? '', set: desired.set, specHash: desired.specHash, schemaVersion },
    spec: desired.spec,
    ...lease,
    names: view.names(desired.key),
  };
}

function whyUpdate(wanted: NetworkInput, desired: Resource<'Network'>, observed: ObservedNetwork): Reason | null {
  const facts: readonly (readonly [name: string, wanted: unknown, found: unknown])[] = [
    ['link', wanted.link, observed.link],
    ['subnet', wanted.subnet, observed.subnet],
    ['gateway', wanted.gateway, observed.gateway],
    ['mtu', wanted.spec.mtu ?? defaultMtu, observed.mtu],
    ['isolated', wanted.spec.isolated, observed.isolated],
    ['masquerade', wanted.spec.masquerade, observed.masquerade],
    ['up', true, observed.up],
    ['rules', true, observed.tableIntact],
  ];
  const differing = facts.filter(([, want, found]) => want !== found);
  const isNewSpec = observed.identity?.specHash !== wanted.identity.specHash;
  if (differing.length > 0) {
    const text = differing.map(([name, want, found]) => `${name} ${String(found)} -> ${String(want)}`).join(', ');
    return because(
      isNewSpec ? 'SpecChanged' : 'Drifted',
      text,
      ...differing.map(([name]) => name).filter((name) => Object.hasOwn(desired.spec, name)),
    );
  }
  if (observed.namesHash !== namesHashOf(namesText(wanted))) return because('NamesChanged', `names of ${wanted.names.length} members`);
  const { uid, set } = wanted.identity;
  return isNewSpec || observed.identity?.set !== set || (uid !== '' && observed.identity?.uid !== uid)
    ? because('SpecChanged', 'it carries another identity')
    : null;
}

function removal(observed: ObservedNetwork, view: PlanView): DiffResult<'Network'> {
  const reason = view.removal ?? because('NotDesired', 'no document names it');
  const step = {
    verb: 'remove',
    phase: 'down',
    input: { verb: 'remove', link: observed.link },
    reason,
    acquires: [],
    releases: [],
  } as const;
  const { namespace, name } = parseKey(observed.key);
  const set = view.record(observed.key)?.set ?? observed.identity?.set ?? '';
  const change: Change = { ...noEffects, kind: 'Network', namespace, name, set, action: 'delete', reason: reason.message };
  return result(observed.key, { is: 'changing', steps: [step] }, change);
}

function changeOf(desired: Resource<'Network'>, observed: ObservedNetwork | null, reason: Reason | null, view: PlanView): Change | null {
  const before = (view.record(desired.key)?.lastApplied ?? null) as NetworkSpec | null;
  const fields = before === null && observed !== null ? [] : fieldChanges(before, desired);
  if (reason?.code === 'NamesChanged' && fields.length === 0) return null;
  if (reason === null && fields.length === 0) return null;
  const action = observed === null ? 'create' : reason?.code === 'Drifted' && fields.length === 0 ? 'repair' : 'update';
  const isMoved = observed !== null && fields.some((field) => field.effect === 'connections');
  return {
    ...noEffects,
    kind: 'Network',
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action,
    reason: reason?.message ?? `${fields.map((field) => field.path).join(', ')} changed`,
    fields,
    downtime: isMoved ? 'connections of its members break' : null,
  };
}

const usual: readonly (readonly [path: string, value: unknown])[] = [
  ['driver', 'bridge'],
  ['subnet', null],
  ['gateway', null],
  ['ipRange', null],
  ['isolated', true],
  ['masquerade', true],
  ['mtu', null],
  ['dns.forwarders', []],
  ['dns.domain', null],
];

function fieldsOf({ dns, ...spec }: NetworkSpec): readonly (readonly [path: string, value: unknown])[] {
  return [...Object.entries(spec), ['dns.forwarders', dns.forwarders], ['dns.domain', dns.domain]];
}

const moving: ReadonlySet<string> = new Set(['subnet', 'gateway', 'mtu']);

/** By the paths users write. Without an earlier spec every field that is not the default is new. */
function fieldChanges(before: NetworkSpec | null, desired: Resource<'Network'>): readonly FieldChange[] {
  const earlier = new Map(before === null ? usual : fieldsOf(before));
  return fieldsOf(desired.spec)
    .filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(earlier.get(path)))
    .map(([path, value]) => ({
      path,
      from: before === null ? null : earlier.get(path),
      to: value,
      effect: moving.has(path) ? 'connections' : 'in-place',
      source: desired.fields[path] ?? desired.fields[`${path}[0]`] ?? desired.fields.dns ?? null,
      drift: false,
    }));
}

function result(key: SubjectKey, verdict: Verdict<'Network'>, change: Change | null): DiffResult<'Network'> {
  return { verdicts: new Map([[key, verdict]]), change };
}
