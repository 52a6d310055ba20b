import { describe, expect, test } from 'vitest';
import { isInside, isLoopback, parseChallenges, realmAllowed, realmOf } from '../../../src/controllers/image/auth.ts';
import { baseUrl } from '../../../src/controllers/image/endpoints.ts';
import { nextHop } from '../../../src/controllers/image/http.ts';
import { nearestTags } from '../../../src/controllers/image/registry.ts';

describe('a challenge', () => {
  test.each([
    [
      'Bearer realm="https://a/token",service="a, b",scope="repository:x:pull,push"',
      [['bearer', { realm: 'https://a/token', service: 'a, b', scope: 'repository:x:pull,push' }]],
    ],
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    [
      'Negotiate, Basic realm=plain, Bearer realm="https://a/t\\"q"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'plain' }],
        ['bearer', { realm: 'https://a/t"q' }],
      ],
    ],
    ['', []],
    ['=', []],
  ])('%j is read', (header, expected) => {
    expect(parseChallenges(header).map((one) => [one.scheme, Object.fromEntries(one.params)])).toEqual(expected);
  });
});

describe('a realm', () => {
  test.each([
    ['https://registry.example.com', 'https://registry.example.com/token', true],
    ['https://registry.example.com', 'https://auth.example.com/token', true],
    ['https://registry-1.docker.io', 'https://auth.docker.io/token', true],
    ['https://nvcr.io', 'https://authn.nvidia.com/token', true],
    ['https://registry.example.com', 'https://example.org/token', false],
    ['https://registry.example.com', 'https://example.com.evil.net/token', false],
    ['https://registry.shop.co.uk', 'https://evil.co.uk/token', false],
    ['https://registry.shop.co.uk', 'https://auth.shop.co.uk/token', true],
    ['https://1234.dkr.ecr.eu-west-1.amazonaws.com', 'https://evil.s3.amazonaws.com/token', false],
    ['https://mine.azurecr.io', 'https://evil.azurecr.io/token', false],
    ['https://registry.example.com', 'http://registry.example.com/token', false],
    ['https://registry.example.com', 'https://127.0.0.1/token', false],
    ['https://registry.example.com', 'https://localhost/token', false],
    ['https://registry.example.com', 'https://[::1]/token', false],
    ['https://registry.example.com', 'https://[fe80::1]/token', false],
    ['https://registry.example.com', 'https://10.0.0.5/token', false],
    ['https://registry.example.com', 'https://169.254.169.254/token', false],
    ['https://registry.example.com', 'https://user:pw@registry.example.com/token', false],
    ['https://10.0.0.5:5000', 'https://10.0.0.5/token', true],
    ['https://10.0.0.5:5000', 'https://10.0.0.6/token', false],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/token', true],
    ['http://127.0.0.1:5000', 'http://example.com/token', false],
    ['http://127.0.0.1:5000', 'https://example.com/token', false],
  ])('of %s at %s with a password: %s', (registry, realm, allowed) => {
    expect(realmAllowed(new URL(realm), { registry: new URL(registry), realms: [], withCredential: true })).toBe(allowed);
  });

  test.each([
    ['https://registry.example.com', 'https://tokens.example.org/', true],
    ['https://registry.example.com', 'http://tokens.example.org/', false],
    ['https://registry.example.com', 'https://192.168.1.1/', false],
  ])('of %s at %s without one: %s', (registry, realm, allowed) => {
    expect(realmAllowed(new URL(realm), { registry: new URL(registry), realms: [], withCredential: false })).toBe(allowed);
  });

  test.each([
    ['https://registry.example.com', 'https://login.example.org/token', true],
    ['https://registry.example.com', 'https://10.0.0.5:8443/token', true],
    ['https://registry.example.com', 'https://10.0.0.5/token', false],
    ['https://registry.example.com', 'http://login.example.org/token', false],
    ['http://registry.lan:5000', 'http://registry.lan:5001/token', true],
    ['http://registry.lan:5000', 'http://login.example.org/token', true],
    ['http://registry.lan:5000', 'http://other.lan/token', false],
  ])('of %s at %s that its Registry allows two hosts for: %s', (registry, realm, allowed) => {
    const realms = ['login.example.org', '10.0.0.5:8443'];
    expect(realmAllowed(new URL(realm), { registry: new URL(registry), realms, withCredential: true })).toBe(allowed);
  });

  test('elsewhere is refused in one line without the password', () => {
    const [challenge] = parseChallenges('Bearer realm="http://10.0.0.5/token"');
    if (challenge === undefined) throw new Error('no challenge');
    expect(() => realmOf(challenge, { registry: new URL('https://reg.example.com'), realms: [], withCredential: true })).toThrow(
      expect.objectContaining({ code: 'REG021', message: 'reg.example.com wants your password sent to http://10.0.0.5/token; refused' }),
    );
  });

  test('that is no URL is refused', () => {
    const [challenge] = parseChallenges('Bearer realm="not a url"');
    if (challenge === undefined) throw new Error('no challenge');
    expect(() => realmOf(challenge, { registry: new URL('https://reg.example.com'), realms: [], withCredential: false })).toThrow(
      expect.objectContaining({ code: 'REG021' }),
    );
  });
});

test.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:7f00:1]'])('%s is loopback', (host) => {
  expect(isLoopback(host)).toBe(true);
});
test.each(['example.com', '128.0.0.1', '127.example.com', 'localhost.example.com', '[::2]'])('%s is not loopback', (host) => {
  expect(isLoopback(host)).toBe(false);
});
test.each([
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '[::]',
  '[fd00::1]',
  '[fe80::1]',
  '[::ffff:a9fe:a9fe]',
  'x.localhost',
])('%s is inside', (host) => {
  expect(isInside(host)).toBe(true);
});
test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '[2001:db8::1]', 'example.com'])('%s is not inside', (host) => {
  expect(isInside(host)).toBe(false);
});

describe('a redirect', () => {
  const registry = new URL('https://reg.example.com');
  test.each([
    ['https://reg.example.com/v2/x', 'https://cdn.example.net/y', 'https://cdn.example.net/y'],
    ['https://reg.example.com/v2/x', '/y', 'https://reg.example.com/y'],
    ['https://reg.example.com/v2/x', '//cdn.example.net/y', 'https://cdn.example.net/y'],
  ])('from %s to %s leads to %s', (from, location, to) => {
    expect(nextHop(new URL(from), location, registry).href).toBe(to);
  });
  test.each([
    'http://reg.example.com/y',
    'http://127.0.0.1/y',
    'https://127.0.0.1/y',
    'https://169.254.169.254/y',
    'file:///etc/passwd',
    'https://u:p@cdn.example.net/',
    'http:',
  ])('to %s is refused', (location) => {
    expect(() => nextHop(new URL('https://reg.example.com/v2/x'), location, registry)).toThrow(expect.objectContaining({ code: 'REG021' }));
  });
});

test.each([
  ['docker.io', 'https://registry-1.docker.io/'],
  ['registry.example.com:5000', 'https://registry.example.com:5000/'],
  ['127.0.0.1:5000', 'http://127.0.0.1:5000/'],
  ['localhost:5000', 'http://localhost:5000/'],
  ['[::1]:5000', 'http://[::1]:5000/'],
  ['10.0.0.5:5000', 'https://10.0.0.5:5000/'],
])('%s is spoken to at %s', (host, url) => {
  expect(baseUrl(host, null).href).toBe(url);
});

test('near tags are those of the same line, newest first, and small slips', () => {
  expect(nearestTags('1.99', ['1.27', '1.28', '1.29', '2.0', 'latest'])).toEqual(['1.29', '1.28', '1.27']);
  expect(nearestTags('latst', ['latest', '1.0'])).toEqual(['latest']);
  expect(nearestTags('x', ['1.0'])).toEqual([]);
});
