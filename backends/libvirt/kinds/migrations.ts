import { z } from 'zod';
import type { Action, Observation } from '../../../engine/contract.ts';
import type { ActOrder } from '../../act-order.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Attempt } from '../../driver.ts';
import type { Domains } from '../domains.ts';
import { libvirtFault } from '../faults.ts';
import { libvirtParams } from '../params.ts';
import { Flag } from '../protocol.ts';
import type { DomainRef, TypedParam } from '../references.ts';
import type { Session, SessionListener } from '../session.ts';
import { acting, type KindDriver } from './kind-driver.ts';

const KIND = 'migration';

export const MIGRATION_PARAMS = {
  prepare: z.object({
    destination: z
      .string()
      .min(1)
      .describe('Connection URI of the hypervisor to go to, as seen from here.'),
    transport: z
      .string()
      .regex(/^(tcp|unix):/)
      .optional()
      .describe(
        'Where the QEMU there listens, as seen from the source: `tcp:HOST` or `unix:PATH`.',
      ),
    bandwidth_mib_per_s: z
      .int()
      .min(1)
      .optional()
      .describe('MiB a second that the copy may use; without limit by default.'),
  }),
} as const;
const paramsOf = libvirtParams({ [KIND]: MIGRATION_PARAMS });

/** The guest keeps running, and its definition moves with it. */
const FLAGS = Flag.MIGRATE_LIVE | Flag.MIGRATE_PERSIST_DEST | Flag.MIGRATE_UNDEFINE_SOURCE;

/** One migration under way: what a step leaves for the next one. */
interface Course {
  readonly dom: DomainRef;
  readonly params: readonly TypedParam[];
  readonly far: Session;
  cookie: Uint8Array;
  state: string;
}

const NOTHING = new Uint8Array(0);
const DEAF: SessionListener = {
  connected: () => {},
  lifecycle: () => {},
  reset: () => {},
  pool: () => {},
  network: () => {},
};

/**
 * Live migration, step by step as libvirt's own client does it (migration protocol, version 3):
 * begin at the source, prepare at the destination, perform, finish, confirm. The entity is named
 * after the domain. A step that fails leaves the guest at the source; `cancel` ends one under way.
 */
export class Migrations implements KindDriver {
  readonly kind = KIND;
  readonly verbs = ['prepare', 'perform', 'finish', 'confirm', 'cancel'];
  readonly order: ActOrder = { interrupts: { cancel: ['perform'] } };
  readonly #session: Session;
  readonly #domains: Domains;
  readonly #feed: ChangeFeed;
  readonly #courses = new Map<string, Course>();

  constructor(session: Session, domains: Domains, feed: ChangeFeed) {
    this.#session = session;
    this.#domains = domains;
    this.#feed = feed;
  }

  async perform(action: Action, attempt: Attempt): Promise<void> {
    const { entity, verb } = action;
    if (verb === 'prepare') return this.#prepare(action, attempt);
    const course = this.#courses.get(entity);
    if (!course) throw libvirtFault('LIBVIRT_NO_MIGRATION', entity);
    if (verb === 'cancel') return this.#cancel(entity, course, attempt);
    try {
      if (verb === 'perform') await this.#perform(course, attempt);
      else if (verb === 'finish') await this.#finish(course, attempt);
      else await this.#confirm(course, attempt);
    } catch (cause) {
      await this.#abandon(entity, course).catch(() => {}); // the first reason tells more
      throw cause;
    }
    attempt.effect('done');
    this.#report(entity, course);
    if (verb === 'confirm') await this.#forget(entity, course);
  }

  async observe(entity: string): Promise<Observation> {
    return { kind: KIND, entity, state: this.#courses.get(entity)?.state ?? 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    return Promise.all([...this.#courses.keys()].map((entity) => this.observe(entity)));
  }

  async close(): Promise<void> {
    for (const [entity, course] of [...this.#courses]) await this.#forget(entity, course);
  }

  async #prepare(action: Action, attempt: Attempt): Promise<void> {
    const { entity } = action;
    if (this.#courses.has(entity)) throw libvirtFault('LIBVIRT_WRONG_STATE', `${entity} migrates`);
    const { destination, transport, bandwidth_mib_per_s } = paramsOf(
      action,
      MIGRATION_PARAMS.prepare,
    );
    const dom = await this.#domains.find(entity, { signal: attempt.signal });
    const given: TypedParam[] = [];
    if (transport !== undefined) given.push({ field: 'migrate_uri', value: transport });
    if (bandwidth_mib_per_s !== undefined) {
      given.push({ field: 'bandwidth', value: BigInt(bandwidth_mib_per_s) });
    }
    const far = this.#session.to(destination, DEAF);
    try {
      const begun = await this.#session.call(
        'domain_migrate_begin3_params',
        { dom, params: given, flags: FLAGS },
        acting(attempt),
      );
      const params = [...given, { field: 'destination_xml', value: begun.xml }];
      const prepared = await far.call(
        'domain_migrate_prepare3_params',
        { params, cookie_in: begun.cookie_out, flags: FLAGS },
        acting(attempt),
      );
      const uri = transport ?? prepared.uri_out;
      const course: Course = {
        ...{ dom, far, cookie: prepared.cookie_out, state: 'performing' },
        params: uri === undefined ? given : withUri(given, uri),
      };
      this.#courses.set(entity, course);
      attempt.effect('done');
      this.#report(entity, course);
    } catch (cause) {
      await far.close();
      throw cause;
    }
  }

  async #perform(course: Course, attempt: Attempt): Promise<void> {
    const { dom, cookie: cookie_in, params } = course;
    const call = { dom, dconnuri: undefined, params, cookie_in, flags: FLAGS };
    const done = await this.#session.call('domain_migrate_perform3_params', call, acting(attempt));
    course.cookie = done.cookie_out;
    course.state = 'finishing';
  }

  async #finish(course: Course, attempt: Attempt): Promise<void> {
    const params = [...course.params, { field: 'destination_name', value: course.dom.name }];
    const call = { params, cookie_in: course.cookie, flags: FLAGS, cancelled: 0 };
    const done = await course.far.call('domain_migrate_finish3_params', call, acting(attempt));
    course.cookie = done.cookie_out;
    course.state = 'confirming';
  }

  async #confirm({ dom, cookie, params }: Course, attempt: Attempt): Promise<void> {
    const call = { dom, params, cookie_in: cookie, flags: FLAGS, cancelled: 0 };
    await this.#session.call('domain_migrate_confirm3_params', call, acting(attempt));
  }

  /**
   * Tells both hosts that it is over: the destination removes what it began, and the guest goes on
   * at the source, which is handed the destination's cookie. A source that has not copied all yet
   * waits for nobody. Throws what the source refuses.
   */
  async #abandon(entity: string, course: Course): Promise<void> {
    const { dom, far, params, cookie: cookie_in } = course;
    const over = { flags: FLAGS, cancelled: 1 };
    const named = [...params, { field: 'destination_name', value: dom.name }];
    const finished = await far
      .call('domain_migrate_finish3_params', { ...over, params: named, cookie_in })
      .catch(() => undefined); // it may be what broke
    const confirm = { ...over, dom, params, cookie_in: finished?.cookie_out ?? NOTHING };
    try {
      if (course.state === 'performing') return;
      await this.#session.call('domain_migrate_confirm3_params', confirm);
    } finally {
      await this.#forget(entity, course);
    }
  }

  async #cancel(entity: string, course: Course, attempt: Attempt): Promise<void> {
    attempt.effect('unknown');
    if (course.state === 'performing') {
      await this.#session
        .call('domain_abort_job', { dom: course.dom }, acting(attempt))
        .catch(() => {}); // it may have ended by itself
    }
    await this.#abandon(entity, course);
    attempt.effect('done');
  }

  async #forget(entity: string, course: Course): Promise<void> {
    this.#courses.delete(entity);
    this.#feed.learn({ kind: KIND, entity, state: 'absent' });
    await course.far.close();
  }

  #report(entity: string, { state }: Course): void {
    this.#feed.learn({ kind: KIND, entity, state });
  }
}

function withUri(params: readonly TypedParam[], uri: string): readonly TypedParam[] {
  return [
    ...params.filter(({ field }) => field !== 'migrate_uri'),
    { field: 'migrate_uri', value: uri },
  ];
}
