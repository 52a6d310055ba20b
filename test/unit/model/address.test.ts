import { describe, expect, test } from 'vitest';
import {
  containsAddress,
  containsCidr,
  formatAddress,
  formatCidr,
  overlaps,
  parseAddress,
  parseCidr,
  sizeOf,
} from '../../../src/model/address.ts';

const cidr = (text: string) => {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(text);
  return parsed.cidr;
};

test('addresses are read and written', () => {
  for (const text of ['0.0.0.0', '10.88.1.2', '255.255.255.255', '192.168.0.1']) expect(formatAddress(parseAddress(text) ?? -1)).toBe(text);
});

test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', '::1', '-1.2.3.4'])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull();
});

describe('networks', () => {
  test('are masked, and tell when they had host bits', () => {
    expect(parseCidr('10.5.0.7/24')).toMatchObject({ hostBits: true });
    expect(formatCidr(cidr('10.5.0.7/24'))).toBe('10.5.0.0/24');
    expect(parseCidr('200.0.0.0/8')?.hostBits).toBe(false);
    expect(formatCidr(cidr('255.255.255.255/0'))).toBe('0.0.0.0/0');
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/24', 'fd00::/8', '10.0.0.0/', '/24'])('%j is none', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  test('contain and overlap', () => {
    expect(containsAddress(cidr('192.168.4.0/22'), parseAddress('192.168.7.255') ?? 0)).toBe(true);
    expect(containsAddress(cidr('192.168.4.0/22'), parseAddress('192.168.8.0') ?? 0)).toBe(false);
    expect(containsCidr(cidr('10.0.0.0/8'), cidr('10.8.0.0/24'))).toBe(true);
    expect(containsCidr(cidr('10.8.0.0/24'), cidr('10.0.0.0/8'))).toBe(false);
    expect(overlaps(cidr('10.8.0.0/24'), cidr('10.0.0.0/8'))).toBe(true);
    expect(overlaps(cidr('10.8.0.0/24'), cidr('10.8.1.0/24'))).toBe(false);
    expect([0, 8, 24, 32].map((prefix) => sizeOf(cidr(`0.0.0.0/${prefix}`)))).toEqual([2 ** 32, 2 ** 24, 256, 1]);
  });
});
