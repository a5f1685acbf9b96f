import type { Action, Observation } from '../../engine/contract.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { bestType, type Capabilities, parseCapabilities } from './capabilities.ts';
import { type DomainParams, domainType, domainXml, parseDomainParams } from './domain-xml.ts';
import { DOMAIN_KIND, Domains, observation } from './domains.ts';
import { libvirtFault } from './faults.ts';
import { Session, type SessionOptions } from './session.ts';
import { carryOut, DOMAIN_VERBS, define } from './verbs.ts';

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

/** Drives domains of one libvirt, by its own protocol. */
export class LibvirtDriver implements Driver {
  readonly name = 'libvirt';
  readonly layer = 'hypervisor';
  readonly #session: Session;
  readonly #domains: Domains;
  readonly #defaults: Partial<DomainParams>;
  #capabilities: Promise<Capabilities> | undefined;

  constructor(options: LibvirtOptions) {
    this.#defaults = options.defaults ?? {};
    this.#session = new Session(options, {
      connected: () => this.#connected(),
      lifecycle: (event) => this.#domains.lifecycle(event),
      reset: (domain) => this.#domains.reset(domain),
    });
    this.#domains = new Domains(this.#session);
  }

  verbs(kind: string): readonly string[] {
    return kind === DOMAIN_KIND ? DOMAIN_VERBS : [];
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const name = action.entity;
    const context = { session: this.#session, domains: this.#domains, name, attempt };
    await this.#session.connect();
    await this.#domains.synchronised;
    if (action.verb === 'define') await define(await this.#definition(action), context);
    else if (action.verb !== 'inspect') await carryOut(action.verb, context);
    return this.#domains.observe(name);
  }

  observe(_kind: string, entity: string): Promise<Observation> {
    return this.#domains.observe(entity);
  }

  async list(): Promise<readonly Observation[]> {
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
    return this.#domains.watch((name, seen, event) => listener(observation(name, seen, event)));
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

  close(): Promise<void> {
    return this.#session.close();
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
    const params = parseDomainParams({ ...this.#defaults, ...action.params });
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
