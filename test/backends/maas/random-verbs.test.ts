import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MACHINE_VERBS } from '../../../backends/maas/verbs.ts';
import type { Observation, Outcome } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { divergences } from '../bare-metal/machine-rules.ts';
import {
  ask,
  live,
  type MaasBackend,
  observe,
  openMaas,
  startServer,
} from './region-under-test.ts';

/** Other runs: `MAAS_SEED=7 MAAS_RUNS=50`. */
const { MAAS_SEED, MAAS_RUNS } = process.env;
const RUN = {
  ...(MAAS_SEED ? { seed: Number(MAAS_SEED) } : {}),
  ...(MAAS_RUNS ? { numRuns: Number(MAAS_RUNS) } : {}),
};

const server = startServer();
let backend: MaasBackend;
let count = 0;
let name: string;

beforeAll(async () => {
  backend = openMaas(await server.listen());
});
afterAll(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

const record = () =>
  [...server.region.machines.values()].find(({ hostname }) => hostname === name)!;
const act = (verb: string, params = {}) => ask(backend, name, verb, params);
const reach = (...verbs: string[]) => live(backend, name, verbs);
const PARAMS: Readonly<Record<string, object>> = { set_owner_data: { data: {} } };
const verbs = MACHINE_VERBS.filter(
  (verb) => !['create', 'delete', 'tag', 'untag', 'update', 'link_subnet'].includes(verb),
);

/** MAAS switches off what it marks broken or aborts after it has answered. */
async function atRest(): Promise<Observation> {
  await eventually(() => expect(record().isSwitching).toBe(false));
  return observe(backend, name);
}

function expectSame(verb: string, after: Observation, outcome: Observation | undefined): void {
  const goesOff = verb === 'mark_broken' || verb === 'abort';
  const [now, then] = [after.state, outcome?.state].map((state) =>
    goesOff ? state?.split('+')[0] : state,
  );
  expect(now, verb).toBe(then);
}

it('lead through states that the machine allows, and each outcome is what is seen', async () => {
  const sequence = fc.array(fc.constantFrom(...verbs), { minLength: 5, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(sequence, async (chosen) => {
      name = `m${++count}`;
      const seen: Observation[] = [];
      const stop = backend.watch((each) => {
        if (each.kind === 'machine' && each.entity === name) seen.push(each);
      });
      await reach('create');
      for (const verb of chosen) {
        const before = await atRest();
        const outcome: Outcome = await act(verb, PARAMS[verb]);
        const after = await atRest();
        if (outcome.type === 'done') expectSame(verb, after, outcome.observation);
        else if (outcome.type === 'fault' && outcome.fault.effect === 'none') {
          expect(after.state, `${verb}: ${JSON.stringify(outcome.fault)}`).toBe(before.state);
        } else if (outcome.type === 'fault') {
          const isOther = /^MAAS_(OVERTAKEN|OPERATION_FAILED)$/.test(outcome.fault.code);
          // Acquired, refused, and given back: what was never commissioned is new then.
          const isNew =
            verb === 'deploy' && /^ready.* new\+/.test(`${before.state} ${after.state}`);
          expect(isOther || isNew, `${verb}: ${JSON.stringify(outcome.fault)}`).toBe(true);
        }
      }
      stop();
      expect(divergences(seen)).toEqual([]);
      await act('unlock'); // refused unless it is locked, in which case it could not be deleted
      await reach('delete');
    }),
    { numRuns: 6, ...RUN },
  );
});
