import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { cephFault } from './faults.ts';
import { mons } from './mon-map.ts';
import { osdMap } from './osd-map.ts';
import type { View } from './view.ts';

const health = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.object({ severity: z.string() })),
});
const df = z.object({
  stats: z.object({ total_bytes: z.number(), total_used_raw_bytes: z.number() }),
});

const healthNow = (view: View) => view.session.json('health', {}, health, { signal: view.signal });
const usage = (view: View) => view.session.json('df', {}, df, { signal: view.signal });

const HEALTH: ReadonlySet<string> = new Set(['HEALTH_OK', 'HEALTH_WARN', 'HEALTH_ERR']);

export function clusterState(quorum: string, status: string): string {
  if (HEALTH.has(status)) return `${quorum}+${status}`;
  throw cephFault('CEPH_MALFORMED', `health '${status.slice(0, 40)}'`, { effect: 'none' });
}

/** What the mons themselves say where no majority of them agrees on anything. */
function quorumOf(states: readonly string[]): string {
  return states.includes('electing') ? 'electing' : 'no_quorum';
}

/**
 * The cluster as a whole, by the name that its configuration gives it. Without a quorum nobody
 * says how healthy it is: then what was known before still counts.
 */
export async function clusterObservation(
  view: View,
  name: string,
  known: Observation | undefined,
): Promise<Observation> {
  const { hasQuorum, states, fsid } = await view.of(mons);
  const entity = { kind: 'ceph-cluster', entity: name };
  const common = { fsid, mons: states.size };
  if (!hasQuorum) {
    const last = known?.state.split('+')[1] ?? 'HEALTH_WARN';
    const state = clusterState(quorumOf([...states.values()]), last);
    return { ...entity, state, attributes: common };
  }
  const [{ status, checks }, map, { stats }] = await Promise.all([
    view.of(healthNow),
    view.of(osdMap),
    view.of(usage),
  ]);
  return {
    ...entity,
    state: clusterState('quorum', status),
    reason: Object.keys(checks).sort().join(','),
    attributes: {
      ...common,
      flags: map.flags,
      osds: map.osds.length,
      total_bytes: stats.total_bytes,
      used_bytes: stats.total_used_raw_bytes,
    },
  };
}
