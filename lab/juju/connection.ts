/** One connection to the API: login, then calls of the facades that its address has. */
import type { Account } from './account.ts';
import type { AllWatcher } from './all-watcher.ts';
import { FACADES, versionsOf } from './facades.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

interface Request {
  readonly 'request-id': number;
  readonly type: string;
  readonly version: number;
  readonly id?: string;
  readonly request: string;
  readonly params?: unknown;
}

export class Connection {
  readonly #world: World;
  readonly #accounts: readonly Account[];
  readonly #version: string;
  /** Of the model; undefined for the controller's own address. */
  readonly #uuid: string | undefined;
  readonly #watchers = new Map<string, AllWatcher>();
  #nextWatcher = 1;
  #account: Account | undefined;

  constructor(
    world: World,
    accounts: readonly Account[],
    version: string,
    uuid: string | undefined,
  ) {
    this.#world = world;
    this.#accounts = accounts;
    this.#version = version;
    this.#uuid = uuid;
  }

  async answer(text: string): Promise<string> {
    const request = JSON.parse(text) as Request;
    const id = request['request-id'];
    try {
      const response = await this.#call(request);
      return JSON.stringify({ 'request-id': id, response });
    } catch (thrown) {
      const { code = '', message } = thrown as Partial<Refusal> & Error;
      const isOurs = thrown instanceof Refusal;
      return JSON.stringify({
        ...{ 'request-id': id, error: message, response: {} },
        ...(isOurs && code !== '' && { 'error-code': code }),
      });
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.stop();
  }

  #call(request: Request): object | Promise<object> {
    const { params = {}, request: name, type, version } = request;
    if (type === 'Admin') {
      if (name === 'Login' && version === 3) return this.#login(params as LoginParams);
      throw new Refusal('not implemented', `no such request - method Admin(${version}).${name}`);
    }
    if (!this.#account) throw new Refusal('unauthorized access', 'not logged in');
    const side = this.#uuid === undefined ? 'controller' : 'model';
    const facade = FACADES[type];
    const isHere = facade && (facade.on === side || type === 'Pinger');
    if (!isHere || versionsOf(type, this.#version).length === 0) {
      throw new Refusal('not implemented', `unknown facade type "${type}"`);
    }
    if (!versionsOf(type, this.#version).includes(version)) {
      throw new Refusal('not implemented', `unknown version (${version}) of interface "${type}"`);
    }
    const method = Object.hasOwn(facade.methods, name) ? facade.methods[name] : undefined;
    if (!method) {
      throw new Refusal('not implemented', `no such request - method ${type}(${version}).${name}`);
    }
    const context = {
      ...{ world: this.#world, account: this.#account, version: this.#version },
      model: this.#uuid === undefined ? (undefined as never) : this.#world.model(this.#uuid),
      watchers: this.#watchers,
      id: request.id ?? String(this.#nextWatcher++),
    };
    return method(context, params);
  }

  #login({ 'auth-tag': tag, credentials }: LoginParams): object {
    const account = this.#accounts.find(
      ({ password, user }) => tag === `user-${user}` && credentials === password,
    );
    if (!account) {
      throw new Refusal('unauthorized access', 'invalid entity name or password');
    }
    if (this.#uuid !== undefined) this.#world.model(this.#uuid);
    this.#account = account;
    const side = this.#uuid === undefined ? 'controller' : 'model';
    const facades = Object.entries(FACADES)
      .filter(([name, { on }]) => on === side || name === 'Pinger')
      .map(([name]) => ({ name, versions: versionsOf(name, this.#version) }));
    return {
      'controller-tag': 'controller-00000000-0000-4000-8000-000000000000',
      ...(this.#uuid !== undefined && { 'model-tag': `model-${this.#uuid}` }),
      'server-version': this.#version,
      'user-info': {
        'display-name': account.user,
        identity: `user-${account.user}`,
        'controller-access': account.access,
        'model-access': this.#uuid === undefined ? '' : account.models,
      },
      facades: facades.filter(({ versions }) => versions.length > 0),
      servers: [],
    };
  }
}

interface LoginParams {
  readonly 'auth-tag': string;
  readonly credentials: string;
}
