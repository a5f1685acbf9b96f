import { z } from 'zod';
import { CephBackend } from '../../backends/ceph/driver.ts';
import { type CephOptions, cephDriverOptions } from '../../backends/ceph/spec.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { adminSession } from '../../lab/ceph/cluster.ts';
import { cephEndpoint, cephSystem } from '../../lab/ceph/system.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';

/** How long the cluster may take to come up, packages included. */
export const START_TIMEOUT_MS = 600_000;

/** Starts the lab's Ceph unless it runs. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(cephSystem, new LabReport());
}

/** The lab's cluster, found as its tools find it: by the environment. */
export function openCeph(
  options: CephOptions = {},
  more: Readonly<Record<string, string>> = {},
): CephBackend {
  const env = { ...process.env, ...cephEndpoint(), ...more };
  return new CephBackend(cephDriverOptions({ command_s: 5, poll_s: 0.3, ...options }, env));
}

let count = 0;

/** Asks a Ceph backend for a verb. */
export function ask(
  backend: CephBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<Action> = {},
): Promise<Outcome> {
  const key = `lab-${process.pid}-${++count}`;
  const action = {
    key,
    layer: 'sds',
    kind,
    entity,
    verb,
    params,
    deadline_s: 60,
    ...more,
  } as const;
  return new Promise((reply) => backend.request(action, reply));
}

/** The same, for a verb that must succeed. */
export async function act(
  backend: CephBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Observation> {
  const outcome = await ask(backend, kind, entity, verb, params);
  if (outcome.type === 'done' && outcome.observation) return outcome.observation;
  throw new Error(`${verb} of ${kind} ${entity}: ${JSON.stringify(outcome)}`);
}

export const closed = (backend: CephBackend): Promise<void> =>
  new Promise((resolve) => backend.close(resolve));

/** Deletes every pool whose name begins with `prefix`. */
export async function removePools(prefix: string): Promise<void> {
  const session = adminSession();
  try {
    for (const pool of await session.json('osd pool ls', {}, z.array(z.string()))) {
      if (!pool.startsWith(prefix)) continue;
      const sure = { pool, pool2: pool, yes_i_really_really_mean_it: true };
      await session.mon('osd pool delete', sure);
    }
  } finally {
    await session.close();
  }
}
