import { describe, expect, test } from 'vitest';
import { formatAddress, formatSubnet, parseAddress, parseSubnet } from '../../../src/controllers/network/ipv4.ts';

describe('IPv4', () => {
  test.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.', ' 1.2.3.4', '1e1.0.0.0', '::1'])('%o is no address', (text) =>
    expect(parseAddress(text)).toBeNull(),
  );
  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', 'fd00::/8', '10.0.0.0/08a'])('%o is no subnet', (text) =>
    expect(parseSubnet(text)).toBeNull(),
  );
  test('an address above 2^31 and a whole subnet survive the way there and back', () => {
    expect(formatAddress(parseAddress('255.255.255.255') ?? 0)).toBe('255.255.255.255');
    expect(formatSubnet(parseSubnet('192.168.7.9/25') ?? { first: 0, last: 0, prefix: 0 })).toBe('192.168.7.0/25');
    expect(parseSubnet('0.0.0.0/0')).toEqual({ first: 0, last: 2 ** 32 - 1, prefix: 0 });
  });
});
