import { type ImagePin, openPin } from '../../model/image-pin.ts';
import type { ObservedImage } from '../../model/observed.ts';
import { because, type Change, type FieldChange, noEffects, type Reason, type Step } from '../../model/plan.ts';
import type { Digest } from '../../model/reference.ts';
import { type Identity, parseKey, type Resource, schemaVersion } from '../../model/resource.ts';
import { isTrusted } from '../../model/signature-rule.ts';
import type { Diff, PlanView } from '../controller.ts';

/**
 * An image is settled when the wanted reference is here and unpacked: tags are not looked up again by themselves, an apply that found one to have moved left a pin. Nobody removes
 * an image that was not declared as an object: what was pulled for a container stays as cache until it is collected. One that is here, but not proven by the signatures that are required
 * by now, is checked like a new one, without a layer of it coming again. One that is not to be kept and was collected stays away until something uses it.
 */
export const diffImage: Diff<'Image'> = (desired, observed, view) => {
  if (desired === null) return observed === null || isImplicit(observed) ? settled : remove(observed, view);
  const { ref, pullPolicy, keep } = desired.spec;
  if (!keep && observed === null && view.record(desired.key)?.collected === ref && !view.isReferenced(desired.key)) return settled;
  const pin = openPin(view.record(desired.key)?.pin, ref, observed);
  const isHere = observed !== null && observed.ref === ref && observed.unpacked;
  const isProven = isHere && isTrusted(observed, view.signatureRules(ref));
  if (isProven && pin === null) return settled;
  if (pullPolicy === 'Never' && (isProven || !isHere)) return isHere ? settled : forbidden(desired);
  return pull(desired, observed, pin, view);
};

const settled = { verdicts: new Map(), change: null } as const;

function isImplicit(observed: ObservedImage): boolean {
  return parseKey(observed.key).namespace === '_';
}

function forbidden(desired: Resource<'Image'>): ReturnType<Diff<'Image'>> {
  const { ref } = desired.spec;
  const message = `NotFound: ${ref} is not on this host, and pull policy Never forbids to fetch it; hint: tsdock image pull ${ref}`;
  const reason = because('ImagePullBackOff', message, 'pullPolicy');
  return { verdicts: new Map([[desired.key, { is: 'blocked', reason, until: null }]]), change: null };
}

function pull(desired: Resource<'Image'>, observed: ObservedImage | null, pin: ImagePin | null, view: PlanView): ReturnType<Diff<'Image'>> {
  const { ref } = desired.spec;
  const reason = whyPull(ref, observed, pin);
  const uid = view.record(desired.key)?.uid ?? observed?.identity?.uid ?? '';
  const identity: Identity = { uid, set: desired.set, specHash: desired.specHash, schemaVersion };
  const step: Step<'Image'> = { verb: 'pull', phase: 'fetch', input: { ref, identity, pin }, reason, acquires: [], releases: [] };
  const fields = changedFields(desired, observed, pin);
  const change: Change = {
    ...noEffects,
    kind: 'Image',
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action: observed === null ? 'create' : fields.length > 0 ? 'update' : 'repair',
    reason: reason.message,
    fields,
    pull: { bytes: observed?.ref === ref && observed.unpacked && pin === null ? 0 : null },
  };
  return { verdicts: new Map([[desired.key, { is: 'changing', steps: [step] }]]), change };
}

function changedFields(desired: Resource<'Image'>, observed: ObservedImage | null, pin: ImagePin | null): readonly FieldChange[] {
  const { ref } = desired.spec;
  const common = { effect: 'in-place', source: desired.fields.ref ?? desired.origin, drift: false } as const;
  if (observed !== null && observed.ref !== ref) return [{ path: 'ref', from: observed.ref, to: ref, ...common }];
  return observed === null || pin === null ? [] : [{ path: 'digest', from: observed.digest, to: pin.digest, ...common }];
}

function whyPull(ref: string, observed: ObservedImage | null, pin: ImagePin | null): Reason {
  if (observed === null) return because('Created', `${ref} is not on this host`);
  if (observed.ref !== ref) return because('SpecChanged', `${ref} instead of ${observed.ref}`, 'ref');
  if (pin !== null)
    return because('ImageChanged', `tag moved: ${ref} is ${short(pin.digest)} now, ${short(observed.digest)} is here`, 'ref');
  if (observed.unpacked) return because('SpecChanged', `the signature of ${ref} is not checked yet`, 'verify');
  return because('Broken', `layers of ${ref} are missing`);
}

function short(digest: Digest): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

function remove(observed: ObservedImage, view: PlanView): ReturnType<Diff<'Image'>> {
  const reason = view.removal ?? because('NotDesired', 'no longer declared');
  const { namespace, name } = parseKey(observed.key);
  const identity = observed.identity;
  if (identity === null) return settled; // nobody's
  const step: Step<'Image'> = {
    verb: 'remove',
    phase: 'down',
    input: { ref: observed.ref, identity, pin: null },
    reason,
    acquires: [],
    releases: [],
  };
  const change: Change = {
    ...noEffects,
    kind: 'Image',
    namespace,
    name,
    set: identity.set,
    action: 'delete',
    reason: reason.message,
  };
  return { verdicts: new Map([[observed.key, { is: 'changing', steps: [step] }]]), change };
}
