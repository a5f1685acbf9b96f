/** Random verbs on pools, volumes and networks of a real libvirt, ours and somebody else's. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { systemFolder } from '../../lab/folder.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { MachinePaths } from '../support/machine-paths.ts';
import { actOn, openLibvirt, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 240_000;
const SEEN_MS = 30_000;
const SEQUENCES = 6;
const COMMANDS_MAX = 40;
const MIB_BYTES = 2 ** 20;
const PREFIX = `random-${process.pid}`;
/** What every sequence begins with, so that none is over before it has begun. */
const BEGUN = ['define', 'create'] as const;

type PoolState = 'absent' | 'inactive' | 'running';
/** `transient`: it runs on without a definition, and goes when it is stopped. */
type NetworkState = 'absent' | 'inactive' | 'active' | 'transient';

/** What there should be. */
interface Model {
  pool: PoolState;
  /** Capacity in MiB by name; files outlive their pool's definition. */
  readonly volumes: Map<string, number>;
  network: NetworkState;
}

interface Real {
  readonly backends: readonly [LibvirtBackend, LibvirtBackend];
  readonly name: string;
}

type Params = Readonly<Record<string, unknown>>;

interface Verb {
  readonly kind: 'storage-pool' | 'storage-volume' | 'virtual-network';
  readonly verb: string;
  readonly volume?: string;
  readonly params?: Params;
  /** Changes the model when libvirt does it; false: libvirt refuses. */
  follow(model: Model): boolean;
}

const pool = (verb: string, from: readonly PoolState[], to?: PoolState): Verb => ({
  ...{ kind: 'storage-pool', verb },
  follow: (model) => {
    const isDone = from.includes(model.pool);
    if (isDone && to) model.pool = to;
    return isDone;
  },
});

const network = (verb: string, to: Partial<Record<NetworkState, NetworkState>>): Verb => ({
  ...{ kind: 'virtual-network', verb },
  follow: (model) => {
    const next = to[model.network];
    if (next) model.network = next;
    return next !== undefined;
  },
});

const volume = (
  verb: string,
  name: string,
  mib: number,
  change: (volumes: Map<string, number>) => boolean,
): Verb => ({
  ...{ kind: 'storage-volume', verb, volume: name },
  params: { capacity_bytes: mib * MIB_BYTES, format: 'raw' },
  follow: (model) => model.pool === 'running' && change(model.volumes),
});

const POOL_VERBS = [
  pool('define', ['absent'], 'inactive'),
  pool('build', ['inactive']),
  pool('create', ['inactive'], 'running'),
  pool('refresh', ['running']),
  pool('destroy', ['running'], 'inactive'),
  pool('undefine', ['inactive'], 'absent'),
];
const NETWORK_VERBS = [
  network('define', { absent: 'inactive' }),
  network('create', { inactive: 'active' }),
  network('destroy', { active: 'inactive', transient: 'absent' }),
  network('undefine', { inactive: 'absent', active: 'transient' }),
];
const VOLUME_VERBS = ['a', 'b'].flatMap((name) =>
  [1, 2, 3].flatMap((mib) => [
    volume('create', name, mib, (all) => !all.has(name) && Boolean(all.set(name, mib))),
    // It grows; making it smaller, and losing data, takes another word.
    volume('resize', name, mib, (all) => {
      const fits = (all.get(name) ?? Number.POSITIVE_INFINITY) <= mib;
      if (fits) all.set(name, mib);
      return fits;
    }),
    volume('delete', name, mib, (all) => all.delete(name)),
  ]),
);

class VerbCommand implements fc.AsyncCommand<Model, Real> {
  readonly #spec: Verb;
  readonly #by: 0 | 1;

  constructor(spec: Verb, by: 0 | 1) {
    this.#spec = spec;
    this.#by = by;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { backends, name }: Real): Promise<void> {
    const { kind, params, verb, volume: own } = this.#spec;
    const entity = own === undefined ? name : `${name}/${own}`;
    const all = {
      ...params,
      ...(kind === 'storage-pool' && { path: folder(name) }),
      ...(kind === 'virtual-network' && { bridge: `vbr${name.split('-').at(-1)}` }),
    };
    const before = { ...model };
    const outcome = await actOn(backends[this.#by], kind, entity, verb, all);
    const said = `${this} of ${JSON.stringify(before)}: ${JSON.stringify(outcome)}`;
    expect(outcome.type, said).toBe(this.#spec.follow(model) ? 'done' : 'fault');
    for (const each of expected(model, name)) {
      expect(await backends[0].driver.observe(each.kind, each.entity), said).toMatchObject(each);
    }
  }

  toString(): string {
    const { kind, params, verb, volume: own } = this.#spec;
    const size = params ? ` ${Number(params['capacity_bytes']) / MIB_BYTES}` : '';
    return `${this.#by ? 'somebody ' : ''}${verb} ${kind}${own ?? ''}${size}`;
  }
}

/** Everything of the sequence as it should be observed. */
function expected(model: Model, name: string) {
  const isUp = model.pool === 'running';
  const ofVolume = (own: string) => {
    const mib = model.volumes.get(own);
    if (isUp && mib !== undefined) {
      return { state: 'available', attributes: { capacity_bytes: mib * MIB_BYTES } };
    }
    return { state: model.pool === 'inactive' ? 'inaccessible' : 'absent' };
  };
  return [
    { kind: 'storage-pool', entity: name, state: model.pool },
    {
      ...{ kind: 'virtual-network', entity: name },
      state: model.network === 'transient' ? 'active' : model.network,
    },
    ...['a', 'b'].map((own) => {
      return { kind: 'storage-volume', entity: `${name}/${own}`, ...ofVolume(own) };
    }),
  ];
}

const folder = (name: string) => join(systemFolder('libvirt'), name);
let other: LibvirtBackend;
let count = 0;

beforeAll(async () => {
  await startLab();
  other = openLibvirt();
}, START_TIMEOUT_MS);

afterAll(() => new Promise<void>((closed) => other.close(closed)));

async function drive(commands: Iterable<fc.AsyncCommand<Model, Real>>): Promise<void> {
  const name = `${PREFIX}-${++count}`;
  const backend = openLibvirt();
  const reports = new Map<string, string[]>();
  backend.watch(({ kind, entity, state }) => {
    if (entity !== name && !entity.startsWith(`${name}/`)) return;
    const key = `${kind} ${entity}`;
    reports.set(key, [...(reports.get(key) ?? ['absent']), state]);
  });
  const model: Model = { pool: 'absent', volumes: new Map(), network: 'absent' };
  mkdirSync(folder(name));
  try {
    const real: Real = { backends: [backend, other], name };
    for (const verb of BEGUN) {
      for (const spec of [...POOL_VERBS, ...NETWORK_VERBS].filter((each) => each.verb === verb)) {
        await new VerbCommand(spec, 0).run(model, real);
      }
    }
    await fc.asyncModelRun(() => ({ model, real }), commands);
    await everythingReported(model, name, reports);
    for (const [key, states] of reports) {
      const kind = KINDS.find((each) => key.startsWith(`${each.kind} `));
      if (!kind) throw new Error(`no kind of ${key}`);
      expect(new MachinePaths(kind).divergence(states), `${key}: ${states}`).toBeUndefined();
    }
  } finally {
    await clean(name);
    await new Promise<void>((closed) => backend.close(closed));
  }
}

/** What is reported last is what there is, in the end and in the list of everything. */
async function everythingReported(
  model: Model,
  name: string,
  reports: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  for (const { kind, entity, state } of expected(model, name)) {
    // Of volumes nobody can say anything while their pool is not in use.
    if (state === 'inaccessible') continue;
    const last = () => reports.get(`${kind} ${entity}`)?.at(-1) ?? 'absent';
    await expect.poll(last, { timeout: SEEN_MS, message: `${kind} ${entity}` }).toBe(state);
  }
  const there = expected(model, name).filter(
    ({ state }) => state !== 'absent' && state !== 'inaccessible',
  );
  const listed = (await other.driver.list()).filter(
    ({ entity }) => entity === name || entity.startsWith(`${name}/`),
  );
  const nameOf = ({ kind, entity, state }: Pick<Observation, 'kind' | 'entity' | 'state'>) =>
    `${kind} ${entity} ${state}`;
  expect(listed.map(nameOf).sort()).toEqual(there.map(nameOf).sort());
}

async function clean(name: string): Promise<void> {
  for (const kind of ['storage-pool', 'virtual-network']) {
    for (const verb of ['destroy', 'undefine']) await actOn(other, kind, name, verb);
  }
  rmSync(folder(name), { recursive: true });
}

it(
  'agrees with the machines and with what was done, refusals included',
  async () => {
    const from = (verbs: readonly Verb[]) =>
      fc
        .tuple(fc.constantFrom(...verbs), fc.constantFrom(0 as const, 0 as const, 1 as const))
        .map(([spec, by]) => new VerbCommand(spec, by));
    // Volumes need a pool in use: what takes it out of use is asked for less often.
    const arbitraries = [POOL_VERBS, NETWORK_VERBS, VOLUME_VERBS, VOLUME_VERBS].map(from);
    await fc.assert(
      fc.asyncProperty(fc.commands(arbitraries, { maxCommands: COMMANDS_MAX, size: 'max' }), drive),
      { numRuns: SEQUENCES, endOnFailure: true },
    );
  },
  RUN_TIMEOUT_MS,
);
