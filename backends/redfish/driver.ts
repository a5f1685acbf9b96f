import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { untilSettled } from '../await-state.ts';
import { MACHINE_KIND, type SeenMachine } from '../bare-metal/machine-feed.ts';
import { LOOK_S, type PowerOptions, PowerWatch } from '../bare-metal/power-watch.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { FaultError } from '../fault.ts';
import type { HttpOptions } from '../http.ts';
import { redfishFault } from './faults.ts';
import { type Entry, type Machine, Machines, SYSTEMS } from './machines.ts';
import {
  parseMembers,
  parseStorage,
  parseSystem,
  powerOf,
  type System,
  seenDevices,
  seenDrive,
  seenEthernet,
  seenSystem,
} from './systems.ts';
import { bootOverride, MACHINE_ORDER, MACHINE_VERBS, RESETS, type ResetVerb } from './verbs.ts';

export interface RedfishOptions extends PowerOptions<Entry>, Partial<HttpOptions> {
  /** How often a task is looked at, seconds; default 1. */
  readonly task_s?: number;
}

/** Parts of a kind that are read at most. */
const MEMBERS_MAX = 256;

/**
 * Drives machines by Redfish. It knows power and hardware and nothing of what a machine is used
 * for, so that every machine is `new` to it.
 */
export class RedfishDriver implements Driver {
  readonly name = 'redfish';
  readonly layer = 'bare-metal';
  readonly #machines: Machines;
  readonly #watch: PowerWatch<Machine>;
  readonly #look_s: number;

  constructor(options: RedfishOptions = {}) {
    const { inventory = [], env = process.env, look_s = LOOK_S, poll, ...http } = options;
    this.#machines = new Machines(inventory, env, http);
    this.#look_s = look_s;
    const view = {
      look: (machine: Machine, signal?: AbortSignal) => this.#seen(machine, signal),
      attributes: ({ place }: Machine) => place,
    };
    this.#watch = new PowerWatch(this.#machines, view, poll);
  }

  verbs(kind: string): readonly string[] {
    return kind === MACHINE_KIND ? MACHINE_VERBS : [];
  }

  order(kind: string): ActOrder {
    return kind === MACHINE_KIND ? MACHINE_ORDER : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity: name, verb, params } = action;
    const { signal } = attempt;
    if (verb === 'enlist') {
      const machine = this.#machines.read(name, params);
      const seen = await this.#watch.look(machine, signal);
      this.#machines.add(machine);
      return seen;
    }
    const machine = this.#known(name);
    const call = { signal, about: name, sent: () => attempt.effect('unknown') };
    switch (verb) {
      case 'forget':
        this.#machines.forget(name);
        return this.#watch.gone(name);
      case 'inspect':
        return this.#watch.look(machine, signal);
      case 'set_boot_device': {
        const change = bootOverride(action);
        // Under its own address: a service may know it by other names when it is only asked.
        const { '@odata.id': own } = await this.#system(machine, signal);
        const path = own ?? (await this.#pathOf(machine, signal));
        await machine.service.act('PATCH', path, change, call);
        return this.#watch.look(machine, signal);
      }
      default:
        return this.#reset(RESETS[verb], machine, attempt);
    }
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    if (kind === MACHINE_KIND) {
      const machine = this.#machines.get(entity);
      return machine ? this.#watch.look(machine) : this.#watch.gone(entity);
    }
    const parts = await this.parts(entity.split('/')[0]);
    const found = parts.find((each) => each.kind === kind && each.entity === entity);
    return found ?? { kind, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    const seen = await this.#watch.lookAtAll();
    const there = seen.filter(({ state }) => !state.endsWith('+error'));
    const parts = await Promise.all(there.map(({ entity }) => this.parts(entity)));
    return [...seen, ...parts.flat()];
  }

  watch(listener: (observation: Observation) => void): () => void {
    return this.#watch.watch(listener);
  }

  /** Disks and network cards of a machine. */
  async parts(name: string): Promise<readonly Observation[]> {
    const machine = this.#machines.get(name);
    if (!machine) return [];
    const { service } = machine;
    const system = await this.#system(machine);
    const power = powerOf(system);
    const members = async (link: { '@odata.id': string } | null | undefined) => {
      if (!link) return [];
      try {
        const paths = parseMembers(await service.get(link['@odata.id'])).slice(0, MEMBERS_MAX);
        return await Promise.all(paths.map((path) => service.get(path)));
      } catch (thrown) {
        if (isMissingPart(thrown)) return [];
        throw thrown;
      }
    };
    const [nics, stores, simple] = await Promise.all([
      members(system.EthernetInterfaces),
      members(system.Storage),
      members(system.SimpleStorage),
    ]);
    const drives = stores.flatMap((each) => parseStorage(each).Drives ?? []);
    const disks = await Promise.all(
      drives
        .slice(0, MEMBERS_MAX)
        .map(async (each) => seenDrive(name, await service.get(each['@odata.id']), power)),
    );
    return [
      ...nics.map((each) => seenEthernet(name, each)),
      ...disks,
      // The simple storage of a controller says the same again.
      ...(disks.length > 0 ? [] : simple.flatMap((each) => seenDevices(name, each, power))),
    ];
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return this.#watch.diagnose(
      (machine) => [
        {
          check: 'reachable',
          look: async () => `${machine.name}: Redfish ${await machine.service.version()}`,
        },
        {
          check: 'authenticated',
          look: async () => `${machine.name}: ${(await this.#system(machine)).Id}`,
        },
      ],
      'Redfish service',
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#watch.close(), this.#machines.close()]);
  }

  async #reset(verb: ResetVerb, machine: Machine, attempt: Attempt): Promise<Observation> {
    const { signal } = attempt;
    const asked = this.#watch.now();
    const system = await this.#system(machine, signal);
    const before = powerOf(system);
    const seen = this.#watch.learn(seenSystem(machine.name, system, machine.place), asked);
    if (before === verb.already) return seen;
    if (verb.needs !== undefined && before !== verb.needs) {
      throw redfishFault('REDFISH_WRONG_STATE', `${machine.name} is ${before}: ${verb.reset}`);
    }
    const action = system.Actions?.['#ComputerSystem.Reset'];
    const allowed = action?.['ResetType@Redfish.AllowableValues'];
    if (!action || (allowed && !allowed.includes(verb.reset))) {
      const what = `${machine.name}: ${verb.reset} is not among ${allowed?.join(', ') || 'nothing'}`;
      throw redfishFault('REDFISH_UNSUPPORTED', what);
    }
    const sent = () => attempt.effect('unknown');
    const call = { signal, about: machine.name, sent };
    await machine.service.act('POST', action.target, { ResetType: verb.reset }, call);
    const look = (within: AbortSignal) => this.#watch.look(machine, within);
    const is = ({ state }: Observation) => state.endsWith(`+${verb.until}`);
    return untilSettled(look, is, this.#look_s, signal);
  }

  async #seen(machine: Machine, signal?: AbortSignal): Promise<SeenMachine> {
    return seenSystem(machine.name, await this.#system(machine, signal), machine.place);
  }

  async #system(machine: Machine, signal?: AbortSignal): Promise<System> {
    const path = await this.#pathOf(machine, signal);
    return parseSystem(await machine.service.get(path, { signal, about: machine.name }));
  }

  /** A service with one system need not be told which. */
  async #pathOf(machine: Machine, signal?: AbortSignal): Promise<string> {
    const { service, system, name } = machine;
    if (system !== undefined) return `${SYSTEMS}/${encodeURIComponent(system)}`;
    const all = parseMembers(await service.get(SYSTEMS, { signal, about: name }));
    if (all.length === 1) return all[0];
    throw redfishFault('REDFISH_UNKNOWN', `${name}: the service has ${all.length} systems, not 1`);
  }

  #known(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine) return machine;
    throw redfishFault('REDFISH_UNKNOWN', name);
  }
}

/** Services offer links to parts that they then cannot show; the machine is there all the same. */
function isMissingPart(thrown: unknown): boolean {
  if (!(thrown instanceof FaultError)) return false;
  return /^REDFISH_(SERVER_ERROR|UNKNOWN|UNSUPPORTED)$/.test(thrown.fault.code);
}
