import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { faultOf } from '../fault.ts';
import type { JujuAccess } from './access.ts';
import type { ActContext, Memory } from './act.ts';
import { Controller } from './controller.ts';
import { RPC_LIMITS, type RpcLimits } from './dial.ts';
import { jujuFault } from './faults.ts';
import { MachineNames } from './machine-names.ts';
import { paramsOf } from './params.ts';
import { actOf, isKind, orderOf, verbsOf } from './verbs.ts';
import { type Snapshot, View } from './view.ts';
import { WATCH_PLAN, Watcher, type WatchPlan } from './watcher.ts';

export interface JujuOptions {
  readonly access: JujuAccess;
  readonly limits?: Partial<RpcLimits>;
  readonly watch?: Partial<WatchPlan>;
  /** How often what an action waits for is looked at, seconds; default 1. */
  readonly look_s?: number;
}

const LOOK_S = 1;
/** The oldest Juju whose facades are known (Application 19, charms put by HTTP). */
const VERSION_MIN = '3.3';
const ACTIONS_MAX = 16;

/** Drives one controller: its models, and all that is in one of them. */
export class JujuDriver implements Driver {
  readonly name = 'juju';
  readonly layer = 'orchestration';
  readonly actions_max = ACTIONS_MAX;
  readonly #controller: Controller;
  readonly #feed = new ChangeFeed();
  readonly #names: MachineNames;
  readonly #view: View;
  readonly #watcher: Watcher;
  readonly #memory: Memory = { actions: new Map(), upgrades: new Map() };
  readonly #look_s: number;

  constructor({ access, limits, look_s = LOOK_S, watch }: JujuOptions) {
    this.#controller = new Controller(access, { ...RPC_LIMITS, ...limits });
    this.#names = new MachineNames(this.#controller);
    this.#view = new View(this.#controller, this.#feed, this.#names);
    this.#watcher = new Watcher(this.#controller, this.#view, { ...WATCH_PLAN, ...watch });
    this.#look_s = look_s;
  }

  verbs(kind: string): readonly string[] {
    return isKind(kind) ? verbsOf(kind) : [];
  }

  order(kind: string): ActOrder {
    return isKind(kind) ? orderOf(kind) : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity, kind, verb } = action;
    const act = isKind(kind) ? actOf(kind, verb) : undefined;
    if (!act) return undefined;
    const context: ActContext<never> = {
      ...{ controller: this.#controller, view: this.#view, names: this.#names },
      ...{ memory: this.#memory, kind, entity, attempt, look_s: this.#look_s },
      // Read by the schema of this very verb, for which the act was checked.
      params: paramsOf(action) as never,
    };
    await act(context);
    attempt.effect('done');
    return this.#seen(kind, entity, await this.#view.read());
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    if (!isKind(kind)) return { kind, entity, state: 'absent' };
    return this.#seen(kind, entity, await this.#view.read());
  }

  async list(): Promise<readonly Observation[]> {
    return (await this.#view.read()).observations;
  }

  watch(listener: (observation: Observation) => void): () => void {
    const leave = this.#feed.listen(listener);
    this.#watcher.start();
    return () => {
      leave();
      if (!this.#feed.isHeard) void this.#watcher.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    const { account, controller } = this.#controller.access;
    return diagnose([
      { check: 'reachable', look: () => this.#reachable() },
      {
        check: 'authenticated',
        look: async () => `${(await this.#login()).user} on ${controller}`,
      },
      { check: 'version', look: () => this.#supportedVersion() },
      {
        check: 'permitted',
        look: async () => `${account.user} has ${(await this.#login()).access} access`,
      },
      { check: 'healthy', look: () => this.#healthy() },
    ]);
  }

  async close(): Promise<void> {
    const stopped = this.#watcher.stop();
    await this.#controller.close();
    await stopped;
  }

  /** Who is not let in has reached it all the same. */
  async #reachable(): Promise<string> {
    const { controller, endpoints } = this.#controller.access;
    try {
      await this.#login();
    } catch (thrown) {
      if (faultOf(thrown, 'none').code !== 'JUJU_AUTH') throw thrown;
    }
    return `${controller} at ${endpoints.join(', ')}`;
  }

  #login() {
    return this.#controller.login();
  }

  async #supportedVersion(): Promise<string> {
    const { serverVersion } = await this.#login();
    if (compareVersions(serverVersion, VERSION_MIN) >= 0) return `Juju ${serverVersion}`;
    throw jujuFault('JUJU_UNSUPPORTED', `Juju ${serverVersion} is older than ${VERSION_MIN}`);
  }

  async #healthy(): Promise<string> {
    const { models, observations, status } = await this.#view.read();
    if (!status)
      return `${models.size} models; ${this.#controller.access.model ?? 'none'} is not there`;
    const units = observations.filter(({ kind }) => kind === 'unit');
    const idle = units.filter(({ state }) => state.startsWith('idle+'));
    return `model ${status.model.name}: ${idle.length} of ${units.length} units are idle`;
  }

  #seen(kind: string, entity: string, snapshot: Snapshot): Observation {
    switch (kind) {
      case 'relation':
        return { ...snapshot.find(kind, snapshot.relation(entity)?.key ?? entity), entity };
      case 'action':
        return { ...snapshot.find(kind, this.#memory.actions.get(entity) ?? entity), entity };
      case 'upgrade':
        return { kind, entity, state: this.#upgradeState(entity, snapshot) };
      default:
        return snapshot.find(kind, entity);
    }
  }

  /** Juju has no object for an upgrade: it is told from the application and its units. */
  #upgradeState(entity: string, snapshot: Snapshot): string {
    const upgrade = this.#memory.upgrades.get(entity);
    const application = upgrade && snapshot.application(upgrade.application);
    if (!application) return 'absent';
    if (application.charm !== upgrade.url) return 'pending';
    const units = [...application.units.keys()].map((unit) => snapshot.find('unit', unit).state);
    if (units.some((state) => state.startsWith('error+'))) return 'error';
    return [...application.units.values()].some(({ charm }) => charm !== '')
      ? 'running'
      : 'completed';
  }
}

/** A Juju controller as a backend of the orchestration layer. */
export class JujuBackend extends DriverBackend<JujuDriver> {
  constructor(options: JujuOptions) {
    super(new JujuDriver(options));
  }
}
