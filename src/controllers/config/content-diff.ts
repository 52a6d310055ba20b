import type { ObservedConfig, ObservedSecret } from '../../model/observed.ts';
import { because, type Change, type FieldChange, noEffects, type Reason } from '../../model/plan.ts';
import { type ContentHash, type Identity, parseKey, type Resource, type SubjectKey, schemaVersion } from '../../model/resource.ts';
import type { DiffResult, PlanView, Verdict } from '../controller.ts';

/** What Config and Secret have in common: files that are written as a whole under the hash of their content. Pure. */
type Kind = 'Config' | 'Secret';
type ObservedContent = ObservedConfig | ObservedSecret;

export function whyWrite(
  desired: Resource<Kind>,
  observed: ObservedContent | null,
  contentHash: ContentHash,
  view: PlanView,
): Reason | null {
  if (observed === null) return because('Created', 'it is not written');
  if (observed.contentHash !== contentHash) return because('ContentChanged', 'its content differs', 'data');
  const uid = uidOf(desired, view);
  const { identity } = observed;
  const isOther = identity?.specHash !== desired.specHash || identity.set !== desired.set || (uid !== '' && identity.uid !== uid);
  return isOther ? because('SpecChanged', 'it carries another identity') : null;
}

export function identityOf(desired: Resource<Kind>, view: PlanView): Identity {
  return { uid: uidOf(desired, view), set: desired.set, specHash: desired.specHash, schemaVersion };
}

/** Null when nothing is done and no field differs. */
export function changeOf(
  desired: Resource<Kind>,
  observed: ObservedContent | null,
  reason: Reason | null,
  fields: readonly FieldChange[],
): Change | null {
  if (reason === null && fields.length === 0) return null;
  return {
    ...noEffects,
    kind: desired.kind,
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action: observed === null ? 'create' : 'update',
    reason: reason?.message ?? `${fields.map((field) => field.path).join(', ')} changed`,
    fields,
  };
}

/** Files go with the object; users that stay keep what they have mounted. */
export function removalOf<K extends Kind>(kind: K, observed: ObservedContent, view: PlanView): DiffResult<K> {
  const reason = view.removal ?? because('NotDesired', 'no document names it');
  const { namespace, name } = parseKey(observed.key);
  const set = view.record(observed.key)?.set ?? observed.identity?.set ?? '';
  const change: Change = { ...noEffects, kind, namespace, name, set, action: 'delete', reason: reason.message };
  const step = { verb: 'remove', phase: 'down', input: { verb: 'remove' }, reason, acquires: [], releases: [] } as const;
  return resultOf<Kind>(observed.key, { is: 'changing', steps: [step] }, change) as DiffResult<K>;
}

export function resultOf<K extends Kind>(key: SubjectKey, verdict: Verdict<K>, change: Change | null): DiffResult<K> {
  return { verdicts: new Map([[key, verdict]]), change };
}

function uidOf(desired: Resource<Kind>, view: PlanView): string {
  return view.record(desired.key)?.uid ?? '';
}
