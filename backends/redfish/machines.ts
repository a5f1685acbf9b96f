import { z } from 'zod';
import { NAME, placeOf } from '../bare-metal/inventory.ts';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import type { HttpOptions } from '../http.ts';
import { Secret } from '../secret.ts';
import { redfishFault } from './faults.ts';
import { MACHINE_PARAMS, paramsOf } from './params.ts';
import { RedfishService, ROOT } from './service.ts';

/** A machine in an inventory. */
export const entry = z.strictObject({ name: NAME, ...MACHINE_PARAMS.enlist.shape });

export type Entry = z.input<typeof entry>;

/** A machine, and the service that it is known to. */
export interface Machine {
  readonly name: string;
  readonly service: RedfishService;
  readonly system: string | undefined;
  readonly place: Readonly<Record<string, string>>;
}

/** The machines that are known. Those of one service and user share its session. */
export class Machines {
  readonly #env: NodeJS.ProcessEnv;
  readonly #http: Partial<HttpOptions> & { readonly task_s?: number };
  readonly #known = new Map<string, Machine>();
  readonly #services = new Map<string, RedfishService>();

  constructor(
    inventory: readonly Entry[],
    env: NodeJS.ProcessEnv,
    http: Partial<HttpOptions> & { readonly task_s?: number },
  ) {
    this.#env = env;
    this.#http = http;
    for (const { name, ...given } of inventory) this.add(this.read(name, given));
  }

  get(name: string): Machine | undefined {
    return this.#known.get(name);
  }

  all(): readonly Machine[] {
    return [...this.#known.values()];
  }

  services(): readonly RedfishService[] {
    return [...this.#services.values()];
  }

  add(machine: Machine): void {
    this.#known.set(machine.name, machine);
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Reads where a machine's service is; its password comes from the environment. */
  read(name: string, given: Readonly<Record<string, unknown>>): Machine {
    const asked = { kind: MACHINE_KIND, entity: name, verb: 'enlist', params: given };
    const wanted = paramsOf(asked, MACHINE_PARAMS.enlist);
    const { url, system, user, password_env, ...place } = wanted;
    const service = this.#service(new URL(url), user, password_env);
    return { name, service, system, place: placeOf(place) };
  }

  async close(): Promise<void> {
    await Promise.all(this.services().map((service) => service.close()));
  }

  #service(url: URL, user: string | undefined, variable: string): RedfishService {
    const key = `${user ?? ''} ${variable} ${url.origin}`;
    const known = this.#services.get(key);
    if (known) return known;
    const value = this.#env[variable];
    if (user !== undefined && !value) {
      throw redfishFault('REDFISH_BAD_PARAMS', `${url.host}: ${variable} is not set`);
    }
    const credentials = user && value ? { credentials: { user, password: new Secret(value) } } : {};
    const service = new RedfishService({ url, ...this.#http, ...credentials });
    this.#services.set(key, service);
    return service;
  }
}

export const SYSTEMS = `${ROOT}Systems`;
