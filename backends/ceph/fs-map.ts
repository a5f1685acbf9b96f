import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { cephFault } from './faults.ts';
import { osdMap } from './osd-map.ts';
import type { View } from './view.ts';

const daemon = z.object({ name: z.string(), rank: z.number(), state: z.string() });
const mdsmap = z.object({
  fs_name: z.string(),
  flags: z.number(),
  flags_state: z.object({ joinable: z.boolean() }).optional(),
  max_mds: z.number(),
  in: z.array(z.number()),
  failed: z.array(z.number()),
  damaged: z.array(z.number()),
  info: z.record(z.string(), daemon),
  data_pools: z.array(z.number()),
  metadata_pool: z.number(),
});
export type FileSystemEntry = z.infer<typeof mdsmap>;
const fsDump = z.object({
  standbys: z.array(daemon),
  filesystems: z.array(z.object({ id: z.number(), mdsmap })),
});

const fsMap = (view: View) => view.session.json('fs dump', {}, fsDump, { signal: view.signal });

/**
 * Daemon states of the MDSMap (MDSMap::DaemonState, docs.ceph.com "MDS states") by those of the
 * machine, which has the steps of a file system with one rank: `resolve` follows the journal where
 * there are several, `clientreplay` ends the rejoin.
 */
const MDS_STATES: Readonly<Record<string, string>> = {
  'up:boot': 'boot',
  'up:starting': 'boot',
  'up:standby': 'standby',
  'up:standby-replay': 'standby',
  'up:creating': 'creating',
  'up:replay': 'replay',
  'up:resolve': 'replay',
  'up:reconnect': 'reconnect',
  'up:rejoin': 'rejoin',
  'up:clientreplay': 'rejoin',
  'up:active': 'active',
  'up:stopping': 'stopping',
  'down:dne': 'down',
  'down:stopped': 'down',
  'down:damaged': 'down',
};

export function mdsState(state: string): string {
  const known = Object.hasOwn(MDS_STATES, state) ? MDS_STATES[state] : undefined;
  if (known) return known;
  throw cephFault('CEPH_MALFORMED', `MDS state '${state.slice(0, 40)}'`, { effect: 'none' });
}

/** Metadata servers that run; one that does not is in no map (the driver remembers them). */
export async function mdsObservations(view: View): Promise<readonly Observation[]> {
  const { standbys, filesystems } = await view.of(fsMap);
  const ranked = filesystems.flatMap(({ mdsmap }) =>
    Object.values(mdsmap.info).map((each) => ({ each, filesystem: mdsmap.fs_name })),
  );
  return [...standbys.map((each) => ({ each, filesystem: '' })), ...ranked].map(
    ({ each, filesystem }) => ({
      kind: 'mds',
      entity: each.name,
      state: mdsState(each.state),
      reason: each.state,
      attributes: { filesystem, rank: each.rank },
    }),
  );
}

/** CEPH_MDSMAP_NOT_JOINABLE. */
const NOT_JOINABLE = 1;

/** `creating` until its first rank was active once; then what its ranks allow. */
export function fileSystemState(entry: FileSystemEntry): string {
  const { flags, flags_state, info, max_mds } = entry;
  const states = Object.values(info).map(({ state }) => mdsState(state));
  const isJoinable = flags_state?.joinable ?? (flags & NOT_JOINABLE) === 0;
  if (!isJoinable) return 'failed';
  // No rank is in before an MDS was given the first one.
  if (entry.in.length === 0 || states.includes('creating')) return 'creating';
  const active = states.filter((state) => state === 'active').length;
  const missing = entry.failed.length + entry.damaged.length;
  return active >= Math.min(max_mds, entry.in.length) && missing === 0 ? 'active' : 'degraded';
}

export async function fileSystemObservations(view: View): Promise<readonly Observation[]> {
  const [{ filesystems }, { pools }] = await Promise.all([view.of(fsMap), view.of(osdMap)]);
  const poolNames = new Map(pools.map(({ pool, pool_name }) => [pool, pool_name]));
  const nameOf = (id: number) => poolNames.get(id) ?? String(id);
  return filesystems.map(({ id, mdsmap }) => ({
    kind: 'cephfs',
    entity: mdsmap.fs_name,
    state: fileSystemState(mdsmap),
    attributes: {
      id,
      metadata_pool: nameOf(mdsmap.metadata_pool),
      data_pools: mdsmap.data_pools.map(nameOf).join(','),
      max_mds: mdsmap.max_mds,
    },
  }));
}
