/** Holds the verdicts on packets against what ovn-trace 23.03.1 said of the same networks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Query, reach } from '../../../sim/sdn/reachability/reach.ts';
import type { Topology } from '../../../sim/sdn/reachability/topology.ts';
import type { Case } from './random-topology.ts';

/** Where a packet came out, and with which addresses. */
interface Answer {
  readonly port: string;
  readonly source: string;
  readonly destination: string;
}

function answerOf(topology: Topology, query: Query): Answer | null {
  const verdict = reach(topology, query);
  // ovn-trace was not asked about packets that come back to who sent them.
  if (!('delivered' in verdict) || verdict.delivered === query.from) return null;
  const { delivered: port, source, destination } = verdict;
  return { port, source, destination };
}

/** Recorded by `STRATA_RECORD=1 npx vitest run --config vitest.lab.config.ts test/lab/ovn-reach`. */
const recorded: readonly (Case & { readonly answers: readonly (Answer | null)[] })[] = JSON.parse(
  readFileSync(new URL('ovn-trace.json', import.meta.url), 'utf8'),
);

describe('verdicts on packets', () => {
  it('are those of ovn-trace', () => {
    for (const { topology, queries, answers } of recorded) {
      const verdicts = queries.map((query) => answerOf(topology, query));
      expect(verdicts, JSON.stringify(topology)).toEqual(answers);
    }
  });

  it('were recorded of packets of many fates', () => {
    const fates = new Set(
      recorded.flatMap(({ topology, queries }) =>
        queries.map((query) => {
          const verdict = reach(topology, query);
          return 'delivered' in verdict ? 'delivered' : verdict.dropped;
        }),
      ),
    );
    expect([...fates].sort()).toEqual([
      ...['acl', 'delivered', 'no route', 'policy', 'port disabled', 'port security'],
      'unknown address',
    ]);
    const answered = recorded.flatMap(({ topology, queries, answers }) =>
      queries.flatMap((query, i) => (answers[i] ? [{ topology, query, answer: answers[i] }] : [])),
    );
    const led = answered.filter(({ query, answer }) => answer.destination !== query.to);
    const hidden = answered.filter(({ topology, query, answer }) => {
      const ports = topology.switches.flatMap((each) => each.ports);
      const own = ports.find(({ name }) => name === query.from)?.ip;
      return answer.source !== (query.spoofed ?? own);
    });
    expect(answered.length).toBeGreaterThan(30);
    expect([led.length, hidden.length].every((count) => count > 2)).toBe(true);
  });
});
