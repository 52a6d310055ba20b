/** Moments for tests of the planner: desired state as YAML, the world in a short notation, no files and no clock. */

import { diffConfig } from '../../src/controllers/config/diff.ts';
import { diffSecret } from '../../src/controllers/config/secret-diff.ts';
import { isContent, sourceOfContent } from '../../src/controllers/container/contents.ts';
import { diffContainer } from '../../src/controllers/container/diff.ts';
import { replaceHashOf, updateHashOf } from '../../src/controllers/container/hashes.ts';
import { claimsOf, usesOf } from '../../src/controllers/container/needs.ts';
import { portClaim } from '../../src/controllers/container/steps.ts';
import { diffImage } from '../../src/controllers/image/diff.ts';
import { allocate, defaultPools } from '../../src/controllers/network/allocate.ts';
import { defaultMtu, diffNetwork } from '../../src/controllers/network/diff.ts';
import { endpointsFor } from '../../src/controllers/network/firewall.ts';
import { namesByNetwork, namesHashOf, namesText } from '../../src/controllers/network/names.ts';
import { diffVolume } from '../../src/controllers/volume/diff.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { loadManifests } from '../../src/manifest/load.ts';
import { contentHashOf } from '../../src/model/content-hash.ts';
import type { DesiredGraph, SourceSnapshot } from '../../src/model/graph.ts';
import type { AnyObserved, ObservedContainer, ObservedInstance, ObservedState } from '../../src/model/observed.ts';
import { nothingObserved } from '../../src/model/observed.ts';
import type { Plan, ResourceRecord } from '../../src/model/plan.ts';
import {
  type AnyResource,
  type ContentHash,
  type Identity,
  parseKey,
  type Resource,
  type ResourceKey,
  schemaVersion,
  slotKey,
} from '../../src/model/resource.ts';
import { secretContent } from '../../src/model/secret.ts';
import { type Diffs, type NetworkFunctions, type PlanContext, plan, type Records } from '../../src/reconciler/plan.ts';
import { recordsFor } from '../../src/reconciler/sets.ts';
import { imageDigest, otherDigest } from './samples.ts';

export const testNow = 1_000_000;

export const diffs: Diffs = {
  Container: diffContainer,
  Image: diffImage,
  Network: diffNetwork,
  Volume: diffVolume,
  Config: diffConfig,
  Secret: diffSecret,
};
export const networkFunctions: NetworkFunctions = {
  allocate: (desired, records, observed) => allocate(desired, records, observed, { prefix: 'ts', pools: defaultPools }),
  endpointsFor,
  namesByNetwork,
};

export interface Moment {
  /** Manifests; every object belongs to `set.set`. */
  readonly desired: string;
  /** Further manifests whose objects exist or existed and are no longer desired. */
  readonly formerly?: string;
  /**
   * `Image NAME` unpacked, `Image NAME other` with another digest, `Network NAME`, `Volume NAME`, `Config NAME`, `Secret NAME`, `NAME:SLOT PHASE` of a container made from its manifest,
   * `NAME:SLOT PHASE old` from another spec, `NAME published` with the ports of its manifest, `foreign KIND NAME` without identity. Names are in the namespace `default`.
   */
  readonly observed?: readonly string[];
  /** The world of an earlier moment, instead of `observed`. */
  readonly world?: ObservedState;
  readonly set?: Partial<Omit<SourceSnapshot, 'documents'>>;
  readonly context?: Partial<PlanContext>;
  readonly records?: (records: Map<ResourceKey, ResourceRecord>) => void;
}

export interface BuiltMoment {
  readonly desired: DesiredGraph;
  readonly observed: ObservedState;
  readonly context: PlanContext;
}

export function planOf(moment: Moment): Plan {
  const { desired, observed, context } = momentOf(moment);
  return plan(desired, observed, context);
}

export function momentOf(moment: Moment): BuiltMoment {
  const desired = graphOf(moment.desired, moment.set);
  const former = graphOf(`${moment.formerly ?? ''}\n${moment.desired}`, { ...moment.set });
  const at = { now: 0, newUid: () => 'uid' };
  const records = new Map<ResourceKey, ResourceRecord>([...recordsFor(former, new Map(), at), ...recordsFor(desired, new Map(), at)]);
  moment.records?.(records);
  const observed = moment.world ?? observedOf(moment.observed ?? [], former, records);
  const context: PlanContext = {
    diffs,
    network: networkFunctions,
    records,
    operations: [],
    running: new Map(),
    attempts: new Map(),
    unseen: new Map(),
    now: testNow,
    ...moment.context,
  };
  return { desired, observed, context };
}

/** A graph of YAML documents; throws on anything that is no manifest. */
export function graphOf(yaml: string, set: Partial<SourceSnapshot> = {}): DesiredGraph {
  const id = set.set ?? 'cli:default';
  const loaded = loadManifests([{ file: 'test.yaml', text: yaml }], { set: () => id, namespace: 'default', baseDirectory: '/' });
  const snapshot: SourceSnapshot = {
    set: id,
    complete: true,
    prune: true,
    held: new Set(),
    files: [],
    ...set,
    documents: loaded.documents.map(sealedForTest),
  };
  const built = buildGraph([snapshot], unknownHost);
  const [error] = [...loaded.diagnostics, ...built.diagnostics].filter((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
  return built.graph;
}

/** As an engine seals it, but readable: what is compared are the hashes. */
function sealedForTest(document: AnyResource): AnyResource {
  if (document.kind !== 'Secret') return document;
  const sealed = (name: string, text: string) => [name, { form: 'sealed', hash: `hmac:${text}`, box: '' }] as const;
  const values = Object.fromEntries([
    ...Object.entries(document.spec.values).map(([name, value]) =>
      value.form === 'plain' ? sealed(name, Buffer.from(value.base64, 'base64').toString()) : ([name, value] as const),
    ),
    ...Object.keys(document.spec.generate).map((name) => sealed(name, 'generated')),
  ]);
  const spec = { ...document.spec, values };
  return { ...document, spec, specHash: `v1:${JSON.stringify(spec)}` };
}

function observedOf(lines: readonly string[], graph: DesiredGraph, records: Records): ObservedState {
  const allocation = networkFunctions.allocate(graph, records, nothingObserved);
  const things = new Map<ResourceKey, AnyObserved>();
  const identityOf = (key: ResourceKey): Identity | null => {
    const record = records.get(key);
    if (record === undefined) return null;
    return { uid: record.uid, set: record.set, specHash: record.specHash, schemaVersion };
  };
  for (const line of lines) {
    const [first = '', second = '', third] = line.split(' ');
    const thing = (kind: string, name: string) => {
      const key = [...graph.resources.keys()].find((one) => parseKey(one).kind === kind && parseKey(one).name === name);
      if (key === undefined) throw new Error(`${line}: no such object in desired or formerly`);
      return graph.resources.get(key);
    };
    if (first === 'foreign') {
      const base = observedThing(thing(second, third ?? ''), { graph, identity: null, allocation, word: undefined });
      things.set(base.key, base);
    } else if (['Image', 'Network', 'Volume', 'Config', 'Secret'].includes(first)) {
      const resource = thing(first, second);
      const base = observedThing(resource, { graph, identity: identityOf(resource?.key ?? 'Image/_/_'), allocation, word: third });
      things.set(base.key, base);
    } else {
      const [name = '', slot] = first.split(':');
      const resource = thing('Container', name) as Resource<'Container'>;
      const before = (things.get(resource.key) as ObservedContainer | undefined) ?? emptyContainer(resource, identityOf(resource.key));
      if (second === 'published') {
        const published = endpointsFor(resource, before, (one) => allocation.slots.get(slotKey(resource.key, one)) ?? null);
        things.set(resource.key, { ...before, published, claims: [...before.claims, ...published.map(portClaim)] });
        continue;
      }
      const lease = allocation.slots.get(slotKey(resource.key, Number(slot)))?.addresses ?? {};
      const image = graph.resources.get(resource.spec.image);
      const instance = instanceOf(resource, {
        slot: Number(slot),
        phase: second as ObservedInstance['phase'],
        replaceHash: third === 'old' ? 'v1:old' : replaceHashOf(resource.spec),
        address: Object.values(lease)[0] ?? null,
        imageRef: image?.kind === 'Image' ? image.spec.ref : '',
        content: Object.fromEntries(
          resource.spec.mounts.filter(isContent).flatMap((mount) => {
            const key = sourceOfContent(mount);
            return [[key, contentHashIn(graph, key)] as const];
          }),
        ),
      });
      const claims = claimsOf(Object.entries(lease) as [ResourceKey, string][], []);
      things.set(resource.key, {
        ...before,
        slots: [...before.slots, instance],
        uses: usesOf(resource),
        claims: [...before.claims, ...claims],
      });
    }
  }
  const observed = { resources: things, hostRoutes: [], at: testNow };
  const names = namesByNetwork(graph, allocation, observed);
  for (const [key, state] of things) {
    const network = graph.resources.get(key);
    if (state.kind !== 'Network' || network?.kind !== 'Network') continue;
    const text = namesText({ ...state, spec: network.spec, names: names.get(key) ?? [] });
    things.set(key, { ...state, namesHash: namesHashOf(text) });
  }
  return observed;
}

function emptyContainer(resource: Resource<'Container'>, identity: Identity | null): ObservedContainer {
  return { kind: 'Container', key: resource.key, identity, uses: [], claims: [], slots: [], published: [], reserved: [] };
}

function instanceOf(resource: Resource<'Container'>, over: Partial<ObservedInstance>): ObservedInstance {
  const exit = over.phase === 'exited' || over.phase === 'backoff' ? { code: 1, signal: null, oom: false, at: 600 } : null;
  return {
    slot: 1,
    instance: `${resource.name}${over.slot}`,
    phase: 'running',
    process: over.phase === 'running' ? { pid: 7, startTime: 7n } : null,
    supervised: true,
    restarts: 0,
    attempts: over.phase === 'backoff' ? 1 : 0,
    nextTry: over.phase === 'backoff' ? testNow + 500 : null,
    exit,
    stoppedBy: over.phase === 'exited' ? 'self' : null,
    since: 500,
    startedAt: over.phase === 'created' || over.phase === 'creating' ? null : 500,
    error: null,
    warnings: [],
    specHash: resource.specHash,
    replaceHash: '',
    updateHash: updateHashOf(resource.spec),
    imageConfig: imageDigest,
    imageRef: '',
    stopSignal: 'SIGTERM',
    graceMs: resource.spec.gracePeriodMs,
    address: null,
    ports: resource.spec.ports,
    uses: usesOf(resource),
    content: {},
    environment: {},
    imageHealthcheck: null,
    probes: null,
    ...over,
  };
}

interface ThingFacts {
  readonly graph: DesiredGraph;
  readonly identity: Identity | null;
  readonly allocation: ReturnType<typeof allocate>;
  readonly word: string | undefined;
}

function observedThing(resource: ReturnType<DesiredGraph['resources']['get']>, facts: ThingFacts): AnyObserved {
  const base = { identity: facts.identity, uses: [], claims: [] } as const;
  switch (resource?.kind) {
    case 'Image': {
      const digest = facts.word === 'other' ? otherDigest : imageDigest;
      const config = {
        env: [],
        entrypoint: ['/app'],
        cmd: [],
        workingDir: '',
        user: '',
        stopSignal: null,
        volumes: [],
        exposedPorts: [],
        labels: {},
        healthcheck: null,
      };
      const layers = [{ diffId: digest, directory: '/state/layers/one' }];
      const rest = { ref: resource.spec.ref, digest, topDigest: digest, configDigest: digest, platform: 'linux/amd64', config, layers };
      return { ...base, ...rest, kind: 'Image', key: resource.key, unpacked: true, sizeBytes: 1, resolvedAt: 0, signedBy: [] };
    }
    case 'Network': {
      const lease = facts.allocation.networks.get(resource.key);
      const { isolated, masquerade, mtu } = resource.spec;
      return {
        ...base,
        kind: 'Network',
        key: resource.key,
        link: lease?.link ?? '',
        subnet: lease?.subnet ?? '',
        gateway: lease?.gateway ?? '',
        mtu: mtu ?? defaultMtu,
        isolated,
        masquerade,
        up: facts.word !== 'down',
        tableIntact: true,
        namesHash: null, // known when all its members are
      };
    }
    case 'Volume': {
      const { driver, hostPath } = resource.spec;
      const path = hostPath ?? `/state/volumes/default/${resource.name}/data`;
      return { ...base, kind: 'Volume', key: resource.key, path, driver, hostPath, owner: { uid: 0, gid: 0, mode: 0o755 }, present: true };
    }
    case 'Config':
      return {
        ...base,
        kind: 'Config',
        key: resource.key,
        contentHash: contentHashOf(resource.spec.data, resource.spec.binaryData),
        path: `/run/files/${resource.name}`,
      };
    case 'Secret':
      return {
        ...base,
        kind: 'Secret',
        key: resource.key,
        contentHash: contentHashIn(facts.graph, resource.key),
        path: `/secrets/${resource.name}`,
      };
    default:
      throw new Error('containers are written as NAME:SLOT PHASE, or foreign Container NAME');
  }
}

/** Hash of what a Config or Secret carries in a graph. */
function contentHashIn(graph: DesiredGraph, key: ResourceKey): ContentHash {
  const find = (name: ResourceKey) => graph.resources.get(name);
  const resource = find(key);
  if (resource?.kind === 'Config') return contentHashOf(resource.spec.data, resource.spec.binaryData);
  if (resource?.kind !== 'Secret') return '';
  const content = secretContent(resource, (name) => {
    const other = find(name);
    return other?.kind === 'Secret' ? other : null;
  });
  return content.is === 'known' ? content.hash : '';
}
