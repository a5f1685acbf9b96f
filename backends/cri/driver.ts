import { hostname } from 'node:os';
import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { FaultError } from '../fault.ts';
import { CriClient, type CriLimits } from './client.ts';
import { socketPath } from './endpoint.ts';
import { criFault } from './faults.ts';
import { Inventory, RUNTIME } from './inventory.ts';
import { paramsOf } from './params.ts';
import { ORDERS, VERBS } from './verbs.ts';
import { runtimeDown, WATCH_PLAN, Watch, type WatchPlan } from './watch.ts';

export interface CriOptions {
  /** Such as `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  /** What the runtime is called: by default this host's name, as the socket is a local one. */
  readonly host?: string;
  readonly limits?: Partial<CriLimits>;
  readonly watch?: Partial<WatchPlan>;
  /** Where credentials of registries are found by. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The version of the interface that is spoken. */
const API_VERSION = 'v1';

/** Drives sandboxes, containers and images of one CRI runtime, such as containerd. */
export class CriDriver implements Driver {
  readonly name = 'cri';
  readonly layer = 'container';
  readonly #client: CriClient;
  readonly #inventory: Inventory;
  readonly #feed = new ChangeFeed();
  readonly #watch: Watch;
  readonly #host: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(options: CriOptions) {
    this.#host = options.host ?? hostname();
    this.#env = options.env ?? {};
    const client = new CriClient(socketPath(options.endpoint), options.limits);
    const inventory = new Inventory(client, this.#host);
    this.#client = client;
    this.#inventory = inventory;
    this.#watch = new Watch(
      { client, feed: this.#feed, host: this.#host, all: (signal) => inventory.all(signal) },
      { ...WATCH_PLAN, ...options.watch },
    );
  }

  verbs(kind: string): readonly string[] {
    return Object.keys(VERBS[kind] ?? {});
  }

  order(kind: string): ActOrder {
    return ORDERS[kind] ?? {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation> {
    const { deadline_s, entity, kind, verb } = action;
    const learned = await VERBS[kind][verb]({
      ...{ entity, deadline_s, attempt },
      ...{ client: this.#client, inventory: this.#inventory, env: this.#env },
      // Read by the schema of this very verb, for which the act was checked.
      params: paramsOf(action) as never,
    });
    attempt.effect('done');
    const seen = await this.#inventory.observe(kind, entity, attempt.signal);
    this.#watch.learn(seen);
    return learned ? { ...seen, attributes: { ...seen.attributes, ...learned } } : seen;
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    try {
      return await this.#inventory.observe(kind, entity);
    } catch (thrown) {
      const isDown = thrown instanceof FaultError && thrown.fault.code === 'CRI_UNREACHABLE';
      if (isDown && kind === RUNTIME && entity === this.#host) return runtimeDown(entity);
      throw thrown;
    }
  }

  list(): Promise<readonly Observation[]> {
    return this.#inventory.all();
  }

  watch(listener: (observation: Observation) => void): () => void {
    const stop = this.#feed.listen(listener);
    this.#watch.start();
    return () => {
      stop();
      if (!this.#feed.isHeard) this.#watch.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose([
      { check: 'reachable', look: () => this.#client.connect().then(() => 'the socket accepts') },
      { check: 'version', look: () => this.#supportedVersion() },
      { check: 'permitted', look: () => this.#permitted() },
      { check: 'healthy', look: () => this.#healthy() },
    ]);
  }

  async close(): Promise<void> {
    await this.#watch.stop();
    this.#client.close();
  }

  async #supportedVersion(): Promise<string> {
    const version = await this.#client.call('Version', { version: API_VERSION }, DOCTOR);
    const found = `${version.runtime_name} ${version.runtime_version}`;
    if (version.runtime_api_version === API_VERSION) return found;
    throw criFault('CRI_UNSUPPORTED', `${found} speaks CRI ${version.runtime_api_version}`);
  }

  async #permitted(): Promise<string> {
    const { items } = await this.#client.call('ListPodSandbox', {}, DOCTOR);
    return `${items.length} sandboxes`;
  }

  async #healthy(): Promise<string> {
    const { attributes, reason, state } = await this.#inventory.observe(RUNTIME, this.#host);
    if (state === 'ready') return `handlers ${attributes?.['handlers']}`;
    throw criFault('CRI_NETWORK_FAILED', `the runtime reports ${reason}`);
  }
}

const DOCTOR = { what: 'the runtime' };

/** A CRI runtime as a backend of the container layer. */
export class CriBackend extends DriverBackend<CriDriver> {
  constructor(options: CriOptions) {
    super(new CriDriver(options));
  }
}
