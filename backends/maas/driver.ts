import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { untilSettled } from '../await-state.ts';
import { MACHINE_KIND, MachineFeed, type SeenMachine } from '../bare-metal/machine-feed.ts';
import { stateName } from '../bare-metal/machine-state.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { withEffect } from '../fault.ts';
import { Poller, type PollPlan } from '../poller.ts';
import { isUnknown, type MaasCall, MaasClient, type MaasClientOptions } from './client.ts';
import { maasFault } from './faults.ts';
import { type MaasMachine, parseMachine, parseMachines, partsOf, seenMachine } from './machines.ts';
import { creationForm, formOf, MACHINE_PARAMS, paramsOf } from './params.ts';
import { MaasQueries } from './queries.ts';
import { isOver, MACHINE_ORDER, MACHINE_VERBS, OPERATIONS, type VerbSpec } from './verbs.ts';

export interface MaasOptions extends MaasClientOptions {
  /** How often a machine is looked at while an action on it is under way, seconds; default 2. */
  readonly look_s?: number;
  /** How often all machines are looked at while somebody watches. */
  readonly poll?: PollPlan;
  /** Where passwords of BMCs are found. */
  readonly env?: NodeJS.ProcessEnv;
}

const LOOK_S = 2;
const POLL: PollPlan = { every_s: 5, failed: { first_s: 1, max_s: 30 } };
const DURING_RELEASE = OPERATIONS.release.during ?? [];
/** The oldest MAAS whose statuses and operations are those of this driver. */
const VERSION_MIN = '3.4';

interface Context {
  readonly action: Action;
  readonly attempt: Attempt;
  readonly machine: MaasMachine;
  /** When the machine was asked for. */
  readonly asked: number;
  readonly acting: MaasCall;
}

/** Drives the machines of one MAAS region by its REST API. Machines go by their hostname. */
export class MaasDriver implements Driver {
  readonly name = 'maas';
  readonly layer = 'bare-metal';
  readonly queries: MaasQueries;
  readonly #client: MaasClient;
  readonly #feed = new MachineFeed();
  readonly #poller: Poller;
  readonly #look_s: number;
  readonly #env: NodeJS.ProcessEnv;

  constructor(options: MaasOptions) {
    const { look_s = LOOK_S, poll = POLL, env = process.env, ...client } = options;
    this.#client = new MaasClient(client);
    this.queries = new MaasQueries(this.#client);
    this.#look_s = look_s;
    this.#env = env;
    this.#poller = new Poller(async (signal) => {
      const asked = this.#feed.now();
      this.#feed.learnAll((await this.#all(signal)).map(seenMachine), asked);
    }, poll);
  }

  verbs(kind: string): readonly string[] {
    return kind === MACHINE_KIND ? MACHINE_VERBS : [];
  }

  order(kind: string): ActOrder {
    return kind === MACHINE_KIND ? MACHINE_ORDER : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity: name, verb } = action;
    const acting: MaasCall = {
      about: name,
      signal: attempt.signal,
      sent: () => attempt.effect('unknown'),
    };
    const asked = this.#feed.now();
    const machine = await this.#find(name, attempt.signal);
    if (verb === 'create') return this.#create(action, machine, acting);
    if (!machine) throw maasFault('MAAS_UNKNOWN', `${name} is no machine of this MAAS`);
    return this.#carryOut({ action, attempt, machine, asked, acting });
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    if (kind === MACHINE_KIND) {
      const asked = this.#feed.now();
      const machine = await this.#find(entity);
      if (!machine) return this.#feed.gone(entity, asked);
      return this.#feed.learn(seenMachine(machine), asked);
    }
    const found = (await this.list()).find((each) => each.kind === kind && each.entity === entity);
    return found ?? { kind, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    const asked = this.#feed.now();
    const machines = await this.#all();
    const seen = this.#feed.learnAll(machines.map(seenMachine), asked);
    return [await this.queries.region(), ...seen, ...machines.flatMap(partsOf)];
  }

  watch(listener: (observation: Observation) => void): () => void {
    const leave = this.#feed.feed.listen(listener);
    this.#poller.start();
    return () => {
      leave();
      if (!this.#feed.feed.isHeard) void this.#poller.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose([
      { check: 'reachable', look: async () => `MAAS ${await this.queries.version()}` },
      {
        check: 'version',
        look: async () => {
          const version = await this.queries.version();
          if (compareVersions(version, VERSION_MIN) >= 0) return version;
          throw maasFault('MAAS_UNSUPPORTED', `it is MAAS ${version}, older than ${VERSION_MIN}`);
        },
      },
      { check: 'authenticated', look: async () => `signed in as ${await this.queries.whoAmI()}` },
      {
        check: 'permitted',
        look: async () => `${(await this.#all()).length} machines`,
      },
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#poller.stop(), this.#client.close()]);
  }

  async #create(action: Action, there: MaasMachine | undefined, acting: MaasCall) {
    const { entity: name } = action;
    const params = paramsOf(action, MACHINE_PARAMS.create);
    if (there) throw maasFault('MAAS_BAD_PARAMS', `${name}: a machine of that name is there`);
    const form = creationForm(name, params, this.#env);
    const made = parseMachine(await this.#client.post('machines/', '', form, acting));
    return this.#feed.learn(seenMachine(made));
  }

  async #carryOut(context: Context): Promise<Observation> {
    const { action, machine, asked, acting } = context;
    const path = machinePath(machine);
    switch (action.verb) {
      case 'inspect':
        return this.#feed.learn(seenMachine(machine), asked);
      case 'delete':
        await this.#client.delete(path, acting);
        return this.#feed.gone(action.entity);
      case 'allocate':
        return this.#allocate(context);
      case 'tag':
      case 'untag': {
        const { tag } = paramsOf(action, MACHINE_PARAMS.tag);
        await this.queries.setTag(machine.system_id, tag, action.verb === 'tag', acting);
        return this.#look(machine);
      }
      case 'link_subnet': {
        const link = paramsOf(action, MACHINE_PARAMS.link_subnet);
        await this.queries.linkSubnet(machine.system_id, link, acting);
        return this.#look(machine);
      }
      case 'update': {
        const params = paramsOf(action, MACHINE_PARAMS.update);
        const form = Object.entries(params).filter(([, value]) => value !== undefined);
        await this.#client.put(path, Object.fromEntries(form) as Record<string, string>, acting);
        return this.#look(machine);
      }
      default:
        return this.#operate(OPERATIONS[action.verb], context);
    }
  }

  async #allocate({ action, machine, acting }: Context): Promise<Observation> {
    const form = { ...formOf(action), system_id: machine.system_id };
    // MAAS would look for a free machine like it, and say that there is none.
    if (seenMachine(machine).status !== 'ready') {
      throw maasFault('MAAS_WRONG_STATE', `${action.entity} is ${machine.status_name}, not Ready`);
    }
    const got = parseMachine(await this.#client.post('machines/', 'allocate', form, acting));
    return this.#feed.learn(seenMachine(got));
  }

  async #operate(spec: VerbSpec, context: Context): Promise<Observation> {
    const { action, machine, asked } = context;
    const before = seenMachine(machine);
    if (spec.already?.(before)) return this.#feed.learn(before, asked);
    const why = spec.unfit?.(before);
    if (why) throw maasFault('MAAS_WRONG_STATE', `${action.entity}: ${why}`);
    const form = this.#form(action, spec);
    // A free machine is acquired first, and given back when it cannot be deployed.
    const acquires = action.verb === 'deploy' && before.status === 'ready';
    if (acquires) {
      const acquiring = { ...action, verb: 'allocate', params: {} };
      await this.#allocate({ ...context, action: acquiring });
    }
    // Others who look meanwhile are to know as well what may pass unseen.
    const passes = acquires ? [...DURING_RELEASE, ...(spec.during ?? [])] : spec.during;
    const isOver = this.#feed.expect(action.entity, passes ?? []);
    try {
      await this.#client
        .post(machinePath(machine), spec.op, form, context.acting)
        .catch(async (refusal) => {
          if (!acquires || (await this.#giveBack(before, context))) throw refusal;
          throw withEffect(refusal, 'unknown');
        });
      return await this.#outcome(spec, before, context);
    } finally {
      isOver();
    }
  }

  #form(action: Action, spec: VerbSpec) {
    if (action.verb !== 'set_owner_data') {
      return { ...formOf(action), ...spec.form };
    }
    return paramsOf(action, MACHINE_PARAMS.set_owner_data).data;
  }

  async #outcome(spec: VerbSpec, before: SeenMachine, context: Context): Promise<Observation> {
    const { action, attempt, machine } = context;
    let now = before;
    const look = async (signal: AbortSignal) => {
      const asked = this.#feed.now();
      now = seenMachine(parseMachine(await this.#client.get(machinePath(machine), {}, { signal })));
      return this.#feed.learn(now, asked);
    };
    const over = () => isOver(spec, now, before);
    const seen = await untilSettled(look, over, this.#look_s, attempt.signal);
    if (spec.reached(now, before)) return seen;
    const what = `${action.verb} of ${action.entity} ended in ${now.reason}`;
    throw maasFault(endedBadly(now) ? 'MAAS_OPERATION_FAILED' : 'MAAS_OVERTAKEN', what);
  }

  /** Whether a machine that could not be deployed is again what it was before. */
  async #giveBack(before: SeenMachine, { machine, attempt }: Context): Promise<boolean> {
    const look = () => this.#look(machine);
    try {
      await this.#client.post(machinePath(machine), 'release', {});
      const over = ({ state }: Observation) =>
        !DURING_RELEASE.some((status) => state.startsWith(`${status}+`));
      const { state } = await untilSettled(look, over, this.#look_s, attempt.signal);
      return state === stateName(before);
    } catch {
      return false; // why it was not deployed counts
    }
  }

  async #look(machine: MaasMachine): Promise<Observation> {
    const asked = this.#feed.now();
    const now = await this.#client.get(machinePath(machine));
    return this.#feed.learn(seenMachine(parseMachine(now)), asked);
  }

  async #find(name: string, signal?: AbortSignal): Promise<MaasMachine | undefined> {
    try {
      const found = await this.#client.get('machines/', { hostname: name }, { signal });
      return parseMachines(found).find(({ hostname }) => hostname === name);
    } catch (thrown) {
      if (isUnknown(thrown)) return undefined;
      throw thrown;
    }
  }

  async #all(signal?: AbortSignal): Promise<readonly MaasMachine[]> {
    return parseMachines(await this.#client.get('machines/', {}, { signal }));
  }
}

function machinePath({ system_id }: MaasMachine): string {
  return `machines/${encodeURIComponent(system_id)}/`;
}

function endedBadly({ status, power }: SeenMachine): boolean {
  if (power === 'error') return true;
  return status.startsWith('failed_') || status === 'broken' || status === 'missing';
}
