import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { FaultError } from '../fault.ts';
import { Poller, type PollPlan } from '../poller.ts';
import { bestType, type Capabilities, parseCapabilities } from './capabilities.ts';
import { DEVICE_PARAMS, DOMAIN_PARAMS, type DomainParams, domainParams } from './domain-params.ts';
import { domainType, domainXml } from './domain-xml.ts';
import { DOMAIN_KIND, Domains, observation } from './domains.ts';
import { libvirtFault } from './faults.ts';
import { changeDevice } from './kinds/devices.ts';
import { Hypervisor } from './kinds/hypervisor.ts';
import type { KindDriver } from './kinds/kind-driver.ts';
import { Migrations } from './kinds/migrations.ts';
import { Networks } from './kinds/networks.ts';
import { Snapshots } from './kinds/snapshots.ts';
import { StoragePools } from './kinds/storage-pools.ts';
import { StorageVolumes } from './kinds/storage-volumes.ts';
import { Session, type SessionOptions } from './session.ts';
import { type DomainStatistics, domainStatistics } from './statistics.ts';
import { carryOut, DOMAIN_ORDER, DOMAIN_VERBS, define } from './verbs.ts';

export interface LibvirtOptions extends SessionOptions {
  /** Parameters of `define` that an action need not give, such as the kernel to boot. */
  readonly defaults?: Partial<DomainParams>;
}

/** The oldest libvirt whose calls are all there that the driver makes (domain_define_xml_flags). */
const VERSION_MIN = '1.2.12';

/** What is on the other side, for a recording's metadata. */
export interface LibvirtVersions {
  readonly libvirt: string;
  readonly hypervisor: string;
}

/** Volumes and snapshots change without an event: they are looked at while somebody listens. */
const POLL: PollPlan = { every_s: 5, failed: { first_s: 1, max_s: 30 } };

/**
 * Drives one libvirt by its own protocol: domains and their devices, snapshots, migrations, storage
 * pools and volumes, virtual networks.
 */
export class LibvirtDriver implements Driver {
  readonly name = 'libvirt';
  readonly layer = 'hypervisor';
  readonly #session: Session;
  readonly #domains: Domains;
  readonly #defaults: Partial<DomainParams>;
  readonly #feed = new ChangeFeed();
  readonly #pools: StoragePools;
  readonly #networks: Networks;
  readonly #migrations: Migrations;
  /** Every kind but domains, which have events and rules of their own. */
  readonly #kinds: ReadonlyMap<string, KindDriver>;
  readonly #poller: Poller;
  #capabilities: Promise<Capabilities> | undefined;

  constructor(options: LibvirtOptions) {
    this.#defaults = options.defaults ?? {};
    this.#session = new Session(options, {
      connected: () => this.#connected(),
      lifecycle: (event) => this.#domains.lifecycle(event),
      reset: (domain) => this.#domains.reset(domain),
      pool: (name) => this.#lookAt(this.#pools, name),
      network: (name) => this.#lookAt(this.#networks, name),
    });
    this.#domains = new Domains(this.#session);
    this.#pools = new StoragePools(this.#session, this.#feed);
    this.#networks = new Networks(this.#session, this.#feed);
    this.#migrations = new Migrations(this.#session, this.#domains, this.#feed);
    const volumes = new StorageVolumes(this.#session, this.#pools, this.#feed);
    const snapshots = new Snapshots(this.#session, this.#domains, this.#feed);
    const hypervisor = new Hypervisor(this.#session);
    const all = [hypervisor, this.#pools, volumes, this.#networks, snapshots, this.#migrations];
    this.#kinds = new Map<string, KindDriver>(all.map((each) => [each.kind, each]));
    this.#poller = new Poller(async () => {
      await this.#domains.lookAtEnding();
      await this.#lookAtAll([this.#pools, volumes, snapshots]);
    }, POLL);
  }

  verbs(kind: string): readonly string[] {
    if (kind === DOMAIN_KIND) return [...DOMAIN_VERBS, ...Object.keys(DEVICE_PARAMS)];
    return this.#kinds.get(kind)?.verbs ?? [];
  }

  order(kind: string): ActOrder {
    return kind === DOMAIN_KIND ? DOMAIN_ORDER : (this.#kinds.get(kind)?.order ?? {});
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const name = action.entity;
    const context = { session: this.#session, domains: this.#domains, name, attempt };
    await this.#session.connect();
    await this.#domains.synchronised;
    const kind = this.#kinds.get(action.kind);
    if (kind) {
      await kind.perform(action, attempt);
      return kind.observe(action.entity);
    }
    if (action.verb in DEVICE_PARAMS) {
      await changeDevice(action, this.#session, this.#domains, attempt);
    } else if (action.verb === 'define') await define(await this.#definition(action), context);
    else if (action.verb !== 'inspect') await carryOut(action.verb, context);
    return this.#domains.observe(name);
  }

  observe(kind: string, entity: string): Promise<Observation> {
    return this.#kinds.get(kind)?.observe(entity) ?? this.#domains.observe(entity);
  }

  async list(): Promise<readonly Observation[]> {
    const others = [...this.#kinds.values()].map((kind) => kind.list().catch(noneIfUnsupported));
    return (await Promise.all([this.#listDomains(), ...others])).flat();
  }

  async #listDomains(): Promise<readonly Observation[]> {
    const domains = await this.#domains.all();
    return Promise.all(
      domains.map(async (dom) => {
        const [seen, { xml }] = await Promise.all([
          this.#domains.observe(dom.name),
          this.#session.call('domain_get_xml_desc', { dom, flags: 0 }),
        ]);
        return { ...seen, attributes: { ...seen.attributes, virtualisation: domainType(xml) } };
      }),
    );
  }

  watch(listener: (observation: Observation) => void): () => void {
    // Without a connection nothing is heard; the session keeps trying until there is one.
    this.#session.connect().catch(() => {});
    const stops = [
      this.#domains.watch((name, seen, event) => listener(observation(name, seen, event))),
      this.#feed.listen(listener),
    ];
    this.#poller.start();
    return () => {
      for (const stop of stops) stop();
      if (!this.#feed.isHeard) void this.#poller.stop();
    };
  }

  /** What every domain has used so far. */
  statistics(): Promise<readonly DomainStatistics[]> {
    return domainStatistics(this.#session);
  }

  async versions(): Promise<LibvirtVersions> {
    const [{ lib_ver }, { hv_ver }] = await Promise.all([
      this.#session.call('connect_get_lib_version', undefined),
      this.#session.call('connect_get_version', undefined),
    ]);
    return { libvirt: versionText(lib_ver), hypervisor: versionText(hv_ver) };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose([
      {
        check: 'reachable',
        look: async () => {
          await this.#session.connect();
          return 'connected and signed in';
        },
      },
      { check: 'permitted', look: async () => `${(await this.#domains.all()).length} domains` },
      { check: 'version', look: () => this.#supportedVersion() },
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#poller.stop(), this.#migrations.close(), this.#session.close()]);
  }

  /** Looks at what an event named; a look that fails is made up for by the next. */
  #lookAt(kind: { look(name: string): Promise<void> }, name: string): void {
    kind.look(name).catch(() => {});
  }

  async #lookAtAll(kinds: readonly KindDriver[]): Promise<void> {
    for (const kind of kinds) {
      this.#feed.learnAll(await kind.list().catch(noneIfUnsupported), new Set([kind.kind]));
    }
  }

  async #supportedVersion(): Promise<string> {
    const { libvirt, hypervisor } = await this.versions();
    if (compareVersions(libvirt, VERSION_MIN) >= 0) return `${libvirt}, hypervisor ${hypervisor}`;
    throw libvirtFault('LIBVIRT_UNSUPPORTED', `libvirt ${libvirt} is older than ${VERSION_MIN}`);
  }

  #connected(): void {
    this.#capabilities = undefined; // another libvirtd may answer now
    this.#domains.connected();
  }

  async #definition(action: Action): Promise<string> {
    const asked = { ...action, params: { ...this.#defaults, ...action.params } };
    const params = domainParams(asked, DOMAIN_PARAMS.define);
    const wanted = params.virtualisation;
    const type = wanted === 'auto' ? bestType(await this.#offers(), params.arch) : wanted;
    if (type) return domainXml(action.entity, type, params);
    throw libvirtFault('LIBVIRT_UNSUPPORTED', `no guests of architecture ${params.arch}`);
  }

  #offers(): Promise<Capabilities> {
    this.#capabilities ??= this.#session
      .call('connect_get_capabilities', undefined)
      .then(({ capabilities }) => parseCapabilities(capabilities));
    this.#capabilities.catch(() => {
      this.#capabilities = undefined;
    });
    return this.#capabilities;
  }
}

/** libvirt answers so where one of its own drivers, such as that of networks, is not installed. */
function noneIfUnsupported(cause: unknown): readonly Observation[] {
  if (cause instanceof FaultError && cause.fault.code === 'LIBVIRT_UNSUPPORTED') return [];
  throw cause;
}

/** libvirt as a backend of the hypervisor layer. */
export class LibvirtBackend extends DriverBackend<LibvirtDriver> {
  constructor(options: LibvirtOptions) {
    super(new LibvirtDriver(options));
  }
}

/** libvirt packs a version as 1,000,000 * major + 1,000 * minor + release. */
function versionText(packed: bigint): string {
  return [packed / 1_000_000n, (packed / 1_000n) % 1_000n, packed % 1_000n].join('.');
}
