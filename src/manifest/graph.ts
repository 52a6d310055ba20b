import type { DesiredGraph, SetState, SourceSnapshot } from '../model/graph.ts';
import {
  type AnyResource,
  isWatched,
  type Origin,
  parseKey,
  type Resource,
  type ResourceKey,
  resourceKey,
  type SetId,
} from '../model/resource.ts';
import type { ImageSpec, NetworkSpec, PullPolicy } from '../model/spec.ts';
import { defaultSpecs } from './defaults.ts';
import { compareText, type Diagnostic, diagnosticAt, didYouMean, quote, sortDiagnostics } from './diagnostic.ts';
import { checkAddresses } from './graph-addresses.ts';
import { checkVariables } from './graph-env.ts';
import { checkHost, type HostFacts } from './graph-host.ts';
import { hashSpec } from './hash.ts';
import { formatHostPort } from './normalize-ports.ts';
import { byPrecedence } from './precedence.ts';

export interface BuiltGraph {
  readonly graph: DesiredGraph;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Documents of all sets → one graph, with what only shows when all are seen: duplicates, dangling references, cycles, clashing host ports and subnets, what the host lacks.
 * Undeclared images and the networks `default` become resources of their own. Of two documents with one key the first stays (by set, then file and position). Pure.
 *
 * A reference to nothing and what the host lacks are errors, but in a watched directory warnings: there the object waits, since another file or somebody may
 * bring it, and nothing else is held up.
 */
export function buildGraph(snapshots: readonly SourceSnapshot[], host: HostFacts): BuiltGraph {
  const diagnostics: Diagnostic[] = [];
  const resources = collectResources(snapshots, diagnostics);
  addImplicit(resources);
  checkReferences(resources, diagnostics);
  diagnostics.push(...checkVariables(resources));
  checkPorts(resources, diagnostics);
  checkRegistries(resources, diagnostics);
  diagnostics.push(...checkAddresses(resources, host), ...checkHost(resources, host).map((diagnostic) => patient(diagnostic, resources)));
  const order = orderOf(resources, diagnostics);
  const sets = new Map(snapshots.map((snapshot): [SetId, SetState] => [snapshot.set, stateOf(snapshot)]));
  return { graph: { resources, sets, order }, diagnostics: sortDiagnostics(diagnostics) };
}

type Resources = Map<ResourceKey, AnyResource>;

function patient(diagnostic: Diagnostic, resources: Resources): Diagnostic {
  const set = diagnostic.key === null ? undefined : resources.get(diagnostic.key)?.set;
  return diagnostic.severity === 'error' && set !== undefined && isWatched(set) ? { ...diagnostic, severity: 'warning' } : diagnostic;
}

function stateOf(snapshot: SourceSnapshot): SetState {
  return { id: snapshot.set, revision: 0, complete: snapshot.complete, prune: snapshot.prune, held: snapshot.held };
}

function collectResources(snapshots: readonly SourceSnapshot[], diagnostics: Diagnostic[]): Resources {
  const documents = snapshots.flatMap((snapshot) => snapshot.documents).sort(byPrecedence);
  const resources: Resources = new Map();
  for (const document of documents) {
    const first = resources.get(document.key);
    if (first === undefined) resources.set(document.key, document);
    else diagnostics.push(describeDuplicate(document, first));
  }
  return new Map([...resources].sort(([left], [right]) => compareText(left, right)));
}

/** `b.yaml:3:9: … Container "web" is already defined at a.yaml:3:9` */
export function describeDuplicate(later: AnyResource, first: AnyResource): Diagnostic {
  const owner = later.set === first.set ? '' : ` (set ${first.set})`;
  const message = `${nameOf(later.key)} is already defined at ${place(first.origin)}${owner}`;
  return diagnosticAt(later.origin, { code: 'SCH020', message, hint: 'rename one or remove it', key: later.key, others: [first.key] });
}

function place(origin: Origin): string {
  return `${origin.file}:${origin.line}:${origin.column}`;
}

/** `Container "web"` */
function nameOf(key: ResourceKey): string {
  const { kind, name } = parseKey(key);
  return `${kind} ${quote(name)}`;
}

// -------------------------------------------------------------------------------------------------------------------- implicit

function addImplicit(resources: Resources): void {
  const policies = pullPolicies(resources);
  for (const user of [...resources.values()]) {
    for (const ref of user.refs) {
      if (resources.has(ref.key)) continue;
      const implicit = implicitResource(ref.key, user, { origin: ref.origin, pullPolicy: policies.get(ref.key) ?? 'IfNotPresent' });
      if (implicit !== null) resources.set(ref.key, implicit);
    }
  }
}

/** What holds for an image that several containers share: who wants it looked up gets that, and it may be fetched if one of them allows it. */
function pullPolicies(resources: Resources): ReadonlyMap<ResourceKey, PullPolicy> {
  const strength: readonly PullPolicy[] = ['Never', 'IfNotPresent', 'Always'];
  const policies = new Map<ResourceKey, PullPolicy>();
  for (const user of resources.values()) {
    if (user.kind !== 'Container') continue;
    const { image, imagePullPolicy } = user.spec;
    const known = policies.get(image);
    if (known === undefined || strength.indexOf(imagePullPolicy) > strength.indexOf(known)) policies.set(image, imagePullPolicy);
  }
  return policies;
}

function implicitResource(
  key: ResourceKey,
  user: AnyResource,
  { origin, pullPolicy }: { readonly origin: Origin; readonly pullPolicy: PullPolicy },
): AnyResource | null {
  const { kind, namespace, name } = parseKey(key);
  const common = { namespace, name, labels: {}, annotations: {}, refs: [], set: user.set, origin, implicit: true, fields: {} };
  if (kind === 'Image' && namespace === '_') {
    const spec: ImageSpec = { ref: name, pullPolicy, keep: true, verify: null };
    const image: Resource<'Image'> = {
      ...common,
      key: resourceKey('Image', namespace, name),
      kind,
      spec,
      specHash: hashSpec('Image', spec),
    };
    return image as AnyResource;
  }
  if (kind === 'Network' && name === 'default') {
    const spec: NetworkSpec = defaultSpecs.Network;
    const network: Resource<'Network'> = {
      ...common,
      key: resourceKey('Network', namespace, name),
      kind,
      spec,
      specHash: hashSpec('Network', spec),
    };
    return network as AnyResource;
  }
  return null;
}

// ------------------------------------------------------------------------------------------------------------------ references

function checkReferences(resources: Resources, diagnostics: Diagnostic[]): void {
  for (const user of resources.values()) {
    for (const ref of user.refs) {
      if (resources.has(ref.key)) continue;
      const { kind, namespace, name } = parseKey(ref.key);
      const known = namesOf(resources, kind, namespace);
      const near = didYouMean(name, known);
      const defined =
        known.length === 0 ? `no ${kind} is defined in namespace ${namespace}` : `defined are ${known.slice(0, 10).join(', ')}`;
      diagnostics.push(
        diagnosticAt(ref.origin, {
          severity: isWatched(user.set) ? 'warning' : 'error',
          code: 'REF001',
          message: `${kind} ${quote(namespace === user.namespace ? name : `${namespace}/${name}`)} does not exist`,
          hint: near === null ? defined : `did you mean "${near}"?`,
          key: user.key,
        }),
      );
    }
  }
}

function namesOf(resources: Resources, kind: string, namespace: string): readonly string[] {
  const names = [...resources.values()]
    .filter((resource) => resource.kind === kind && resource.namespace === namespace)
    .map(({ name }) => name);
  return [...new Set(kind === 'Network' ? ['default', ...names] : names)].sort(compareText);
}

/** Used before user, then by key. A cycle is reported once, from its smallest key on, and broken there. */
function orderOf(resources: Resources, diagnostics: Diagnostic[]): readonly ResourceKey[] {
  const order: ResourceKey[] = [];
  const state = new Map<ResourceKey, 'open' | 'done'>();
  const keys = [...resources.keys()].sort(compareText);
  // Depth first with an own stack: a chain of dependsOn may be longer than the call stack.
  for (const start of keys) {
    const stack: { key: ResourceKey; next: number; refs: readonly ResourceKey[] }[] = [];
    const enter = (key: ResourceKey): void => {
      state.set(key, 'open');
      const refs = (resources.get(key)?.refs ?? []).map((ref) => ref.key).filter((ref) => resources.has(ref));
      stack.push({ key, next: 0, refs: refs.sort(compareText) });
    };
    if (!state.has(start)) enter(start);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const next = frame.refs[frame.next];
      frame.next += 1;
      if (next === undefined) {
        state.set(frame.key, 'done');
        order.push(frame.key);
        stack.pop();
      } else if (state.get(next) === 'open') {
        const from = stack.findIndex(({ key }) => key === next);
        diagnostics.push(
          describeCycle(
            resources,
            stack.slice(from).map(({ key }) => key),
          ),
        );
      } else if (!state.has(next)) enter(next);
    }
  }
  return order;
}

function describeCycle(resources: Resources, cycle: readonly ResourceKey[]): Diagnostic {
  const [first] = cycle;
  const edges = cycle.map((key, index) => {
    const target = cycle[(index + 1) % cycle.length];
    const user = resources.get(key);
    return { key, origin: user?.refs.find((ref) => ref.key === target)?.origin ?? user?.origin };
  });
  const names = edges.map(
    ({ key, origin }, index) => `${parseKey(key).name}${index === 0 || origin === undefined ? '' : ` (${place(origin)})`}`,
  );
  const message = `dependsOn goes round: ${[...names, first === undefined ? '' : parseKey(first).name].join(' -> ')}`;
  const origin = edges[0]?.origin ?? { file: '', line: 1, column: 1 };
  return diagnosticAt(origin, { code: 'REF002', message, key: first ?? null, others: cycle.slice(1) });
}

// ----------------------------------------------------------------------------------------------------------------------- ports

/** Two Containers cannot publish one host port; "every address" clashes with each single one. */
function checkPorts(resources: Resources, diagnostics: Diagnostic[]): void {
  const holders = new Map<
    string,
    { readonly hostIP: string | null; readonly container: Resource<'Container'>; readonly origin: Origin }[]
  >();
  const containers = [...resources.values()].filter((resource) => resource.kind === 'Container').sort(byPrecedence);
  for (const container of containers) {
    for (const port of container.spec.ports) {
      if (port.hostPort === null) continue;
      const name = `${port.hostPort}/${port.protocol}`;
      const others = holders.get(name) ?? [];
      const origin = container.fields[`ports[${formatHostPort(port)}]`] ?? container.origin;
      const clash = others.find(({ hostIP }) => hostIP === null || port.hostIP === null || hostIP === port.hostIP);
      if (clash !== undefined) {
        const message = `host port ${formatHostPort(port)} is already used by Container ${quote(clash.container.name)} (${place(clash.origin)})`;
        diagnostics.push(diagnosticAt(origin, { code: 'PRT002', message, key: container.key, others: [clash.container.key] }));
      }
      holders.set(name, [...others, { hostIP: port.hostIP, container, origin }]);
    }
  }
}

// ------------------------------------------------------------------------------------------------------------------ registries

/** One host has one Registry: which of two logins counts would be chance. */
function checkRegistries(resources: Resources, diagnostics: Diagnostic[]): void {
  const holders = new Map<string, Resource<'Registry'>>();
  const registries = [...resources.values()].filter((resource) => resource.kind === 'Registry').sort(byPrecedence);
  for (const registry of registries) {
    const { host } = registry.spec;
    const other = holders.get(host);
    if (other === undefined) {
      holders.set(host, registry);
      continue;
    }
    const message = `host ${host} already has Registry ${quote(other.name)} (${place(other.origin)})`;
    const origin = registry.fields.host ?? registry.origin;
    diagnostics.push(diagnosticAt(origin, { code: 'REG007', message, hint: 'keep one', key: registry.key, others: [other.key] }));
  }
}
