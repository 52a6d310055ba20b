import { describe, expect, test } from 'vitest';
import { hostsText, type NamesOwner, resolvText } from '../../../src/controllers/container/name-files.ts';
import type { ContainerSpec } from '../../../src/model/spec.ts';
import { container, frontKey } from '../../support/samples.ts';

const network = { key: frontKey, link: 'ts-front', address: '10.88.0.2', prefix: 24, gateway: '10.88.0.1', mtu: 1500 };
const owner = (over: Partial<ContainerSpec> = {}, networks: NamesOwner['networks'] = [network]): NamesOwner => ({
  resource: container(over),
  slot: 2,
  networks,
});
const host = '# made by x\nnameserver 127.0.0.53\ndomain old.test\nsearch  corp.test example.org\noptions edns0\n';

describe('/etc/hosts', () => {
  test('has the own name and what the manifest adds, and nothing of others', () => {
    const text = hostsText(owner({ hostAliases: { 'api.partner.test': '192.0.2.7', six: '2001:db8::1' } }));
    expect(text).toBe(
      [
        '127.0.0.1\tlocalhost',
        '::1\tlocalhost ip6-localhost ip6-loopback',
        '10.88.0.2\tweb-2',
        '192.0.2.7\tapi.partner.test',
        '2001:db8::1\tsix',
        '',
      ].join('\n'),
    );
  });

  test('of a container without a network leads its name to loopback', () => {
    expect(hostsText(owner({ hostname: 'box', domainname: 'corp.test' }, []))).toMatch(/^127\.0\.0\.1\tlocalhost box\.corp\.test box\n/);
    expect(hostsText(owner({ hostname: 'box', domainname: 'corp.test' }))).toContain('10.88.0.2\tbox.corp.test box\n');
  });
});

describe('/etc/resolv.conf', () => {
  test('leads to the gateway and searches the namespace first, then what the host searches', () => {
    expect(resolvText(owner(), host)).toBe('nameserver 10.88.0.1\nsearch shop corp.test example.org\n');
    expect(resolvText(owner(), '')).toBe('nameserver 10.88.0.1\nsearch shop\n');
  });

  test('searches what the manifest says instead, with its options', () => {
    const dns = { servers: ['192.0.2.53'], searches: ['a.test', 'shop'], options: ['ndots:2', 'use-vc'] };
    expect(resolvText(owner({ dns }), host)).toBe('nameserver 10.88.0.1\nsearch shop a.test\noptions ndots:2 use-vc\n');
  });

  test('is not made without a network', () => {
    expect(resolvText(owner({}, []), host)).toBeNull();
  });
});
