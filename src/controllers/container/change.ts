import type { ObservedContainer, ObservedInstance } from '../../model/observed.ts';
import { type Change, type FieldChange, noEffects, type Reason } from '../../model/plan.ts';
import { type ContentHash, parseKey, type Resource } from '../../model/resource.ts';
import { ownValue, redacted, redactedChange } from '../../model/secret.ts';
import type { ContainerSpec } from '../../model/spec.ts';
import type { PlanView, Verdict } from '../controller.ts';
import { changedVariables, environmentOf } from './environment.ts';
import { exposureOf, fieldChanges, sourceOf } from './fields.ts';
import { replaceHashOf } from './hashes.ts';
import { movedImage, wantedRef } from './needs.ts';

/** What is done with a slot or with the ports, and why; `verdict` says whether it can be done now. */
export interface SlotPlan {
  readonly intent: 'none' | 'create' | 'replace' | 'repair' | 'restart' | 'start' | 'update' | 'publish' | 'stop';
  readonly reason: Reason | null;
  readonly verdict: Verdict<'Container'>;
}

/** What all slot plans of a container mean for people; null when nothing about it changes. Pure. */
export function changeOf(
  desired: Resource<'Container'>,
  observed: ObservedContainer | null,
  plans: readonly SlotPlan[],
  view: PlanView,
): Change | null {
  const before = (view.record(desired.key)?.lastApplied ?? null) as ContainerSpec | null;
  const isNew = observed === null || (observed.slots.length === 0 && before === null);
  const specFields = before === null && !isNew ? [] : fieldChanges(before, desired);
  const leading = leadingPlan(plans);
  if (leading === null && specFields.length === 0) return null;
  const action = actionOf(leading, isNew, specFields);
  const isReplaced = leading !== null && leading.intent === 'replace';
  const fields = [...withDigest(specFields, desired, observed, view), ...variableChanges(desired, observed, view)].map((field) =>
    isReplaced ? field : withSameImage(field),
  );
  const isMade = leading !== null && ['create', 'replace', 'repair'].includes(leading.intent);
  const open = new Set(before === null ? (observed?.published ?? []).map(openText) : exposureOf(before));
  return {
    kind: 'Container',
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action,
    reason: leading?.reason?.message ?? `${specFields.map((field) => field.path).join(', ')} changed`,
    fields,
    downtime: downtimeOf(leading, action),
    pull: isMade && view.observed(desired.spec.image)?.unpacked !== true ? { bytes: null } : null,
    exposure: exposureOf(desired.spec).filter((text) => !open.has(text)),
    dataLoss: false,
  };
}

/** The change of a container that goes. Pure. */
export function deletion(observed: ObservedContainer, reason: Reason, view: PlanView): Change {
  const { namespace, name } = parseKey(observed.key);
  return {
    ...noEffects,
    kind: 'Container',
    namespace,
    name,
    set: view.record(observed.key)?.set ?? observed.identity?.set ?? '',
    action: 'delete',
    reason: reason.message,
  };
}

/** From what people notice most to what they notice least. */
const weight: readonly SlotPlan['intent'][] = ['replace', 'restart', 'stop', 'create', 'repair', 'start', 'update', 'publish'];

function leadingPlan(plans: readonly SlotPlan[]): SlotPlan | null {
  for (const intent of weight) {
    const found = plans.find((plan) => plan.intent === intent);
    if (found !== undefined) return found;
  }
  return null;
}

function actionOf(leading: SlotPlan | null, isNew: boolean, fields: readonly FieldChange[]): Change['action'] {
  if (isNew) return leading === null ? 'update' : 'create';
  switch (leading?.intent) {
    case 'replace':
      return 'replace';
    case 'restart':
      return 'restart';
    case 'start':
      return leading.reason?.code === 'RestartRequested' ? 'restart' : 'repair';
    case 'create':
      return fields.some((field) => field.path === 'replicas') ? 'update' : 'repair';
    case 'repair':
      return 'repair';
    case 'publish':
      return fields.length === 0 ? 'repair' : 'update';
    default:
      return 'update';
  }
}

function downtimeOf(leading: SlotPlan | null, action: Change['action']): string | null {
  if (leading?.intent === 'stop') return 'unavailable until it is started';
  return action === 'replace' || action === 'restart' ? 'unavailable while it restarts' : null;
}

/** A tag that now stands for another image is a change that no field shows. */
function withDigest(
  fields: readonly FieldChange[],
  desired: Resource<'Container'>,
  observed: ObservedContainer | null,
  view: PlanView,
): readonly FieldChange[] {
  const image = view.observed(desired.spec.image);
  const wanted = movedImage(desired, view)?.configDigest ?? image?.configDigest;
  const running = observed?.slots.find((instance) => wanted !== undefined && instance.imageConfig !== wanted);
  const isMoved = image?.unpacked === true && image.ref === wantedRef(desired, view);
  if (!isMoved || running === undefined || wanted === undefined || fields.some((field) => field.path === 'image')) return fields;
  const moved: FieldChange = {
    path: 'image',
    from: running.imageConfig,
    to: wanted,
    effect: 'replace',
    source: sourceOf(desired, 'image'),
    drift: false,
  };
  return [moved, ...fields];
}

/** Variables whose Config or Secret holds another value than one that runs was made with. Only hashes are known of the earlier one, and of a Secret nothing is told. */
function variableChanges(desired: Resource<'Container'>, observed: ObservedContainer | null, view: PlanView): readonly FieldChange[] {
  const environment = environmentOf(desired, view);
  if (environment.is === 'unknown') return [];
  const after = environment.hashes;
  const running = observed?.slots.find(
    (instance) => isSameSources(instance, desired) && changedVariables(instance.environment, after).length > 0,
  );
  if (running === undefined) return [];
  const before = running.environment;
  return changedVariables(before, after).map((name) => {
    const path = `env.${name}`;
    const [from, to] = [ownValue(before, name), ownValue(after, name)];
    const source = sourceOf(desired, path) ?? sourceOf(desired, 'envFrom');
    return { path, from: shown(from, redacted), to: shown(to, redactedChange), effect: 'replace', source, drift: false };
  });
}

/** With other sources it is another spec, which its own fields tell. */
function isSameSources(instance: ObservedInstance, { spec }: Resource<'Container'>): boolean {
  return instance.replaceHash === replaceHashOf(spec);
}

/** Hashes of Secrets are keyed ones (`hmac:`). */
function shown(hash: ContentHash | null, secret: typeof redacted | typeof redactedChange): unknown {
  return hash?.startsWith('hmac:') === true ? secret : hash;
}

/** Another reference with the same image is only noted down (product.md 8.1). */
function withSameImage(field: FieldChange): FieldChange {
  return field.path === 'image' ? { ...field, effect: 'in-place' } : field;
}

function openText(endpoint: ObservedContainer['published'][number]): string {
  return `${endpoint.hostIP ?? '0.0.0.0'}:${endpoint.hostPort}/${endpoint.protocol}`;
}
