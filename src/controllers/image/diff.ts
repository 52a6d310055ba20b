import type { ObservedImage } from '../../model/observed.ts';
import type { Change, Reason, Step } from '../../model/plan.ts';
import { type Identity, parseKey, type Resource, schemaVersion } from '../../model/resource.ts';
import type { Diff, PlanView } from '../controller.ts';

/**
 * An image is settled when the wanted reference is here and unpacked: tags are not looked up again by themselves. Nobody removes an image that was not declared as an object:
 * what was pulled for a container stays as cache until it is collected.
 */
export const diffImage: Diff<'Image'> = (desired, observed, view) => {
  if (desired === null) return observed === null || isImplicit(observed) ? settled : remove(observed, view);
  if (observed !== null && observed.ref === desired.spec.ref && observed.unpacked) return settled;
  return pull(desired, observed, view);
};

const settled = { verdicts: new Map(), change: null } as const;

function isImplicit(observed: ObservedImage): boolean {
  return parseKey(observed.key).namespace === '_';
}

function pull(desired: Resource<'Image'>, observed: ObservedImage | null, view: PlanView): ReturnType<Diff<'Image'>> {
  const { ref } = desired.spec;
  const reason = whyPull(ref, observed);
  const uid = view.record(desired.key)?.uid ?? observed?.identity?.uid ?? '';
  const identity: Identity = { uid, set: desired.set, specHash: desired.specHash, schemaVersion };
  const step: Step<'Image'> = { verb: 'pull', phase: 'fetch', input: { ref, identity }, reason, acquires: [], releases: [] };
  const moved = observed !== null && observed.ref !== ref;
  const change: Change = {
    kind: 'Image',
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action: observed === null ? 'create' : moved ? 'update' : 'repair',
    reason: reason.message,
    fields: moved
      ? [{ path: 'ref', from: observed.ref, to: ref, effect: 'in-place', source: desired.fields.ref ?? desired.origin, drift: false }]
      : [],
    downtime: null,
    pull: { bytes: null },
    exposure: [],
    dataLoss: false,
  };
  return { verdicts: new Map([[desired.key, { is: 'changing', steps: [step] }]]), change };
}

function whyPull(ref: string, observed: ObservedImage | null): Reason {
  if (observed === null) return { code: 'Created', message: `${ref} is not on this host`, paths: [] };
  if (observed.ref !== ref) return { code: 'SpecChanged', message: `${ref} instead of ${observed.ref}`, paths: ['ref'] };
  return { code: 'Broken', message: `layers of ${ref} are missing`, paths: [] };
}

function remove(observed: ObservedImage, view: PlanView): ReturnType<Diff<'Image'>> {
  const reason = view.removal ?? { code: 'NotDesired', message: 'no longer declared', paths: [] };
  const { namespace, name } = parseKey(observed.key);
  const identity = observed.identity;
  if (identity === null) return settled; // nobody's
  const step: Step<'Image'> = { verb: 'remove', phase: 'down', input: { ref: observed.ref, identity }, reason, acquires: [], releases: [] };
  const change: Change = {
    kind: 'Image',
    namespace,
    name,
    set: identity.set,
    action: 'delete',
    reason: reason.message,
    fields: [],
    downtime: null,
    pull: null,
    exposure: [],
    dataLoss: false,
  };
  return { verdicts: new Map([[observed.key, { is: 'changing', steps: [step] }]]), change };
}
