import { describe, expect, test } from 'vitest';
import { hostsText, namesByNetwork, resolvText } from '../../../src/controllers/network/names.ts';
import { container, frontKey, graph } from '../../support/samples.ts';

describe('names', () => {
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

  test('of members are instance, container, container.namespace, host name and aliases', () => {
    const web = container({ replicas: 2, networks: [{ network: frontKey, ipv4: null, aliases: ['www'] }] });
    const db = container({ hostname: 'dbhost' }, { name: 'db', key: 'Container/shop/db' });
    const names = namesByNetwork(
      graph([web, db]),
      allocation({ 'Container/shop/web:1': '10.88.0.10', 'Container/shop/web:2': '10.88.0.9', 'Container/shop/db:1': '10.88.0.2' }),
    );
    expect(hostsText(names.get(frontKey) ?? [])).toBe(
      [
        '127.0.0.1\tlocalhost',
        '::1\tlocalhost ip6-localhost ip6-loopback',
        '10.88.0.2\tdb-1 db db.shop dbhost',
        '10.88.0.9\tweb-2 web web.shop www',
        '10.88.0.10\tweb-1 web web.shop www',
        '',
      ].join('\n'),
    );
  });

  test('of what has no address or no bridge are absent', () => {
    expect(
      namesByNetwork(graph([container(), container({ networkMode: 'none' }, { name: 'x', key: 'Container/shop/x' })]), allocation({})).size,
    ).toBe(0);
  });

  test('cannot add a line', () => {
    expect(hostsText([{ address: '10.88.0.2', names: ['ok', 'bad\n10.0.0.1 evil', 'a b', 'c#', ''] }])).toContain('10.88.0.2\tok\n');
    expect(hostsText([{ address: '10.88.0.2', names: ['bad\n10.0.0.1 evil'] }])).not.toContain('evil');
  });
});

test('resolv.conf keeps search and options and loses servers on loopback', () => {
  const host =
    '# made by x\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 9.9.9.9\n  nameserver 127.1.2.3\nsearch example.org\noptions edns0\nsortlist 1\n';
  expect(resolvText(host)).toBe('nameserver 9.9.9.9\nsearch example.org\noptions edns0\n');
  expect(resolvText('')).toBe('');
});
