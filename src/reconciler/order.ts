import { type Action, type ActionId, type AnyAction, type Blocked, because, type Claim } from '../model/plan.ts';
import { parseSlot, type ResourceKey, resourceOf, type SubjectKey } from '../model/resource.ts';
import { type Hold, holdSubjects } from './holds.ts';
import {
  type AnyStep,
  brings,
  isAhead,
  makesInstance,
  makesUsable,
  needsOf,
  type OrderInput,
  opensPorts,
  push,
  removesThing,
  type SubjectSteps,
  usersOf,
} from './subject-steps.ts';

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
  const waiting = new Set(input.blocked.map((blocked) => resourceOf(blocked.subject)));
  const takesDown = input.subjects.some((entry) => !held.has(entry.subject) && entry.steps.some((step) => step.phase === 'down'));
  for (const entry of input.subjects) {
    if (held.has(entry.subject)) continue;
    for (const [index, step] of entry.steps.entries()) {
      if (isAhead(step) && !takesDown && !waiting.has(entry.key)) continue;
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
    const first = nodes.find((node) => brings(node.step) && node.step.verb !== 'update' && !isAhead(node.step));
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

function runningByKey(input: OrderInput): ReadonlyMap<ResourceKey, readonly AnyAction[]> {
  const byKey = new Map<ResourceKey, AnyAction[]>();
  for (const action of input.running.values()) push(byKey, resourceOf(action.subject), action);
  return byKey;
}

function* lastBySubject(graph: NodeGraph, key: ResourceKey, matches: (step: AnyStep) => boolean): Iterable<Node> {
  const last = new Map<SubjectKey, Node>();
  for (const node of graph.byKey.get(key) ?? []) if (matches(node.step)) last.set(node.of.subject, node);
  yield* last.values();
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
