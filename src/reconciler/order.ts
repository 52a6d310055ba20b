import type { DesiredGraph } from '../model/graph.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Operation } from '../model/operation.ts';
import type { Action, ActionId, AnyAction, Blocked, Claim, Reason, ReasonCode, Step } from '../model/plan.ts';
import { type ActingKind, parseKey, parseSlot, type Ref, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';

export type AnyStep = { [K in ActingKind]: Step<K> }[ActingKind];

/** What is to be done with one subject. `leaving`: nobody desires its resource. */
export interface SubjectSteps {
  readonly key: ResourceKey;
  readonly kind: ActingKind;
  readonly subject: SubjectKey;
  readonly steps: readonly AnyStep[];
  readonly leaving: boolean;
}

export interface OrderInput {
  readonly desired: DesiredGraph;
  readonly observed: ObservedState;
  /** In the order of the desired graph; of two that want one claim the first gets it. */
  readonly subjects: readonly SubjectSteps[];
  /** What the diffs and the back-off hold already. */
  readonly blocked: readonly Blocked[];
  readonly running: ReadonlyMap<SubjectKey, AnyAction>;
  readonly operations: readonly Operation[];
}

export interface Ordered {
  /** In topological order; `after` may also name actions that run already. */
  readonly actions: readonly AnyAction[];
  readonly blocked: readonly Blocked[];
}

/**
 * Adds the edges of architecture.md 7 and sorts: own order, ports, fetch gate, up, down, claims; ties by subject, then place in its steps. A down whose user stays and an up
 * whose need is neither there nor on its way are held. Acyclic by construction but for swapped claims, whose subjects are held. Pure.
 */
export function orderActions(input: OrderInput): Ordered {
  const held = holdSubjects(input);
  const graph = buildNodes(input, held);
  addOwnOrder(graph);
  addPortEdges(graph, input);
  addFetchGate(graph, input);
  addUpEdges(graph, input);
  addDownEdges(graph, input);
  addClaimEdges(graph, input);
  const { sorted, cyclic } = sortNodes(graph);
  const actions = sorted.map(toAction);
  for (const node of cyclic)
    held.set(node.of.subject, because('PortInUse', 'what it needs and what it gives up are held crosswise; change one at a time'));
  const blocked = [...held].flatMap(([subject, reason]) => (reason === 'told already' ? [] : [{ subject, reason, until: null }]));
  return { actions, blocked };
}

// ---------------------------------------------------------------------------------------------------------------- holds

/** Why a subject is held; `told already`: what holds it is shown for another subject of its key. */
type Hold = Reason | 'told already';

/** Repeats the four rules until nothing more is held: each hold can only add others, so it ends. */
function holdSubjects(input: OrderInput): Map<SubjectKey, Hold> {
  const held = new Map<SubjectKey, Hold>();
  for (let before = -1; before !== held.size; ) {
    before = held.size;
    const state = stateOf(input, held);
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

interface HoldState {
  readonly input: OrderInput;
  /** Subjects that go on, by their key. */
  readonly going: ReadonlyMap<ResourceKey, readonly SubjectSteps[]>;
  readonly busy: Map<SubjectKey, SubjectSteps>;
  readonly blocked: Map<ResourceKey, Blocked>;
  readonly runningKeys: ReadonlySet<ResourceKey>;
  readonly users: ReadonlyMap<ResourceKey, readonly ResourceKey[]>;
  readonly holders: ReadonlyMap<Claim, readonly ResourceKey[]>;
  readonly releases: ReadonlySet<string>;
  readonly firstAcquirer: ReadonlyMap<Claim, SubjectSteps>;
}

function stateOf(input: OrderInput, held: ReadonlyMap<SubjectKey, Hold>): HoldState {
  const going = new Map<ResourceKey, SubjectSteps[]>();
  const busy = new Map<SubjectKey, SubjectSteps>();
  const releases = new Set<string>();
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
  const runningKeys = new Set<ResourceKey>();
  for (const action of input.running.values()) {
    runningKeys.add(resourceOf(action.subject));
    for (const claim of action.releases) releases.add(claimOf(resourceOf(action.subject), claim));
  }
  const blocked = new Map<ResourceKey, Blocked>();
  for (const entry of input.blocked) blocked.set(resourceOf(entry.subject), entry);
  for (const [subject, reason] of held) {
    if (reason !== 'told already') blocked.set(resourceOf(subject), { subject, reason, until: null });
  }
  return { input, going, busy, blocked, runningKeys, users: usersOf(input.observed), holders: holdersOf(input), releases, firstAcquirer };
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

/** References that must hold before a subject's bringing steps: all for what makes or starts something, networks for what only changes ports, none else. */
function needsOf(entry: SubjectSteps, desired: DesiredGraph): readonly Ref[] {
  if (entry.leaving) return [];
  const verbs = entry.steps.filter(brings).map((step) => step.verb);
  const refs = desired.resources.get(entry.key)?.refs ?? [];
  if (verbs.some((verb) => verb !== 'update' && verb !== 'publish')) return refs;
  return verbs.includes('publish') ? refs.filter((ref) => ref.key.startsWith('Network/')) : [];
}

function usersOf(observed: ObservedState): ReadonlyMap<ResourceKey, readonly ResourceKey[]> {
  const users = new Map<ResourceKey, ResourceKey[]>();
  for (const thing of observed.resources.values()) for (const used of thing.uses) push(users, used, thing.key);
  return sortedLists(users);
}

function holdersOf(input: OrderInput): ReadonlyMap<Claim, readonly ResourceKey[]> {
  const holders = new Map<Claim, ResourceKey[]>();
  for (const thing of input.observed.resources.values()) for (const claim of thing.claims) push(holders, claim, thing.key);
  for (const action of input.running.values()) for (const claim of action.acquires) push(holders, claim, resourceOf(action.subject));
  return sortedLists(holders);
}

// ---------------------------------------------------------------------------------------------------------------- nodes and edges

interface Node {
  readonly id: ActionId;
  readonly of: SubjectSteps;
  readonly index: number;
  readonly step: AnyStep;
  readonly before: Set<Node>;
  /** Ids of running actions it waits for. */
  readonly waits: Set<ActionId>;
}

interface NodeGraph {
  readonly nodes: readonly Node[];
  readonly bySubject: ReadonlyMap<SubjectKey, readonly Node[]>;
  readonly byKey: ReadonlyMap<ResourceKey, readonly Node[]>;
}

function buildNodes(input: OrderInput, held: ReadonlyMap<SubjectKey, Hold>): NodeGraph {
  const nodes: Node[] = [];
  const bySubject = new Map<SubjectKey, Node[]>();
  const byKey = new Map<ResourceKey, Node[]>();
  for (const entry of input.subjects) {
    if (held.has(entry.subject)) continue;
    for (const [index, step] of entry.steps.entries()) {
      const id: ActionId = `${entry.subject}#${step.verb}${entry.steps.slice(0, index).some((other) => other.verb === step.verb) ? `-${index + 1}` : ''}`;
      const node: Node = { id, of: entry, index, step, before: new Set(), waits: new Set() };
      nodes.push(node);
      push(bySubject, entry.subject, node);
      push(byKey, entry.key, node);
    }
  }
  return { nodes, bySubject, byKey };
}

/** Steps of one subject in their order; what leaves a slot goes before what comes into it. */
function addOwnOrder(graph: NodeGraph): void {
  const leavingSlot = new Map<string, Node>();
  for (const nodes of graph.bySubject.values()) {
    for (const [index, node] of nodes.entries()) {
      const previous = nodes[index - 1];
      if (previous !== undefined) node.before.add(previous);
      const place = parseSlot(node.of.subject);
      if (place !== null && place.instance !== null) leavingSlot.set(`${node.of.key}:${place.slot}`, node);
    }
  }
  for (const [subject, last] of leavingSlot) {
    const first = graph.bySubject.get(subject as SubjectKey)?.find((node) => brings(node.step));
    if (first !== undefined) first.before.add(last);
  }
}

/** What makes a container's instances, before its ports are opened: a failed creation leaves none open. */
function addPortEdges(graph: NodeGraph, input: OrderInput): void {
  const running = runningByKey(input);
  for (const node of graph.nodes) {
    if (!opensPorts(node.step)) continue;
    for (const other of graph.byKey.get(node.of.key) ?? []) if (makesInstance(other.step)) node.before.add(other);
    for (const action of running.get(node.of.key) ?? []) if (makesInstance(action)) node.waits.add(action.id);
  }
}

/** Everything an open apply fetches is there before anything of its sets goes down or changes in place. */
function addFetchGate(graph: NodeGraph, input: OrderInput): void {
  for (const operation of input.operations) {
    const keys = new Set<ResourceKey>(operation.keys);
    const sets = new Set(operation.sets);
    const fetches = graph.nodes.filter((node) => node.step.phase === 'fetch' && keys.has(node.of.key));
    const running = [...input.running.values()].filter((action) => action.phase === 'fetch' && keys.has(resourceOf(action.subject)));
    if (fetches.length === 0 && running.length === 0) continue;
    for (const node of firstGated(graph)) {
      const set = input.desired.resources.get(node.of.key)?.set ?? input.observed.resources.get(node.of.key)?.identity?.set;
      if (!keys.has(node.of.key) && (set === undefined || !sets.has(set))) continue;
      for (const fetch of fetches) if (fetch.of.subject !== node.of.subject) node.before.add(fetch);
      for (const action of running) node.waits.add(action.id);
    }
  }
}

function* firstGated(graph: NodeGraph): Iterable<Node> {
  for (const nodes of graph.bySubject.values()) {
    const first = nodes.find((node) => node.step.phase === 'down' || node.step.verb === 'update');
    if (first !== undefined) yield first;
  }
}

/** Last bringing step of what I use, before my first bringing step. */
function addUpEdges(graph: NodeGraph, input: OrderInput): void {
  const running = runningByKey(input);
  for (const nodes of graph.bySubject.values()) {
    const first = nodes.find((node) => brings(node.step) && node.step.verb !== 'update');
    if (first === undefined) continue;
    for (const ref of needsOf(first.of, input.desired)) {
      for (const need of lastBySubject(graph, ref.key, makesUsable)) if (need.of.key !== first.of.key) first.before.add(need);
      for (const action of running.get(ref.key) ?? []) if (makesUsable(action)) first.waits.add(action.id);
    }
  }
}

/** Last taking step of my users, by what they hold in the world, before my first removal. */
function addDownEdges(graph: NodeGraph, input: OrderInput): void {
  const users = usersOf(input.observed);
  const running = runningByKey(input);
  for (const nodes of graph.bySubject.values()) {
    const first = nodes.find((node) => removesThing(node.step));
    if (first === undefined) continue;
    for (const user of users.get(first.of.key) ?? []) {
      if (user === first.of.key) continue;
      for (const last of lastBySubject(graph, user, (step) => step.phase === 'down')) first.before.add(last);
      for (const action of running.get(user) ?? []) first.waits.add(action.id);
    }
  }
}

/** Release of a claim, before its acquisition by another key. */
function addClaimEdges(graph: NodeGraph, input: OrderInput): void {
  const releasing = new Map<Claim, Node[]>();
  for (const node of graph.nodes) for (const claim of node.step.releases) push(releasing, claim, node);
  for (const node of graph.nodes) {
    for (const claim of node.step.acquires) {
      for (const other of releasing.get(claim) ?? []) if (other.of.key !== node.of.key) node.before.add(other);
      for (const action of input.running.values()) {
        if (resourceOf(action.subject) !== node.of.key && action.releases.includes(claim)) node.waits.add(action.id);
      }
    }
  }
}

function* lastBySubject(graph: NodeGraph, key: ResourceKey, matches: (step: AnyStep) => boolean): Iterable<Node> {
  const last = new Map<SubjectKey, Node>();
  for (const node of graph.byKey.get(key) ?? []) if (matches(node.step)) last.set(node.of.subject, node);
  yield* last.values();
}

function runningByKey(input: OrderInput): ReadonlyMap<ResourceKey, readonly AnyAction[]> {
  const byKey = new Map<ResourceKey, AnyAction[]>();
  for (const action of input.running.values()) push(byKey, resourceOf(action.subject), action);
  return byKey;
}

// ---------------------------------------------------------------------------------------------------------------- sorting

/** Kahn's algorithm; of several that are ready the first by subject, then by place. */
function sortNodes(graph: NodeGraph): { readonly sorted: readonly Node[]; readonly cyclic: readonly Node[] } {
  const followers = new Map<Node, Node[]>();
  const open = new Map<Node, number>();
  for (const node of graph.nodes) {
    open.set(node, node.before.size);
    for (const earlier of node.before) push(followers, earlier, node);
  }
  const ready = [...graph.nodes].filter((node) => node.before.size === 0).sort(byTie);
  const sorted: Node[] = [];
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    sorted.push(node);
    open.delete(node);
    for (const follower of followers.get(node) ?? []) {
      const left = (open.get(follower) ?? 0) - 1;
      open.set(follower, left);
      if (left === 0) insertSorted(ready, follower);
    }
  }
  return { sorted, cyclic: [...open.keys()] };
}

function insertSorted(nodes: Node[], node: Node): void {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = nodes[middle];
    if (other !== undefined && byTie(other, node) < 0) low = middle + 1;
    else high = middle;
  }
  nodes.splice(low, 0, node);
}

function byTie(a: Node, b: Node): number {
  if (a.of.subject !== b.of.subject) return a.of.subject < b.of.subject ? -1 : 1;
  return a.index - b.index;
}

function toAction(node: Node): AnyAction {
  const after = [...[...node.before].map((earlier) => earlier.id), ...node.waits].sort();
  const { verb, phase, input, reason, acquires, releases } = node.step;
  const action: Action = {
    id: node.id,
    kind: node.of.kind,
    subject: node.of.subject,
    verb,
    phase,
    input,
    reason,
    after,
    acquires,
    releases,
  };
  return action as AnyAction;
}

// ---------------------------------------------------------------------------------------------------------------- words

function brings(step: AnyStep): boolean {
  return step.phase !== 'down';
}

/** A bringing step its users wait for. Nobody waits for a network's names: they are rewritten under its members whenever one comes or goes. */
function makesUsable(step: Pick<AnyStep, 'phase' | 'reason'>): boolean {
  return step.phase !== 'down' && step.reason.code !== 'NamesChanged';
}

function opensPorts(step: AnyStep): boolean {
  return step.verb === 'publish' && brings(step);
}

function makesInstance(step: Pick<AnyStep, 'verb'>): boolean {
  return step.verb === 'create';
}

function removesThing(step: AnyStep): boolean {
  return step.verb === 'remove';
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
  Image: 'WaitingForImage',
};

function missingCode(key: ResourceKey): ReasonCode {
  return missingCodes[parseKey(key).kind] ?? 'WaitingForDependency';
}

function because(code: ReasonCode, message: string): Reason {
  return { code, message, paths: [] };
}

/** The order in which things were seen must not show in a plan. */
function sortedLists<K>(lists: ReadonlyMap<K, ResourceKey[]>): ReadonlyMap<K, readonly ResourceKey[]> {
  for (const list of lists.values()) list.sort();
  return lists;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
