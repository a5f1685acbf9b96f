import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import type { View } from './view.ts';

/** Only what is named here is kept of the answer: the keys are not. */
const authDump = z.object({
  auth_dump: z.array(z.object({ entity: z.string(), caps: z.record(z.string(), z.string()) })),
});

const users = (view: View) => view.session.json('auth ls', {}, authDump, { signal: view.signal });

/**
 * The users of the cluster (cephx) and what they may do; daemons are users as well. Only
 * administrators may see them: to others they are unknown.
 */
export async function userObservations(view: View): Promise<readonly Observation[] | undefined> {
  const found = await view.of(users).catch(unlessDenied);
  if (!found) return undefined;
  const { auth_dump } = found;
  return auth_dump.map(({ entity, caps }) => ({
    kind: 'ceph-user',
    entity,
    state: 'present',
    attributes: Object.fromEntries(
      Object.entries(caps).map(([service, allowed]) => [`caps_${service}`, allowed]),
    ),
  }));
}

function unlessDenied(thrown: unknown): undefined {
  if (thrown instanceof FaultError && thrown.fault.code === 'CEPH_DENIED') return undefined;
  throw thrown;
}
