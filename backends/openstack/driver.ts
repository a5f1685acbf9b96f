import type { Action, Observation } from '../../engine/contract.ts';
import { diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { Poller } from '../poller.ts';
import type { Cloud } from './cloud.ts';
import { ComputeServices } from './compute-services.ts';
import { Act, type Kind } from './context.ts';
import { hasStatus } from './faults.ts';
import { Flavors } from './flavors.ts';
import { Images } from './images.ts';
import { Projects } from './projects.ts';
import { Servers } from './servers.ts';
import { OpenstackSession } from './session.ts';
import { Sightings } from './sightings.ts';
import { Volumes } from './volumes.ts';

const POLL = { every_s: 1, failed: { first_s: 0.5, max_s: 10 } };
/** Kinds that change only when somebody changes them are looked at in every so many polls. */
const SLOW_EVERY = 20;

/** Drives servers and what they need in one OpenStack cloud. */
export class OpenstackDriver implements Driver {
  readonly name = 'openstack';
  readonly layer = 'iaas';
  readonly session: OpenstackSession;
  readonly #feed = new Sightings();
  readonly #services: ComputeServices;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #poller = new Poller((signal) => this.#poll(signal), POLL);
  #polls = 0;

  constructor(cloud: Cloud) {
    this.session = new OpenstackSession({ cloud });
    const context = { session: this.session, feed: this.#feed };
    this.#services = new ComputeServices(context);
    const kinds: readonly Kind[] = [
      new Projects(context),
      new Flavors(context),
      new Images(context),
      this.#services,
      new Volumes(context),
      new Servers(context),
    ];
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
  }

  verbs(kind: string): readonly string[] {
    return this.#kinds.get(kind)?.verbs ?? [];
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const act = new Act(action, attempt, this.session);
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

  async list(): Promise<readonly Observation[]> {
    const lists = await Promise.all(
      [...this.#kinds.values()].map((kind) => permitted(kind.list())),
    );
    return lists.flat();
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
    return diagnose([
      {
        check: 'authenticated',
        look: async () => {
          const { roles } = await session.whoAmI();
          return `signed in at ${new URL(session.cloud.auth_url).host}, roles: ${roles.join(', ')}`;
        },
      },
      {
        check: 'version',
        look: async () => {
          const [compute, volume] = [
            await session.microversion('compute'),
            await session.microversion('volume'),
          ];
          return `compute ${compute}, volume ${volume}`;
        },
      },
      {
        check: 'permitted',
        look: async () => `${(await this.list()).length} things can be seen`,
      },
      {
        check: 'healthy',
        look: async () => {
          const services = await this.#services.poll();
          const up = services.filter(({ state }) => state.startsWith('up')).length;
          return services.length === 0
            ? 'compute services are not visible to this user'
            : `${up} of ${services.length} compute services are up`;
        },
      },
    ]);
  }

  async close(): Promise<void> {
    await this.#poller.stop();
    await this.session.close();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const isSlowToo = this.#polls++ % SLOW_EVERY === 0;
    const kinds = [...this.#kinds.values()].filter(({ kind }) => isSlowToo || FAST.has(kind));
    const begun_ms = performance.now();
    const lists = await Promise.all(
      kinds.map((kind) =>
        permitted(kind === this.#services ? this.#services.poll(signal) : kind.list(signal)),
      ),
    );
    this.#feed.learnAll(
      lists.flat(),
      new Set(kinds.map(({ kind }) => kind)),
      begun_ms,
      (seen) => this.#kinds.get(seen.kind)?.missed?.(seen) ?? [],
    );
  }
}

const FAST: ReadonlySet<string> = new Set(['server', 'volume', 'compute-service']);

/** What the user may not see is not there for them. */
async function permitted(list: Promise<readonly Observation[]>): Promise<readonly Observation[]> {
  try {
    return await list;
  } catch (thrown) {
    if (hasStatus(thrown, 403)) return [];
    throw thrown;
  }
}

/** OpenStack as a backend of the IaaS layer. */
export class OpenstackBackend extends DriverBackend<OpenstackDriver> {
  constructor(cloud: Cloud) {
    super(new OpenstackDriver(cloud));
  }
}
