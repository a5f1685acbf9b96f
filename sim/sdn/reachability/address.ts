/** Addresses of IPv4 and IPv6 as numbers: comparing prefixes of them is most of routing. */

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

export interface Prefix extends Address {
  /** 0 to 32, or to 128. */
  readonly length: number;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
const GROUPS = 8;

/** Undefined for text that is no address. */
export function addressOf(text: string): Address | undefined {
  const family: Family = text.includes(':') ? 6 : 4;
  const value = family === 6 ? ipv6(text) : ipv4(text);
  return value === undefined ? undefined : { family, value };
}

/** Reads `10.0.0.0/24`; an address alone is a prefix of its whole length. */
export function prefixOf(text: string): Prefix | undefined {
  const [written, length] = text.split('/');
  const address = addressOf(written);
  if (!address) return undefined;
  return { ...address, length: length === undefined ? BITS[address.family] : Number(length) };
}

export function contains({ family, value, length }: Prefix, other: Address): boolean {
  if (family !== other.family) return false;
  const shift = BigInt(BITS[family] - length);
  return value >> shift === other.value >> shift;
}

/** Whether an address is in a prefix, both as text; not when either cannot be read. */
export function isWithin(prefix: string, address: string): boolean {
  const [its, other] = [prefixOf(prefix), addressOf(address)];
  return its !== undefined && other !== undefined && contains(its, other);
}

/** Whether two texts are one address: `fd00::1` is `fd00:0::0001`. */
export function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [addressOf(one), addressOf(other)];
  return a !== undefined && a.family === b?.family && a.value === b.value;
}

/** Splits `10.0.0.1:80` or `[fd00::1]:80`. */
export function endpointOf(text: string): { readonly ip: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const ip = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { ip, port: Number(text.slice(colon + 1)) };
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return joined(parts.map(Number), 8);
}

/** One `::` stands for as many zeros as are missing; the end may be written as IPv4 (RFC 4291, 2.2). */
function ipv6(text: string): bigint | undefined {
  const halves = inHex(text)?.split('::').map(groupsOf);
  if (!halves || halves.length > 2 || halves.some((half) => half === undefined)) return undefined;
  const [head, tail] = halves as readonly (readonly number[])[];
  if (tail === undefined) return head.length === GROUPS ? joined(head, 16) : undefined;
  const missing = GROUPS - head.length - tail.length;
  if (missing < 1) return undefined;
  return joined([...head, ...Array.from({ length: missing }, () => 0), ...tail], 16);
}

/** With an end that is written as IPv4 as two groups. */
function inHex(text: string): string | undefined {
  const start = text.lastIndexOf(':') + 1;
  if (!text.includes('.', start)) return text;
  const end = ipv4(text.slice(start));
  if (end === undefined) return undefined;
  return `${text.slice(0, start)}${(end >> 16n).toString(16)}:${(end & 0xffffn).toString(16)}`;
}

function groupsOf(half: string): readonly number[] | undefined {
  if (half === '') return [];
  const groups = half.split(':');
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function joined(parts: readonly number[], bits: number): bigint {
  return parts.reduce((value, part) => (value << BigInt(bits)) | BigInt(part), 0n);
}
