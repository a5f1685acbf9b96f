/** IPv4 addresses as numbers: comparing prefixes of them is most of routing. */

/** The address as an unsigned 32-bit number; NaN for anything else. */
export function ipv4(text: string): number {
  const parts = text.split('.');
  if (parts.length !== 4) return Number.NaN;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return Number.NaN;
    value = value * 256 + Number(part);
  }
  return value;
}

export interface Prefix {
  readonly address: number;
  /** 0 to 32. */
  readonly length: number;
}

/** Reads `10.0.0.0/24`; an address alone is a prefix of its whole length. */
export function prefixOf(text: string): Prefix {
  const [address, length = '32'] = text.split('/');
  return { address: ipv4(address), length: Number(length) };
}

export function contains({ address, length }: Prefix, other: number): boolean {
  if (length === 0) return true;
  const shift = 2 ** (32 - length);
  return Math.floor(address / shift) === Math.floor(other / shift);
}
