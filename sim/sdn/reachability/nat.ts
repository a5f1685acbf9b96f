/**
 * Translation of addresses of the first packet of a connection (ovn-northd(8): DNAT, SNAT and egress
 * loopback): at the distributed gateway port of a router, or at every port of a gateway router. The
 * rules of any other router do nothing.
 */
import { isSame, isWithin, prefixOf } from './address.ts';
import type { LogicalRouter, Nat } from './topology.ts';

/** The destination of what comes in where addresses are translated. */
export function destinationOf({ nat = [] }: LogicalRouter, to: string): string {
  const its = nat.find(({ type, external_ip }) => type !== 'snat' && isSame(external_ip, to));
  return its?.logical_ip ?? to;
}

/** The source of what leaves there: the longest prefix decides. */
export function sourceOf({ nat = [] }: LogicalRouter, from: string): string {
  let best: Nat | undefined;
  for (const each of nat) {
    if (each.type === 'dnat' || !isWithin(each.logical_ip, from)) continue;
    if (!best || lengthOf(each) > lengthOf(best)) best = each;
  }
  return best?.external_ip ?? from;
}

/** Whether an address is one of those that the router translates to or from. */
export function isExternal({ nat = [] }: LogicalRouter, ip: string): boolean {
  return nat.some(({ external_ip }) => isSame(external_ip, ip));
}

/** Whether a router's own address is one that it also gives to what leaves. */
export function isShared({ nat = [] }: LogicalRouter, ip: string): boolean {
  return nat.some(({ type, external_ip }) => type === 'snat' && isSame(external_ip, ip));
}

function lengthOf({ logical_ip }: Nat): number {
  return prefixOf(logical_ip)?.length ?? -1;
}
