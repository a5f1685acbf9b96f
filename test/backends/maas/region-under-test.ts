import { DriverBackend } from '../../../backends/driver-backend.ts';
import { MaasDriver, type MaasOptions } from '../../../backends/maas/driver.ts';
import { parseApiKey } from '../../../backends/maas/oauth.ts';
import type { Action, Observation, Outcome } from '../../../engine/contract.ts';
import { MaasServer, type MaasServerOptions } from '../../../lab/maas/server.ts';

export const ADMIN_KEY = 'consumerA:tokenA:planted-secret-of-admin';
export const USER_KEY = 'consumerU:tokenU:planted-secret-of-user';

export function startServer(options: Partial<MaasServerOptions> = {}): MaasServer {
  return new MaasServer({
    accounts: [
      { username: 'admin', isAdmin: true, key: ADMIN_KEY },
      { username: 'user', isAdmin: false, key: USER_KEY },
    ],
    ...options,
  });
}

export function openMaas(url: URL, options: Partial<MaasOptions> = {}, key = ADMIN_KEY) {
  const parsed = parseApiKey(key);
  if (!parsed) throw new Error('not a key');
  return new DriverBackend(
    new MaasDriver({
      ...{ url, key: parsed, look_s: 0.02, retry: { first_s: 0.01, max_s: 0.02 } },
      poll: { every_s: 0.03, failed: { first_s: 0.02, max_s: 0.05 } },
      ...options,
    }),
  );
}

export type MaasBackend = ReturnType<typeof openMaas>;

let count = 0;

/** Parameters that create a machine whose BMC works. */
export function machineParams(): Readonly<Record<string, unknown>> {
  const tail = (++count).toString(16).padStart(6, '0').match(/../g)?.join(':');
  return {
    mac_addresses: [`52:54:00:${tail}`],
    power_type: 'ipmi',
    power: { power_address: '127.0.0.1', power_user: 'admin' },
  };
}

export function ask(
  backend: MaasBackend,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `maas-${++count}`,
    ...{ layer: 'bare-metal', kind: 'machine', entity, verb, params, deadline_s: 30 },
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

/** Carries verbs out one after the other, and returns the states that they ended in. */
export async function live(
  backend: MaasBackend,
  entity: string,
  verbs: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const states: (string | undefined)[] = [];
  for (const verb of verbs) {
    const outcome = await ask(backend, entity, verb, verb === 'create' ? machineParams() : {});
    if (outcome.type !== 'done') throw new Error(`${verb}: ${JSON.stringify(outcome)}`);
    states.push(outcome.observation?.state);
  }
  return states;
}

export function observe(backend: MaasBackend, entity: string): Promise<Observation> {
  return new Promise((reply) =>
    backend.observe('machine', entity, (seen) => reply(seen as Observation)),
  );
}
