import { z } from 'zod';
import { NAME, placeOf } from '../bare-metal/inventory.ts';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import { Secret } from '../secret.ts';
import { ipmiFault } from './faults.ts';
import type { Bmc } from './ipmitool.ts';
import { MACHINE_PARAMS, paramsOf } from './params.ts';

/** IPMI 2.0, 22.30: passwords are stored in 16 or 20 bytes. */
const PASSWORD_BYTES_MAX = 20;

/** A machine in an inventory. */
export const entry = z.strictObject({ name: NAME, ...MACHINE_PARAMS.enlist.shape });

export type Entry = z.input<typeof entry>;

/** The management controllers that are known, by the name of their machine. */
export class Controllers {
  readonly #env: NodeJS.ProcessEnv;
  readonly #known = new Map<string, Bmc>();
  readonly #places = new Map<string, Readonly<Record<string, string>>>();

  constructor(inventory: readonly Entry[], env: NodeJS.ProcessEnv) {
    this.#env = env;
    for (const { name, ...given } of inventory) this.add(this.read(name, given), given);
  }

  get(name: string): Bmc | undefined {
    return this.#known.get(name);
  }

  all(): readonly Bmc[] {
    return [...this.#known.values()];
  }

  placeOf(name: string): Readonly<Record<string, string>> {
    return this.#places.get(name) ?? {};
  }

  add(bmc: Bmc, place: Readonly<Record<string, unknown>>): void {
    this.#known.set(bmc.name, bmc);
    this.#places.set(bmc.name, placeOf(place));
  }

  forget(name: string): void {
    this.#known.delete(name);
    this.#places.delete(name);
  }

  /** Reads where a controller is; its password comes from the environment. */
  read(name: string, given: Readonly<Record<string, unknown>>): Bmc {
    const asked = { kind: MACHINE_KIND, entity: name, verb: 'enlist', params: given };
    const { address, port, user, password_env } = paramsOf(asked, MACHINE_PARAMS.enlist);
    const password = this.#env[password_env];
    if (!password) throw ipmiFault('IPMI_NO_PASSWORD', `${name}: ${password_env} is not set`);
    if (Buffer.byteLength(password) > PASSWORD_BYTES_MAX) {
      const why = `${password_env} is longer than ${PASSWORD_BYTES_MAX} bytes, which IPMI allows`;
      throw ipmiFault('IPMI_NO_PASSWORD', `${name}: ${why}`);
    }
    return { name, address, port, user, password: new Secret(password) };
  }
}
