import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { pause_s } from '../poller.ts';
import { cephFault } from './faults.ts';
import { isInQuorum, type MonStatus, monmap } from './mon-status.ts';
import type { View } from './view.ts';

const quorumStatus = z.object({
  quorum_names: z.array(z.string()),
  quorum_leader_name: z.string(),
  monmap,
});
/** The monitors as they are now, whether they have a quorum or not. */
export interface Mons {
  readonly fsid: string;
  readonly hasQuorum: boolean;
  /** By name: a state of the machine of mons. */
  readonly states: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
}

/** A quorum answers within milliseconds. */
const SLOW_S = 1;

/** The states of `mon_status` (Monitor::get_state_name) by those of the machine. */
const MON_STATES: Readonly<Record<string, string>> = {
  probing: 'probing',
  synchronizing: 'synchronizing',
  electing: 'electing',
  leader: 'leader',
  peon: 'peon',
  init: 'starting',
  shutdown: 'down',
};

export function monState(state: string): string {
  const known = Object.hasOwn(MON_STATES, state) ? MON_STATES[state] : undefined;
  if (known) return known;
  throw cephFault('CEPH_MALFORMED', `mon state '${oneWord(state)}'`, { effect: 'none' });
}

const oneWord = (text: string) => text.slice(0, 40);

/**
 * Asks the quorum, and the monitors of this host for themselves: those outside the quorum, and all
 * of them without one, are seen by their admin sockets only.
 */
export async function mons(view: View): Promise<Mons> {
  const { session, signal } = view;
  const asked = session.json('quorum_status', {}, quorumStatus, { signal });
  const patience = new AbortController();
  const isSlow = await Promise.race([
    asked.then(no, no),
    pause_s(SLOW_S, patience.signal).then(() => true),
  ]);
  patience.abort();
  const alone = isSlow ? withoutQuorum(await localMons(view)) : undefined;
  return alone ?? withQuorum(view, await asked);
}

const no = () => false;
const localMons = (view: View) => view.session.localMons().catch(() => []);

async function withQuorum(view: View, status: z.infer<typeof quorumStatus>): Promise<Mons> {
  const { quorum_names, quorum_leader_name, monmap } = status;
  const isWhole = quorum_names.length === monmap.mons.length;
  const local = isWhole ? [] : await localMons(view);
  const states = new Map(
    monmap.mons.map(({ name }) => {
      if (name === quorum_leader_name) return [name, 'leader'];
      if (quorum_names.includes(name)) return [name, 'peon'];
      return [name, outside(local, name)];
    }),
  );
  return { hasQuorum: true, states, ...about(monmap) };
}

/** A mon that the quorum does not count among its own; it may not have noticed that yet. */
function outside(local: readonly MonStatus[], mon: string): string {
  const found = local.find(({ name }) => name === mon);
  if (!found) return 'down';
  return isInQuorum(found) ? 'electing' : monState(found.state);
}

/** What the mons of this host say together; undefined when they have, or may have, a quorum. */
function withoutQuorum(local: readonly MonStatus[]): Mons | undefined {
  const [first] = local;
  if (!first || local.some(isInQuorum)) return undefined;
  const states = new Map(first.monmap.mons.map(({ name }) => [name, 'down']));
  for (const { name, state } of local) states.set(name, monState(state));
  return { hasQuorum: false, states, ...about(first.monmap) };
}

function about({ fsid, mons }: MonStatus['monmap']) {
  return { fsid, addresses: new Map(mons.map(({ name, public_addr }) => [name, public_addr])) };
}

export async function monObservations(view: View): Promise<readonly Observation[]> {
  const { states, addresses } = await view.of(mons);
  return [...states].map(([name, state]) => ({
    kind: 'mon',
    entity: name,
    state,
    attributes: { address: addresses.get(name) ?? '' },
  }));
}
