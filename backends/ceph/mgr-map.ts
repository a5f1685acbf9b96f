import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { View } from './view.ts';

const mgrDump = z.object({
  available: z.boolean(),
  active_name: z.string(),
  standbys: z.array(z.object({ name: z.string() })),
});

export const mgrMap = (view: View) =>
  view.session.json('mgr dump', {}, mgrDump, { signal: view.signal });

/** Whether an active manager has loaded its modules, and can be asked. */
export async function hasManager(view: View): Promise<boolean> {
  return (await view.of(mgrMap)).available;
}

/** Managers that run; one that does not is in no map (the driver remembers those it saw). */
export async function mgrObservations(view: View): Promise<readonly Observation[]> {
  const { available, active_name, standbys } = await view.of(mgrMap);
  const active = { entity: active_name, state: available ? 'active' : 'activating' };
  return [
    ...(active_name === '' ? [] : [active]),
    ...standbys.map(({ name }) => ({ entity: name, state: 'standby' })),
  ].map((each) => ({ kind: 'mgr', ...each }));
}
