/** A packet as matches see it: a field is there only when its protocol is. */

export interface Packet {
  readonly inport: string;
  readonly outport: string;
  readonly eth_src: string;
  readonly eth_dst: string;
  readonly ip_src: string;
  readonly ip_dst: string;
  readonly ttl: number;
  readonly protocol: 'icmp4' | 'tcp' | 'udp';
  /** Ports of TCP and UDP. */
  readonly source_port?: number;
  readonly port?: number;
}

const NUMBERS: Readonly<Record<Packet['protocol'], number>> = { icmp4: 1, tcp: 6, udp: 17 };
const ETH_IPV4 = 0x0800;
/** An echo request: what is asked is whether somebody can be reached. */
const ICMP_ECHO = 8;

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
]);

export function isField(name: string): boolean {
  return Object.hasOwn(FIELDS, name);
}

const FIELDS: Readonly<Record<string, (packet: Packet) => FieldValue | undefined>> = {
  inport: ({ inport }) => inport,
  outport: ({ outport }) => outport,
  'eth.src': ({ eth_src }) => eth_src,
  'eth.dst': ({ eth_dst }) => eth_dst,
  'eth.type': () => ETH_IPV4,
  'ip4.src': ({ ip_src }) => ip_src,
  'ip4.dst': ({ ip_dst }) => ip_dst,
  'ip.proto': ({ protocol }) => NUMBERS[protocol],
  'ip.ttl': ({ ttl }) => ttl,
  'tcp.src': (packet) => portOf(packet, 'tcp', packet.source_port),
  'tcp.dst': (packet) => portOf(packet, 'tcp', packet.port),
  'udp.src': (packet) => portOf(packet, 'udp', packet.source_port),
  'udp.dst': (packet) => portOf(packet, 'udp', packet.port),
  'icmp4.type': ({ protocol }) => (protocol === 'icmp4' ? ICMP_ECHO : undefined),
  'icmp4.code': ({ protocol }) => (protocol === 'icmp4' ? 0 : undefined),
};

function portOf(packet: Packet, protocol: 'tcp' | 'udp', port: number | undefined) {
  return packet.protocol === protocol ? port : undefined;
}

/** Words that stand for a comparison (ovn-sb(5), predicates). */
export const PREDICATES: Readonly<Record<string, (packet: Packet) => boolean>> = {
  ip: () => true,
  ip4: () => true,
  ip6: () => false,
  arp: () => false,
  tcp: ({ protocol }) => protocol === 'tcp',
  udp: ({ protocol }) => protocol === 'udp',
  sctp: () => false,
  icmp: ({ protocol }) => protocol === 'icmp4',
  icmp4: ({ protocol }) => protocol === 'icmp4',
  icmp6: () => false,
};
