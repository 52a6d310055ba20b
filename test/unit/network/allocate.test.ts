import { describe, expect, test } from 'vitest';
import { allocate, defaultPools } from '../../../src/controllers/network/allocate.ts';
import { linkName } from '../../../src/controllers/network/link.ts';
import type { AnyObserved, ObservedState } from '../../../src/model/observed.ts';
import type { Allocation, ResourceRecord } from '../../../src/model/plan.ts';
import { type AnyResource, type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import {
  container,
  frontKey,
  graph,
  instance,
  network,
  observedContainer,
  observedNetwork,
  record,
  webKey,
} from '../../support/samples.ts';

const options = { prefix: 'ts', pools: ['10.88.0.0/22'] };

interface World {
  readonly desired?: readonly AnyResource[];
  readonly records?: readonly ResourceRecord[];
  readonly observed?: readonly AnyObserved[];
  readonly hostRoutes?: readonly string[];
}

function given(world: World): Allocation {
  const observed: ObservedState = {
    resources: new Map((world.observed ?? []).map((state) => [state.key, state])),
    hostRoutes: world.hostRoutes ?? [],
    at: 0,
  };
  return allocate(graph(world.desired ?? []), new Map((world.records ?? []).map((known) => [known.key, known])), observed, options);
}

const named = (name: string, spec: Parameters<typeof network>[0] = {}) =>
  network(spec, { name, key: resourceKey('Network', 'shop', name) });
const web = (name: string, spec: Parameters<typeof container>[0] = {}) =>
  container(spec, { name, key: resourceKey('Container', 'shop', name) });
const subnets = (allocation: Allocation) =>
  Object.fromEntries([...allocation.networks].map(([key, lease]) => [key.slice('Network/shop/'.length), lease.subnet]));
const addresses = (allocation: Allocation) =>
  Object.fromEntries(
    [...allocation.slots].map(([key, lease]) => [key.slice('Container/shop/'.length), Object.values(lease.addresses).join(' ')]),
  );
const reasons = (allocation: Allocation) => [...allocation.missing].map(([key, reason]) => `${key} ${reason.code}: ${reason.message}`);
const lease = (subnet: string) => ({ link: 'ts-front', subnet, gateway: subnet.replace(/0\/\d+$/, '1') });

describe('networks', () => {
  test('get a subnet each in key order, a gateway and a link of at most 15 bytes', () => {
    const allocation = given({ desired: [named('b'), named('a')] });
    expect(subnets(allocation)).toEqual({ a: '10.88.0.0/24', b: '10.88.1.0/24' });
    expect(allocation.networks.get('Network/shop/a')?.gateway).toBe('10.88.0.1');
    for (const { link } of allocation.networks.values()) expect(link).toMatch(/^ts-[0-9a-f]{12}$/);
  });

  test("avoid the host's routes, but for default routes", () => {
    const hostRoutes = ['0.0.0.0/0', '0.0.0.0/1', '10.88.0.0/24', '10.88.1.128/25', 'fe80::/64'];
    expect(subnets(given({ desired: [named('a')], hostRoutes }))).toEqual({ a: '10.88.2.0/24' });
  });

  test('keep what their record says, also after a reboot', () => {
    expect(subnets(given({ desired: [named('a'), network()], records: [record(frontKey, { network: lease('10.88.0.0/24') })] }))).toEqual({
      front: '10.88.0.0/24',
      a: '10.88.1.0/24',
    });
  });

  test('move away from a new route only while they are not up', () => {
    const records = [record(frontKey, { network: lease('10.88.0.0/24') })];
    const hostRoutes = ['10.88.0.0/16'];
    expect(reasons(given({ desired: [network()], records, hostRoutes }))).toEqual([expect.stringContaining('PoolExhausted')]);
    expect(subnets(given({ desired: [network()], records, hostRoutes, observed: [observedNetwork()] }))).toEqual({ front: '10.88.0.0/24' });
  });

  test('keep what they have on the host when the store was rebuilt', () => {
    const allocation = given({ desired: [network()], observed: [observedNetwork({ subnet: '10.88.3.0/24', link: 'ts-old' })] });
    expect(allocation.networks.get(frontKey)).toMatchObject({ subnet: '10.88.3.0/24', link: 'ts-old' });
  });

  test('do not get what a removed network still has', () => {
    expect(subnets(given({ desired: [named('a')], observed: [observedNetwork()] }))).toEqual({ a: '10.88.1.0/24' });
    expect(subnets(given({ desired: [named('a')], records: [record(frontKey, { network: lease('10.88.0.0/24') })] }))).toEqual({
      a: '10.88.1.0/24',
    });
  });

  test('with a subnet of their own get it, or the reason', () => {
    expect(subnets(given({ desired: [named('a', { subnet: '192.168.7.0/25', gateway: '192.168.7.9' })] }))).toEqual({
      a: '192.168.7.0/25',
    });
    expect(reasons(given({ desired: [named('a', { subnet: '10.9.0.0/24' }), named('b', { subnet: '10.9.0.128/25' })] }))).toEqual([
      'Network/shop/b SubnetConflict: 10.9.0.128/25: overlaps 10.9.0.0/24 of Network/shop/a',
    ]);
    expect(reasons(given({ desired: [named('a', { subnet: '10.9.0.0/24' })], hostRoutes: ['10.9.0.0/16'] }))).toEqual([
      "Network/shop/a SubnetConflict: 10.9.0.0/24: overlaps the host's route to 10.9.0.0/16",
    ]);
  });

  test('run dry with a reason that names the pools', () => {
    const allocation = given({ desired: ['a', 'b', 'c', 'd', 'e'].map((name) => named(name)) });
    expect(Object.keys(subnets(allocation))).toEqual(['a', 'b', 'c', 'd']);
    expect(reasons(allocation)).toEqual(['Network/shop/e PoolExhausted: no free /24 in 10.88.0.0/22: 4 networks, 0 routes of the host']);
  });

  test('with equal hashes get different links', () => {
    const taken = linkName('ts', frontKey, 0);
    const allocation = given({
      desired: [network(), named('other')],
      observed: [observedNetwork({ key: resourceKey('Network', 'shop', 'other'), link: taken })],
    });
    expect(allocation.networks.get(frontKey)?.link).toBe(linkName('ts', frontKey, 1));
    expect(allocation.networks.get('Network/shop/other')?.link).toBe(taken);
  });

  test('have room in the pools that are used without asking', () => {
    expect(defaultPools[0]).toBe('10.88.0.0/14');
  });
});

describe('slots', () => {
  test('get addresses in key order behind the gateway', () => {
    expect(addresses(given({ desired: [network(), web('b'), web('a', { replicas: 2 })] }))).toEqual({
      'a:1': '10.88.0.2',
      'a:2': '10.88.0.3',
      'b:1': '10.88.0.4',
    });
  });

  test('keep the address of their record, whoever comes before them', () => {
    const records = [record(webKey, { slots: { 1: { addresses: { [frontKey]: '10.88.0.2' } } } })];
    expect(addresses(given({ desired: [network(), web('a'), container()], records }))).toEqual({
      'web:1': '10.88.0.2',
      'a:1': '10.88.0.3',
    });
  });

  test('keep the address of their instance when the store was rebuilt', () => {
    const observed = [observedNetwork(), observedContainer([instance({ address: '10.88.0.7' })])];
    expect(addresses(given({ desired: [network(), container()], observed }))).toEqual({ 'web:1': '10.88.0.7' });
  });

  test('do not get what an instance on its way out still has', () => {
    const observed = [observedNetwork(), observedContainer([instance({ slot: 2, address: '10.88.0.2' })])];
    expect(addresses(given({ desired: [network(), container(), web('a')], observed }))).toEqual({
      'a:1': '10.88.0.3',
      'web:1': '10.88.0.4',
    });
  });

  test('do not get what somebody who may come back is remembered with', () => {
    const gone = record(resourceKey('Container', 'shop', 'gone'), { slots: { 1: { addresses: { [frontKey]: '10.88.0.2' } } } });
    expect(addresses(given({ desired: [network(), container()], records: [gone] }))).toEqual({ 'web:1': '10.88.0.3' });
  });

  test('get what a container was scaled down from, which takes another one when it grows again', () => {
    const slots = { 1: { addresses: { [frontKey]: '10.88.0.2' } }, 2: { addresses: { [frontKey]: '10.88.0.3' } } };
    const records = [record(webKey, { slots })];
    expect(addresses(given({ desired: [network(), container(), web('a')], records }))).toEqual({
      'web:1': '10.88.0.2',
      'a:1': '10.88.0.3',
    });
    const z = resourceKey('Container', 'shop', 'z');
    const others = [record(z, { slots: { 1: { addresses: { [frontKey]: '10.88.0.3' } } } })];
    const observed = [observedNetwork(), observedContainer([instance({ address: '10.88.0.3' })], { key: z })];
    const grown = given({ desired: [network(), container({ replicas: 2 }), web('z')], records: [...records, ...others], observed });
    expect(addresses(grown)).toEqual({ 'web:1': '10.88.0.2', 'web:2': '10.88.0.4', 'z:1': '10.88.0.3' });
  });

  test('move with their network', () => {
    const records = [
      record(webKey, { slots: { 1: { addresses: { [frontKey]: '10.88.0.5' } } } }),
      record(frontKey, { network: lease('10.88.0.0/24') }),
    ];
    expect(addresses(given({ desired: [network({ subnet: '10.9.0.0/24' }), container()], records }))).toEqual({ 'web:1': '10.9.0.2' });
  });

  test('lie in ipRange, and a static address need not', () => {
    const fixed = web('a', { networks: [{ network: frontKey, ipv4: '10.88.0.200', aliases: [] }] });
    expect(addresses(given({ desired: [network({ ipRange: '10.88.0.64/30' }), container(), fixed] }))).toEqual({
      'a:1': '10.88.0.200',
      'web:1': '10.88.0.64',
    });
  });

  test.each([
    ['10.88.0.1', 'is its gateway'],
    ['10.99.0.1', 'is outside 10.88.0.0/24'],
    ['10.88.0.255', 'is outside 10.88.0.0/24'],
  ])('with the static address %s get none: it %s', (ipv4, message) => {
    const allocation = given({ desired: [network(), container({ networks: [{ network: frontKey, ipv4, aliases: [] }] })] });
    expect(reasons(allocation)).toEqual([`Container/shop/web:1 AddressInUse: ${ipv4} in Network/shop/front ${message}`]);
    expect(allocation.slots.size).toBe(0);
  });

  test('with a static address that somebody has already leased get none', () => {
    const fixed = web('a', { networks: [{ network: frontKey, ipv4: '10.88.0.2', aliases: [] }] });
    const records = [record(webKey, { slots: { 1: { addresses: { [frontKey]: '10.88.0.2' } } } })];
    const allocation = given({ desired: [network(), fixed, container()], records });
    expect(addresses(allocation)).toEqual({ 'web:1': '10.88.0.2' });
    expect(reasons(allocation)).toEqual([
      'Container/shop/a:1 AddressInUse: 10.88.0.2 in Network/shop/front is held by Container/shop/web:1',
    ]);
    expect(addresses(given({ desired: [network(), fixed, container()] }))).toEqual({ 'a:1': '10.88.0.2', 'web:1': '10.88.0.3' });
  });

  test('with one static address for two get it once', () => {
    const fixed = { networks: [{ network: frontKey, ipv4: '10.88.0.9', aliases: [] }] };
    const allocation = given({ desired: [network(), web('a', fixed), web('b', fixed)] });
    expect(addresses(allocation)).toEqual({ 'a:1': '10.88.0.9' });
    expect(reasons(allocation)).toEqual(['Container/shop/b:1 AddressInUse: 10.88.0.9 in Network/shop/front is held by Container/shop/a:1']);
  });

  test('beyond a /29 run dry, naming range and use, and those before them keep theirs', () => {
    const allocation = given({ desired: [network({ subnet: '10.9.0.0/29' }), container({ replicas: 7 })] });
    expect(Object.keys(addresses(allocation))).toHaveLength(5);
    expect(reasons(allocation)).toEqual(
      [6, 7].map(
        (slot) => `Container/shop/web:${slot} PoolExhausted: no free address in 10.9.0.1 to 10.9.0.6 of Network/shop/front: 5 used`,
      ),
    );
  });

  test('of a network that is missing say so, or why it got no subnet', () => {
    expect(reasons(given({ desired: [container()] }))).toEqual(['Container/shop/web:1 NetworkMissing: Network/shop/front does not exist']);
    expect(reasons(given({ desired: [network({ subnet: 'fd00::/64' }), container()] }))[1]).toContain('SubnetConflict');
  });

  test('have an address in each network they join', () => {
    const back = resourceKey('Network', 'shop', 'back');
    const networks = [frontKey, back].map((key: ResourceKey<'Network'>) => ({ network: key, ipv4: null, aliases: [] }));
    expect(addresses(given({ desired: [network(), named('back'), container({ networks })] }))).toEqual({ 'web:1': '10.88.1.2 10.88.0.2' });
  });

  test('without a bridge need none', () => {
    expect(given({ desired: [container({ networkMode: 'host' })] }).missing.size).toBe(0);
  });
});
