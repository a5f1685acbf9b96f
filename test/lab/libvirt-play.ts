import fc from 'fast-check';
import { expect } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { LiveWorld } from '../../backends/live.ts';
import { compileModel } from '../../engine/compile.ts';
import { Engine } from '../../engine/engine.ts';
import { STATE_CLASSES } from '../../engine/tables.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { RowList } from '../support/rows.ts';
import { ask } from './libvirt-lab.ts';

/** How long the machine and libvirt may take to agree. */
const SETTLE_S = 60;

const model = compileModel(KINDS, []);

/** What we ask the machine for, or what somebody else does to the domain with libvirt's own verb. */
export type Step =
  | { readonly by: 'us'; readonly event: string }
  | { readonly by: 'somebody'; readonly verb: string };

export const step: fc.Arbitrary<Step> = fc.oneof(
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

export interface Stage {
  /** Name of the domain. */
  readonly name: string;
  /** Parameters of its definition. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Ours; it is closed in the end. */
  readonly backend: LibvirtBackend;
  /** Somebody else's connection. */
  readonly other: LibvirtBackend;
}

/** Runs steps against libvirt and returns what the machine made of it. */
export async function play(steps: readonly Step[], { name, params, backend, other }: Stage) {
  const rows = new RowList();
  const engine = new Engine({ model, recorder: rows });
  const errors: unknown[] = [];
  const world = new LiveWorld({
    ...{ engine, backends: [backend], run: name, given: new Set<string>() },
    params: () => params,
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
      else await ask(other, name, each.verb, { params });
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
  }
  const diverged = rows.list.filter(({ event }) => engine.eventNames[event] === 'diverged');
  return { errors, diverged, divergences: engine.divergences };
}

/** What `play` returns when the machine allowed everything. */
export const AGREED = { errors: [], diverged: [], divergences: 0 };
