import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { hasManager } from './mgr-map.ts';
import { pgState } from './pg-states.ts';
import type { View } from './view.ts';

const pgBrief = z.object({
  pgid: z.string(),
  state: z.string(),
  up: z.array(z.number()),
  acting: z.array(z.number()),
});
const dump = z.object({ pg_stats: z.array(pgBrief) });
const stuck = z.object({ stuck_pg_stats: z.array(z.object({ pgid: z.string() })) });

const pgs = (view: View) =>
  view.session.json('pg dump', { dumpcontents: ['pgs_brief'] }, dump, {
    signal: view.signal,
    mgr: true,
  });

/** Placement groups inactive for longer than mon_pg_stuck_threshold. */
export async function stuckPgs(view: View): Promise<readonly { readonly pgid: string }[]> {
  const how = { signal: view.signal, mgr: true } as const;
  const { stuck_pg_stats } = await view.session.json(
    'pg dump_stuck',
    { stuckops: ['inactive'] },
    stuck,
    how,
  );
  return stuck_pg_stats;
}

/** Placement groups as the manager has them; without one, nothing is known of them. */
export async function pgObservations(view: View): Promise<readonly Observation[] | undefined> {
  if (!(await view.of(hasManager))) return undefined;
  return (await view.of(pgs)).pg_stats.map((pg) => ({
    kind: 'pg',
    entity: pg.pgid,
    state: pgState(pg.state),
    reason: pg.state,
    attributes: { up: pg.up.join(','), acting: pg.acting.join(',') },
  }));
}
