import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Outcome } from '../../engine/contract.ts';
import { startAll } from './ceph-daemons.ts';
import { Follower } from './ceph-divergence.ts';
import { ask, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const PREFIX = 'property';
const SEQUENCES = 5;
const STEPS_MAX = 24;
const SEEN_MS = 60_000;
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

interface Image {
  size: number;
  /** In the trash it has given up its name, and keeps it for whoever restores it. */
  isTrash: boolean;
  hasSnapshot: boolean;
}

/** What the cluster should hold: pools with their images, OSDs that are out, users with their caps. */
interface Model {
  readonly pools: Map<string, Map<string, Image>>;
  readonly out: Set<string>;
  readonly users: Map<string, string>;
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
  readonly applies: (model: Model) => boolean;

  constructor(
    [kind, entity, verb]: readonly [string, string, string],
    params: Readonly<Record<string, unknown>>,
    expected: (model: Model) => string | undefined,
    applies: (model: Model) => boolean = () => true,
  ) {
    this.applies = applies;
    this.kind = kind;
    this.entity = entity;
    this.verb = verb;
    this.params = params;
    this.expected = expected;
  }

  check(model: Readonly<Model>): boolean {
    return this.applies(model);
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

/** One in the trash could be made a second time by its name: what is asked of it then is another matter. */
const isNotInTrash =
  (name: string, disk: string) =>
  ({ pools }: Model) =>
    !pools.get(name)?.get(disk)?.isTrash;

const createImage = fc.tuple(pool, image, size).map(
  ([name, disk, size_bytes]) =>
    new Act(
      ['rbd-image', `${name}/${disk}`, 'create'],
      { size_bytes },
      ({ pools }) => {
        const known = pools.get(name)?.get(disk);
        if (!pools.has(name)) return undefined;
        // The same again is no error; another size is.
        if (known) return known.size === size_bytes ? 'available' : undefined;
        pools.get(name)!.set(disk, { size: size_bytes, isTrash: false, hasSnapshot: false });
        return 'available';
      },
      isNotInTrash(name, disk),
    ),
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
      known.hasSnapshot = true;
      return 'available';
    }),
);

const removeImage = fc.tuple(pool, image).map(
  ([name, disk]) =>
    new Act(['rbd-image', `${name}/${disk}`, 'remove'], {}, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (known?.hasSnapshot) return undefined;
      pools.get(name)?.delete(disk);
      return 'absent';
    }),
);

const removeSnapshot = fc.tuple(pool, image).map(
  ([name, disk]) =>
    new Act(['rbd-image', `${name}/${disk}`, 'snap_remove'], { snapshot: 's' }, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (!known || known.isTrash) return undefined;
      known.hasSnapshot = false;
      return 'available';
    }),
);

const trashImage = fc.tuple(pool, image, fc.boolean()).map(
  ([name, disk, isThrown]) =>
    new Act(['rbd-image', `${name}/${disk}`, isThrown ? 'trash' : 'restore'], {}, ({ pools }) => {
      const known = pools.get(name)?.get(disk);
      if (!known) return undefined;
      known.isTrash = isThrown;
      return isThrown ? 'trash' : 'available';
    }),
);

const reweightOsd = fc.tuple(osd, fc.constantFrom(0.25, 0.5, 1)).map(
  ([name, weight]) =>
    new Act(
      ['osd', name, 'reweight'],
      { weight },
      () => 'up+in',
      ({ out }) => !out.has(name), // it would take it in again
    ),
);

const USER = `client.${PREFIX}`;
const caps = fc.constantFrom('allow r', 'profile rbd');

const createUser = caps.map(
  (mon) =>
    new Act(['ceph-user', USER, 'create'], { caps: { mon } }, ({ users }) => {
      // With other capabilities than it has it is another user.
      if (users.has(USER)) return users.get(USER) === mon ? 'present' : undefined;
      users.set(USER, mon);
      return 'present';
    }),
);

const setCaps = caps.map(
  (mon) =>
    new Act(['ceph-user', USER, 'set_caps'], { caps: { mon } }, ({ users }) => {
      if (!users.has(USER)) return undefined;
      users.set(USER, mon);
      return 'present';
    }),
);

const removeUser = fc.constant(
  new Act(['ceph-user', USER, 'remove'], {}, ({ users }) => {
    users.delete(USER);
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
  ...[createPool, createPool, deletePool, setPool, createImage, createImage, createImage],
  ...[resizeImage, snapshotImage, removeSnapshot, trashImage, trashImage, removeImage],
  ...[markOsd, reweightOsd, createUser, setCaps, removeUser],
];

/** Everything that a sequence left, as it should be observed. */
function expectedOf({ pools, out, users }: Model): readonly string[] {
  const images = [...pools].flatMap(([name, all]) =>
    [...all].map(([disk, { isTrash }]) => {
      return `rbd-image/${name}/${disk} ${isTrash ? 'trash' : 'available'}`;
    }),
  );
  return [
    ...[...pools.keys()].map((name) => `pool/${name} active+ok`),
    ...images,
    ...[...out].map((name) => `osd/${name} up+out`),
    ...[...users.keys()].map((name) => `ceph-user/${name} present`),
  ].sort();
}

/** What the cluster itself lists of all that. */
async function listed(): Promise<readonly string[]> {
  const ours = (await backend.driver.list()).filter(
    ({ kind, entity, state }) =>
      (/^(pool|rbd-image|ceph-user)$/.test(kind) && entity.includes(PREFIX)) ||
      (kind === 'osd' && state !== 'up+in'),
  );
  return ours.map(({ kind, entity, state }) => `${kind}/${entity} ${state}`).sort();
}

async function clean({ pools, out }: Model): Promise<void> {
  for (const name of pools.keys()) {
    const sure = { yes_i_really_really_mean_it: true };
    expect(await ask(backend, 'pool', name, 'delete', sure)).toMatchObject({ type: 'done' });
  }
  for (const name of out) await ask(backend, 'osd', name, 'in');
  for (const name of ['osd.1', 'osd.4']) await ask(backend, 'osd', name, 'reweight', { weight: 1 });
  await ask(backend, 'ceph-user', USER, 'remove');
}

it(
  'random sequences of verbs end as Ceph says they do, and no machine is surprised',
  async () => {
    const commands = fc.commands(ACTS, { maxCommands: STEPS_MAX, size: 'max' });
    await fc.assert(
      fc.asyncProperty(commands, createPool, createImage, async (all, first, second) => {
        const model: Model = { pools: new Map(), out: new Set(), users: new Map() };
        // None is over before it has begun.
        for (const each of [first, second]) await each.run(model, { backend });
        await fc.asyncModelRun(() => ({ model, real: { backend } }), all);
        expect(await listed()).toEqual(expectedOf(model));
        // A watch that says nothing would find no divergence either.
        for (const name of model.pools.keys()) {
          const last = () => follower.sequences.get(`pool/${name}`)?.at(-1);
          await expect.poll(last, { timeout: SEEN_MS, message: name }).toBe('active+ok');
        }
        await clean(model);
        expect(follower.divergences).toEqual([]);
      }),
      { numRuns: SEQUENCES, endOnFailure: true },
    );
  },
  PATIENCE_MS,
);
