import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { cephFault } from './faults.ts';
import { CONFIRMATIONS, isGone, monVerb, nothing, type Verb, type Verbs } from './verbs.ts';

const giveUp = z.object({
  force: z
    .boolean()
    .default(false)
    .describe('Whether it is given up even if data would be lost with it.'),
  yes_i_really_mean_it: CONFIRMATIONS.yes_i_really_mean_it,
});

export const OSD_PARAMS = {
  reweight: z.object({
    weight: z.number().min(0).max(1).describe('Share of its data that it keeps, 0 to 1.'),
  }),
  destroy: giveUp,
  purge: giveUp,
} as const satisfies KindParams;

/** `osd.3` and `3` are one OSD. */
function idOf(name: string): number {
  const id = /^(?:osd\.)?(\d{1,9})$/.exec(name)?.[1];
  if (id === undefined) throw cephFault('CEPH_BAD_PARAMS', `'${name}' is not the name of an OSD`);
  return Number(id);
}

const ids = (name: string) => ({ ids: [String(idOf(name))] });
const endsIn = (side: string) => (seen: Observation) => seen.state.endsWith(`+${side}`);
const numberOf = (seen: Observation | undefined, attribute: string) =>
  Number(seen?.attributes?.[attribute]);

/** The map keeps a weight as a fraction of 65,536. */
const WEIGHT_STEP = 1 / 65_536;

/** What an operator does to an OSD in the maps. Starting and stopping is its host's business. */
export const OSD_VERBS: Verbs = {
  out: monVerb({
    params: nothing,
    isSilent: true,
    commands: (name) => [['osd out', ids(name)]],
    settled: endsIn('out'),
  }),
  in: monVerb({
    params: nothing,
    isSilent: true,
    commands: (name) => [['osd in', ids(name)]],
    settled: endsIn('in'),
  }),
  reweight: monVerb({
    params: OSD_PARAMS.reweight,
    commands: (name, { weight }) => [['osd reweight', { id: idOf(name), weight }]],
    settled: (seen, { weight }) => Math.abs(numberOf(seen, 'reweight') - weight) <= 2 * WEIGHT_STEP,
  }),
  // One that runs notices, and boots again: then it has been up since a later map.
  down: monVerb({
    params: nothing,
    isSilent: true,
    commands: (name) => [['osd down', ids(name)]],
    compares: true,
    settled: (seen, _, before) =>
      !seen.state.startsWith('up') || numberOf(seen, 'up_from') > numberOf(before, 'up_from'),
  }),
  destroy: givingUp('osd destroy-actual', ({ state }) => state === 'destroyed+out'),
  purge: givingUp('osd purge-actual', isGone),
};

/**
 * What the manager does for `ceph osd destroy` and `purge`, which the mons do not pass on: it
 * makes sure that no data is on that OSD only, and then tells the mons.
 */
function givingUp(command: string, settled: (seen: Observation) => boolean): Verb {
  return monVerb({
    params: giveUp,
    isSilent: true,
    commands: (name, { force }) => [
      ...(force ? [] : [['osd safe-to-destroy', ids(name), { isCheck: true, mgr: true }] as const]),
      [command, { id: idOf(name), yes_i_really_mean_it: true }],
    ],
    settled,
  });
}
