import { expect, test } from 'vitest';
import { linkAlias, linkName, networkOfAlias } from '../../../src/controllers/network/link.ts';
import { frontKey } from '../../support/samples.ts';

test('an alias names its network, and only ours', () => {
  expect(networkOfAlias('ts', linkAlias('ts', frontKey))).toBe(frontKey);
  for (const alias of ['tsdock:Network/shop/front', 'Network/shop/front', 'ts:Container/shop/web:1@0', 'ts:Network/shop', 'ts:', ''])
    expect(networkOfAlias('ts', alias)).toBeNull();
});

test('a prefix that leaves no room for a link name is refused', () => {
  expect(() => linkName('a-long-prefix', frontKey, 0)).toThrow(RangeError);
  expect(linkName('tsdocktest', frontKey, 0)).toHaveLength(15);
});
