import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serverAddresses } from '../../model/subnet.ts';

it.each([
  ['10.0.0.0/24', 252],
  ['10.0.0.0/29', 4],
  ['10.0.0.0/30', 0],
  ['10.0.0.0/31', 0],
  ['10.0.0.0/32', 0],
  ['fd00::/124', 13],
])('%s has %d addresses for servers', (cidr, addresses) => {
  expect(serverAddresses(cidr)).toBe(addresses);
});

it('a prefix one bit shorter has at least twice as many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32 }), (prefix) => {
      const wider = serverAddresses(`10.0.0.0/${prefix - 1}`);
      expect(wider).toBeGreaterThanOrEqual(2 * serverAddresses(`10.0.0.0/${prefix}`));
    }),
  );
});
