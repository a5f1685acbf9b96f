import { describe, expect, it } from 'vitest';
import { PgReader } from '../../../backends/ceph/pg-map.ts';
import type { Session } from '../../../backends/ceph/session.ts';
import { View } from '../../../backends/ceph/view.ts';

/** A cluster with one placement group. */
function look(state: string | undefined, available = true): View {
  const pg_stats = state === undefined ? [] : [{ pgid: '1.0', state, up: [0], acting: [0] }];
  const answers: Readonly<Record<string, unknown>> = {
    'mgr dump': { available, active_name: 'x', standbys: [] },
    'pg dump': { pg_stats },
  };
  const session = { json: async (prefix: string) => answers[prefix] } as unknown as Session;
  return new View(session);
}

describe('placement groups when another manager takes over', () => {
  it('keep their state while it has no reports, and not for ever', async () => {
    let now_s = 0;
    const reader = new PgReader(() => now_s);
    const states = async (state: string | undefined, available?: boolean) =>
      (await reader.list(look(state, available)))?.map((seen) => seen.state);
    expect(await states('unknown')).toEqual(['unknown']);
    expect(await states('active+clean')).toEqual(['active+clean']);
    now_s = 10;
    expect(await states('unknown', false)).toBeUndefined();
    expect(await states('unknown')).toEqual(['active+clean']);
    expect(await states('active+undersized')).toEqual(['active+undersized']);
    now_s = 71;
    expect(await states('unknown')).toEqual(['unknown']);
  });

  it('are new again when their pool was deleted in between', async () => {
    const reader = new PgReader(() => 0);
    await reader.list(look('active+clean'));
    await reader.list(look(undefined));
    expect((await reader.list(look('unknown')))?.map(({ state }) => state)).toEqual(['unknown']);
  });
});
