import type { Observation } from '../../../engine/contract.ts';
import { libvirtFault } from '../faults.ts';
import type { Session } from '../session.ts';
import type { KindDriver } from './kind-driver.ts';

const KIND = 'hypervisor';
const KIB_BYTES = 1024n;

/** The host itself, as libvirtd sees it. It can be looked at only. */
export class Hypervisor implements KindDriver {
  readonly kind = KIND;
  readonly verbs: readonly string[] = [];
  readonly #session: Pick<Session, 'call'>;

  constructor(session: Pick<Session, 'call'>) {
    this.#session = session;
  }

  async perform(): Promise<void> {
    throw libvirtFault('LIBVIRT_UNSUPPORTED', 'a hypervisor is only observed');
  }

  async observe(entity: string): Promise<Observation> {
    const [seen] = await this.list();
    return seen.entity === entity ? seen : { kind: KIND, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    const [{ hostname }, node] = await Promise.all([
      this.#session.call('connect_get_hostname', undefined),
      this.#session.call('node_get_info', undefined),
    ]);
    const attributes = {
      model: node.model,
      cores: node.nodes * node.sockets * node.cores,
      threads_per_core: node.threads,
      memory_bytes: Number(node.memory_kib * KIB_BYTES),
    };
    return [{ kind: KIND, entity: hostname, state: 'running', attributes }];
  }
}
