/** Holds the verdicts on packets against what ovn-trace 23.03.1 said of the same networks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reach } from '../../../sim/sdn/reachability/reach.ts';
import type { Case } from './random-topology.ts';

/** Recorded by `STRATA_RECORD=1 npx vitest run --config vitest.lab.config.ts test/lab/ovn-reach`. */
const recorded: readonly (Case & { readonly answers: readonly (string | null)[] })[] = JSON.parse(
  readFileSync(new URL('ovn-trace.json', import.meta.url), 'utf8'),
);

describe('verdicts on packets', () => {
  it('are those of ovn-trace', () => {
    for (const { topology, queries, answers } of recorded) {
      const verdicts = queries.map((query) => {
        const verdict = reach(topology, query);
        return 'delivered' in verdict ? verdict.delivered : null;
      });
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
    expect([...fates].sort()).toEqual(
      ['acl', 'delivered', 'no route', 'port disabled', 'port security', 'unknown address'].sort(),
    );
    expect(recorded.flatMap(({ answers }) => answers).filter(Boolean).length).toBeGreaterThan(30);
  });
});
