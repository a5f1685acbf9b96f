import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { type ActOrder, each } from '../act-order.ts';
import type { KindParams } from '../verb-params.ts';
import { cephFault } from './faults.ts';
import { parsed } from './session.ts';
import { CONFIRMATIONS, settle, type Verb, type VerbContext, type Verbs } from './verbs.ts';

export const PG_PARAMS = {
  force_create: z.object({ yes_i_really_mean_it: CONFIRMATIONS.yes_i_really_mean_it }),
} as const satisfies KindParams;

const listed = z.object({
  pg_stats: z.array(
    z.object({
      pgid: z.string(),
      last_scrub_stamp: z.string(),
      last_deep_scrub_stamp: z.string(),
    }),
  ),
});
type Stamps = z.infer<typeof listed>['pg_stats'][number];

/** When a placement group was scrubbed last; the whole map would be large. */
async function stampsOf({ session, name, attempt }: VerbContext): Promise<Stamps> {
  const pool = Number.parseInt(name, 10);
  if (!/^\d+\.[0-9a-f]+$/.test(name)) {
    throw cephFault('CEPH_BAD_PARAMS', `'${name}' is not a placement group`);
  }
  const { out } = await session.mon('pg ls', { pool }, { signal: attempt.signal, mgr: true });
  const found = parsed('ceph pg ls', out, listed).pg_stats.find(({ pgid }) => pgid === name);
  if (found) return found;
  throw cephFault('CEPH_UNKNOWN', `placement group ${name}`);
}

/** Asks the primary to compare the copies; it has happened when the stamp is another one. */
function scrub(prefix: string, stamp: 'last_scrub_stamp' | 'last_deep_scrub_stamp'): Verb {
  return async (context) => {
    const { session, name, attempt, look } = context;
    const before = await stampsOf(context);
    await session.mon(prefix, { pgid: name }, { act: attempt, mgr: true });
    let seen: Observation | undefined;
    return settle(
      {
        ...context,
        look: async (signal) => {
          const now = await stampsOf(context);
          seen = await look(signal);
          return now[stamp] === before[stamp] ? { ...seen, state: WAITING } : seen;
        },
      },
      ({ state }) => state !== WAITING && !state.includes('scrubbing'),
    );
  };
}

const WAITING = 'waiting';

export const PG_VERBS: Verbs = {
  scrub: scrub('pg scrub', 'last_scrub_stamp'),
  deep_scrub: scrub('pg deep-scrub', 'last_deep_scrub_stamp'),
  repair: scrub('pg repair', 'last_deep_scrub_stamp'),
  /** Makes it anew, empty: for one whose data is lost. */
  force_create: async (context) => {
    const { session, name, attempt } = context;
    const confirmed = context.read(PG_PARAMS.force_create);
    await session.mon('osd force-create-pg', { pgid: name, ...confirmed }, { act: attempt });
    return settle(context, ({ state }) => state.startsWith('active'));
  },
};

/** A scrub waits for its place among others, for hours if need be. */
export const PG_ORDER: ActOrder = {
  interrupts: {
    ...each(['deep_scrub', 'repair'], ['scrub', 'deep_scrub']),
    force_create: 'all',
  },
};
