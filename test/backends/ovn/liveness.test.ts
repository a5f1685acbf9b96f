import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Liveness } from '../../../backends/ovn/liveness.ts';
import { SB_SHAPE, type SbShape } from '../../../backends/ovn/shape.ts';
import { Replica } from '../../../backends/ovsdb/replica.ts';
import type { DatabaseSchema } from '../../../backends/ovsdb/schema.ts';
import { parseSchema } from '../../../backends/ovsdb/schema.ts';

const GLOBAL = '00000000-0000-0000-0000-0000000000aa';
const uuid = (n: number) => `00000000-0000-0000-0000-00000000000${n}`;

const schema: DatabaseSchema = parseSchema({
  name: 'OVN_Southbound',
  version: '20.0.0',
  tables: {
    SB_Global: { columns: { nb_cfg: { type: 'integer' } } },
    Chassis_Private: {
      columns: {
        name: { type: 'string' },
        nb_cfg: { type: 'integer' },
        nb_cfg_timestamp: { type: 'integer' },
      },
    },
  },
});

let southbound: Replica<SbShape>;
let changes: string[][];
let liveness: Liveness;

function tell(updates: object): void {
  southbound.take(schema, updates, false);
  liveness.look();
}

beforeEach(() => {
  vi.useFakeTimers();
  southbound = new Replica(SB_SHAPE);
  changes = [];
  liveness = new Liveness(
    southbound,
    5,
    (chassis) => changes.push([...chassis]),
    () => Date.now() / 1000,
  );
  tell({
    SB_Global: { [GLOBAL]: { insert: { nb_cfg: 1 } } },
    Chassis_Private: {
      [uuid(1)]: { insert: { name: 'hv1', nb_cfg: 1 } },
      [uuid(2)]: { insert: { name: 'hv2', nb_cfg: 1 } },
    },
  });
});

afterEach(() => {
  liveness.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const count = (nb_cfg: number) => tell({ SB_Global: { [GLOBAL]: { modify: { nb_cfg } } } });
const follow = (n: number, nb_cfg: number) =>
  tell({ Chassis_Private: { [uuid(n)]: { modify: { nb_cfg } } } });

describe('a controller', () => {
  it('is silent when it stays behind for long enough, and heard again when it follows', () => {
    count(2);
    follow(1, 2);
    vi.advanceTimersByTime(4_900);
    expect(liveness.isSilent('hv2')).toBe(false);
    vi.advanceTimersByTime(200);
    expect([liveness.isSilent('hv1'), liveness.isSilent('hv2')]).toEqual([false, true]);
    follow(2, 2);
    expect(liveness.isSilent('hv2')).toBe(false);
    expect(changes).toEqual([['hv2'], ['hv2']]);
  });

  it('that follows late, but goes on following, is never silent', () => {
    for (let nb_cfg = 2; nb_cfg < 12; nb_cfg++) {
      count(nb_cfg + 1);
      vi.advanceTimersByTime(3_000);
      follow(1, nb_cfg);
      follow(2, nb_cfg);
    }
    expect(changes).toEqual([]);
  });

  it('is silent although more and more is asked of it meanwhile', () => {
    for (let nb_cfg = 2; nb_cfg < 9; nb_cfg++) {
      count(nb_cfg);
      follow(1, nb_cfg);
      vi.advanceTimersByTime(1_000);
    }
    expect(changes).toEqual([['hv2']]);
  });

  it('whose row is deleted is no longer judged', () => {
    count(2);
    follow(1, 2);
    tell({ Chassis_Private: { [uuid(2)]: { delete: null } } });
    vi.advanceTimersByTime(60_000);
    expect(changes).toEqual([]);
  });
});
