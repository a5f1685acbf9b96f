/** A network of the simulator as commands of ovn-nbctl, and a question about it as one to ovn-trace. */
import { expect } from 'vitest';
import { trace } from '../../lab/ovn/trace.ts';
import { addressOf, endpointOf, isSame } from '../../sim/sdn/reachability/address.ts';
import { firstHop, ownAddress, type Query } from '../../sim/sdn/reachability/reach.ts';
import {
  addressesOf,
  type LogicalRouter,
  type LogicalSwitch,
  networksOf,
  peerName,
  portWith,
  type SwitchPort,
  type Topology,
} from '../../sim/sdn/reachability/topology.ts';
import type { Answer } from '../sim/reachability/answer.ts';

/**
 * Gateways are given to a chassis that is not there: ovn-controller would take minutes to turn some of
 * these rules into flows, and nothing else of the lab would be done meanwhile.
 */
const NO_CHASSIS = 'nowhere';

interface Commands {
  readonly make: string[][];
  readonly remove: string[][];
}

/** The commands that make a network, and those that take it away. */
export function commandsOf(topology: Topology): Commands {
  const { switches, routers, address_sets = {}, port_groups = [] } = topology;
  const commands: Commands = { make: [], remove: [] };
  const { make, remove } = commands;
  for (const [name, addresses] of Object.entries(address_sets)) {
    const quoted = addresses.map((each) => `"${each}"`).join(', ');
    make.push(['create', 'Address_Set', `name=${name}`, `addresses=${quoted || '[]'}`]);
    remove.push(['destroy', 'Address_Set', name]);
  }
  for (const each of switches) addSwitch(each, commands);
  for (const each of routers) addRouter(each, commands);
  for (const { name, ports, acls } of port_groups) {
    make.push(['pg-add', name, ...ports]);
    remove.push(['pg-del', name]);
    for (const { direction, priority, match, action } of acls) {
      const rule = [name, direction, String(priority), match, action];
      make.push(['--type=port-group', 'acl-add', ...rule]);
    }
  }
  return commands;
}

function addSwitch(on: LogicalSwitch, { make, remove }: Commands): void {
  const { name, ports, acls, load_balancers } = on;
  make.push(['ls-add', name]);
  remove.push(['ls-del', name]);
  for (const port of ports) {
    const addresses = [port.mac, ...addressesOf(port)].join(' ');
    make.push(['lsp-add', name, port.name], ['lsp-set-addresses', port.name, addresses]);
    make.push(['lsp-set-enabled', port.name, port.enabled === false ? 'disabled' : 'enabled']);
    if (port.port_security) make.push(['lsp-set-port-security', port.name, addresses]);
  }
  for (const { direction, priority, match, action } of acls) {
    make.push(['acl-add', name, direction, String(priority), match, action]);
  }
  for (const { name: lb, vip, backends, protocol } of load_balancers) {
    make.push(['lb-add', lb, vip, backends.join(','), protocol], ['ls-lb-add', name, lb]);
    remove.push(['lb-del', lb]);
  }
}

function addRouter(router: LogicalRouter, { make, remove }: Commands): void {
  const { name, ports, routes, nat = [], policies = [] } = router;
  make.push(['lr-add', name]);
  remove.push(['lr-del', name]);
  if (router.chassis) make.push(['set', 'Logical_Router', name, `options:chassis=${NO_CHASSIS}`]);
  for (const port of ports) {
    const peer = peerName(port, router);
    make.push(['lrp-add', name, port.name, port.mac, ...networksOf(port)]);
    make.push(['lsp-add', port.switch, peer], ['lsp-set-type', peer, 'router']);
    make.push(['lsp-set-addresses', peer, 'router']);
    make.push(['lsp-set-options', peer, `router-port=${port.name}`]);
    if (port.is_gateway) make.push(['lrp-set-gateway-chassis', port.name, NO_CHASSIS]);
  }
  for (const { prefix, nexthop } of routes) {
    make.push(['--ecmp', 'lr-route-add', name, prefix, nexthop]);
  }
  for (const { type, external_ip, logical_ip } of nat) {
    make.push(['lr-nat-add', name, type, external_ip, logical_ip]);
  }
  for (const { priority, match, action, nexthop } of policies) {
    const what = nexthop === undefined ? [action] : [action, nexthop];
    make.push(['lr-policy-add', name, String(priority), match, ...what]);
  }
}

/** The switch and the microflow of a question; undefined when the sender knows nobody to send it to. */
export function flowOf(topology: Topology, query: Query): readonly [string, string] | undefined {
  const { on, sender } = senderOf(topology, query);
  const mac = firstHop(topology, on, sender, query.to);
  if (mac === undefined) return undefined;
  const parts = [`inport == "${sender.name}"`, `eth.src == ${sender.mac}`, `eth.dst == ${mac}`];
  return [on.name, [...parts, ...ipPart(query, sourceOf(sender, query))].join(' && ')];
}

/** How ovn-trace says that a packet comes out this time, and where; null when nowhere. */
export async function traced(topology: Topology, query: Query): Promise<Answer | null> {
  const flow = flowOf(topology, query);
  if (!flow) return null;
  const outputs = (await trace(...flow)).filter(({ port }) => port !== query.from);
  const [output] = outputs;
  expect(new Set(outputs.map(({ port }) => port)).size, flow[1]).toBeLessThanOrEqual(1);
  if (!output) return null;
  const { on, sender } = senderOf(topology, query);
  const led = balancedTo(topology, on, query, output.port);
  return {
    port: output.port,
    source: output.source ?? sourceOf(sender, query),
    destination: output.destination ?? (led === undefined ? query.to : led),
  };
}

function senderOf({ switches }: Topology, { from }: Query) {
  const on = switches.find(({ ports }) => ports.some(({ name }) => name === from))!;
  return { on, sender: on.ports.find(({ name }) => name === from)! };
}

function sourceOf(sender: SwitchPort, { spoofed, to }: Query): string {
  return spoofed ?? ownAddress(sender, to)!;
}

function ipPart({ protocol, to, port, source_port }: Query, source: string): readonly string[] {
  const ip = addressOf(to)?.family === 6 ? 'ip6' : 'ip4';
  const addresses = [`${ip}.src == ${source}`, `${ip}.dst == ${to}`, 'ip.ttl == 64'];
  if (protocol === 'icmp4') return [...addresses, 'icmp4.type == 8'];
  if (protocol === 'icmp6') return [...addresses, 'icmp6.type == 128'];
  return [...addresses, `${protocol}.src == ${source_port}`, `${protocol}.dst == ${port}`];
}

/**
 * ovn-trace does not print the backend that it takes, but the port that the packet comes out at tells;
 * null when it is none of a backend. Undefined when nothing is balanced.
 */
function balancedTo(
  { switches }: Topology,
  on: LogicalSwitch,
  query: Query,
  port: string,
): string | null | undefined {
  const its = on.load_balancers.find(({ vip, protocol }) => {
    const { ip, port: at } = endpointOf(vip);
    return isSame(ip, query.to) && at === query.port && protocol === query.protocol;
  });
  if (!its) return undefined;
  const found = its.backends
    .map((backend) => endpointOf(backend).ip)
    .find((ip) => switches.some((each) => portWith(each, ip)?.name === port));
  return found ?? null;
}
