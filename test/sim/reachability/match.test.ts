import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StrataError } from '../../../engine/errors.ts';
import {
  addressOf,
  contains,
  endpointOf,
  isSame,
  isWithin,
  prefixOf,
} from '../../../sim/sdn/reachability/address.ts';
import { parseMatch, satisfies } from '../../../sim/sdn/reachability/match.ts';
import type { Packet } from '../../../sim/sdn/reachability/packet.ts';
import { anyText } from '../../support/any-text.ts';

const TCP: Packet = {
  ...{ inport: 'a', outport: 'b', eth_src: '0a:00:00:00:00:01', eth_dst: '0a:00:00:00:00:02' },
  ...{ family: 4, ip_src: '10.0.0.1', ip_dst: '10.0.1.2', ttl: 64, protocol: 'tcp' },
  ...{ source_port: 1024, port: 80 },
};
const PING: Packet = { ...TCP, protocol: 'icmp4', source_port: undefined, port: undefined };

const holds = (match: string, packet: Packet) => satisfies(parseMatch(match), packet);

describe('matches', () => {
  it.each<[string, boolean, boolean]>([
    // match, of TCP to port 80, of an echo request
    ['1', true, true],
    ['!1', false, false],
    ['ip4', true, true],
    ['tcp', true, false],
    ['tcp.dst == 80', true, false],
    ['tcp.dst != 80', false, false],
    ['!(tcp.dst == 80)', false, false],
    ['!(tcp.dst == 81)', true, false],
    ['tcp.dst == {22, 80}', true, false],
    ['tcp.dst != {22, 80}', false, false],
    ['tcp.dst > 79 && tcp.dst <= 80', true, false],
    ['ip4.dst == 10.0.1.0/24', true, true],
    ['ip4.dst != 10.0.1.0/24', false, false],
    ['ip4.src == {10.0.0.1, 10.0.0.9}', true, true],
    ['inport == "a" && icmp4.type == 8', false, true],
    ['(udp || icmp4) && outport == "b"', false, true],
    ['!(tcp.dst == 80 || ip4.src == 10.9.9.9)', false, false],
    ['!(tcp.dst == 80 && ip4.src == 10.9.9.9)', true, true],
    ['eth.src == 0A:00:00:00:00:01', true, true],
    ['0', false, false],
  ])('%s', (match, ofTcp, ofPing) => {
    expect([holds(match, TCP), holds(match, PING)]).toEqual([ofTcp, ofPing]);
  });

  it.each([
    '',
    'tcp.dst ==',
    'tcp.dst == 80 &&',
    '(tcp',
    'tcp)',
    'colour == 1',
    'lunar',
    'tcp && udp || icmp4',
    'tcp || udp && icmp4',
    'tcp.dst < {1, 2}',
    'tcp.dst == {80',
    'inport == "a',
    'tcp.dst == 80 tcp',
    '"tcp"',
    // Fields without an order, as OVN says.
    'ip.proto != 6',
    'ip.ttl > 1',
    'inport != "a"',
    '!(icmp4.type == 8)',
    '!tcp',
    '!(tcp && tcp.dst == 80)',
  ])('that OVN refuses are refused: %s', (match) => {
    expect(() => parseMatch(match)).toThrow(StrataError);
  });

  it('of any other text are refused, never a crash', () => {
    const words = fc.constantFrom(
      'tcp',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '{',
      '}',
      '==',
      '80',
      'ip4.src',
      ',',
    );
    const texts = fc.oneof(
      anyText(),
      fc.array(words).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseMatch(text);
        } catch (cause) {
          expect(cause).toBeInstanceOf(StrataError);
        }
      }),
    );
  });
});

describe('matches of IPv6', () => {
  const packet: Packet = { ...TCP, family: 6, ip_src: 'fd00::1', ip_dst: 'fd00:0:0:1::2' };
  it.each([
    ['ip6', true],
    ['ip4', false],
    ['ip6.src == fd00:0::0001', true],
    ['ip6.src == {fd00::2, fd00::/64}', true],
    ['ip6.dst == fd00::/64', false],
    ['ip6.dst != fd00::/64 && tcp.dst == 80', true],
    ['ip4.src == 0.0.0.0/0', false],
    ['!(ip4.src == 10.0.0.0/8)', false],
    ['eth.type == 0x86dd && ip.ttl == 64', true],
    ['icmp6.type == 128', false],
  ])('%s', (match, isSo) => expect(holds(match, packet)).toBe(isSo));

  it('of an empty set are true or false of any packet', () => {
    const empty = new Map([['$none', []]]);
    expect(satisfies(parseMatch('ip4.dst != $none', empty), packet)).toBe(true);
    expect(satisfies(parseMatch('!(ip4.dst == $none)', empty), packet)).toBe(true);
    expect(satisfies(parseMatch('ip6.dst == $none', empty), packet)).toBe(false);
  });

  it('know echo requests of their own', () => {
    const ping: Packet = { ...packet, protocol: 'icmp6' };
    expect(holds('icmp6 && icmp && icmp6.type == 128 && ip.proto == 58', ping)).toBe(true);
    expect(holds('icmp4', ping)).toBe(false);
  });
});

describe('prefixes', () => {
  const word = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
  const long = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

  it.each([
    [4 as const, 32, word],
    [6 as const, 128, long],
  ])('of IPv%i contain the addresses whose first bits they share', (family, size, any) => {
    fc.assert(
      fc.property(any, any, fc.integer({ min: 0, max: size }), (a, b, length) => {
        const bits = (value: bigint) => value.toString(2).padStart(size, '0').slice(0, length);
        const isIn = contains({ family, value: a, length }, { family, value: b });
        expect(isIn).toBe(bits(a) === bits(b));
      }),
    );
  });

  it('are read as they are written', () => {
    expect(prefixOf('10.0.0.0/8')).toEqual({ family: 4, value: 10n << 24n, length: 8 });
    expect(prefixOf('255.255.255.255')).toMatchObject({ value: 2n ** 32n - 1n, length: 32 });
    expect(prefixOf('fd00::/16')).toEqual({ family: 6, value: 0xfd00n << 112n, length: 16 });
    for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.-4']) {
      expect(addressOf(text), text).toBeUndefined();
    }
    for (const text of ['1:2', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', 'g::', '1.2.3.4::']) {
      expect(addressOf(text), text).toBeUndefined();
    }
    expect(isWithin('10.0.0.0/8', 'fd00::1')).toBe(false);
  });

  it('of IPv6 are one address however their zeros are written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const { value } = addressOf(text)!;
        const groups = value.toString(16).padStart(32, '0').match(/.{4}/g)!;
        expect(isSame(text, groups.join(':').toUpperCase()), text).toBe(true);
        // The platform's own reading of it.
        const [, plain] = /^\[(.*)\]$/.exec(new URL(`http://[${text}]/`).hostname)!;
        expect(isSame(text, plain), plain).toBe(true);
      }),
    );
    expect(isSame('::ffff:10.0.0.1', '::ffff:a00:1')).toBe(true);
    expect(isSame('a', 'b')).toBe(false);
  });

  it('have ports behind them', () => {
    expect(endpointOf('10.0.0.1:80')).toEqual({ ip: '10.0.0.1', port: 80 });
    expect(endpointOf('[fd00::1]:443')).toEqual({ ip: 'fd00::1', port: 443 });
  });
});
