import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Outcome } from '../../engine/contract.ts';
import { startAll } from './ceph-daemons.ts';
import { Follower } from './ceph-divergence.ts';
import { ask, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const PREFIX = 'property';
const SEQUENCES = 5;
const STEPS_MAX = 14;
const MIB = 2 ** 20;
const PATIENCE_MS = 300_000;
let backend: CephBackend;
let follower: Follower;
let stop: () => void;

beforeAll(async () => {
  await startLab();
  await startAll();
  await removePools(PREFIX);
  backend = openCeph({ poll_s: 0.1 });
  follower = new Follower();
  stop = backend.watch((seen) => follower.see(seen));
}, START_TIMEOUT_MS);

afterAll(async () => {
  stop();
  await closed(backend);
  await removePools(PREFIX);
});

/** What the cluster should hold: pools with their images (`trash` when there), OSDs that are out. */
interface Model {
  readonly pools: Map<
    string,
    Map<string, { size: number; isTrash: boolean; snapshots: Set<string> }>
  >;
  readonly out: Set<string>;
}

interface Real {
  readonly backend: CephBackend;
}

/** A verb with what must come of it in a given model. */
class Act implements fc.AsyncCommand<Model, Real> {
  readonly kind: string;
  readonly entity: string;
  readonly verb: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Changes the model and says the state expected; undefined: it must be refused. */
  readonly expected: (model: Model) => string | undefined;

  constructor(
    [kind, entity, verb]: readonly [string, string, string],
    params: Readonly<Record<string, unknown>>,
    expected: (model: Model) => string | undefined,
  ) {
    this.kind = kind;
    this.entity = entity;
    this.verb = verb;
    this.params = params;
    this.expected = expected;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { backend }: Real): Promise<void> {
    const outcome: Outcome = await ask(backend, this.kind, this.entity, this.verb, this.params);
    const state = this.expected(model);
    const said = `${this.toString()}: ${JSON.stringify(outcome)}`;
    if (state === undefined) {
      expect(outcome, said).toMatchObject({ type: 'fault', fault: { effect: 'none' } });
    } else {
      expect(outcome, said).toMatchObject({ type: 'done', observation: { state } });
      expect(await backend.driver.observe(this.kind, this.entity)).toMatchObject({ state });
    }
  }

  toString(): string {
    return `${this.verb} ${this.kind}/${this.entity} ${JSON.stringify(this.params)}`;
  }
}

const pool = fc.constantFrom(`${PREFIX}-a`, `${PREFIX}-b`);
const image = fc.constantFrom('x', 'y');
const size = fc.integer({ min: 1, max: 4 }).map((n) => n * 4 * MIB);
const osd = fc.constantFrom('osd.1', 'osd.4');

const createPool = pool.map(
  (name) =>
    new Act(['pool', name, 'create'], { pg_num: 4, application: 'rbd' }, ({ pools }) => {
      if (!pools.has(name)) pools.set(name, new Map());
      return 'active+ok';
    }),
);

const deletePool = pool.map(
  (name) =>
    new Act(['pool', name, 'delete'], { yes_i_really_really_mean_it: true }, ({ pools }) => {
      pools.delete(name);
      return 'absent';
    }),
);

const setPool = fc.tuple(pool, fc.integer({ min: 1, max: 3 })).map(
  ([name, val]) =>
    new Act(['pool', name, 'set'], { var: 'min_size', val }, ({ pools }) => {
      return pools.has(name) ? 'active+ok' : undefined;
    }),
);

const createImage = fc.tuple(pool, image, size).map(
  ([name, disk, size_bytes]) =>
    new Act(['rbd-image', `${name}/${disk}`, 'create'], { size_bytes }, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (!pools.has(name)) return undefined;
      // The same again is no error; another size is. One in the trash has given its name up.
      if (known && !known.isTrash) return known.size === size_bytes ? 'available' : undefined;
      pools.get(name)!.set(disk, { size: size_bytes, isTrash: false, snapshots: new Set() });
      return 'available';
    }),
);

const resizeImage = fc.tuple(pool, image, size).map(
  ([name, disk, size_bytes]) =>
    new Act(
      ['rbd-image', `${name}/${disk}`, 'resize'],
      { size_bytes, allow_shrink: true },
      ({ pools }) => {
        const known = pools.get(name)?.get(disk);
        if (!known || known.isTrash) return undefined;
        known.size = size_bytes;
        return 'available';
      },
    ),
);

const snapshotImage = fc.tuple(pool, image).map(
  ([name, disk]) =>
    new Act(['rbd-image', `${name}/${disk}`, 'snap_create'], { snapshot: 's' }, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (!known || known.isTrash) return undefined;
      known.snapshots.add('s');
      return 'available';
    }),
);

const removeImage = fc.tuple(pool, image).map(
  ([name, disk]) =>
    new Act(['rbd-image', `${name}/${disk}`, 'remove'], {}, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (known && known.snapshots.size > 0) return undefined;
      pools.get(name)?.delete(disk);
      return 'absent';
    }),
);

const markOsd = fc.tuple(osd, fc.boolean()).map(
  ([name, isOut]) =>
    new Act(['osd', name, isOut ? 'out' : 'in'], {}, ({ out }) => {
      if (isOut) out.add(name);
      else out.delete(name);
      return isOut ? 'up+out' : 'up+in';
    }),
);

const ACTS = [
  ...[createPool, createPool, deletePool, setPool, createImage, createImage],
  ...[resizeImage, snapshotImage, removeImage, markOsd],
];

it(
  'random sequences of verbs end as Ceph says they do, and no machine is surprised',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(ACTS, { maxCommands: STEPS_MAX }), async (commands) => {
        const model: Model = { pools: new Map(), out: new Set() };
        await fc.asyncModelRun(() => ({ model, real: { backend } }), commands);
        for (const name of model.pools.keys()) {
          const sure = { yes_i_really_really_mean_it: true };
          expect(await ask(backend, 'pool', name, 'delete', sure)).toMatchObject({ type: 'done' });
        }
        for (const name of model.out) await ask(backend, 'osd', name, 'in');
        expect(follower.divergences).toEqual([]);
      }),
      { numRuns: SEQUENCES, endOnFailure: true },
    );
    expect(follower.sequences.size).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
