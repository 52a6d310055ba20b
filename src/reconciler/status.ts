import type { Override } from '../model/engine-api.ts';
import { manifestForm } from '../model/manifest-form.ts';
import type { Observed, ObservedContainer, ObservedInstance } from '../model/observed.ts';
import type { AnyAction, Blocked, ReasonCode, ResourceRecord } from '../model/plan.ts';
import { gatesReady, probesOf } from '../model/probes.ts';
import {
  type AnyResource,
  type Instant,
  isActing,
  type ObjectKind,
  type ObjectSpecs,
  parseKey,
  type Resource,
  type ResourceKey,
  type SetId,
} from '../model/resource.ts';
import { showSize } from '../model/size.ts';
import type { ContainerSpec } from '../model/spec.ts';
import type { Condition, InstanceItem, Phase, ResourceStatus, StatusFields } from '../model/status.ts';
import { formatDuration, formatInstant } from '../model/time.ts';

/** What the last plan says of one resource. */
export interface PlanEntry {
  readonly actions: readonly AnyAction[];
  readonly blocked: readonly Blocked[];
  readonly running: readonly AnyAction[];
}

export const idle: PlanEntry = { actions: [], blocked: [], running: [] };

export interface StatusInput {
  readonly desired: AnyResource | null;
  readonly observed: Observed | null;
  readonly record: ResourceRecord | null;
  readonly entry: PlanEntry;
  readonly now: Instant;
}

/** Phase, the reason for it, and when time alone would change it. */
export interface Verdict {
  readonly phase: Phase;
  readonly reason: ReasonCode | 'Ready';
  readonly message: string;
  readonly recheckAt: Instant | null;
  /** Since when, as far as record or world tell; null: they do not. */
  readonly since: Instant | null;
}

/**
 * A process that has run this long without an exit counts as ready; probes replace the rule where there are some. Long enough for a program that fails at once (missing
 * file, wrong flag) to be seen, short enough not to be felt.
 */
export const readyAfterMs = 250;

/** Tries of a supervisor in a row after which a container that never became ready counts as failed. */
export const crashesAreFailure = 3;

/** What state a resource is in. Pure. */
export function judgeResource(input: StatusInput): Verdict {
  const { desired, observed, entry } = input;
  const blocked = entry.blocked.find((one) => !isKept(one)) ?? entry.blocked[0];
  if (desired === null) {
    if (entry.actions.length + entry.running.length > 0) return verdict('Deleting', 'NotDesired', 'it is being removed');
    if (blocked !== undefined) return verdict(isKept(blocked) ? 'Ready' : 'Deleting', blocked.reason.code, blocked.reason.message);
    if (observed?.kind === 'Image') return verdict('Ready', 'Retained', 'a cache that nothing names; tsdock image rm frees it');
    return verdict('Deleting', 'NotDesired', 'nobody wants it');
  }
  if (!isActing(desired)) return verdict('Ready', 'Ready', '');
  if (desired.kind === 'Container') return judgeContainer(desired, observed?.kind === 'Container' ? observed : null, input);
  if (blocked !== undefined) return blockedVerdict(blocked, observed !== null, entry);
  if (entry.running.length + entry.actions.length > 0) return progressing(entry);
  if (observed === null && desired.kind === 'Image' && !desired.spec.keep && input.record?.collected === desired.spec.ref)
    return verdict('Ready', 'Ready', 'collected, as nothing used it; it is pulled again when something does');
  if (observed === null) return verdict('Pending', 'WaitingForDependency', 'nothing uses it yet');
  return { ...verdict('Ready', 'Ready', ''), since: input.record?.createdAt ?? null };
}

function judgeContainer(desired: Resource<'Container'>, observed: ObservedContainer | null, input: StatusInput): Verdict {
  const { entry, record, now } = input;
  const slots = wantedSlots(desired, observed);
  const isStopped = desired.spec.state === 'Stopped' || (record !== null && record.stoppedAt !== null);
  const isBusy = entry.actions.length + entry.running.length > 0;
  if (isStopped && !isBusy && slots.every((slot) => slot === null || !isLive(slot))) {
    const stoppedAt = record?.stoppedAt ?? null;
    const message = stoppedAt === null ? 'state is Stopped' : `stopped by a person at ${formatInstant(stoppedAt)}`;
    return { ...verdict('Suspended', 'Suspended', message), since: stoppedAt ?? latest(slots.map((slot) => slot?.exit?.at ?? null)) };
  }
  const blocked = entry.blocked[0];
  if (blocked !== undefined)
    return blockedVerdict(
      blocked,
      slots.some((slot) => slot?.phase === 'running'),
      entry,
    );
  if (isBusy) return progressing(entry);
  const judged = slots.map((slot, index) => judgeSlot(desired, slot, `${desired.name}-${index + 1}`, now));
  return worst(judged);
}

/** Slots by number, null where no instance is. */
function wantedSlots(desired: Resource<'Container'>, observed: ObservedContainer | null): readonly (ObservedInstance | null)[] {
  return Array.from({ length: desired.spec.replicas }, (_, index) => {
    const instances = (observed?.slots ?? []).filter((instance) => instance.slot === index + 1);
    return instances.find((instance) => instance.phase === 'running') ?? instances[0] ?? null;
  });
}

function judgeSlot(desired: Resource<'Container'>, slot: ObservedInstance | null, name: string, now: Instant): Verdict {
  if (slot === null) return verdict('Pending', 'WaitingForDependency', `${name} has no instance yet`);
  switch (slot.phase) {
    case 'running': {
      const startedAt = slot.startedAt ?? slot.since;
      const condemned = slot.probes?.condemned ?? null;
      if (condemned !== null) return { ...verdict('Degraded', 'ProbeFailing', `${name}: ${condemned.message}`), since: startedAt };
      const readyAt = readyAtOf(slot, desired.spec);
      if (readyAt === null) return { ...unready(slot, name), since: startedAt };
      if (readyAt > now)
        return { ...verdict('Progressing', 'NotRunning', `${name} has just started`), recheckAt: readyAt, since: startedAt };
      if (!slot.supervised) return verdict('Degraded', 'Unsupervised', `nobody owns the pipes of ${name}`);
      return { ...verdict('Ready', 'Ready', ''), since: readyAt };
    }
    case 'backoff': {
      const next = slot.nextTry === null ? '' : `, next try ${slot.nextTry > now ? `in ${formatDuration(slot.nextTry - now)}` : 'now'}`;
      const code = slot.exit?.oom === true ? 'OOMKilled' : 'CrashLoopBackOff';
      return {
        ...verdict('Degraded', code, `${name}: ${describeExit(slot, desired.spec)}, ${count(slot.attempts, 'restart')}${next}`),
        since: endOf(slot),
      };
    }
    case 'exited': {
      if (desired.spec.restartPolicy !== 'Always' && slot.exit?.code === 0)
        return { ...verdict('Ready', 'Completed', `${name} has ended with 0`), since: endOf(slot) };
      const code = slot.exit?.oom === true ? 'OOMKilled' : 'Exited';
      return { ...verdict('Failed', code, `${name}: ${describeExit(slot, desired.spec)}`), since: endOf(slot) };
    }
    case 'broken':
      return verdict('Failed', 'CreateError', `${name}: ${slot.error?.message ?? 'half made'}`);
    case 'creating':
    case 'created':
    case 'stopping':
      return verdict('Progressing', 'NotRunning', `${name} is ${slot.phase}`);
  }
}

/** Since or from when a running instance counts as ready; null: not before one of its probes says so. `spec` null: nobody wants it any more. */
export function readyAtOf(slot: ObservedInstance, spec: ContainerSpec | null): Instant | null {
  if (slot.probes?.condemned != null) return null;
  const isGated = spec === null ? slot.probes !== null : gatesReady(probesOf(spec, slot.imageHealthcheck));
  return isGated ? (slot.probes?.readyAt ?? null) : (slot.startedAt ?? slot.since) + readyAfterMs;
}

/** It runs and its probes do not say that it is ready. */
function unready({ probes }: ObservedInstance, name: string): Verdict {
  const failing = probes?.failing ?? null;
  if (failing === null) return verdict('Progressing', 'NotRunning', `${name}: no probe has succeeded yet`);
  return verdict(failing.final || probes?.wasReady === true ? 'Degraded' : 'Progressing', 'ProbeFailing', `${name}: ${failing.message}`);
}

/** The slot that decides: any failure, then what is on its way. One that fails while others serve only degrades. */
function worst(verdicts: readonly Verdict[]): Verdict {
  const severity: readonly Phase[] = ['Failed', 'Degraded', 'Pending', 'Progressing', 'Ready'];
  const found = severity.map((phase) => verdicts.find((one) => one.phase === phase)).find((one) => one !== undefined);
  if (found === undefined) return verdict('Ready', 'Ready', 'no replicas are wanted');
  // All are ready since the last of them is.
  if (found.phase === 'Ready') return { ...found, since: latest(verdicts.map(({ since }) => since)) };
  return found.phase === 'Failed' && verdicts.some((one) => one.phase === 'Ready') ? { ...found, phase: 'Degraded' } : found;
}

function blockedVerdict(blocked: Blocked, serves: boolean, entry: PlanEntry): Verdict {
  const { code, message } = blocked.reason;
  if (isWaiting(code)) return verdict(serves ? 'Degraded' : entry.running.length > 0 ? 'Progressing' : 'Pending', code, message);
  if (serves) return verdict('Degraded', code, message);
  return verdict(blocked.until === null ? 'Failed' : 'Pending', code, message);
}

function progressing(entry: PlanEntry): Verdict {
  const action = entry.running[0] ?? entry.actions[0];
  return verdict('Progressing', action?.reason.code ?? 'Created', action === undefined ? '' : `${action.verb}: ${action.reason.message}`);
}

const waitingCodes: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'WaitingForDependency',
  'WaitingForImage',
  'ConcurrencyLimit',
  'NetworkMissing',
  'VolumeMissing',
  'ConfigMissing',
  'SecretMissing',
  'Stopped',
]);

/** Whether a block ends when something else is done, rather than being a fault. */
export function isWaiting(code: ReasonCode): boolean {
  return waitingCodes.has(code);
}

const keptCodes: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'Retained',
  'PruneHeld',
  'QuarantinedFile',
  'NotPruned',
  'SourceMissing',
  'Protected',
]);

/** Whether a block means that something stays on purpose. */
export function isKept(blocked: Blocked): boolean {
  return keptCodes.has(blocked.reason.code);
}

function verdict(phase: Phase, reason: ReasonCode | 'Ready', message: string): Verdict {
  return { phase, reason, message, recheckAt: null, since: null };
}

function endOf(slot: ObservedInstance): Instant {
  return slot.exit?.at ?? slot.since;
}

function latest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function isLive(slot: ObservedInstance): boolean {
  return slot.phase === 'running' || slot.phase === 'backoff' || slot.phase === 'stopping';
}

function describeExit(slot: ObservedInstance, { limits }: ContainerSpec): string {
  if (slot.probes?.condemned != null) return slot.probes.condemned.message;
  if (slot.error !== null) return `${slot.error.step}: ${slot.error.message}`;
  if (slot.exit === null) return 'it does not run';
  const end = slot.exit.signal === null ? `exit ${slot.exit.code ?? 'unknown'}` : `ended by signal ${slot.exit.signal}`;
  if (!slot.exit.oom) return end;
  return `${end}: out of memory${limits.memoryBytes === null ? '' : ` (limit ${showSize(limits.memoryBytes)})`}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

// ---------------------------------------------------------------------------------------------------------------- shapes of contract.md

/** An object as `get` shows it. `before`: its conditions of the last time; where neither record nor world tell since when, they keep their instants. Pure. */
export function statusOf(
  input: StatusInput & { readonly key: ResourceKey; readonly usedBy: readonly ResourceKey[]; readonly before: readonly Condition[] | null },
): ResourceStatus {
  const { desired, observed, record, key, now } = input;
  const { kind, namespace, name } = parseKey(key);
  const judged = judgeResource(input);
  const generation = record?.generation ?? 0;
  const isBehind = input.entry.actions.length + input.entry.running.length + input.entry.blocked.filter((one) => !isKept(one)).length > 0;
  const set: SetId = record?.set ?? desired?.set ?? observed?.identity?.set ?? '';
  const overrides = overridesOf(key, record);
  const status: StatusFields = {
    phase: judged.phase,
    observedGeneration: isBehind ? Math.max(0, generation - 1) : generation,
    conditions: conditionsOf(judged, input.before ?? [], now),
    ...kindFields(input),
    ...(input.usedBy.length > 0 ? { usedBy: input.usedBy } : {}),
    ...(overrides.length > 0 ? { overrides: overrides.map(({ path, value, since }) => ({ path, value, since })) } : {}),
  };
  const spec = (desired?.spec ?? record?.lastApplied ?? null) as ObjectSpecs[ObjectKind] | null;
  return {
    apiVersion: 'tsdock/v1',
    kind: kind as ResourceStatus['kind'],
    metadata: {
      name,
      namespace,
      labels: desired?.labels ?? record?.labels ?? {},
      annotations: desired?.annotations ?? {},
      uid: record?.uid ?? observed?.identity?.uid ?? '',
      generation,
      set,
      createdAt: formatInstant(record?.createdAt ?? now),
      origin: desired?.origin ?? { file: '', line: 0, column: 0 },
    },
    spec: spec === null ? null : manifestForm(kind as ObjectKind, namespace, spec),
    status,
  };
}

/** What a person asked for beside the manifest of an object. */
export function overridesOf(key: ResourceKey, record: ResourceRecord | null): readonly Override[] {
  const { kind, namespace, name } = parseKey(key);
  if (kind !== 'Container' || record === null || record.stoppedAt === null) return [];
  return [{ kind, namespace, name, path: 'state', value: 'Stopped', since: formatInstant(record.stoppedAt) }];
}

function conditionsOf(judged: Verdict, before: readonly Condition[], now: Instant): readonly Condition[] {
  const isReady = judged.phase === 'Ready';
  const isMoving = judged.phase === 'Progressing' || judged.phase === 'Pending' || judged.phase === 'Deleting';
  const conditions: readonly Omit<Condition, 'since'>[] = [
    { type: 'Ready', status: isReady ? 'True' : 'False', reason: judged.reason, message: judged.message },
    { type: 'Progressing', status: isMoving ? 'True' : 'False', reason: judged.reason, message: isMoving ? judged.message : '' },
    {
      type: 'Degraded',
      status: judged.phase === 'Degraded' || judged.phase === 'Failed' ? 'True' : 'False',
      reason: judged.reason,
      message: judged.phase === 'Degraded' || judged.phase === 'Failed' ? judged.message : '',
    },
  ];
  return conditions.map((condition) => {
    const same = before.find((old) => old.type === condition.type && old.status === condition.status && old.reason === condition.reason);
    return { ...condition, since: judged.since ?? same?.since ?? now };
  });
}

function kindFields(input: StatusInput): Readonly<Record<string, unknown>> {
  const { desired, observed, record, now } = input;
  if (desired?.kind === 'Container' || observed?.kind === 'Container') {
    const container = observed?.kind === 'Container' ? observed : null;
    const wanted = desired?.kind === 'Container' ? wantedSlots(desired, container) : (container?.slots ?? []);
    const first = wanted.find((slot) => slot !== null) ?? null;
    const ready =
      desired?.kind === 'Container'
        ? wanted.filter((slot, index) => judgeSlot(desired, slot, `${desired.name}-${index + 1}`, now).phase === 'Ready')
        : [];
    const name = desired?.name ?? (container === null ? '' : parseKey(container.key).name);
    return {
      image: first === null ? null : { ref: first.imageRef, digest: first.imageConfig },
      replicas: { desired: desired?.kind === 'Container' ? desired.spec.replicas : 0, ready: ready.length },
      address: first?.address ?? Object.values(record?.slots[1]?.addresses ?? {})[0] ?? null,
      instances: (container?.slots ?? []).map((slot) => `${name}-${slot.slot}`),
      ports: (container?.published ?? []).map((port) => portItem(port)),
    };
  }
  if (observed === null) return {};
  switch (observed.kind) {
    case 'Image':
      return { digest: observed.digest, config: observed.configDigest, platform: observed.platform, size: observed.sizeBytes };
    case 'Network':
      return { subnet: observed.subnet, gateway: observed.gateway, bridge: observed.link };
    case 'Volume':
      return { path: observed.path, driver: observed.driver };
    case 'Config':
      return { contentHash: observed.contentHash };
    case 'Secret':
      return {};
  }
}

/** What the rows of `ps` show beside the instances. */
export interface InstanceFacts {
  /** Digest of the image's manifest, as far as it is known. */
  readonly digestOf: (instance: ObservedInstance) => string;
  /** Null: nobody wants it. */
  readonly specOf: (container: ResourceKey) => ContainerSpec | null;
  readonly now: Instant;
}

/** Rows of `ps`, by name. Pure. */
export function instanceItems(containers: readonly ObservedContainer[], facts: InstanceFacts): readonly InstanceItem[] {
  return containers
    .flatMap((container) => container.slots.map((slot) => instanceItem(container, slot, facts)))
    .sort((a, b) => (a.namespace === b.namespace ? compareNames(a.name, b.name) : a.namespace < b.namespace ? -1 : 1));
}

function instanceItem(container: ObservedContainer, slot: ObservedInstance, { digestOf, specOf, now }: InstanceFacts): InstanceItem {
  const { namespace, name } = parseKey(container.key);
  const readyAt = slot.phase === 'running' ? readyAtOf(slot, specOf(container.key)) : null;
  const isReady = readyAt !== null && readyAt <= now;
  return {
    kind: 'Instance',
    name: `${name}-${slot.slot}`,
    namespace,
    container: name,
    uid: slot.instance,
    pid: slot.process?.pid ?? null,
    phase: slot.phase,
    ready: isReady ? 'yes' : 'no',
    restarts: slot.restarts,
    nextTry: slot.nextTry === null ? null : formatInstant(slot.nextTry),
    startedAt: slot.startedAt === null ? null : formatInstant(slot.startedAt),
    exit:
      slot.exit === null
        ? null
        : { code: slot.exit.code, signal: slot.exit.signal, oomKilled: slot.exit.oom, at: formatInstant(slot.exit.at) },
    address: slot.address,
    ports: container.published.filter((port) => port.address === slot.address).map(portItem),
    image: { ref: slot.imageRef, digest: digestOf(slot) },
  };
}

function portItem(port: ObservedContainer['published'][number]): InstanceItem['ports'][number] {
  return {
    hostIP: port.hostIP ?? '0.0.0.0',
    hostPort: port.hostPort,
    containerPort: port.containerPort,
    protocol: port.protocol === 'tcp' ? 'TCP' : 'UDP',
  };
}

/** `web-2` before `web-10`. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
