import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JujuAccess } from '../../../backends/juju/access.ts';
import { JujuBackend, type JujuOptions } from '../../../backends/juju/driver.ts';
import { Secret } from '../../../backends/secret.ts';
import type { Action, Fault, Observation, Outcome } from '../../../engine/contract.ts';
import type { Account } from '../../../lab/juju/account.ts';
import { labCharm } from '../../../lab/juju/charm-file.ts';
import { JujuServer, type JujuServerOptions } from '../../../lab/juju/server.ts';
import { JUJU_CA, JUJU_CERTIFICATE, JUJU_KEY } from './tls-files.ts';

export const ADMIN: Account = {
  ...{ user: 'admin', password: 'planted-secret-of-admin' },
  ...{ access: 'superuser', models: 'admin' },
};
export const READER: Account = {
  ...{ user: 'reader', password: 'planted-secret-of-reader' },
  ...{ access: 'login', models: 'read' },
};
export const MODEL = 'under-test';

/** A controller with one empty model. */
export function startServer(options: Partial<JujuServerOptions> = {}): JujuServer {
  const server = new JujuServer({
    ...{ certificate: JUJU_CERTIFICATE, key: JUJU_KEY, accounts: [ADMIN, READER] },
    ...options,
  });
  server.world.addModel(MODEL, ADMIN.user);
  return server;
}

export function accessTo(endpoint: string, { password, user } = ADMIN): JujuAccess {
  return {
    ...{ controller: 'lab', endpoints: [endpoint], ca: JUJU_CA, model: `admin/${MODEL}` },
    account: { user, password: new Secret(password) },
  };
}

export function openJuju(
  endpoint: string,
  { account, ...options }: Partial<JujuOptions> & { readonly account?: Account } = {},
): JujuBackend {
  return new JujuBackend({
    access: accessTo(endpoint, account),
    look_s: 0.01,
    watch: {
      ...{ poll_s: 0.02, presence_s: 0.1, settle_s: 0.005 },
      failed: { first_s: 0.02, max_s: 0.05 },
    },
    ...options,
  });
}

/** A folder of packed charms for a test file. */
export class CharmFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'strata-juju-'));

  /** Writes a packed charm and returns its path. */
  charm(name: string, files: Readonly<Record<string, string>> = {}, file = name): string {
    return this.write(`${file}.charm`, labCharm(name, files));
  }

  write(name: string, data: Buffer | string): string {
    const path = join(this.path, name);
    writeFileSync(path, data);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

let count = 0;

export function ask(
  backend: JujuBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  deadline_s = 20,
): Promise<Outcome> {
  const key = `juju-${++count}`;
  const action: Action = { key, layer: 'orchestration', kind, entity, verb, params, deadline_s };
  return new Promise((reply) => backend.request(action, reply));
}

/** The state in which a verb ends; throws when it does not. */
export async function stateAfter(
  backend: JujuBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<string | undefined> {
  const outcome = await ask(backend, kind, entity, verb, params);
  if (outcome.type !== 'done') throw new Error(`${verb} ${entity}: ${JSON.stringify(outcome)}`);
  return outcome.observation?.state;
}

export async function faultOf(
  backend: JujuBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Fault> {
  const outcome = await ask(backend, kind, entity, verb, params);
  if (outcome.type !== 'fault') throw new Error(`${verb} ${entity}: ${JSON.stringify(outcome)}`);
  return outcome.fault;
}

export function observe(
  backend: JujuBackend,
  kind: string,
  entity: string,
): Promise<Observation & Fault> {
  return new Promise((reply) =>
    backend.observe(kind, entity, (seen) => reply(seen as Observation & Fault)),
  );
}

export function closed(backend: JujuBackend): Promise<void> {
  return new Promise((done) => backend.close(done));
}
