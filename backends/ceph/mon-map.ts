import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import { cephFault } from './faults.ts';
import { parsed } from './session.ts';
import type { View } from './view.ts';

const monmap = z.object({
  fsid: z.string(),
  mons: z.array(z.object({ name: z.string(), rank: z.number(), public_addr: z.string() })),
});
const quorumStatus = z.object({
  quorum_names: z.array(z.string()),
  quorum_leader_name: z.string(),
  monmap,
});
const ping = z.object({
  health: z.object({ status: z.string() }).optional(),
  mon_status: z.object({ name: z.string(), state: z.string(), monmap }),
});

/** The monitors as they are now, whether they have a quorum or not. */
export interface Mons {
  readonly fsid: string;
  readonly hasQuorum: boolean;
  /** By name: a state of the machine of mons. */
  readonly states: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  /** The health as a mon without quorum last knew it. */
  readonly health?: string;
}

/** With a quorum its members answer at once. */
const QUORUM_S = 5;

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

/** Asks the quorum; where there is none, asks each monitor for itself. */
export async function mons(view: View): Promise<Mons> {
  const { session, signal } = view;
  try {
    const how = { signal, timeout_s: QUORUM_S };
    const status = await session.json('quorum_status', {}, quorumStatus, how);
    return await withQuorum(view, status);
  } catch (thrown) {
    const isSilent = thrown instanceof FaultError && SILENCE.has(thrown.fault.code);
    const found = isSilent ? await withoutQuorum(view) : undefined;
    if (found) return found;
    throw thrown;
  }
}

const SILENCE: ReadonlySet<string> = new Set([
  'CEPH_NO_ANSWER',
  'CEPH_NO_QUORUM',
  'CEPH_UNREACHABLE',
]);

async function withQuorum(view: View, status: z.infer<typeof quorumStatus>): Promise<Mons> {
  const { quorum_names, quorum_leader_name, monmap } = status;
  view.session.monNames = monmap.mons.map(({ name }) => name);
  const states = await Promise.all(
    monmap.mons.map(async ({ name }): Promise<[string, string]> => {
      if (name === quorum_leader_name) return [name, 'leader'];
      if (quorum_names.includes(name)) return [name, 'peon'];
      return [name, (await pinged(view, name))?.state ?? 'down'];
    }),
  );
  return { hasQuorum: true, states: new Map(states), ...about(monmap) };
}

async function withoutQuorum(view: View): Promise<Mons | undefined> {
  const answers = (
    await Promise.all(view.session.monNames.map((name) => pinged(view, name)))
  ).filter((answer) => answer !== undefined);
  const [first] = answers;
  if (!first) return undefined;
  const states = new Map(first.monmap.mons.map(({ name }) => [name, 'down']));
  for (const { name, state } of answers) states.set(name, state);
  view.session.monNames = [...states.keys()];
  const hasQuorum = answers.some(({ state }) => state === 'leader');
  return { hasQuorum, states, health: first.health, ...about(first.monmap) };
}

function about({ fsid, mons }: z.infer<typeof monmap>) {
  return { fsid, addresses: new Map(mons.map(({ name, public_addr }) => [name, public_addr])) };
}

async function pinged(view: View, mon: string) {
  const answer = await view.session.ping(mon);
  if (answer === undefined) return undefined;
  const { health, mon_status } = parsed(`ping of mon.${mon}`, answer, ping);
  const { name, state, monmap } = mon_status;
  return { name, state: monState(state), monmap, health: health?.status };
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
