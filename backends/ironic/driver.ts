import { z } from 'zod';
import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { untilSettled } from '../await-state.ts';
import { MACHINE_KIND, MachineFeed, type SeenMachine } from '../bare-metal/machine-feed.ts';
import { parseState } from '../bare-metal/machine-state.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { Poller, type PollPlan } from '../poller.ts';
import { type IronicCall, IronicClient, type IronicClientOptions, MICROVERSION } from './client.ts';
import { ironicFault } from './faults.ts';
import { type Node, nameOf, parseNode, parseNodes, seenNode } from './nodes.ts';
import { MACHINE_PARAMS, paramsOf, secretOf } from './params.ts';
import { PASSED_UNSEEN, PROVISION_STATES } from './states.ts';
import {
  MACHINE_ORDER,
  MACHINE_VERBS,
  POWER_VERBS,
  type PowerVerb,
  PROVISION_VERBS,
  type Step,
} from './verbs.ts';

export interface IronicOptions extends IronicClientOptions {
  /** How often a node is looked at while an action on it is under way, seconds; default 2. */
  readonly look_s?: number;
  readonly poll?: PollPlan;
  /** Where secrets of nodes are found. */
  readonly env?: NodeJS.ProcessEnv;
}

const LOOK_S = 2;
const POLL: PollPlan = { every_s: 5, failed: { first_s: 1, max_s: 30 } };
/** Nodes that Ironic is asked for at a time, and pages at most. */
const PAGE = 500;
const PAGES_MAX = 1_000;

const FIELDS = [
  ...['uuid', 'name', 'provision_state', 'target_provision_state', 'power_state', 'properties'],
  ...['target_power_state', 'maintenance', 'driver', 'resource_class', 'conductor_group'],
  'last_error',
].join(',');

const root = z.object({
  version: z.object({ version: z.string(), min_version: z.string() }),
});

/** A node, and when it was asked for. */
interface Asked {
  readonly node: Node;
  readonly asked: number;
}

interface Context {
  readonly action: Action;
  readonly attempt: Attempt;
  readonly acting: IronicCall;
}

/** Drives the nodes of one Ironic by its REST API. */
export class IronicDriver implements Driver {
  readonly name = 'ironic';
  readonly layer = 'bare-metal';
  readonly #client: IronicClient;
  readonly #feed = new MachineFeed({ unseen: PASSED_UNSEEN });
  readonly #poller: Poller;
  readonly #look_s: number;
  readonly #env: NodeJS.ProcessEnv;

  constructor(options: IronicOptions) {
    const { look_s = LOOK_S, poll = POLL, env = process.env, ...client } = options;
    this.#client = new IronicClient(client);
    this.#look_s = look_s;
    this.#env = env;
    this.#poller = new Poller(async (signal) => void (await this.#all(signal)), poll);
  }

  verbs(kind: string): readonly string[] {
    return kind === MACHINE_KIND ? MACHINE_VERBS : [];
  }

  order(kind: string): ActOrder {
    return kind === MACHINE_KIND ? MACHINE_ORDER : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity: name, verb } = action;
    const { signal } = attempt;
    const acting = { about: name, signal, sent: () => attempt.effect('unknown') };
    const context = { action, attempt, acting };
    if (verb === 'create') return this.#create(context);
    const found = await this.#get(name, signal);
    const path = nodePath(name);
    switch (verb) {
      case 'inspect':
        return this.#learn(found);
      case 'delete':
        await this.#client.call('DELETE', path, undefined, acting);
        return this.#feed.gone(name);
      case 'update':
        await this.#patch(paramsOf(action, MACHINE_PARAMS.update), context);
        return this.#look(name, signal);
      case 'set_maintenance':
        await this.#patch(paramsOf(action, MACHINE_PARAMS.set_maintenance), context);
        return this.#look(name, signal);
      case 'set_boot_device': {
        const { device, persistent } = paramsOf(action, MACHINE_PARAMS.set_boot_device);
        const body = { boot_device: device, persistent };
        await this.#client.call('PUT', `${path}/management/boot_device`, body, acting);
        return this.#look(name, signal);
      }
      default:
        if (verb in POWER_VERBS) return this.#setPower(POWER_VERBS[verb], found, context);
        return this.#provision(found, context);
    }
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    if (kind !== MACHINE_KIND) return { kind, entity, state: 'absent' };
    const asked = this.#feed.now();
    try {
      return await this.#look(entity);
    } catch (thrown) {
      if (thrown instanceof FaultError && thrown.fault.code === 'IRONIC_UNKNOWN') {
        return this.#feed.gone(entity, asked);
      }
      throw thrown;
    }
  }

  list(): Promise<readonly Observation[]> {
    return this.#all();
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
      { check: 'reachable', look: async () => `API ${(await this.#versions()).version}` },
      {
        check: 'version',
        look: async () => {
          const { version } = await this.#versions();
          if (compareVersions(version, MICROVERSION) >= 0) return `${MICROVERSION} of ${version}`;
          throw ironicFault(
            'IRONIC_UNSUPPORTED',
            `it speaks ${version}, older than ${MICROVERSION}`,
          );
        },
      },
      { check: 'permitted', look: async () => `${(await this.#all()).length} nodes` },
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#poller.stop(), this.#client.close()]);
  }

  async #versions() {
    const read = root.safeParse(await this.#client.call('GET', 'v1'));
    if (read.success) return read.data.version;
    throw ironicFault('IRONIC_MALFORMED', 'it names no version', { effect: 'none' });
  }

  async #create({ action, acting }: Context): Promise<Observation> {
    const wanted = paramsOf(action, MACHINE_PARAMS.create);
    const { driver_info, driver_secrets_env, ...plain } = wanted;
    const secrets = Object.entries(driver_secrets_env).map(([key, variable]) => [
      key,
      secretOf(variable, this.#env).reveal(),
    ]);
    const body = {
      ...{ name: action.entity, ...plain },
      driver_info: { ...driver_info, ...Object.fromEntries(secrets) },
    };
    const node = parseNode(await this.#client.call('POST', 'v1/nodes', body, acting));
    return this.#learn({ node, asked: this.#feed.now() });
  }

  /** Replaces fields of a node; those of an object one by one. */
  async #patch(fields: Readonly<Record<string, unknown>>, { action, acting }: Context) {
    const changes = Object.entries(fields).flatMap(([field, value]) => {
      if (value === undefined) return [];
      if (typeof value !== 'object' || value === null) return [[`/${field}`, value] as const];
      return Object.entries(value).map(([key, each]) => [`/${field}/${key}`, each] as const);
    });
    if (changes.length === 0) return;
    const body = changes.map(([path, value]) => ({ op: 'add', path, value }));
    await this.#client.call('PATCH', nodePath(action.entity), body, acting);
  }

  async #provision(found: Asked, context: Context): Promise<Observation> {
    const { action, attempt } = context;
    const { entity: name, verb } = action;
    const spec = PROVISION_VERBS[verb];
    if (spec.already?.includes(found.node.provision_state)) return this.#learn(found);
    await this.#patch(spec.patch ?? {}, context);
    if (verb === 'deploy') {
      const { instance_info } = paramsOf(action, MACHINE_PARAMS.deploy);
      await this.#patch({ instance_info }, context);
    }
    let seen = this.#learn(found);
    for (const step of spec.steps) {
      const { node } = await this.#get(name, attempt.signal);
      const { provision_state } = node;
      // What comes before it is behind a node that is there already.
      if (spec.steps.length > 1 && step.until.includes(provision_state)) continue;
      seen = await this.#take(step, provision_state, context);
    }
    return seen;
  }

  async #take(step: Step, before: string, context: Context): Promise<Observation> {
    const { action, attempt, acting } = context;
    const { entity: name, verb } = action;
    const body = { target: step.target, ...this.#extras(action) };
    await this.#client.call('PUT', `${nodePath(name)}/states/provision`, body, acting);
    let node: Node | undefined;
    const look = async (signal: AbortSignal) => {
      const found = await this.#get(name, signal);
      node = found.node;
      return this.#learn(found);
    };
    const isOver = () => node !== undefined && hasEnded(node, step, before);
    const seen = await untilSettled(look, isOver, this.#look_s, attempt.signal);
    const state = node?.provision_state ?? '';
    if (step.until.includes(state) || step.until.length === 0) return seen;
    const why = node?.last_error ? `: ${node.last_error}` : '';
    const what = `${verb} of ${name} ended in ${state}${why}`;
    throw ironicFault('IRONIC_OPERATION_FAILED', what, { upstream: state });
  }

  /** What Ironic wants beside the target. */
  #extras(action: Action): Readonly<Record<string, unknown>> {
    const { verb } = action;
    if (verb === 'clean') {
      return { clean_steps: paramsOf(action, MACHINE_PARAMS.clean).clean_steps };
    }
    if (verb === 'enter_rescue_mode') {
      const { rescue_password_env } = paramsOf(action, MACHINE_PARAMS.enter_rescue_mode);
      return { rescue_password: secretOf(rescue_password_env, this.#env).reveal() };
    }
    const { configdrive } = verb === 'deploy' ? paramsOf(action, MACHINE_PARAMS.deploy) : {};
    return configdrive === undefined ? {} : { configdrive };
  }

  async #setPower(verb: PowerVerb, found: Asked, context: Context): Promise<Observation> {
    const { action, attempt, acting } = context;
    if (!verb.always && found.node.power_state === verb.until) return this.#learn(found);
    const path = `${nodePath(action.entity)}/states/power`;
    await this.#client.call('PUT', path, { target: verb.target }, acting);
    let now: Node | undefined;
    const look = async (signal: AbortSignal) => {
      const again = await this.#get(action.entity, signal);
      now = again.node;
      return this.#learn(again);
    };
    // Ironic forgets the target when it is reached, and when it could not be.
    const isOver = () => !now?.target_power_state;
    const seen = await untilSettled(look, isOver, this.#look_s, attempt.signal);
    if (now?.power_state === verb.until) return seen;
    const what = `${action.verb} of ${action.entity}: ${now?.last_error ?? now?.power_state}`;
    throw ironicFault('IRONIC_OPERATION_FAILED', what);
  }

  async #look(name: string, signal?: AbortSignal): Promise<Observation> {
    return this.#learn(await this.#get(name, signal));
  }

  #learn({ node, asked }: Asked): Observation {
    return this.#feed.learn(this.#seen(node), asked);
  }

  #seen(node: Node): SeenMachine {
    const known = this.#feed.feed.known(MACHINE_KIND, nameOf(node));
    return seenNode(node, known && parseState(known.state)?.status);
  }

  async #get(name: string, signal?: AbortSignal): Promise<Asked> {
    const asked = this.#feed.now();
    const answer = await this.#client.call('GET', nodePath(name), undefined, { signal });
    return { node: parseNode(answer), asked };
  }

  async #all(signal?: AbortSignal): Promise<readonly Observation[]> {
    const asked = this.#feed.now();
    const nodes: Node[] = [];
    let after = '';
    for (let page = 0; page < PAGES_MAX; page++) {
      const path = `v1/nodes?limit=${PAGE}&fields=${FIELDS}${after}`;
      const found = parseNodes(await this.#client.call('GET', path, undefined, { signal }));
      nodes.push(...found.nodes);
      const last = found.nodes.at(-1);
      if (!found.next || !last) break;
      after = `&marker=${encodeURIComponent(last.uuid)}`;
    }
    return this.#feed.learnAll(
      nodes.map((node) => this.#seen(node)),
      asked,
    );
  }
}

function nodePath(name: string): string {
  return `v1/nodes/${encodeURIComponent(name)}`;
}

/** Whether Ironic is done with a step, well or badly. */
function hasEnded(node: Node, step: Step, before: string): boolean {
  const { provision_state: state, target_provision_state: target } = node;
  if (step.until.includes(state)) return true;
  const known = PROVISION_STATES[state];
  if (known?.isTransient) return false;
  // Verification that fails falls back to where it began.
  return known?.isFailed === true || state !== before || !target;
}
