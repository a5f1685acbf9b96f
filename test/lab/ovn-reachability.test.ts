/**
 * The simulator's verdicts against ovn-trace on random networks. With STRATA_RECORD=1 it writes what
 * ovn-trace said to the golden file that `test/sim/reachability/golden.test.ts` reads.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nbctl, trace } from '../../lab/ovn/trace.ts';
import { firstHop, type Query, reach } from '../../sim/sdn/reachability/reach.ts';
import { peerName, type Topology } from '../../sim/sdn/reachability/topology.ts';
import { type Case, cases } from '../sim/reachability/random-topology.ts';
import { START_TIMEOUT_MS, startLab } from './ovn-lab.ts';

const GOLDEN = fileURLToPath(new URL('../sim/reachability/ovn-trace.json', import.meta.url));
const RECORDED = 30;
const NETWORKS = 25;

/** The commands that make a network, and those that take it away. */
function commandsOf({ switches, routers }: Topology): { make: string[][]; remove: string[][] } {
  const make: string[][] = [];
  const remove: string[][] = [];
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
  }
  return { make, remove };
}

/** Where ovn-trace says that a packet comes out; undefined when nowhere. */
async function traced(topology: Topology, query: Query): Promise<string | undefined> {
  const on = topology.switches.find(({ ports }) => ports.some(({ name }) => name === query.from))!;
  const sender = on.ports.find(({ name }) => name === query.from)!;
  const mac = firstHop(topology, on, sender, query.to);
  if (mac === undefined) return undefined;
  const { protocol, port, source_port } = query;
  const flow = [
    ...[`inport == "${sender.name}"`, `eth.src == ${sender.mac}`, `eth.dst == ${mac}`],
    ...[`ip4.src == ${query.spoofed ?? sender.ip}`, `ip4.dst == ${query.to}`, 'ip.ttl == 64'],
    ...(protocol === 'icmp4'
      ? ['icmp4.type == 8']
      : [`${protocol}.src == ${source_port}`, `${protocol}.dst == ${port}`]),
  ].join(' && ');
  const outputs = await trace(on.name, flow, query.backend);
  // What is rejected comes back to who sent it.
  const others = [...new Set(outputs)].filter((name) => name !== sender.name);
  expect(others.length, `${flow}: ${outputs}`).toBeLessThanOrEqual(1);
  return others[0];
}

async function answered({ topology, queries }: Case): Promise<readonly (string | undefined)[]> {
  const { make, remove } = commandsOf(topology);
  await nbctl(make);
  try {
    await nbctl([['sync']]); // whatever northd does in a second round is done as well
    const answers: (string | undefined)[] = [];
    for (const query of queries) answers.push(await traced(topology, query));
    return answers;
  } finally {
    await nbctl(remove);
  }
}

function delivered(topology: Topology, query: Query): string | undefined {
  const verdict = reach(topology, query);
  return 'delivered' in verdict ? verdict.delivered : undefined;
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
