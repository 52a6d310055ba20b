/** The invariants of ARCHITECTURE.md that a single plan can break, over generated moments. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObservedState } from '../../src/model/observed.ts';
import type { ActionId, AnyAction, Attempts, Claim, Plan, ResourceRecord } from '../../src/model/plan.ts';
import { type ResourceKey, resourceOf, type SubjectKey } from '../../src/model/resource.ts';
import { plan } from '../../src/reconciler/plan.ts';
import { type BuiltMoment, momentOf, testNow } from '../support/builders.ts';

const names = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof names)[number];

interface Want {
  readonly name: Name;
  readonly tag: 1 | 2;
  readonly network: 'default' | 'front';
  readonly volume: boolean;
  readonly needs: Name | null;
  readonly replicas: 1 | 2;
}

/** Dependencies only on earlier names, so that manifests have no cycle. */
const want = (index: number): fc.Arbitrary<Want> =>
  fc.record({
    name: fc.constant(names[index] ?? 'a'),
    tag: fc.constantFrom(1 as const, 2 as const),
    network: fc.constantFrom('default' as const, 'front' as const),
    volume: fc.boolean(),
    needs: index === 0 ? fc.constant(null) : fc.constantFrom(null, ...names.slice(0, index)),
    replicas: fc.constantFrom(1 as const, 2 as const),
  });

const phases = ['running', 'created', 'creating', 'backoff', 'exited', 'stopping', 'broken'] as const;
const instanceLine = fc.tuple(fc.constantFrom(...names), fc.constantFrom(1, 2, 3), fc.constantFrom(...phases), fc.constantFrom('', ' old'));

interface Drawn {
  readonly wants: readonly Want[];
  readonly desired: readonly Name[];
  readonly ports: readonly [now: Name | null, before: Name | null];
  readonly lines: readonly string[];
  readonly foreign: Name | null;
  readonly set: { readonly complete: boolean; readonly prune: boolean; readonly held: ReadonlySet<ResourceKey> };
  readonly deleted: readonly Name[];
  readonly failing: readonly string[];
  readonly flying: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  wants: fc.tuple(want(0), want(1), want(2), want(3)),
  desired: fc.subarray([...names]),
  ports: fc.tuple(fc.option(fc.constantFrom(...names), { nil: null }), fc.option(fc.constantFrom(...names), { nil: null })),
  lines: fc
    .tuple(
      fc.subarray([
        'Image registry.test/app:1',
        'Image registry.test/app:2 other',
        'Network default',
        'Network front',
        'Network front down',
        'Volume data',
      ]),
      fc.uniqueArray(instanceLine, { maxLength: 8, selector: ([name, slot]) => `${name}:${slot}` }),
    )
    .map(([things, instances]) => [...things, ...instances.map(([name, slot, phase, old]) => `${name}:${slot} ${phase}${old}`)]),
  foreign: fc.option(fc.constantFrom(...names), { freq: 4 }),
  set: fc.record({
    complete: fc.boolean(),
    prune: fc.boolean(),
    held: fc.subarray([...names]).map((list) => new Set<ResourceKey>(list.map((name): ResourceKey => `Container/default/${name}`))),
  }),
  deleted: fc.subarray([...names]),
  failing: fc.subarray(['a:1#create', 'b:1#start', 'c:1#remove', 'd:1#stop', 'a#publish']),
  flying: fc.nat(3),
});

function containersOf(wants: readonly Want[], port: Name | null): readonly string[] {
  const known = new Set(wants.map(({ name }) => name));
  return wants.map(({ name, tag, network, volume, needs, replicas }) => {
    const parts = [`image: "registry.test/app:${tag}"`, `replicas: ${replicas}`];
    if (network === 'front') parts.push('networks: [front]');
    if (volume) parts.push('mounts: [{volume: data, path: /data}]');
    if (needs !== null && known.has(needs)) parts.push(`dependsOn: [${needs}]`);
    if (port === name) parts.push('ports: ["8080:80"]');
    return `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {${parts.join(', ')}}\n`;
  });
}

const shared = `---
apiVersion: tsdock/v1
kind: Network
metadata: {name: front}
spec: {}
---
apiVersion: tsdock/v1
kind: Volume
metadata: {name: data}
spec: {accessMode: ReadWriteMany}
`;
const yamlOf = (wants: readonly Want[], port: Name | null): string => shared + containersOf(wants, port).join('');

function build(one: Drawn): BuiltMoment {
  const wanted = one.wants.filter(({ name }) => one.desired.includes(name));
  const before = momentOf({ desired: yamlOf(one.wants, one.ports[1]), observed: publishedLines(one) });
  const records = (map: Map<ResourceKey, ResourceRecord>): void => {
    for (const name of one.deleted) {
      const record = map.get(`Container/default/${name}`);
      if (record !== undefined && !one.desired.includes(name)) map.set(record.key, { ...record, deletedAt: 1 });
    }
  };
  const gone = one.wants.filter(({ name }) => !one.desired.includes(name)).map((each) => ({ ...each, needs: null }));
  const formerly = containersOf(gone, null).join('');
  const world = withForeign(before.observed, one.foreign);
  const built = momentOf({ desired: yamlOf(wanted, one.ports[0]), formerly, world, set: one.set, records });
  const attempts = new Map<ActionId, Attempts>();
  for (const id of one.failing) {
    const action: ActionId = `Container/default/${id}` as ActionId;
    const specHash =
      built.desired.resources.get(
        resourceOf(id.startsWith('a#') ? 'Container/default/a' : (`Container/default/${id.split('#')[0]}` as SubjectKey)),
      )?.specHash ?? null;
    attempts.set(action, {
      count: 1,
      lastAt: 1,
      nextTry: testNow + 500,
      specHash,
      error: { code: 'RUN020', message: 'no', hint: null, retryable: true },
    });
  }
  const idle = { ...built, context: { ...built.context, attempts } };
  const first = plan(idle.desired, idle.observed, idle.context);
  const ready = first.actions.filter((action) => action.after.length === 0).slice(0, one.flying);
  return { ...idle, context: { ...idle.context, running: new Map(ready.map((action) => [action.subject, action])) } };
}

/** Lines about things that the manifests imply, and the ports of their holder when it has an instance. */
function publishedLines(one: Drawn): readonly string[] {
  const implied = (line: string): boolean => {
    if (line.startsWith('Image ')) return one.wants.some(({ tag }) => line.startsWith(`Image registry.test/app:${tag}`));
    return line !== 'Network default' || one.wants.some(({ network }) => network === 'default');
  };
  const lines = one.lines.filter(implied);
  const holder = one.ports[1];
  return holder !== null && lines.some((line) => line.startsWith(`${holder}:`)) ? [...lines, `${holder} published`] : lines;
}

function withForeign(observed: ObservedState, name: Name | null): ObservedState {
  const key: ResourceKey = `Container/default/${name}`;
  const thing = observed.resources.get(key);
  if (thing === undefined) return observed;
  return { ...observed, resources: new Map([...observed.resources, [key, { ...thing, identity: null }]]) };
}

const planned = ({ desired, observed, context }: BuiltMoment): Plan => plan(desired, observed, context);
const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (part instanceof Map ? [...part].sort() : typeof part === 'bigint' ? String(part) : part));

function check(property: (moment: BuiltMoment, next: Plan) => void): void {
  fc.assert(
    fc.property(drawn, (one) => {
      const moment = build(one);
      property(moment, planned(moment));
    }),
    { numRuns: 200 },
  );
}

test('equal inputs give an equal plan, in whatever order they are handed in', () => {
  check((moment, next) => {
    const turned: BuiltMoment = {
      ...moment,
      observed: { ...moment.observed, resources: new Map([...moment.observed.resources].reverse()) },
      context: {
        ...moment.context,
        records: new Map([...moment.context.records].reverse()),
        attempts: new Map([...moment.context.attempts].reverse()),
      },
    };
    expect(text(planned(turned))).toBe(text(next));
  });
});

test('every action comes after what it waits for, and waits only for actions that exist', () => {
  check(({ context }, next) => {
    const known = new Set<string>([...context.running.values()].map((action) => action.id));
    for (const action of next.actions) {
      for (const id of action.after) expect(known, `${action.id} after ${id}`).toContain(id);
      expect(known).not.toContain(action.id);
      known.add(action.id);
    }
  });
});

test('nothing is removed unless its set is complete, prunes and does not hold it, or a person deleted it, or it was only implied', () => {
  check(({ desired, context }, next) => {
    for (const action of next.actions) {
      const key = resourceOf(action.subject);
      if (desired.resources.has(key) || action.phase !== 'down') continue;
      const record = context.records.get(key);
      const set = desired.sets.get(record?.set ?? '');
      const allowed =
        record?.deletedAt != null || record?.source === 'implicit' || (set?.complete === true && set.prune && !set.held.has(key));
      expect(allowed, action.id).toBe(true);
    }
  });
});

test('an action touches its own subject: the instance it names stands in its slot', () => {
  check(({ observed }, next) => {
    for (const action of next.actions) {
      if (action.kind !== 'Container' || !('instance' in action.input)) continue;
      const { instance } = action.input;
      const thing = observed.resources.get(resourceOf(action.subject));
      const own =
        thing?.kind === 'Container' &&
        thing.slots.some((slot) => slot.instance === instance && action.subject.startsWith(`${thing.key}:${slot.slot}`));
      const coming = next.actions.some(
        (other) =>
          other.subject === action.subject &&
          other.kind === 'Container' &&
          other.input.verb === 'create' &&
          other.input.create.instance === instance,
      );
      expect(own || coming, action.id).toBe(true);
    }
  });
});

test('a subject that is busy gets no further action', () => {
  check(({ context }, next) => {
    for (const action of next.actions) expect(context.running.has(action.subject), action.id).toBe(false);
  });
});

test('no claim is taken before everybody else has given it up', () => {
  check(({ observed, context }, next) => {
    const all = new Map<string, AnyAction>([...next.actions, ...context.running.values()].map((action) => [action.id, action]));
    for (const action of next.actions) {
      for (const claim of action.acquires) {
        for (const holder of holdersOf(claim, observed, context.running, next.actions, action)) {
          const givenUp = [...ancestors(action, all)].some(
            (other) => resourceOf(other.subject) === holder && other.releases.includes(claim),
          );
          expect(givenUp, `${action.id} takes ${claim} from ${holder}`).toBe(true);
        }
      }
    }
  });
});

test('what is not ours is never touched', () => {
  check(({ observed }, next) => {
    for (const action of next.actions) {
      const thing = observed.resources.get(resourceOf(action.subject));
      expect(thing === undefined || thing.kind === 'Image' || thing.identity !== null, action.id).toBe(true);
    }
  });
});

test('nothing goes while somebody who stays holds on to it', () => {
  check(({ observed, context }, next) => {
    const all = new Map<string, AnyAction>([...next.actions, ...context.running.values()].map((action) => [action.id, action]));
    for (const action of next.actions.filter(({ verb, kind }) => verb === 'remove' && kind !== 'Container')) {
      const before = [...ancestors(action, all)];
      for (const user of observed.resources.values()) {
        if (user.kind !== 'Container' || !user.uses.includes(action.subject as ResourceKey)) continue;
        for (const slot of user.slots.filter(({ uses }) => uses.includes(action.subject as ResourceKey))) {
          const leaves = before.some(
            (other) => other.kind === 'Container' && other.input.verb === 'remove' && other.input.instance === slot.instance,
          );
          const busy = before.some((other) => context.running.has(other.subject) && resourceOf(other.subject) === user.key);
          expect(leaves || busy, `${action.id} while ${user.key}:${slot.slot} is there`).toBe(true);
        }
      }
    }
  });
});

/** Other keys that hold a claim in the world, by a running action or by an earlier action of the plan. */
function holdersOf(
  claim: Claim,
  observed: ObservedState,
  running: ReadonlyMap<SubjectKey, AnyAction>,
  actions: readonly AnyAction[],
  taker: AnyAction,
): ReadonlySet<ResourceKey> {
  const holders = new Set<ResourceKey>();
  for (const thing of observed.resources.values()) if (thing.claims.includes(claim)) holders.add(thing.key);
  for (const action of [...running.values(), ...actions])
    if (action !== taker && action.acquires.includes(claim)) holders.add(resourceOf(action.subject));
  holders.delete(resourceOf(taker.subject));
  return holders;
}

function* ancestors(action: AnyAction, all: ReadonlyMap<string, AnyAction>, seen = new Set<string>()): Iterable<AnyAction> {
  for (const id of action.after) {
    const other = all.get(id);
    if (other === undefined || seen.has(id)) continue;
    seen.add(id);
    yield other;
    yield* ancestors(other, all, seen);
  }
}
