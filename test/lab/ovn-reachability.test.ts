/**
 * The simulator's verdicts against ovn-trace on random networks. With STRATA_RECORD=1 it writes what
 * ovn-trace said to the golden file that `test/sim/reachability/golden.test.ts` reads.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nbctl, type TracedOutput, trace } from '../../lab/ovn/trace.ts';
import { firstHop, type Query, reach } from '../../sim/sdn/reachability/reach.ts';
import {
  type LogicalSwitch,
  peerName,
  type Topology,
} from '../../sim/sdn/reachability/topology.ts';
import { type Case, cases } from '../sim/reachability/random-topology.ts';
import { START_TIMEOUT_MS, startLab } from './ovn-lab.ts';

const GOLDEN = fileURLToPath(new URL('../sim/reachability/ovn-trace.json', import.meta.url));
const RECORDED = 40;
const NETWORKS = 25;
/**
 * Gateways are given to a chassis that is not there: ovn-controller would take minutes to turn some of
 * these rules into flows, and nothing else of the lab would be done meanwhile.
 */
const NO_CHASSIS = 'nowhere';

/** The commands that make a network, and those that take it away. */
function commandsOf(topology: Topology): { make: string[][]; remove: string[][] } {
  const { switches, routers, address_sets = {}, port_groups = [] } = topology;
  const make: string[][] = [];
  const remove: string[][] = [];
  for (const [name, addresses] of Object.entries(address_sets)) {
    const quoted = addresses.map((each) => `"${each}"`).join(', ');
    make.push(['create', 'Address_Set', `name=${name}`, `addresses=${quoted || '[]'}`]);
    remove.push(['destroy', 'Address_Set', name]);
  }
  for (const { name, ports, acls, load_balancers } of switches) {
    make.push(['ls-add', name]);
    remove.push(['ls-del', name]);
    for (const port of ports) {
      const addresses = `${port.mac} ${port.ip}`;
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
  for (const router of routers) {
    make.push(['lr-add', router.name]);
    remove.push(['lr-del', router.name]);
    for (const port of router.ports) {
      const peer = peerName(port, router);
      make.push(['lrp-add', router.name, port.name, port.mac, port.network]);
      make.push(['lsp-add', port.switch, peer], ['lsp-set-type', peer, 'router']);
      make.push(['lsp-set-addresses', peer, 'router']);
      make.push(['lsp-set-options', peer, `router-port=${port.name}`]);
    }
    for (const { prefix, nexthop } of router.routes) {
      make.push(['lr-route-add', router.name, prefix, nexthop]);
    }
    for (const { name } of router.ports.filter(({ is_gateway }) => is_gateway)) {
      make.push(['lrp-set-gateway-chassis', name, NO_CHASSIS]);
    }
    for (const { type, external_ip, logical_ip } of router.nat ?? []) {
      make.push(['lr-nat-add', router.name, type, external_ip, logical_ip]);
    }
    for (const { priority, match, action, nexthop } of router.policies ?? []) {
      const what = nexthop === undefined ? [action] : [action, nexthop];
      make.push(['lr-policy-add', router.name, String(priority), match, ...what]);
    }
  }
  for (const { name, ports, acls } of port_groups) {
    make.push(['pg-add', name, ...ports]);
    remove.push(['pg-del', name]);
    for (const { direction, priority, match, action } of acls) {
      const rule = [name, direction, String(priority), match, action];
      make.push(['--type=port-group', 'acl-add', ...rule]);
    }
  }
  return { make, remove };
}

/** How ovn-trace says that a packet comes out, and where; undefined when nowhere. */
async function traced(topology: Topology, query: Query): Promise<Answer | undefined> {
  const on = topology.switches.find(({ ports }) => ports.some(({ name }) => name === query.from))!;
  const sender = on.ports.find(({ name }) => name === query.from)!;
  const mac = firstHop(topology, on, sender, query.to);
  if (mac === undefined) return undefined;
  const { protocol, port, source_port } = query;
  const source = query.spoofed ?? sender.ip;
  const flow = [
    ...[`inport == "${sender.name}"`, `eth.src == ${sender.mac}`, `eth.dst == ${mac}`],
    ...[`ip4.src == ${source}`, `ip4.dst == ${query.to}`, 'ip.ttl == 64'],
    ...(protocol === 'icmp4'
      ? ['icmp4.type == 8']
      : [`${protocol}.src == ${source_port}`, `${protocol}.dst == ${port}`]),
  ].join(' && ');
  const outputs = await trace(on.name, flow);
  const others = outputs.filter((each) => each.port !== sender.name);
  const [output] = others;
  expect(new Set(others.map((each) => each.port)).size, flow).toBeLessThanOrEqual(1);
  if (!output) return undefined;
  // It does not print the address of the backend that a load balancer takes.
  const to = backendOf(on, query) ?? query.to;
  return {
    port: output.port,
    source: output.source ?? source,
    destination: output.destination ?? to,
  };
}

function backendOf({ load_balancers }: LogicalSwitch, query: Query): string | undefined {
  const vip = `${query.to}:${query.port}`;
  const its = load_balancers.find((each) => each.vip === vip && each.protocol === query.protocol);
  return its?.backends[0].split(':')[0];
}

type Answer = Required<TracedOutput>;

async function answered({ topology, queries }: Case): Promise<readonly (Answer | undefined)[]> {
  const { make, remove } = commandsOf(topology);
  await nbctl(make);
  try {
    await nbctl([['sync']]); // whatever northd does in a second round is done as well
    const answers: (Answer | undefined)[] = [];
    for (const query of queries) answers.push(await traced(topology, query));
    return answers;
  } finally {
    await nbctl(remove);
  }
}

function delivered(topology: Topology, query: Query): Answer | undefined {
  const verdict = reach(topology, query);
  // One that comes back to who sent it cannot be told from the answer that it was rejected.
  if (!('delivered' in verdict) || verdict.delivered === query.from) return undefined;
  const { delivered: port, source, destination } = verdict;
  return { port, source, destination };
}

let asked = 0;
let reached = 0;

beforeAll(startLab, START_TIMEOUT_MS);

afterAll(() => console.log(`${asked} packets on ${NETWORKS} networks, ${reached} delivered`));

it('says of every packet what ovn-trace says', async () => {
  const seed = Number(process.env['STRATA_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const answers = await answered(each);
      asked += answers.length;
      reached += answers.filter(Boolean).length;
      expect(each.queries.map((query) => delivered(each.topology, query))).toEqual(answers);
    }),
    { numRuns: NETWORKS, seed, endOnFailure: true },
  );
}, 300_000);

if (process.env['STRATA_RECORD'] === '1') {
  it('records what ovn-trace says', async () => {
    const recorded = [];
    for (const each of fc.sample(cases, { numRuns: RECORDED, seed: 20_240_229 })) {
      const answers = await answered(each);
      recorded.push({ ...each, answers: answers.map((answer) => answer ?? null) });
    }
    writeFileSync(GOLDEN, `${JSON.stringify(recorded)}\n`);
  }, 300_000);
}
