import type { Action, Observation } from '../../engine/contract.ts';
import type { Layer } from '../../model/layers.ts';
import type { ActOrder } from '../act-order.ts';
import { diagnose, type Probe } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { Poller } from '../poller.ts';
import { type ParamsReader, paramsReader, type VerbParams } from '../verb-params.ts';
import type { Service } from './catalog.ts';
import type { Cloud } from './cloud.ts';
import { Act, type CloudContext, type Kind } from './context.ts';
import { hasStatus, openstackFault } from './faults.ts';
import { OpenstackSession } from './session.ts';
import { Sightings } from './sightings.ts';

const POLL = { every_s: 1, failed: { first_s: 0.5, max_s: 10 } };
/** Kinds that change only when somebody changes them are looked at in every so many polls. */
const SLOW_EVERY = 20;

export interface CloudDriverOptions {
  readonly name: string;
  readonly layer: Layer;
  readonly cloud: Cloud;
  /** What verbs take. */
  readonly params: VerbParams;
  readonly kinds: (context: CloudContext) => readonly Kind[];
  /** Services whose versions are looked at. */
  readonly services: readonly Service[];
}

/** What the drivers of one cloud's layers have in common. */
export class CloudDriver implements Driver {
  readonly name: string;
  readonly layer: Layer;
  readonly session: OpenstackSession;
  readonly #services: readonly Service[];
  readonly #read: ParamsReader;
  readonly #feed = new Sightings();
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #poller = new Poller((signal) => this.#poll(signal), POLL);
  #polls = 0;

  constructor({ name, layer, cloud, kinds, params, services }: CloudDriverOptions) {
    this.name = name;
    this.layer = layer;
    this.session = new OpenstackSession({ cloud });
    this.#services = services;
    this.#read = paramsReader(params, (what) => openstackFault('OPENSTACK_BAD_PARAMS', what));
    const made = kinds({ session: this.session, feed: this.#feed });
    this.#kinds = new Map(made.map((kind) => [kind.kind, kind]));
  }

  verbs(kind: string): readonly string[] {
    return this.#kinds.get(kind)?.verbs ?? [];
  }

  order(kind: string): ActOrder {
    return this.#kinds.get(kind)?.order ?? {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const act = new Act(action, attempt, this.session, this.#read);
    try {
      return await this.#kinds.get(action.kind)?.perform(act);
    } catch (thrown) {
      throw act.withEffect(act.named(thrown));
    }
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    const known = this.#kinds.get(kind);
    return known ? known.observe(entity) : { kind, entity, state: 'absent' };
  }

  /** Of all kinds, or of those that are named. */
  async list(only: readonly string[] = [...this.#kinds.keys()]): Promise<readonly Observation[]> {
    const kinds = [...this.#kinds.values()].filter(({ kind }) => only.includes(kind));
    const lists = kinds.map((kind) => permitted(kind.list()));
    return (await Promise.all(lists)).flat();
  }

  watch(listener: (observation: Observation) => void): () => void {
    const stop = this.#feed.listen(listener);
    this.#poller.start();
    return () => {
      stop();
      if (!this.#feed.isHeard) this.#poller.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    const { session } = this;
    const probes: readonly Probe[] = [
      {
        check: 'authenticated',
        look: async () => {
          const { roles } = await session.whoAmI();
          const { auth_url, verify } = session.cloud;
          const trust = verify ? '' : '; no certificate is verified, as the configuration says';
          return `signed in at ${new URL(auth_url).host}, roles: ${roles.join(', ')}${trust}`;
        },
      },
      { check: 'version', look: () => this.#versions() },
      { check: 'permitted', look: async () => `${await this.#countAll()} things can be seen` },
    ];
    return diagnose([...probes, ...this.furtherProbes()]);
  }

  async close(): Promise<void> {
    await this.#poller.stop();
    await this.session.close();
  }

  /** What one kind of cloud has to look at besides. */
  protected furtherProbes(): readonly Probe[] {
    return [];
  }

  async #countAll(): Promise<number> {
    const lists = [...this.#kinds.values()].map((kind) => permitted(kind.poll?.() ?? kind.list()));
    return (await Promise.all(lists)).flat().length;
  }

  async #versions(): Promise<string> {
    const found = this.#services.map(async (service) => {
      const version = await this.session.microversion(service);
      return `${service} ${version ?? (await this.session.endpoint(service))}`;
    });
    return (await Promise.all(found)).join(', ');
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const isSlowToo = this.#polls++ % SLOW_EVERY === 0;
    const kinds = [...this.#kinds.values()].filter(({ isFast }) => isSlowToo || isFast === true);
    const begun_ms = performance.now();
    const lists = kinds.map((kind) => permitted(kind.poll?.(signal) ?? kind.list(signal)));
    this.#feed.learnAll(
      (await Promise.all(lists)).flat(),
      new Set(kinds.map(({ kind }) => kind)),
      begun_ms,
      (seen) => this.#kinds.get(seen.kind)?.missed?.(seen) ?? [],
    );
  }
}

/** What the user may not see is not there for them. */
async function permitted(list: Promise<readonly Observation[]>): Promise<readonly Observation[]> {
  try {
    return await list;
  } catch (thrown) {
    if (hasStatus(thrown, 403)) return [];
    throw thrown;
  }
}
