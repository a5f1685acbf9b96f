import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
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

/** How long a manager may take that the mons believe alive. */
const STUCK_S = 3;
const NO_MANAGER: ReadonlySet<string> = new Set(['CEPH_NO_MANAGER', 'CEPH_NO_ANSWER']);

/** One that has just died is still in the map: what only it knows is unknown then. */
function unlessSilent(thrown: unknown): undefined {
  if (thrown instanceof FaultError && NO_MANAGER.has(thrown.fault.code)) return undefined;
  throw thrown;
}

/**
 * Placement groups inactive for longer than mon_pg_stuck_threshold; undefined when no manager
 * answers.
 */
export async function stuckPgs(
  view: View,
): Promise<readonly { readonly pgid: string }[] | undefined> {
  if (!(await view.of(hasManager))) return undefined;
  const how = { signal: view.signal, mgr: true, timeout_s: STUCK_S } as const;
  const args = { stuckops: ['inactive'] };
  const found = await view.session.json('pg dump_stuck', args, stuck, how).catch(unlessSilent);
  return found?.stuck_pg_stats;
}

/**
 * For how long a placement group that is unknown keeps the state it was seen in: as long as Ceph
 * itself waits before it calls one stuck (mon_pg_stuck_threshold).
 */
const UNKNOWN_S = 60;

/**
 * Placement groups as the manager has them. One that takes over knows none until their OSDs report
 * to it, some seconds later: `unknown` says something of the manager then, and nothing of them.
 */
export class PgReader {
  readonly #now_s: () => number;
  readonly #seen = new Map<string, { readonly state: string; readonly at_s: number }>();

  constructor(now_s: () => number) {
    this.#now_s = now_s;
  }

  /** Undefined without a manager: nothing is known of them. */
  async list(view: View): Promise<readonly Observation[] | undefined> {
    if (!(await view.of(hasManager))) return undefined;
    const found = await view.of(pgs).catch(unlessSilent);
    if (!found) return undefined;
    const { pg_stats } = found;
    const present = new Set(pg_stats.map(({ pgid }) => pgid));
    for (const pgid of this.#seen.keys()) if (!present.has(pgid)) this.#seen.delete(pgid);
    return pg_stats.map((pg) => ({
      kind: 'pg',
      entity: pg.pgid,
      state: this.#stateOf(pg.pgid, pgState(pg.state)),
      reason: pg.state,
      attributes: { up: pg.up.join(','), acting: pg.acting.join(',') },
    }));
  }

  #stateOf(pgid: string, state: string): string {
    const now_s = this.#now_s();
    const before = this.#seen.get(pgid);
    if (state === 'unknown' && before && now_s - before.at_s < UNKNOWN_S) return before.state;
    if (state !== 'unknown') this.#seen.set(pgid, { state, at_s: now_s });
    return state;
  }
}
