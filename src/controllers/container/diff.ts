import type { Endpoint, ObservedContainer, ObservedInstance } from '../../model/observed.ts';
import { because, type Reason, type ResourceRecord, type Step } from '../../model/plan.ts';
import { probesOf } from '../../model/probes.ts';
import { type Resource, type SlotKey, type SubjectKey, slotKey } from '../../model/resource.ts';
import type { ContainerSpec } from '../../model/spec.ts';
import type { Diff, DiffResult, PlanView, Verdict } from '../controller.ts';
import { changeOf, deletion, type SlotPlan } from './change.ts';
import { isContent, sourceOfContent, wantedContent } from './contents.ts';
import { changedVariables, environmentOf } from './environment.ts';
import { fieldChanges } from './fields.ts';
import { replaceHashOf, updateHashOf } from './hashes.ts';
import { createNeeds, knownConfig, movedImage, networksOf, wantedRef } from './needs.ts';
import {
  changing,
  createStep,
  describeExit,
  downSteps,
  isLive,
  type Leave,
  portClaim,
  publishStep,
  reserveStep,
  restartStep,
  startStep,
  stopStep,
  unreserveStep,
  updateStep,
} from './steps.ts';

const settled: SlotPlan = { intent: 'none', reason: null, verdict: { is: 'settled' } };

/**
 * Slots by replicas, published ports by the endpoints of what runs. Strategy Recreate: an instance that must change is stopped and removed, its successor keeps slot and
 * address. What a supervisor is about to restart is left alone. Pure.
 */
export const diffContainer: Diff<'Container'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removal(observed, view);
  const verdicts = new Map<SubjectKey, Verdict<'Container'>>();
  const slots = slotsOf(observed);
  const plans: SlotPlan[] = [];
  const unreserved = unreservedPorts(view.endpoints(desired.key), observed);
  for (let slot = 1; slot <= desired.spec.replicas; slot++) {
    const plan = planSlot(desired, { slot, current: slots.get(slot)?.[0] ?? null, observed, unreserved }, view);
    plans.push(plan);
    verdicts.set(slotKey(desired.key, slot), plan.verdict);
  }
  if (observed !== null) {
    for (const [subject, instance, leave] of surplus(desired, slots)) {
      plans.push({ intent: 'update', reason: leave.reason, verdict: settled.verdict });
      verdicts.set(subject, changing(downSteps(observed, instance, leave)));
    }
  }
  const ports = planPorts(desired, observed, plans, view);
  verdicts.set(desired.key, ports.verdict);
  return { verdicts, change: changeOf(desired, observed, [...plans, ports], view) };
};

/** It ended by itself and its policy does not start it again. Pure. */
export function finishedForGood(instance: ObservedInstance, policy: Pick<ContainerSpec, 'restartPolicy' | 'maxRestarts'>): boolean {
  if (instance.exit === null || instance.stoppedBy === 'user' || instance.stoppedBy === 'engine') return false;
  if (policy.restartPolicy === 'Never') return true;
  if (policy.restartPolicy === 'OnFailure' && instance.exit.code === 0) return true;
  return policy.maxRestarts !== null && instance.attempts >= policy.maxRestarts;
}

/** A slot that should exist: its number, the instance that stands in it, and everything of the container. */
interface Slot {
  readonly slot: number;
  readonly current: ObservedInstance | null;
  readonly observed: ObservedContainer | null;
  /** Host ports it is to have and does not keep yet. */
  readonly unreserved: readonly Endpoint[];
}

function planSlot(desired: Resource<'Container'>, at: Slot, view: PlanView): SlotPlan {
  const { current } = at;
  const held = heldStopped(desired, view.record(desired.key));
  if (held !== null) return current === null || at.observed === null ? settled : planStopped(desired, current, at.observed, held);
  if (current === null) return rebuild(desired, at, 'create', because('Created', `slot ${at.slot} has no instance`), view);
  const why = whyReplace(desired, at.slot, current, view);
  if (why !== null) return rebuild(desired, at, 'replace', why, view);
  if (current.phase === 'creating' || current.phase === 'broken') {
    return rebuild(desired, at, 'repair', because('Broken', describeBroken(current)), view);
  }
  if (!current.supervised && !isLive(current) && current.phase !== 'stopping') {
    return rebuild(desired, at, 'repair', because('Lost', 'its supervisor is gone and it does not run'), view);
  }
  return keep(desired, current, view);
}

interface Held {
  readonly by: 'user' | 'engine';
  readonly reason: Reason;
}

/** Whose wish keeps it from running; null when it should run. */
function heldStopped(desired: Resource<'Container'>, record: ResourceRecord | null): Held | null {
  if (record !== null && record.stoppedAt !== null) return { by: 'user', reason: because('Stopped', 'a person stopped it') };
  if (desired.spec.state === 'Stopped') return { by: 'engine', reason: because('Stopped', 'state is Stopped', 'state') };
  return null;
}

/** While it is held stopped nothing about it changes: what differs is done when it is started. */
function planStopped(desired: Resource<'Container'>, current: ObservedInstance, observed: ObservedContainer, held: Held): SlotPlan {
  if (current.phase === 'creating' || current.phase === 'broken') {
    const reason = because('Broken', describeBroken(current));
    const steps = downSteps(observed, current, { spec: desired.spec, reason, keepLogs: desired.spec.logging.keepOld });
    return { intent: 'repair', reason, verdict: changing(steps) };
  }
  if (!isLive(current) && current.phase !== 'stopping') return settled;
  return { intent: 'stop', reason: held.reason, verdict: changing([stopStep(desired.spec, current, held.by, held.reason)]) };
}

/** Down with what stands in the slot, up with its successor. Nothing that works is taken down before everything its successor needs is there. */
function rebuild(
  desired: Resource<'Container'>,
  at: Slot,
  intent: 'create' | 'replace' | 'repair',
  reason: Reason,
  view: PlanView,
): SlotPlan {
  const needs = createNeeds(desired, at.slot, view);
  const leave = { spec: desired.spec, reason, keepLogs: desired.spec.logging.keepOld };
  const down = at.current === null || at.observed === null ? [] : downSteps(at.observed, at.current, leave);
  if (needs.is === 'missing') {
    const verdict: Verdict<'Container'> = intent === 'repair' ? changing(down) : { is: 'blocked', reason: needs.reason, until: null };
    return { intent, reason, verdict };
  }
  if (down.length > 0 && intent === 'replace' && at.unreserved.length > 0) {
    const wait = because('PortInUse', `${at.unreserved.map(portText).join(', ')} not reserved yet`, 'ports');
    return { intent, reason, verdict: { is: 'blocked', reason: wait, until: null } };
  }
  return { intent, reason, verdict: changing([...down, createStep(needs.input, reason)]) };
}

/** The instance is the right one: told its limits and policies, started, restarted or left alone. */
function keep(desired: Resource<'Container'>, current: ObservedInstance, view: PlanView): SlotPlan {
  if (current.phase === 'stopping') {
    const reason = because('Stopped', 'it is being stopped and is started when it has ended');
    return { intent: 'start', reason, verdict: { is: 'blocked', reason, until: null } };
  }
  const updateHash = updateHashOf(desired.spec);
  const stale = current.supervised && current.updateHash !== updateHash ? because('SpecChanged', 'limits or policies differ') : null;
  const start = startReason(desired, current, view.record(desired.key));
  const condemned = start === null ? condemnedStep(desired, current) : null;
  const steps: Step<'Container'>[] = [];
  const networks = stale === null ? [] : networksOf(desired, current.slot, view);
  // Its files name its address and its gateway: they wait for those, and nothing else does.
  if (stale !== null && !('code' in networks)) {
    const { instance, slot } = current;
    steps.push(updateStep({ instance, slot, resource: desired, updateHash, networks }, stale));
  }
  if (start !== null && isLive(current)) steps.push(stopStep(desired.spec, current, 'engine', start));
  if (start !== null) steps.push(startStep(current.instance, start));
  if (condemned !== null) steps.push(condemned);
  if (steps.length === 0) return settled;
  if (condemned !== null) return { intent: 'restart', reason: condemned.reason, verdict: changing(steps) };
  return { intent: start === null ? 'update' : isLive(current) ? 'restart' : 'start', reason: start ?? stale, verdict: changing(steps) };
}

/** A probe has failed for good: its process ends, and the supervisor's restart policy says what follows. Nobody else could start it again after a failed stop. */
function condemnedStep(desired: Resource<'Container'>, current: ObservedInstance): Step<'Container'> | null {
  const { startedAt, supervised, phase } = current;
  const condemned = current.probes?.condemned ?? null;
  if (condemned === null || startedAt === null || !supervised || phase !== 'running') return null;
  const graceMs = probesOf(desired.spec, current.imageHealthcheck)?.[condemned.probe]?.graceMs ?? null;
  return restartStep(desired.spec, current, startedAt, graceMs, because('ProbeFailing', condemned.message));
}

/** Why its process has to be started now; null: it runs, is about to be restarted by its supervisor, or has ended for good. */
function startReason(desired: Resource<'Container'>, current: ObservedInstance, record: ResourceRecord | null): Reason | null {
  const restartAfter = record?.restartAfter ?? null;
  const isAsked = restartAfter !== null && (isLive(current) ? (current.startedAt ?? current.since) : current.since) < restartAfter;
  if (isLive(current)) return isAsked ? because('RestartRequested', 'a person asked for a restart') : null;
  if (current.phase === 'created') {
    return current.error === null ? because('Created', 'made, not started yet') : because('NotRunning', describeBroken(current));
  }
  if (isAsked) return because('RestartRequested', 'a person asked for a start');
  return finishedForGood(current, desired.spec) ? null : because('NotRunning', describeExit(current.exit, current.stoppedBy));
}

function whyReplace(desired: Resource<'Container'>, slot: number, current: ObservedInstance, view: PlanView): Reason | null {
  if (current.replaceHash !== replaceHashOf(desired.spec)) {
    const before = lastApplied(view.record(desired.key));
    const paths =
      before === null ? [] : fieldChanges(before, desired).flatMap((change) => (change.effect === 'replace' ? [change.path] : []));
    return { code: 'SpecChanged', message: paths.length === 0 ? 'it was made from another spec' : `${paths.join(', ')} changed`, paths };
  }
  return imageChange(desired, current, view) ?? contentChange(desired, current, view) ?? addressChange(desired, slot, current, view);
}

/** The config digest decides: a new reference with the same digest changes nothing that runs, and an image that went missing does not either. */
function imageChange(desired: Resource<'Container'>, current: ObservedInstance, view: PlanView): Reason | null {
  const ref = wantedRef(desired, view);
  if (ref === null) return null;
  const moved = movedImage(desired, view);
  if (moved !== null && moved.configDigest !== current.imageConfig) return because('ImageChanged', `the tag of ${ref} has moved`, 'image');
  const config = knownConfig(desired, ref, view);
  const isSame = config === null ? ref === current.imageRef : config === current.imageConfig;
  return isSame ? null : because('ImageChanged', `${current.imageRef} -> ${ref}`, 'image');
}

function contentChange(desired: Resource<'Container'>, current: ObservedInstance, view: PlanView): Reason | null {
  for (const mount of desired.spec.mounts.filter(isContent)) {
    const key = sourceOfContent(mount);
    const wanted = wantedContent(mount, view);
    if (wanted?.is !== 'known' || current.content[key] === wanted.hash) continue;
    return because('ContentChanged', `${key} has other content`, 'mounts');
  }
  const environment = environmentOf(desired, view);
  const changed = environment.is === 'known' ? changedVariables(current.environment, environment.hashes) : [];
  if (changed.length === 0) return null;
  return { code: 'ContentChanged', message: `${changed.join(', ')} changed`, paths: changed.map((name) => `env.${name}`) };
}

function addressChange(desired: Resource<'Container'>, slot: number, current: ObservedInstance, view: PlanView): Reason | null {
  const first = desired.spec.networkMode === 'bridge' ? desired.spec.networks[0] : undefined;
  const lease = first === undefined ? undefined : view.slotLease(slotKey(desired.key, slot))?.addresses[first.network];
  if (lease === undefined || lease === current.address) return null;
  return because('SpecChanged', `address ${current.address ?? 'none'} -> ${lease}`, 'networks');
}

/**
 * Published ports follow the planner's endpoints. Host ports that are given up go before others are asked for, so that two containers can trade theirs; a port that only
 * leads elsewhere changes in one transaction. Nothing is published while nothing of the container exists or can be made.
 */
function planPorts(
  desired: Resource<'Container'>,
  observed: ObservedContainer | null,
  plans: readonly SlotPlan[],
  view: PlanView,
): SlotPlan {
  const published = observed?.published ?? [];
  const isIdle = (observed === null || observed.slots.length === 0) && plans.every((plan) => plan.verdict.is !== 'changing');
  const wanted = isIdle || heldStopped(desired, view.record(desired.key)) !== null ? [] : view.endpoints(desired.key);
  const added = without(wanted, published);
  const gone = without(published, wanted);
  if (added.length === 0 && gone.length === 0) return settled;
  const texts = [...added.map((endpoint) => `+${portText(endpoint)}`), ...gone.map((endpoint) => `-${portText(endpoint)}`)];
  const reason = because('PortsChanged', texts.join(' '), 'ports');
  const claims = new Set(wanted.map(portClaim));
  const freed = gone.filter((endpoint) => !claims.has(portClaim(endpoint)));
  const steps: Step<'Container'>[] = [];
  if (unreservedPorts(wanted, observed).length > 0) steps.push(reserveStep(added, reason));
  if (freed.length > 0) steps.push(publishStep(without(published, freed), { added: [], gone: freed }, reason));
  if (added.length > 0) steps.push(publishStep(wanted, { added, gone: without(gone, freed) }, reason));
  return { intent: 'publish', reason, verdict: changing(steps) };
}

/** Those whose host side it neither publishes nor has reserved. */
function unreservedPorts(wanted: readonly Endpoint[], observed: ObservedContainer | null): readonly Endpoint[] {
  const kept = new Set([...(observed?.published ?? []), ...(observed?.reserved ?? [])].map(portClaim));
  return wanted.filter((endpoint) => !kept.has(portClaim(endpoint)));
}

function removal(observed: ObservedContainer, view: PlanView): DiffResult<'Container'> {
  const reason = view.removal ?? because('NotDesired', 'no document names it');
  const leave = { spec: lastApplied(view.record(observed.key)), reason, keepLogs: 0 };
  const verdicts = new Map<SubjectKey, Verdict<'Container'>>();
  for (const [slot, instances] of slotsOf(observed)) {
    for (const [index, instance] of instances.entries()) {
      verdicts.set(index === 0 ? slotKey(observed.key, slot) : leaving(observed, instance), changing(downSteps(observed, instance, leave)));
    }
  }
  const ports: Step<'Container'>[] = [];
  if (observed.published.length > 0) ports.push(publishStep([], { added: [], gone: observed.published }, reason));
  if (observed.reserved.length > 0) ports.push(unreserveStep(reason));
  if (ports.length > 0) verdicts.set(observed.key, changing(ports));
  return { verdicts, change: deletion(observed, reason, view) };
}

/** Instances that have no place: beyond the replicas, or a second one in a slot. */
function* surplus(
  desired: Resource<'Container'>,
  slots: ReadonlyMap<number, readonly ObservedInstance[]>,
): Iterable<readonly [SubjectKey, ObservedInstance, Leave]> {
  const { spec } = desired;
  for (const [slot, instances] of slots) {
    const isWanted = slot <= spec.replicas;
    const reason = isWanted
      ? because('Replaced', `slot ${slot} has a later instance`)
      : because('ScaledDown', `replicas is ${spec.replicas}`, 'replicas');
    const leave: Leave = { spec, reason, keepLogs: isWanted ? spec.logging.keepOld : 0 };
    for (const [index, instance] of instances.entries()) {
      if (index === 0 && isWanted) continue;
      yield [index === 0 ? slotKey(desired.key, slot) : leaving(desired, instance), instance, leave];
    }
  }
}

/** Instances by slot, the one to keep first: what works before what is broken, then the latest. */
function slotsOf(observed: ObservedContainer | null): ReadonlyMap<number, readonly ObservedInstance[]> {
  const works = (instance: ObservedInstance) => (instance.phase === 'broken' || instance.phase === 'creating' ? 0 : 1);
  const age = (instance: ObservedInstance) => instance.startedAt ?? instance.since;
  const sorted = [...(observed?.slots ?? [])].sort(
    (a, b) => a.slot - b.slot || works(b) - works(a) || age(b) - age(a) || (a.instance < b.instance ? -1 : 1),
  );
  const slots = new Map<number, ObservedInstance[]>();
  for (const instance of sorted) slots.set(instance.slot, [...(slots.get(instance.slot) ?? []), instance]);
  return slots;
}

function leaving(owner: { readonly key: Resource<'Container'>['key'] }, instance: ObservedInstance): SlotKey {
  return `${owner.key}:${instance.slot}@${instance.instance}`;
}

/** The record's spec is what the engine itself accepted as the canonical spec of this key. */
function lastApplied(record: ResourceRecord | null): ContainerSpec | null {
  return (record?.lastApplied ?? null) as ContainerSpec | null;
}

function describeBroken(instance: ObservedInstance): string {
  if (instance.error === null) return 'left half made';
  const { step, message } = instance.error;
  return message.startsWith(`${step}:`) ? message : `${step}: ${message}`;
}

function portText(endpoint: Endpoint): string {
  return `${endpoint.hostIP ?? '0.0.0.0'}:${endpoint.hostPort}/${endpoint.protocol}`;
}

function without(endpoints: readonly Endpoint[], others: readonly Endpoint[]): readonly Endpoint[] {
  const known = new Set(others.map(endpointText));
  return endpoints.filter((endpoint) => !known.has(endpointText(endpoint)));
}

function endpointText(endpoint: Endpoint): string {
  return `${portText(endpoint)} ${endpoint.address}:${endpoint.containerPort}`;
}
