import { describe, expect, test } from 'vitest';
import { namesByNetwork, namesText } from '../../../src/controllers/network/names.ts';
import type { ObservedState } from '../../../src/model/observed.ts';
import {
  container,
  frontKey,
  frontLease,
  graph,
  instance,
  nameEntry,
  networkSpec,
  observedContainer,
  webKey,
} from '../../support/samples.ts';

const nothing: ObservedState = { resources: new Map(), hostRoutes: [], at: 0 };

const allocation = (slots: Readonly<Record<string, string>>) => ({
  networks: new Map(),
  missing: new Map(),
  slots: new Map(
    Object.entries(slots).map(([subject, address]) => [
      subject as `Container/${string}/${string}:${number}`,
      { addresses: { [frontKey]: address } },
    ]),
  ),
});

describe('names of members', () => {
  test('are instance, container, host name and aliases, by address, with the servers of the manifest', () => {
    const web = container({ replicas: 2, networks: [{ network: frontKey, ipv4: null, aliases: ['www'] }] });
    const dns = { servers: ['192.0.2.53'], searches: [], options: [] };
    const db = container({ hostname: 'dbhost', dns }, { name: 'db', key: 'Container/shop/db' });
    const slots = { 'Container/shop/web:1': '10.88.0.10', 'Container/shop/web:2': '10.88.0.9', 'Container/shop/db:1': '10.88.0.2' };
    expect(namesByNetwork(graph([web, db]), allocation(slots), nothing).get(frontKey)).toEqual([
      nameEntry('10.88.0.2', ['db-1', 'db', 'dbhost'], { forwarders: ['192.0.2.53'] }),
      nameEntry('10.88.0.9', ['web-2', 'web', 'www'], { ready: false }),
      nameEntry('10.88.0.10', ['web-1', 'web', 'www'], { ready: false }),
    ]);
  });

  test('lead to the replicas that run; to one that is alone always', () => {
    const slots = { 'Container/shop/web:1': '10.88.0.2', 'Container/shop/web:2': '10.88.0.3' };
    const readyOf = (replicas: number, phase: 'running' | 'backoff' | 'exited') => {
      const observed = observedContainer([instance({ slot: 1, phase })]);
      const world = { ...nothing, resources: new Map([[webKey, observed]]) };
      return namesByNetwork(graph([container({ replicas })]), allocation(slots), world)
        .get(frontKey)
        ?.map(({ ready }) => ready);
    };
    expect(readyOf(2, 'running')).toEqual([true, false]);
    expect(readyOf(2, 'backoff')).toEqual([false, false]);
    expect(readyOf(1, 'exited')).toEqual([true]);
  });

  test('of what has no address or no bridge are absent', () => {
    const unattached = container({ networkMode: 'none' }, { name: 'x', key: 'Container/shop/x' });
    expect(namesByNetwork(graph([container(), unattached]), allocation({}), nothing).size).toBe(0);
  });
});

test('the names file says where it is asked, what lies elsewhere and who is there, without what is no host name', () => {
  const names = [nameEntry('10.88.0.2', ['ok', 'bad\n10.0.0.1 evil', 'a b', 'c#', ''])];
  const spec = networkSpec({ dns: { forwarders: ['192.0.2.53'], domain: 'corp.test' } });
  expect(JSON.parse(namesText({ ...frontLease, spec, names }))).toEqual({
    gateway: '10.88.0.1/24',
    domain: 'corp.test',
    forwarders: ['192.0.2.53'],
    members: [nameEntry('10.88.0.2', ['ok'])],
  });
});
