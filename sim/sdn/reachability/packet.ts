/** A packet as matches see it: a field is there only when its protocol is. */
import type { Family } from './address.ts';

export interface Packet {
  readonly inport: string;
  readonly outport: string;
  readonly eth_src: string;
  readonly eth_dst: string;
  readonly family: Family;
  readonly ip_src: string;
  readonly ip_dst: string;
  /** The hop limit of IPv6 is one as well. */
  readonly ttl: number;
  readonly protocol: 'icmp4' | 'icmp6' | 'tcp' | 'udp';
  /** Ports of TCP and UDP. */
  readonly source_port?: number;
  readonly port?: number;
}

const NUMBERS: Readonly<Record<Packet['protocol'], number>> = {
  ...{ icmp4: 1, tcp: 6, udp: 17, icmp6: 58 },
};
const ETHER_TYPES: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };
/** Echo requests: what is asked is whether somebody can be reached. */
const ECHO = { icmp4: 8, icmp6: 128 };

export type FieldValue = string | number;

/** A field of the packet; undefined when the packet has none such (its prerequisite fails). */
export function fieldOf(packet: Packet, name: string): FieldValue | undefined {
  const read = FIELDS[name];
  return read?.(packet);
}

/**
 * Fields without an order or a mask: OVN compares them for equality only, and refuses `!=` and
 * whatever `!` makes of it (ovn-sb(5): nominal fields).
 */
export const NOMINAL: ReadonlySet<string> = new Set([
  ...['inport', 'outport', 'eth.type', 'ip.proto', 'ip.ttl', 'icmp4.type', 'icmp4.code'],
  ...['icmp6.type', 'icmp6.code'],
]);

export function isField(name: string): boolean {
  return Object.hasOwn(FIELDS, name);
}

const FIELDS: Readonly<Record<string, (packet: Packet) => FieldValue | undefined>> = {
  inport: ({ inport }) => inport,
  outport: ({ outport }) => outport,
  'eth.src': ({ eth_src }) => eth_src,
  'eth.dst': ({ eth_dst }) => eth_dst,
  'eth.type': ({ family }) => ETHER_TYPES[family],
  'ip4.src': ({ family, ip_src }) => (family === 4 ? ip_src : undefined),
  'ip4.dst': ({ family, ip_dst }) => (family === 4 ? ip_dst : undefined),
  'ip6.src': ({ family, ip_src }) => (family === 6 ? ip_src : undefined),
  'ip6.dst': ({ family, ip_dst }) => (family === 6 ? ip_dst : undefined),
  'ip.proto': ({ protocol }) => NUMBERS[protocol],
  'ip.ttl': ({ ttl }) => ttl,
  'tcp.src': (packet) => portOf(packet, 'tcp', packet.source_port),
  'tcp.dst': (packet) => portOf(packet, 'tcp', packet.port),
  'udp.src': (packet) => portOf(packet, 'udp', packet.source_port),
  'udp.dst': (packet) => portOf(packet, 'udp', packet.port),
  'icmp4.type': ({ protocol }) => (protocol === 'icmp4' ? ECHO.icmp4 : undefined),
  'icmp4.code': ({ protocol }) => (protocol === 'icmp4' ? 0 : undefined),
  'icmp6.type': ({ protocol }) => (protocol === 'icmp6' ? ECHO.icmp6 : undefined),
  'icmp6.code': ({ protocol }) => (protocol === 'icmp6' ? 0 : undefined),
};

function portOf(packet: Packet, protocol: 'tcp' | 'udp', port: number | undefined) {
  return packet.protocol === protocol ? port : undefined;
}

/** Words that stand for a comparison (ovn-sb(5), predicates). */
export const PREDICATES: Readonly<Record<string, (packet: Packet) => boolean>> = {
  ip: () => true,
  ip4: ({ family }) => family === 4,
  ip6: ({ family }) => family === 6,
  arp: () => false,
  nd: () => false,
  tcp: ({ protocol }) => protocol === 'tcp',
  udp: ({ protocol }) => protocol === 'udp',
  sctp: () => false,
  icmp: ({ protocol }) => protocol === 'icmp4' || protocol === 'icmp6',
  icmp4: ({ protocol }) => protocol === 'icmp4',
  icmp6: ({ protocol }) => protocol === 'icmp6',
};
