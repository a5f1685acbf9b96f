import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Probes } from '../../../backends/ovn/bfd.ts';
import type { OvsHost } from '../../../backends/ovs/host.ts';
import { OVS_SHAPE } from '../../../backends/ovs/shape.ts';
import { Replica } from '../../../backends/ovsdb/replica.ts';
import { type DatabaseSchema, parseSchema } from '../../../backends/ovsdb/schema.ts';

/** What is read of a host to judge its probes. */
const SHAPE = {
  Port: { interfaces: OVS_SHAPE.Port.interfaces, external_ids: OVS_SHAPE.Port.external_ids },
  Interface: { bfd_status: OVS_SHAPE.Interface.bfd_status },
} as const;

const strings = { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } };
const uuids = { type: { key: 'uuid', min: 0, max: 'unlimited' } };
const schema: DatabaseSchema = parseSchema({
  name: 'Open_vSwitch',
  version: '8.3.0',
  tables: {
    Port: { columns: { interfaces: uuids, external_ids: strings } },
    Interface: { columns: { bfd_status: strings } },
  },
});

const uuid = (sort: 'a' | 'b', by: number, of: number) =>
  `00000000-0000-0000-0000-000000000${sort}${by}${of}`;

/** A chassis with a tunnel to each other one, as its database shows it. */
class Chassis {
  readonly session = { isConnected: true, replica: new Replica(SHAPE) };
  readonly #number: number;

  constructor(number: number, others: readonly number[]) {
    this.#number = number;
    for (const other of others) {
      this.#take('Port', uuid('a', number, other), {
        interfaces: ['set', [['uuid', uuid('b', number, other)]]],
        external_ids: ['map', [['ovn-chassis-id', `hv${other}@192.0.2.${other}`]]],
      });
      this.says(other, {});
    }
  }

  /** What its probe of another chassis says; nothing when it is off. */
  says(other: number, status: Readonly<Record<string, string>>): void {
    const bfd_status = ['map', Object.entries(status)];
    this.#take('Interface', uuid('b', this.#number, other), { bfd_status });
  }

  #take(table: string, row: string, insert: object): void {
    this.session.replica.take(schema, { [table]: { [row]: { insert } } }, false);
  }
}

let hosts: readonly Chassis[];
let settled: number;
let probes: Probes;

beforeEach(() => {
  vi.useFakeTimers();
  settled = 0;
  hosts = [1, 2, 3].map(
    (n) =>
      new Chassis(
        n,
        [1, 2, 3].filter((other) => other !== n),
      ),
  );
  const named = hosts.map((host, i) => [`hv${i + 1}`, host as unknown as OvsHost] as const);
  const count = () => settled++;
  probes = new Probes(new Map(named), count, () => Date.now() / 1000);
});

afterEach(() => {
  probes.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const dead = () => ['hv1', 'hv2', 'hv3'].filter((name) => probes.isDead(name));

describe('a chassis', () => {
  const [hv1, hv2, hv3] = [1, 2, 3];
  const says = (by: number, of: number, state: string, flaps: number) => {
    hosts[by - 1].says(of, { state, flap_count: String(flaps) });
    probes.look();
  };

  it('that nobody probes is not dead', () => {
    probes.look();
    expect(dead()).toEqual([]);
  });

  it('is dead when some probe of it goes down and none is up', () => {
    for (const by of [hv2, hv3]) says(by, hv1, 'up', 1);
    says(hv2, hv1, 'down', 2);
    expect(dead()).toEqual([]);
    says(hv3, hv1, 'down', 2);
    expect(dead()).toEqual(['hv1']);
    says(hv3, hv1, 'up', 3);
    expect(dead()).toEqual([]);
  });

  it('is not dead while the probes of it may still come up', () => {
    for (const by of [hv2, hv3]) says(by, hv1, 'down', 0);
    vi.advanceTimersByTime(9_900);
    expect([dead(), settled]).toEqual([[], 0]);
    says(hv2, hv1, 'init', 0);
    says(hv2, hv1, 'up', 1);
    says(hv3, hv1, 'up', 1);
    vi.advanceTimersByTime(60_000);
    expect([dead(), settled]).toEqual([[], 0]);
  });

  it('is dead when no probe of it has come up in time, and that is told', () => {
    for (const by of [hv2, hv3]) says(by, hv1, 'down', 0);
    vi.advanceTimersByTime(10_001);
    expect([dead(), settled]).toEqual([['hv1'], 1]);
  });

  it('has its time again when its probes are turned off and on', () => {
    says(hv2, hv1, 'down', 0);
    vi.advanceTimersByTime(10_001);
    hosts[1].says(hv1, {});
    probes.look();
    expect(dead()).toEqual([]);
    says(hv2, hv1, 'down', 0);
    vi.advanceTimersByTime(9_000);
    expect(dead()).toEqual([]);
  });

  it('is not judged by a host that cannot be asked', () => {
    says(hv2, hv1, 'up', 1);
    says(hv3, hv1, 'down', 2);
    hosts[1].session.isConnected = false;
    expect(dead()).toEqual(['hv1']);
    hosts[2].session.isConnected = false;
    expect(dead()).toEqual([]);
  });
});
