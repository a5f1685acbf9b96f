/**
 * The simulator's verdicts against ovn-trace on random networks. With STRATA_RECORD=1 it writes what
 * ovn-trace said to the golden file that `test/sim/reachability/golden.test.ts` reads.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nbctl } from '../../lab/ovn/trace.ts';
import type { Query } from '../../sim/sdn/reachability/reach.ts';
import type { Topology } from '../../sim/sdn/reachability/topology.ts';
import { type Answer, answersOf, inOrder } from '../sim/reachability/answer.ts';
import { type Case, cases } from '../sim/reachability/random-topology.ts';
import { START_TIMEOUT_MS, startLab } from './ovn-lab.ts';
import { commandsOf, traced } from './ovn-network.ts';

const GOLDEN = fileURLToPath(new URL('../sim/reachability/ovn-trace.json', import.meta.url));
const RECORDED = 40;
const NETWORKS = 25;
/** At least so many packets of each question, since chance decides about some. */
const PACKETS_MIN = 5;
/** Until each answer that is expected came; that one of nine stays away so long is once in a million. */
const PACKETS_MAX = 120;
/** Some thousand calls of programs. */
const PROPERTY_TIMEOUT_MS = 900_000;

type Answers = readonly (Answer | null)[];

async function answered({ topology, queries }: Case): Promise<readonly Answers[]> {
  const { make, remove } = commandsOf(topology);
  await nbctl(make);
  try {
    await nbctl([['sync']]); // whatever northd does in a second round is done as well
    const answers: Answers[] = [];
    for (const query of queries) answers.push(await everyAnswer(topology, query));
    return answers;
  } finally {
    await nbctl(remove);
  }
}

/** What ovn-trace answers, asked again until it has said all that is expected, or something else. */
async function everyAnswer(topology: Topology, query: Query): Promise<Answers> {
  const missing = new Set(answersOf(topology, query).map((each) => JSON.stringify(each)));
  const seen: (Answer | null)[] = [];
  for (let packet = 0; packet < PACKETS_MAX; packet++) {
    if (missing.size === 0 && packet >= PACKETS_MIN) break;
    const answer = await traced(topology, query);
    missing.delete(JSON.stringify(answer));
    seen.push(answer);
  }
  return inOrder(seen);
}

let asked = 0;
let reached = 0;
let several = 0;

beforeAll(startLab, START_TIMEOUT_MS);

afterAll(() =>
  console.log(`${asked} questions, ${reached} delivered, ${several} of several answers`),
);

it(
  'says of every packet what ovn-trace says, of every answer that chance allows',
  async () => {
    const seed = Number(process.env['STRATA_SEED'] ?? Date.now() % 1_000_000);
    console.log(`seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const answers = await answered(each);
        asked += answers.length;
        reached += answers.filter((all) => all.some(Boolean)).length;
        several += answers.filter((all) => all.length > 1).length;
        expect(each.queries.map((query) => answersOf(each.topology, query))).toEqual(answers);
      }),
      { numRuns: NETWORKS, seed, endOnFailure: true },
    );
  },
  PROPERTY_TIMEOUT_MS,
);

if (process.env['STRATA_RECORD'] === '1') {
  it(
    'records what ovn-trace says',
    async () => {
      const recorded = [];
      for (const each of fc.sample(cases, { numRuns: RECORDED, seed: 20_240_229 })) {
        recorded.push({ ...each, answers: await answered(each) });
      }
      writeFileSync(GOLDEN, `${JSON.stringify(recorded)}\n`);
    },
    PROPERTY_TIMEOUT_MS,
  );
}
