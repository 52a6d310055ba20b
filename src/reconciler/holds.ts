/** Which subjects must wait although their diffs want to act: four rules, repeated until nothing changes. Pure. */
import { type Blocked, because, type Claim, type Reason, type ReasonCode } from '../model/plan.ts';
import { parseKey, type Ref, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';
import {
  brings,
  makesInstance,
  needsOf,
  type OrderInput,
  opensPorts,
  push,
  removesThing,
  type SubjectSteps,
  sortedLists,
  usersOf,
} from './subject-steps.ts';

/** Why a subject is held; `told already`: what holds it is shown for another subject of its key. */
export type Hold = Reason | 'told already';

/** Repeats the four rules until nothing more is held: each hold can only add others, so it ends. */
export function holdSubjects(input: OrderInput): Map<SubjectKey, Hold> {
  const held = new Map<SubjectKey, Hold>();
  const settled = settledOf(input);
  for (let before = -1; before !== held.size; ) {
    before = held.size;
    const state = stateOf(settled, held);
    for (const entry of input.subjects) {
      if (held.has(entry.subject)) continue;
      const reason = unmetNeed(entry, state) ?? nothingBehind(entry, state) ?? stayingUser(entry, state) ?? takenClaim(entry, state);
      if (reason === null) continue;
      held.set(entry.subject, reason);
      state.busy.delete(entry.subject);
      if (reason !== 'told already') state.blocked.set(entry.key, { subject: entry.subject, reason, until: null });
    }
  }
  return held;
}

/** What no hold changes. */
interface Settled {
  readonly input: OrderInput;
  readonly runningKeys: ReadonlySet<ResourceKey>;
  readonly runningReleases: readonly string[];
  readonly users: ReadonlyMap<ResourceKey, readonly ResourceKey[]>;
  readonly holders: ReadonlyMap<Claim, readonly ResourceKey[]>;
}

interface HoldState extends Settled {
  /** Subjects that go on, by their key. */
  readonly going: ReadonlyMap<ResourceKey, readonly SubjectSteps[]>;
  readonly busy: Map<SubjectKey, SubjectSteps>;
  readonly blocked: Map<ResourceKey, Blocked>;
  readonly releases: ReadonlySet<string>;
  readonly firstAcquirer: ReadonlyMap<Claim, SubjectSteps>;
}

function settledOf(input: OrderInput): Settled {
  const running = [...input.running.values()];
  return {
    input,
    runningKeys: new Set(running.map((action) => resourceOf(action.subject))),
    runningReleases: running.flatMap((action) => action.releases.map((claim) => claimOf(resourceOf(action.subject), claim))),
    users: usersOf(input.observed),
    holders: holdersOf(input),
  };
}

function stateOf(settled: Settled, held: ReadonlyMap<SubjectKey, Hold>): HoldState {
  const { input } = settled;
  const going = new Map<ResourceKey, SubjectSteps[]>();
  const busy = new Map<SubjectKey, SubjectSteps>();
  const releases = new Set(settled.runningReleases);
  const firstAcquirer = new Map<Claim, SubjectSteps>();
  for (const entry of input.subjects) {
    if (held.has(entry.subject)) continue;
    push(going, entry.key, entry);
    busy.set(entry.subject, entry);
    for (const step of entry.steps) {
      for (const claim of step.releases) releases.add(claimOf(entry.key, claim));
      for (const claim of step.acquires) if (!firstAcquirer.has(claim)) firstAcquirer.set(claim, entry);
    }
  }
  const blocked = new Map<ResourceKey, Blocked>();
  for (const entry of input.blocked) blocked.set(resourceOf(entry.subject), entry);
  for (const [subject, reason] of held) {
    if (reason !== 'told already') blocked.set(resourceOf(subject), { subject, reason, until: null });
  }
  return { ...settled, going, busy, blocked, releases, firstAcquirer };
}

/** The up rule: everything the first bringing step needs is there or on its way. */
function unmetNeed(entry: SubjectSteps, state: HoldState): Reason | null {
  const refs = needsOf(entry, state.input.desired);
  for (const ref of refs) {
    const reason = unmetRef(ref, state);
    if (reason !== null) return reason;
  }
  return null;
}

function unmetRef(ref: Ref, state: HoldState): Reason | null {
  const { input } = state;
  const stopped = state.blocked.get(ref.key);
  if (stopped !== undefined) return because(waitingCode(ref.key), `${ref.key}: ${stopped.reason.code}, ${stopped.reason.message}`);
  if (state.runningKeys.has(ref.key) || (state.going.get(ref.key) ?? []).some((user) => user.steps.some(brings))) return null;
  const observed = input.observed.resources.get(ref.key);
  if (observed === undefined) return because(missingCode(ref.key), `${ref.key} does not exist`);
  if (ref.condition === 'Started' && observed.kind === 'Container' && !observed.slots.some((slot) => slot.startedAt !== null)) {
    return because('WaitingForDependency', `${ref.key} is not started`);
  }
  return null;
}

/** Ports lead to an instance: where none is there or on its way, what holds it up holds up its ports. */
function nothingBehind(entry: SubjectSteps, state: HoldState): Hold | null {
  if (!entry.steps.some(opensPorts)) return null;
  const observed = state.input.observed.resources.get(entry.key);
  if (observed?.kind === 'Container' && observed.slots.length > 0) return null;
  const comes = (state.going.get(entry.key) ?? []).some((other) => state.busy.has(other.subject) && other.steps.some(makesInstance));
  const isMade = [...state.input.running.values()].some((action) => resourceOf(action.subject) === entry.key && makesInstance(action));
  if (comes || isMade) return null;
  return state.blocked.has(entry.key) ? 'told already' : because('NotRunning', 'no instance to publish ports of');
}

/** The down rule: nothing is taken away from a user that stays. */
function stayingUser(entry: SubjectSteps, state: HoldState): Reason | null {
  if (!entry.steps.some(removesThing)) return null;
  for (const user of state.users.get(entry.key) ?? []) {
    if (user === entry.key || state.runningKeys.has(user)) continue;
    const leaves = (state.going.get(user) ?? []).some((other) => other.steps.some(removesThing));
    const isHeld = state.blocked.has(user);
    if (!leaves || isHeld) return because('StillInUse', `${user} uses it`);
  }
  return null;
}

/** The claim rule: what another key holds and does not give up, or wants first, is not taken. */
function takenClaim(entry: SubjectSteps, state: HoldState): Reason | null {
  for (const claim of entry.steps.flatMap((step) => step.acquires)) {
    for (const holder of state.holders.get(claim) ?? []) {
      if (holder === entry.key || state.releases.has(claimOf(holder, claim))) continue;
      return because(claimCode(claim), `${claim.slice(claim.indexOf(':') + 1)} is held by ${holder}`);
    }
    const first = state.firstAcquirer.get(claim);
    if (first !== undefined && first.key !== entry.key && state.busy.has(first.subject)) {
      return because(claimCode(claim), `${claim.slice(claim.indexOf(':') + 1)} goes to ${first.key}`);
    }
  }
  return null;
}

function holdersOf(input: OrderInput): ReadonlyMap<Claim, readonly ResourceKey[]> {
  const holders = new Map<Claim, ResourceKey[]>();
  for (const thing of input.observed.resources.values()) for (const claim of thing.claims) push(holders, claim, thing.key);
  for (const action of input.running.values()) for (const claim of action.acquires) push(holders, claim, resourceOf(action.subject));
  return sortedLists(holders);
}

function claimOf(key: ResourceKey, claim: Claim): string {
  return `${key} ${claim}`;
}

function claimCode(claim: Claim): ReasonCode {
  if (claim.startsWith('port:')) return 'PortInUse';
  return claim.startsWith('address:') ? 'AddressInUse' : 'VolumeInUse';
}

function waitingCode(key: ResourceKey): ReasonCode {
  return parseKey(key).kind === 'Image' ? 'WaitingForImage' : 'WaitingForDependency';
}

const missingCodes: Readonly<Partial<Record<string, ReasonCode>>> = {
  Network: 'NetworkMissing',
  Volume: 'VolumeMissing',
  Config: 'ConfigMissing',
  Secret: 'SecretMissing',
  Image: 'WaitingForImage',
};

function missingCode(key: ResourceKey): ReasonCode {
  return missingCodes[parseKey(key).kind] ?? 'WaitingForDependency';
}
