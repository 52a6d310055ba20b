import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from '../../src/controllers/network/allocate.ts';
import { overlaps, parseAddress, parseSubnet } from '../../src/controllers/network/ipv4.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import type { Allocation, ResourceRecord } from '../../src/model/plan.ts';
import { type AnyResource, type Resource, type ResourceKey, resourceKey, resourceOf } from '../../src/model/resource.ts';
import { container, graph, network, record } from '../support/samples.ts';

const options = { prefix: 'ts', pools: ['10.88.0.0/20'] };
const networkNames = ['n1', 'n2', 'n3', 'n4'] as const;
const containerNames = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

const networkKeyOf = (name: string) => resourceKey('Network', 'shop', name);

const desiredNetwork = (name: string) =>
  fc
    .record({
      subnet: fc.constantFrom(null, null, null, '10.88.0.0/24', '10.88.1.0/26', '10.88.0.0/23'),
      size: fc.constantFrom(null, '/28'),
    })
    .map(({ subnet }) => network({ subnet }, { name, key: networkKeyOf(name) }));

const desiredContainer = (name: string) =>
  fc
    .record({
      replicas: fc.integer({ min: 1, max: 4 }),
      joined: fc.uniqueArray(fc.constantFrom(...networkNames), { minLength: 1, maxLength: 2 }),
      fixed: fc.option(fc.integer({ min: 0, max: 300 }), { nil: null, freq: 4 }),
    })
    .map(({ replicas, joined, fixed }) =>
      container(
        {
          replicas: fixed === null ? replicas : 1,
          networks: joined.map((join, index) => ({
            network: networkKeyOf(join),
            ipv4: index === 0 && fixed !== null ? `10.88.${Math.floor(fixed / 256)}.${fixed % 256}` : null,
            aliases: [],
          })),
        },
        { name, key: resourceKey('Container', 'shop', name) },
      ),
    );

const documents = fc
  .tuple(fc.subarray([...networkNames]), fc.subarray([...containerNames]))
  .chain(([networks, containers]) => fc.tuple(...networks.map(desiredNetwork), ...containers.map(desiredContainer)))
  .map((resources) => resources as readonly AnyResource[]);

const hostRoutes = fc.subarray(['0.0.0.0/0', '10.88.2.0/24', '10.88.4.0/22', '192.168.0.0/16']);

/** What the engine writes to the records after a plan: leases of what is desired, nothing of the rest. */
function recordsOf(resources: readonly AnyResource[], allocation: Allocation): ReadonlyMap<ResourceKey, ResourceRecord> {
  const records = new Map<ResourceKey, ResourceRecord>();
  for (const wanted of resources) records.set(wanted.key, record(wanted.key, { network: allocation.networks.get(wanted.key) ?? null }));
  for (const [subject, lease] of allocation.slots) {
    const key = resourceOf(subject);
    const slot = Number(subject.slice(subject.lastIndexOf(':') + 1));
    const known = records.get(key);
    if (known !== undefined) records.set(key, { ...known, slots: { ...known.slots, [slot]: lease } });
  }
  return records;
}

const look = (routes: readonly string[]): ObservedState => ({ resources: new Map(), hostRoutes: routes, at: 0 });
const run = (resources: readonly AnyResource[], records: ReadonlyMap<ResourceKey, ResourceRecord>, routes: readonly string[]) =>
  allocate(graph(resources), records, look(routes), options);

function expectSound(resources: readonly AnyResource[], allocation: Allocation): void {
  const leased = [...allocation.networks.values()].map((lease) => parseSubnet(lease.subnet));
  for (const [index, subnet] of leased.entries()) {
    for (const other of leased.slice(index + 1)) expect(subnet !== null && other !== null && overlaps(subnet, other)).toBe(false);
  }
  expect(new Set([...allocation.networks.values()].map((lease) => lease.link)).size).toBe(allocation.networks.size);
  const used = [...allocation.slots.values()].flatMap((lease) => Object.entries(lease.addresses));
  expect(new Set(used.map(([key, address]) => `${key} ${address}`)).size).toBe(used.length);
  for (const [key, address] of used) {
    const lease = allocation.networks.get(key as ResourceKey);
    const subnet = parseSubnet(lease?.subnet ?? '');
    const number = parseAddress(address) ?? -1;
    expect(subnet !== null && number > subnet.first && number < subnet.last).toBe(true);
    expect(address).not.toBe(lease?.gateway);
  }
  // Total: every slot has all its addresses or a reason.
  for (const wanted of resources) {
    if (wanted.kind === 'Network') expect(allocation.networks.has(wanted.key)).toBe(!allocation.missing.has(wanted.key));
    if (wanted.kind !== 'Container') continue;
    const { replicas, networks } = (wanted as Resource<'Container'>).spec;
    for (let slot = 1; slot <= replicas; slot++) {
      const subject = `${wanted.key}:${slot}` as const;
      const has = Object.keys(allocation.slots.get(subject)?.addresses ?? {}).length;
      expect(has).toBe(allocation.missing.has(subject) ? 0 : networks.length);
    }
  }
}

test('nothing is given twice, everything gets its share or a reason, and links differ', () => {
  fc.assert(
    fc.property(documents, hostRoutes, (resources, routes) => {
      expectSound(resources, run(resources, new Map(), routes));
    }),
    { numRuns: 300 },
  );
});

test('who has something keeps it when others come and go', () => {
  fc.assert(
    fc.property(documents, documents, hostRoutes, (before, after, routes) => {
      const first = run(before, new Map(), routes);
      const second = run(after, recordsOf(before, first), routes);
      expectSound(after, second);
      for (const wanted of after) {
        const same = before.find((candidate) => candidate.key === wanted.key);
        if (wanted.kind !== 'Network' || same?.kind !== 'Network') continue;
        const had = first.networks.get(wanted.key);
        // An automatic subnet is given up for nobody.
        if (wanted.spec.subnet === null && had !== undefined) expect(second.networks.get(wanted.key)?.subnet).toBe(had.subnet);
      }
      for (const [subject, lease] of first.slots) {
        const now = second.slots.get(subject);
        const fixed = (resources: readonly AnyResource[]) =>
          JSON.stringify(
            resources.flatMap((one) => (one.key === resourceOf(subject) && one.kind === 'Container' ? one.spec.networks : [])),
          );
        if (now === undefined || fixed(before) !== fixed(after)) continue;
        for (const [key, address] of Object.entries(lease.addresses)) {
          const isSameNet = first.networks.get(key as ResourceKey)?.subnet === second.networks.get(key as ResourceKey)?.subnet;
          if (isSameNet) expect(now.addresses[key as ResourceKey]).toBe(address);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('the same again gives the same', () => {
  fc.assert(
    fc.property(documents, hostRoutes, (resources, routes) => {
      const first = run(resources, new Map(), routes);
      const again = run(resources, recordsOf(resources, first), routes);
      expect(again.networks).toEqual(first.networks);
      for (const [subject, lease] of first.slots) expect(again.slots.get(subject)).toEqual(lease);
    }),
    { numRuns: 300 },
  );
});

test('the order of the documents does not matter', () => {
  fc.assert(
    fc.property(documents, hostRoutes, (resources, routes) => {
      expect(run([...resources].reverse(), new Map(), routes)).toEqual(run(resources, new Map(), routes));
    }),
    { numRuns: 200 },
  );
});
