/**
 * Translation of addresses by a router with a distributed gateway port, of the first packet of a
 * connection (ovn-northd(8): DNAT, SNAT and egress loopback). Without such a port a router's rules
 * do nothing.
 */
import { contains, ipv4, prefixOf } from './address.ts';
import type { LogicalRouter, Nat } from './topology.ts';

/** The destination of what comes in by the gateway port. */
export function destinationOf({ nat = [] }: LogicalRouter, to: string): string {
  const its = nat.find(({ type, external_ip }) => type !== 'snat' && external_ip === to);
  return its?.logical_ip ?? to;
}

/** The source of what leaves by the gateway port: the longest prefix decides. */
export function sourceOf({ nat = [] }: LogicalRouter, from: string): string {
  const address = ipv4(from);
  let best: Nat | undefined;
  for (const each of nat) {
    if (each.type === 'dnat' || !contains(prefixOf(each.logical_ip), address)) continue;
    if (!best || lengthOf(each) > lengthOf(best)) best = each;
  }
  return best?.external_ip ?? from;
}

/** Whether an address is one of those that the router translates to or from. */
export function isExternal({ nat = [] }: LogicalRouter, ip: string): boolean {
  return nat.some(({ external_ip }) => external_ip === ip);
}

/** Whether a router's own address is one that it also gives to what leaves. */
export function isShared({ nat = [] }: LogicalRouter, ip: string): boolean {
  return nat.some(({ type, external_ip }) => type === 'snat' && external_ip === ip);
}

function lengthOf({ logical_ip }: Nat): number {
  return prefixOf(logical_ip).length;
}
