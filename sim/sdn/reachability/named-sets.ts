/** Names that stand for several constants in matches (ovn-sb(5): Address_Set, Port_Group). */
import { addressOf } from './address.ts';
import { type Match, parseMatch } from './match.ts';
import { addressesOf, type LogicalSwitch, type Topology } from './topology.ts';

/**
 * Reads a match of a rule on a switch, or on a router, that may speak of the sets of a topology.
 * Throws `SDN_BAD_MATCH`. Undefined when the match speaks of a group without a port on that switch:
 * northd splits groups by switch, so the name means nothing there, and OVN passes over the rule.
 */
export function readMatch(
  topology: Topology,
  on: LogicalSwitch | undefined,
  text: string,
): Match | undefined {
  if (!/[$@]/.test(text)) return parseMatch(text);
  const sets = namedSets(topology, on);
  for (const [group] of text.matchAll(/@[\w.]+/g)) {
    if (sets.get(group)?.length === 0) return undefined;
  }
  return parseMatch(text, sets);
}

/** By the name with the character that matches put before it. */
function namedSets(topology: Topology, on: LogicalSwitch | undefined) {
  const { address_sets = {}, port_groups = [], switches } = topology;
  const sets = new Map<string, readonly string[]>();
  for (const [name, addresses] of Object.entries(address_sets)) sets.set(`$${name}`, addresses);
  for (const { name, ports } of port_groups) {
    const members = (its: LogicalSwitch | undefined) =>
      its?.ports.filter((port) => ports.includes(port.name)) ?? [];
    sets.set(
      `@${name}`,
      members(on).map((port) => port.name),
    );
    // northd makes a set of each family of the addresses of a group, whatever switch they are on.
    const addresses = switches.flatMap((each) => members(each).flatMap(addressesOf));
    for (const family of [4, 6] as const) {
      sets.set(
        `$${name}_ip${family}`,
        addresses.filter((each) => addressOf(each)?.family === family),
      );
    }
  }
  return sets;
}
