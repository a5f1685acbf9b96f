/** Holds the verdicts on packets against what ovn-trace 23.03.1 said of the same networks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isSame } from '../../../sim/sdn/reachability/address.ts';
import { verdicts } from '../../../sim/sdn/reachability/reach.ts';
import { addressesOf } from '../../../sim/sdn/reachability/topology.ts';
import { type Answer, answersOf } from './answer.ts';
import type { Case } from './random-topology.ts';

/** Recorded by `STRATA_RECORD=1 npx vitest run --config vitest.lab.config.ts test/lab/ovn-reach`. */
const recorded: readonly (Case & { readonly answers: readonly (readonly (Answer | null)[])[] })[] =
  JSON.parse(readFileSync(new URL('ovn-trace.json', import.meta.url), 'utf8'));

describe('verdicts on packets', () => {
  it('are those of ovn-trace', () => {
    for (const { topology, queries, answers } of recorded) {
      const found = queries.map((query) => answersOf(topology, query));
      expect(found, JSON.stringify(topology)).toEqual(answers);
    }
  });

  it('were recorded of packets of many fates', () => {
    const fates = new Set(
      recorded.flatMap(({ topology, queries }) =>
        queries.flatMap((query) =>
          verdicts(topology, query).map((each) =>
            'delivered' in each ? 'delivered' : each.dropped,
          ),
        ),
      ),
    );
    expect([...fates].sort()).toEqual([
      ...['acl', 'delivered', 'no route', 'policy', 'port disabled', 'port security'],
      ...['router address', 'unknown address'],
    ]);
  });

  it('were recorded of networks with much of what there is', () => {
    const answered = recorded.flatMap(({ topology, queries, answers }) =>
      queries.flatMap((query, i) =>
        answers[i].flatMap((answer) => (answer ? [{ topology, query, answer }] : [])),
      ),
    );
    const led = answered.filter(({ query, answer }) => answer.destination !== query.to);
    const hidden = answered.filter(({ topology, query, answer }) => {
      const ports = topology.switches.flatMap((each) => each.ports);
      const own = addressesOf(ports.find(({ name }) => name === query.from)!);
      return ![...own, query.spoofed ?? ''].some((ip) => isSame(ip, answer.source));
    });
    const isIpv6 = ({ query }: (typeof answered)[number]) => query.to.includes(':');
    const byGatewayRouters = hidden.filter(({ topology }) =>
      topology.routers.some(({ chassis }) => chassis !== undefined),
    );
    const ofSeveral = recorded.flatMap(({ answers }) => answers).filter((all) => all.length > 1);
    const counts = {
      ...{ answered: answered.length, led: led.length, hidden: hidden.length },
      ...{ led6: led.filter(isIpv6).length, hidden6: hidden.filter(isIpv6).length },
      ...{ byGatewayRouters: byGatewayRouters.length, ofSeveral: ofSeveral.length },
    };
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(2);
  });
});
