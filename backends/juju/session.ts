/** A connection to one address of the API (the controller's, or a model's) that comes back. */

import { CLIENT_VERSION } from '@canonical/jujulib/dist/api/client.js';
import AdminV3 from '@canonical/jujulib/dist/api/facades/admin/AdminV3.js';
import { z } from 'zod';
import type { JujuAccess } from './access.ts';
import type { RpcLimits } from './dial.ts';
import {
  type FacadeName,
  type Facades,
  facadeClass,
  facadeOf,
  type ServedFacades,
} from './facades.ts';
import { jujuFault } from './faults.ts';
import { type Call, RpcConnection } from './rpc.ts';
import { read } from './shape.ts';

const loginResult = z.object({
  'server-version': z.string().nullish(),
  facades: z
    .array(z.object({ name: z.string(), versions: z.array(z.number()).nullish() }))
    .nullish(),
  'user-info': z
    .object({
      identity: z.string(),
      'controller-access': z.string().nullish(),
    })
    .nullish(),
  'discharge-required': z.unknown().optional(),
  'bakery-discharge-required': z.unknown().optional(),
});

export interface Login {
  readonly rpc: RpcConnection;
  readonly serverVersion: string;
  readonly served: ServedFacades;
  readonly user: string;
  /** To the controller: `superuser`, `add-model`, `login`. */
  readonly access: string;
}

/** The controller hangs up on who does not ping it for three minutes (maxClientPingInterval). */
const PING_MS = 30_000;

export class Session {
  readonly #access: JujuAccess;
  readonly #path: string;
  readonly #limits: RpcLimits;
  readonly #closing = new AbortController();
  #login: Promise<Login> | undefined;
  #rpc: RpcConnection | undefined;

  constructor(access: JujuAccess, path: string, limits: RpcLimits) {
    this.#access = access;
    this.#path = path;
    this.#limits = limits;
  }

  /** Connects and logs in, unless it is. */
  login(): Promise<Login> {
    if (this.#login && (this.#rpc === undefined || this.#rpc.isOpen)) return this.#login;
    this.#rpc = undefined;
    const login = this.#connect();
    this.#login = login;
    login.catch(() => {
      if (this.#login === login) this.#login = undefined;
    });
    return login;
  }

  /** A facade whose calls are made as `call` says. */
  async facade<N extends FacadeName>(name: N, call: Call): Promise<Facades[N]> {
    const { rpc, served } = await this.login();
    return facadeOf(name, served, rpc.transport(call));
  }

  async has(name: FacadeName): Promise<boolean> {
    return facadeClass(name, (await this.login()).served) !== undefined;
  }

  close(): void {
    this.#closing.abort();
    this.#rpc?.close();
    this.#rpc = undefined;
    this.#login = undefined;
  }

  async #connect(): Promise<Login> {
    const { account, ca, endpoints } = this.#access;
    const target = { endpoints, path: this.#path, ca, secrets: [account.password] };
    const rpc = await RpcConnection.open(target, this.#limits, this.#closing.signal);
    if (this.#closing.signal.aborted) rpc.close();
    this.#rpc = rpc;
    try {
      const login = await this.#logIn(rpc);
      const pings = setInterval(() => void this.#ping(login), PING_MS).unref();
      rpc.onEnd = () => clearInterval(pings);
      return login;
    } catch (thrown) {
      rpc.close();
      throw thrown;
    }
  }

  async #logIn(rpc: RpcConnection): Promise<Login> {
    const { account, agentVersion, controller } = this.#access;
    const about = `log in to ${controller} as ${account.user}`;
    const admin = new AdminV3(rpc.transport({ about }) as never, {} as never);
    const answer = await admin.login({
      'auth-tag': `user-${account.user}`,
      'client-version': agentVersion ?? CLIENT_VERSION,
      credentials: account.password.reveal(),
      ...{ macaroons: [], nonce: '', 'user-data': '' },
    });
    const result = read(loginResult, answer, 'the answer to the login');
    if (result['discharge-required'] || result['bakery-discharge-required']) {
      throw jujuFault('JUJU_AUTH', `${about}: it wants a macaroon; log in with a password`);
    }
    const { 'user-info': user } = result;
    return {
      rpc,
      serverVersion: result['server-version'] ?? '',
      served: new Map(result.facades?.map(({ name, versions }) => [name, versions ?? []])),
      user: user?.identity.replace(/^user-/, '') ?? account.user,
      access: user?.['controller-access'] || 'no',
    };
  }

  async #ping({ rpc, served }: Login): Promise<void> {
    try {
      await facadeOf('Pinger', served, rpc.transport({ about: 'ping' })).ping({});
    } catch {
      rpc.close(); // whoever asks next connects anew
    }
  }
}
