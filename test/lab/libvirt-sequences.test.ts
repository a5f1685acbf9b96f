import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { LiveWorld } from '../../backends/live.ts';
import { compileModel } from '../../engine/compile.ts';
import { Engine } from '../../engine/engine.ts';
import { STATE_CLASSES } from '../../engine/tables.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { RowList } from '../support/rows.ts';
import { ask, guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const RUNS = 6;
const RUN_TIMEOUT_MS = 120_000;
const PREFIX = `sequence-${process.pid}`;
const SETTLE_S = 60;

const model = compileModel(KINDS, []);
let other: LibvirtBackend;
let count = 0;

beforeAll(async () => {
  await startLab();
  other = openLibvirt();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeDomains(PREFIX);
  await new Promise<void>((closed) => other.close(closed));
});

/** What we ask the machine for, or what somebody else does to the domain with libvirt's own verb. */
type Step =
  | { readonly by: 'us'; readonly event: string }
  | { readonly by: 'somebody'; readonly verb: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('define', 'start', 'suspend', 'resume', 'managed_save', 'restore', 'destroy')
      .map((event): Step => ({ by: 'us', event })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('create', 'suspend', 'resume', 'destroy', 'managed_save', 'undefine')
      .map((verb): Step => ({ by: 'somebody', verb })),
  },
);

/** Runs steps against libvirt and returns what the machine made of it. */
async function play(steps: readonly Step[]) {
  const name = `${PREFIX}-${++count}`;
  const rows = new RowList();
  const engine = new Engine({ model, recorder: rows });
  const errors: unknown[] = [];
  const world = new LiveWorld({
    ...{ engine, backends: [openLibvirt()], run: name, given: new Set<string>() },
    params: () => guestParams(),
    deadline_s: () => SETTLE_S,
    onFault: () => {},
    onError: (cause) => errors.push(cause),
  });
  const domain = engine.create(model.kindId('domain'), name);
  const stateName = () => model.stateNames[engine.state[domain]].slice('domain/'.length);
  try {
    await world.start();
    for (const each of steps) {
      if (each.by === 'us') world.act(() => engine.send(domain, model.eventId(each.event)));
      else await ask(other, name, each.verb);
      // What libvirt reports of somebody else's doing may come a moment later.
      await expect
        .poll(
          async () => {
            const isTransient =
              STATE_CLASSES[model.stateClass[engine.state[domain]]] === 'transient';
            if (isTransient) return 'transient';
            const seen = await other.driver.observe('domain', name);
            return seen.state === stateName() ? 'agreed' : `${seen.state}, not ${stateName()}`;
          },
          { timeout: SETTLE_S * 1000, interval: 50 },
        )
        .toBe('agreed');
    }
  } finally {
    await world.stop();
    await removeDomains(name);
  }
  const diverged = rows.list.filter(({ event }) => engine.eventNames[event] === 'diverged');
  return { errors, diverged, divergences: engine.divergences };
}

it(
  'agrees with the machine over random verbs, ours and somebody else\u2019s',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const begun: Step[] = [
          { by: 'us', event: 'define' },
          { by: 'us', event: 'start' },
        ];
        expect(await play([...begun, ...steps])).toEqual({
          errors: [],
          diverged: [],
          divergences: 0,
        });
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  RUNS * RUN_TIMEOUT_MS,
);
