import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StrataError } from '../../../engine/errors.ts';
import { contains, ipv4, prefixOf } from '../../../sim/sdn/reachability/address.ts';
import { parseMatch, satisfies } from '../../../sim/sdn/reachability/match.ts';
import type { Packet } from '../../../sim/sdn/reachability/packet.ts';

const TCP: Packet = {
  ...{ inport: 'a', outport: 'b', eth_src: '0a:00:00:00:00:01', eth_dst: '0a:00:00:00:00:02' },
  ...{ ip_src: '10.0.0.1', ip_dst: '10.0.1.2', ttl: 64, protocol: 'tcp' },
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
      fc.string(),
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

describe('prefixes', () => {
  it('contain the addresses whose first bits they share', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 32 }), (a, b, length) => {
        const bits = (value: number) => value.toString(2).padStart(32, '0').slice(0, length);
        expect(contains({ address: a, length }, b)).toBe(bits(a) === bits(b));
      }),
    );
  });

  it('are read as they are written', () => {
    expect(prefixOf('10.0.0.0/8')).toEqual({ address: 10 * 2 ** 24, length: 8 });
    expect(prefixOf('255.255.255.255')).toEqual({ address: 2 ** 32 - 1, length: 32 });
    for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.-4']) {
      expect(ipv4(text), text).toBeNaN();
    }
  });
});
