import type { Diff, DiffResult, PlanView } from '../controllers/controller.ts';
import type { DesiredGraph } from '../model/graph.ts';
import type { Endpoint, Observed, ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Operation } from '../model/operation.ts';
import type {
  ActionId,
  Allocation,
  AnyAction,
  Attempts,
  Blocked,
  Change,
  NameEntry,
  Plan,
  Reason,
  ReasonCode,
  ResourceRecord,
  SlotLease,
  Step,
} from '../model/plan.ts';
import {
  type ActingKind,
  type ActingResource,
  type AnyResource,
  type Instant,
  isActing,
  parseKey,
  type Resource,
  type ResourceKey,
  resourceOf,
  type SubjectKey,
  slotKey,
} from '../model/resource.ts';
import { type SignatureRules, signatureRulesIn } from '../model/signature-rule.ts';
import { mayTry } from './backoff.ts';
import { orderActions } from './order.ts';
import { goneSettings, settingChange } from './settings.ts';
import type { AnyStep, SubjectSteps } from './subject-steps.ts';

/** Pure functions of the network folder, handed in: the planner imports no kind. */
export interface NetworkFunctions {
  readonly allocate: (desired: DesiredGraph, records: Records, observed: ObservedState) => Allocation;
  readonly endpointsFor: (
    desired: Resource<'Container'>,
    observed: ObservedContainer | null,
    leaseOf: (slot: number) => SlotLease | null,
  ) => readonly Endpoint[];
  readonly namesByNetwork: (
    desired: DesiredGraph,
    allocation: Allocation,
    observed: ObservedState,
  ) => ReadonlyMap<ResourceKey, readonly NameEntry[]>;
}

export type Records = ReadonlyMap<ResourceKey, ResourceRecord>;
export type Diffs = { readonly [K in ActingKind]: Diff<K> };

/** Everything beside desired and observed state that a decision needs; nothing else is consulted. */
export interface PlanContext {
  readonly diffs: Diffs;
  readonly network: NetworkFunctions;
  readonly records: Records;
  /** Open applies: their images are fetched before anything of their sets is taken down. */
  readonly operations: readonly Operation[];
  readonly running: ReadonlyMap<SubjectKey, AnyAction>;
  readonly attempts: ReadonlyMap<ActionId, Attempts>;
  /** Kinds and resources that could not be looked at, with the failure: unknown is not absent, so nothing is done to them. */
  readonly unseen: ReadonlyMap<ActingKind | ResourceKey, string>;
  readonly now: Instant;
}

/**
 * What to do next, in which order and why. Linear in resources plus edges; equal inputs give an equal plan, byte for byte. Pure, and so is all it calls.
 */
export function plan(desired: DesiredGraph, observed: ObservedState, context: PlanContext): Plan {
  const allocation = context.network.allocate(desired, context.records, observed);
  const names = context.network.namesByNetwork(desired, allocation, observed);
  const moment: Moment = { desired, observed, context, allocation, names, signatureRules: signatureRulesIn(desired) };
  const collected: Collected = { subjects: [], blocked: [], changes: [] };
  for (const key of desired.order) planDesired(key, moment, collected);
  const surplus = [...observed.resources.keys()].filter((key) => !desired.resources.has(key)).sort();
  for (const key of surplus.reverse()) planSurplus(key, moment, collected);
  collected.changes.push(...goneSettings(desired, context.records.values()));
  const ordered = orderActions({
    ...moment,
    subjects: collected.subjects,
    blocked: collected.blocked,
    running: context.running,
    operations: context.operations,
  });
  const blocked = [...collected.blocked, ...ordered.blocked].sort((a, b) => compareText(a.subject, b.subject));
  return { actions: ordered.actions, blocked, changes: collected.changes, wakeAt: earliest(blocked), leases: allocation };
}

/** Whether and why something nobody desires is removed; `keep` carries the reason people see. Pure. */
export type Removal =
  | { readonly is: 'remove'; readonly reason: Reason }
  | { readonly is: 'keep'; readonly reason: Reason }
  | { readonly is: 'ignore' };

/**
 * The rules of pruning: only what is ours, only of a set that is complete, prunes and does not hold it, or what a person deleted by name. Implicit networks go with their
 * last user; images nobody declared are cache.
 */
export function removalOf(observed: Observed, desired: DesiredGraph, record: ResourceRecord | null): Removal {
  if (observed.identity === null) return { is: 'ignore' };
  if (record === null) {
    if (observed.kind === 'Image') return { is: 'ignore' };
    return keep('SourceMissing', 'made by this engine, but no set names it');
  }
  if (record.deletedAt !== null) return remove('Deleted', 'a person deleted it');
  if (record.source === 'implicit') return observed.kind === 'Image' ? { is: 'ignore' } : remove('NotDesired', 'nothing uses it any more');
  const set = desired.sets.get(record.set);
  if (set === undefined) return keep('SourceMissing', `set ${record.set} is not known; apply its manifests again`);
  if (set.held.has(observed.key)) return keep('QuarantinedFile', `set ${set.id} holds it`);
  if (!set.complete) return keep('SourceMissing', `set ${set.id} was not read completely`);
  if (!set.prune) return keep('NotPruned', `set ${set.id} does not prune`);
  return remove('NotDesired', `set ${set.id} no longer names it`);
}

// ------------------------------------------------------------------------------------------------------------------- one resource

interface Moment {
  readonly desired: DesiredGraph;
  readonly observed: ObservedState;
  readonly context: PlanContext;
  readonly allocation: Allocation;
  readonly names: ReadonlyMap<ResourceKey, readonly NameEntry[]>;
  readonly signatureRules: SignatureRules;
}

interface Collected {
  readonly subjects: SubjectSteps[];
  readonly blocked: Blocked[];
  readonly changes: Change[];
}

function planDesired(key: ResourceKey, moment: Moment, collected: Collected): void {
  const desired = moment.desired.resources.get(key);
  if (desired === undefined || isUnseen(key, moment, collected)) return;
  if (!isActing(desired)) {
    const change = settingChange(desired, moment.context.records.get(key) ?? null);
    if (change !== null) collected.changes.push(change);
    return;
  }
  const observed = moment.observed.resources.get(key) ?? null;
  // An image somebody pulled by hand is the same content, whoever asked for it.
  if (observed !== null && observed.identity === null && observed.kind !== 'Image') {
    collected.blocked.push(block(key, 'OwnedElsewhere', 'something that is not ours stands in its place'));
    return;
  }
  collect(desired, runDiff(desired.kind, desired, observed, viewOf(moment, null)), moment, collected);
}

function planSurplus(key: ResourceKey, moment: Moment, collected: Collected): void {
  const observed = moment.observed.resources.get(key);
  if (observed === undefined || isUnseen(key, moment, collected)) return;
  const removal = removalOf(observed, moment.desired, moment.context.records.get(key) ?? null);
  if (removal.is === 'ignore') return;
  if (removal.is === 'keep') {
    collected.blocked.push({ subject: key, reason: removal.reason, until: null });
    return;
  }
  collect(null, runDiff(observed.kind, null, observed, viewOf(moment, removal.reason)), moment, collected);
}

/** The one place where a kind's diff meets its own types: `kind` is the discriminant of everything that goes in. */
function runDiff(
  kind: ActingKind,
  desired: ActingResource | null,
  observed: Observed | null,
  view: PlanView & { readonly diffs: Diffs },
): DiffResult<ActingKind> {
  const diff = view.diffs[kind] as unknown as Diff<ActingKind>;
  return diff(desired as Resource<ActingKind> | null, observed, view);
}

function collect(desired: AnyResource | null, result: DiffResult<ActingKind>, moment: Moment, collected: Collected): void {
  if (result.change !== null) collected.changes.push(result.change);
  for (const [subject, verdict] of result.verdicts) {
    if (moment.context.running.has(subject) || verdict.is === 'settled') continue;
    if (verdict.is === 'blocked') {
      collected.blocked.push({ subject, reason: verdict.reason, until: verdict.until });
      continue;
    }
    if (verdict.steps.length === 0) continue;
    const refused = refusedStep(subject, verdict.steps, desired, moment.context);
    if (refused !== null) collected.blocked.push(refused);
    else
      collected.subjects.push({
        key: resourceOf(subject),
        kind: parseKey(resourceOf(subject)).kind as ActingKind,
        subject,
        steps: verdict.steps as readonly AnyStep[],
        leaving: desired === null,
      });
  }
}

/** A subject waits as a whole when one of its steps may not be tried yet: the steps before it only make sense together with it. */
function refusedStep(
  subject: SubjectKey,
  steps: readonly Step<ActingKind>[],
  desired: AnyResource | null,
  context: PlanContext,
): Blocked | null {
  for (const step of steps) {
    const attempts = context.attempts.get(`${subject}#${step.verb}`) ?? null;
    const verdict = mayTry(attempts, desired?.specHash ?? null, context.now);
    if (attempts === null || verdict.is === 'free') continue;
    const { code } = attempts.error;
    const reasonCode = failureCode(subject, step.verb, code);
    const detail = reasonCode === 'ImagePullBackOff' ? pullDetail(code) : null;
    return {
      subject,
      reason: {
        code: reasonCode,
        message: `${detail === null ? '' : `${detail}: `}${placeOf(desired, attempts.error)}${errorText(attempts)}`,
        paths: [],
      },
      until: verdict.is === 'later' ? verdict.until : null,
    };
  }
  return null;
}

/** One form everywhere: `error[RUN127]: web: "/app/sarver" not found in image app:5; hint: near names: /app/server`. */
function errorText({ count, error: { code, message, hint } }: Attempts): string {
  return `error[${code}]: ${message}${count === 1 ? '' : ` (${count} tries)`}${hint === null ? '' : `; hint: ${hint}`}`;
}

/** Fields that say what failed, the most telling one first. */
const blamed: Readonly<Record<string, readonly string[]>> = {
  RUN010: ['user'],
  RUN126: ['command', 'args', 'image'],
  RUN127: ['command', 'args', 'image'],
  VOL001: ['mounts'],
};

/** `web.yaml:6:10: `, where a manifest says what failed; empty where none does. */
function placeOf(desired: AnyResource | null, { code, message }: Attempts['error']): string {
  if (desired === null) return '';
  const fields = desired.kind === 'Image' ? ['ref'] : code === 'PRT010' ? [portField(message), 'ports'] : (blamed[code] ?? []);
  const found = fields.map((field) => desired.fields[field]).find((place) => place !== undefined);
  const origin = found ?? (desired.kind === 'Image' ? desired.origin : null);
  return origin === null ? '' : `${origin.file}:${origin.line}:${origin.column}: `;
}

/** The field of the port that a message begins with, which tells the protocol only when it is not tcp. */
function portField(message: string): string {
  const [port = ''] = message.split(' ', 1);
  return `ports[${port}${port.includes('/') ? '' : '/tcp'}]`;
}

const pullDetails: Readonly<Record<string, string>> = {
  REG404: 'NotFound',
  REG401: 'Unauthorized',
  REG403: 'Unauthorized',
  REG429: 'RateLimited',
  REG010: 'DigestMismatch',
  IMG010: 'PlatformMissing',
};

/** What kind of ImagePullBackOff it is (product.md 6.1); null when the message says all there is to say. */
function pullDetail(code: string): string | null {
  if (code.startsWith('DSK')) return 'NoSpace';
  return pullDetails[code] ?? (/^(?:REG|TLS)/.test(code) ? 'Network' : null);
}

/** The word of product.md 6.1 for a failed try. */
function failureCode(subject: SubjectKey, verb: string, code: string): ReasonCode {
  if (code === 'INTERNAL') return 'InternalError';
  if (code === 'PRT010') return 'PortInUse';
  if (code === 'SEC011') return 'SecretUndecryptable';
  if (code === 'NET001') return 'SubnetConflict';
  if (subject.startsWith('Image/')) return 'ImagePullBackOff';
  if (/^RUN(?:010|126|127)$/.test(code) || verb === 'start') return 'StartError';
  if (verb === 'create' && subject.startsWith('Container/')) return 'CreateError';
  return 'BackOff';
}

function isUnseen(key: ResourceKey, moment: Moment, collected: Collected): boolean {
  const failure = moment.context.unseen.get(key) ?? moment.context.unseen.get(parseKey(key).kind as ActingKind);
  if (failure === undefined) return false;
  collected.blocked.push(block(key, 'InternalError', `it cannot be looked at: ${failure}`));
  return true;
}

function viewOf(moment: Moment, removal: Reason | null): PlanView & { readonly diffs: Diffs } {
  const { desired, observed, context, allocation, names } = moment;
  return {
    diffs: context.diffs,
    now: context.now,
    removal,
    observed: <K extends ActingKind>(key: ResourceKey<K>) => (observed.resources.get(key) as Observed<K> | undefined) ?? null,
    desired: <K extends ActingKind>(key: ResourceKey<K>) => (desired.resources.get(key) as Resource<K> | undefined) ?? null,
    slotLease: (subject) => allocation.slots.get(subject) ?? null,
    networkLease: (key) => allocation.networks.get(key) ?? null,
    missingLease: (subject) => allocation.missing.get(subject) ?? null,
    endpoints: (key) => {
      const resource = desired.resources.get(key);
      if (resource?.kind !== 'Container') return [];
      const seen = observed.resources.get(key);
      return context.network.endpointsFor(
        resource,
        seen?.kind === 'Container' ? seen : null,
        (slot) => allocation.slots.get(slotKey(key, slot)) ?? null,
      );
    },
    names: (key) => names.get(key) ?? [],
    signatureRules: moment.signatureRules,
    isReferenced: (key) => [...desired.resources.values()].some(({ refs }) => refs.some((ref) => ref.key === key)),
    record: (key) => context.records.get(key) ?? null,
  };
}

function remove(code: ReasonCode, message: string): Removal {
  return { is: 'remove', reason: { code, message, paths: [] } };
}

function keep(code: ReasonCode, message: string): Removal {
  return { is: 'keep', reason: { code, message, paths: [] } };
}

function block(subject: SubjectKey, code: ReasonCode, message: string): Blocked {
  return { subject, reason: { code, message, paths: [] }, until: null };
}

function earliest(blocked: readonly Blocked[]): Instant | null {
  const instants = blocked.map(({ until }) => until).filter((until) => until !== null);
  return instants.length === 0 ? null : Math.min(...instants);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
