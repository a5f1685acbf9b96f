import PQueue from 'p-queue';
import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { untilSettled } from '../await-state.ts';
import { MACHINE_KIND, type SeenMachine } from '../bare-metal/machine-feed.ts';
import { LOOK_S, type PowerOptions, PowerWatch } from '../bare-metal/power-watch.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { Controllers, type Entry } from './controllers.ts';
import { ipmiFault } from './faults.ts';
import { type Bmc, Ipmitool, type IpmitoolOptions } from './ipmitool.ts';
import {
  type LogEntry,
  parseController,
  parseLog,
  parsePower,
  parseSensors,
  type Sensor,
} from './reports.ts';
import {
  bootDeviceArgs,
  MACHINE_ORDER,
  MACHINE_VERBS,
  POWER_VERBS,
  type PowerVerb,
} from './verbs.ts';

export interface IpmiOptions extends PowerOptions<Entry> {
  readonly ipmitool?: IpmitoolOptions;
}

/** Commands at a time. */
const COMMANDS_MAX = 8;

/**
 * Drives machines by their management controllers with IPMI 2.0. It knows power and nothing of what
 * a machine is used for, so that every machine is `new` to it.
 */
export class IpmiDriver implements Driver {
  readonly name = 'ipmi';
  readonly layer = 'bare-metal';
  readonly #controllers: Controllers;
  readonly #tool: Ipmitool;
  readonly #watch: PowerWatch<Bmc>;
  readonly #look_s: number;
  readonly #turns = new PQueue({ concurrency: COMMANDS_MAX });
  readonly #closing = new AbortController();

  constructor(options: IpmiOptions = {}) {
    const { inventory = [], env = process.env, ipmitool, look_s = LOOK_S, poll } = options;
    this.#controllers = new Controllers(inventory, env);
    this.#tool = new Ipmitool(ipmitool);
    this.#look_s = look_s;
    const view = {
      look: (bmc: Bmc, signal?: AbortSignal) => this.#seen(bmc, signal),
      attributes: (bmc: Bmc) => this.#attributes(bmc),
    };
    this.#watch = new PowerWatch(this.#controllers, view, poll);
  }

  verbs(kind: string): readonly string[] {
    return kind === MACHINE_KIND ? MACHINE_VERBS : [];
  }

  order(kind: string): ActOrder {
    return kind === MACHINE_KIND ? MACHINE_ORDER : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity: name, verb, params } = action;
    if (verb === 'enlist') return this.#enlist(name, params, attempt);
    const bmc = this.#controllers.get(name);
    if (!bmc) throw ipmiFault('IPMI_UNKNOWN', name);
    const { signal } = attempt;
    const run = (args: readonly string[]) =>
      this.#run(bmc, { args, signal, sent: () => attempt.effect('unknown') });
    switch (verb) {
      case 'forget':
        this.#controllers.forget(name);
        return this.#watch.gone(name);
      case 'set_boot_device':
        await run(bootDeviceArgs(action));
        break;
      case 'identify':
        await run(['chassis', 'identify']);
        break;
      case 'inspect':
        break;
      default:
        return this.#switch(POWER_VERBS[verb], bmc, attempt, run);
    }
    return this.#watch.look(bmc, signal);
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    const bmc = kind === MACHINE_KIND ? this.#controllers.get(entity) : undefined;
    if (!bmc) return kind === MACHINE_KIND ? this.#watch.gone(entity) : absent(kind, entity);
    return this.#watch.look(bmc, this.#closing.signal);
  }

  list(): Promise<readonly Observation[]> {
    return this.#watch.lookAtAll(this.#closing.signal);
  }

  watch(listener: (observation: Observation) => void): () => void {
    return this.#watch.watch(listener);
  }

  /** What a machine measures of itself. */
  async sensors(name: string): Promise<readonly Sensor[]> {
    return parseSensors(await this.#ask(name, ['-c', 'sdr', 'list']));
  }

  /** The system event log of a machine, oldest first. */
  async events(name: string): Promise<readonly LogEntry[]> {
    return parseLog(await this.#ask(name, ['-c', 'sel', 'list']));
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    const signIn = async (bmc: Bmc) => {
      const info = await this.#run(bmc, { args: ['mc', 'info'] });
      const { firmware, ipmi } = parseController(info);
      return `${bmc.name}: IPMI ${ipmi}, firmware ${firmware}`;
    };
    return this.#watch.diagnose(
      (bmc) => [{ check: 'authenticated', look: () => signIn(bmc) }],
      'management controller',
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watch.close();
    await this.#turns.onIdle();
  }

  async #enlist(name: string, params: Action['params'], attempt: Attempt): Promise<Observation> {
    const bmc = this.#controllers.read(name, params);
    const seen = await this.#watch.look(bmc, attempt.signal);
    this.#controllers.add(bmc, params);
    return seen;
  }

  async #switch(
    verb: PowerVerb,
    bmc: Bmc,
    attempt: Attempt,
    run: (args: readonly string[]) => Promise<string>,
  ): Promise<Observation> {
    if (verb.already !== undefined || verb.needs !== undefined) {
      const before = await this.#power(bmc, attempt.signal);
      if (before === verb.already) return this.#watch.look(bmc, attempt.signal);
      if (verb.needs !== undefined && before !== verb.needs) {
        throw ipmiFault('IPMI_WRONG_STATE', `${bmc.name} is ${before}: ${verb.args.at(-1)}`);
      }
    }
    await run(verb.args);
    const look = (signal: AbortSignal) => this.#watch.look(bmc, signal);
    let seen: Observation | undefined;
    for (const power of verb.through) {
      const is = ({ state }: Observation) => state.endsWith(`+${power}`);
      seen = await untilSettled(look, is, this.#look_s, attempt.signal);
    }
    return seen ?? this.#watch.look(bmc, attempt.signal);
  }

  async #seen(bmc: Bmc, signal?: AbortSignal): Promise<SeenMachine> {
    const power = await this.#power(bmc, signal);
    const reason = `Chassis Power is ${power}`;
    return { name: bmc.name, status: 'new', power, reason, attributes: this.#attributes(bmc) };
  }

  #attributes({ address, port, name }: Bmc): SeenMachine['attributes'] {
    return { bmc: `${address}:${port}`, ...this.#controllers.placeOf(name) };
  }

  async #power(bmc: Bmc, signal?: AbortSignal): Promise<'on' | 'off'> {
    const said = await this.#run(bmc, { args: ['chassis', 'power', 'status'], signal });
    return parsePower(said, bmc.name);
  }

  async #ask(name: string, args: readonly string[]): Promise<string> {
    const bmc = this.#controllers.get(name);
    if (!bmc) throw ipmiFault('IPMI_UNKNOWN', name);
    return this.#run(bmc, { args, quiet: true });
  }

  async #run(bmc: Bmc, command: Parameters<Ipmitool['run']>[1]): Promise<string> {
    const { signal: closing } = this.#closing;
    const signal = command.signal ? AbortSignal.any([command.signal, closing]) : closing;
    return this.#turns.add(() => this.#tool.run(bmc, { ...command, signal }));
  }
}

const absent = (kind: string, entity: string): Observation => ({ kind, entity, state: 'absent' });
