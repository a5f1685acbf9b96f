import PQueue from 'p-queue';
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import type { CriClient } from './client.ts';
import { criFault } from './faults.ts';
import { parseContainer, parseSandbox, sandboxEntity } from './names.ts';
import type {
  ContainerMessage,
  ContainerStatusMessage,
  ImageMessage,
  Response,
  SandboxMessage,
} from './protocol.ts';
import { jsonOf } from './requests.ts';
import { containerState, eventOf, runtimeState } from './states.ts';

export const SANDBOX = 'sandbox';
export const CONTAINER = 'container';
export const IMAGE = 'container-image';
export const RUNTIME = 'container-runtime';
export const KINDS: ReadonlySet<string> = new Set([SANDBOX, CONTAINER, IMAGE, RUNTIME]);

/** Asks within the limits of a call that changes nothing. */
type Client = Pick<CriClient, 'call'>;
const WITHOUT_STATISTICS: ReadonlySet<string> = new Set([
  'CRI_NOT_FOUND',
  'CRI_FAILED',
  'CRI_NO_ANSWER',
  'CRI_UNSUPPORTED',
  'CRI_WRONG_STATE',
]);
/** They come from the shim, which hangs with the machine that its containers may be in. */
const STATISTICS_S = 2;

type Attributes = Observation['attributes'];

/** Containers that are looked at one by one, at a time. */
const LOOKS_MAX = 16;
/** Exited containers whose end is remembered: it does not change any more. */
const ENDS_MAX = 10_000;

/**
 * What there is in a runtime. A name may have several records: the kubelet makes a new attempt and
 * keeps the old one for its logs. The newest stands for the entity; removing takes them all.
 */
export class Inventory {
  readonly #client: Client;
  readonly #host: string;
  readonly #ends = new Map<string, ContainerStatusMessage>();
  readonly #looks = new PQueue({ concurrency: LOOKS_MAX });

  constructor(client: Client, host: string) {
    this.#client = client;
    this.#host = host;
  }

  /** The records of a sandbox, newest first. */
  async sandboxes(entity: string, signal?: AbortSignal): Promise<readonly SandboxMessage[]> {
    const { namespace, name } = parseSandbox(entity);
    const { items } = await this.#client.call('ListPodSandbox', {}, { what: entity, signal });
    return newestFirst(
      items.filter(({ metadata }) => metadata?.name === name && metadata.namespace === namespace),
    );
  }

  /** The records of a container, newest first. */
  async containers(entity: string, signal?: AbortSignal): Promise<readonly ContainerMessage[]> {
    const { sandbox, name } = parseContainer(entity);
    const ids = new Set((await this.sandboxes(sandbox, signal)).map(({ id }) => id));
    const { containers } = await this.#client.call('ListContainers', {}, { what: entity, signal });
    return newestFirst(
      containers.filter((each) => ids.has(each.pod_sandbox_id) && each.metadata?.name === name),
    );
  }

  async observe(kind: string, entity: string, signal?: AbortSignal): Promise<Observation> {
    switch (kind) {
      case SANDBOX:
        return this.#sandbox(entity, (await this.sandboxes(entity, signal)).at(0), signal);
      case CONTAINER:
        return this.#container(entity, (await this.containers(entity, signal)).at(0), signal);
      case IMAGE:
        return this.#image(entity, signal);
      case RUNTIME:
        return entity === this.#host ? this.#runtime(signal) : absent(kind, entity);
      default:
        return absent(kind, entity);
    }
  }

  /** Everything, without statistics. */
  async all(signal?: AbortSignal): Promise<readonly Observation[]> {
    const plan = (what: string) => ({ what, signal });
    const [{ items }, { containers }, { images }, runtime] = await Promise.all([
      this.#client.call('ListPodSandbox', {}, plan('sandboxes')),
      this.#client.call('ListContainers', {}, plan('containers')),
      this.#client.call('ListImages', {}, plan('images')),
      this.#runtime(signal),
    ]);
    const sandboxes = newestByName(items, (each) => each.metadata && sandboxEntity(each.metadata));
    const nameOfId = new Map(items.flatMap((each) => nameById(each)));
    const named = newestByName(containers, ({ pod_sandbox_id, metadata }) => {
      const sandbox = nameOfId.get(pod_sandbox_id);
      return sandbox && metadata && `${sandbox}/${metadata.name}`;
    });
    return [
      runtime,
      ...images.flatMap(imageObservations),
      ...[...sandboxes].map(([entity, record]) =>
        seen(SANDBOX, entity, record.state, record.state, sandboxFacts(record)),
      ),
      ...(await this.#looks.addAll(
        [...named].map(
          ([entity, record]) =>
            () =>
              this.#listed(entity, record, signal),
        ),
      )),
    ];
  }

  async #sandbox(
    entity: string,
    record: SandboxMessage | undefined,
    signal?: AbortSignal,
  ): Promise<Observation> {
    if (!record) return absent(SANDBOX, entity);
    const request = { pod_sandbox_id: record.id };
    const { status } = await this.#client.call('PodSandboxStatus', request, {
      what: entity,
      signal,
    });
    const ip = status?.network?.ip;
    return seen(SANDBOX, entity, record.state, record.state, {
      ...sandboxFacts(record),
      ...(ip && { ip }),
    });
  }

  async #container(
    entity: string,
    record: ContainerMessage | undefined,
    signal?: AbortSignal,
  ): Promise<Observation> {
    if (!record) return absent(CONTAINER, entity);
    const listed = await this.#listed(entity, record, signal);
    if (listed.state !== 'CONTAINER_RUNNING') return listed;
    const answer = await this.#statistics(entity, record.id, signal);
    const usage = usageFacts(answer?.stats ?? null);
    return { ...listed, attributes: { ...listed.attributes, ...usage } };
  }

  /** A container that ends just now, or whose shim hangs, is observed without statistics. */
  async #statistics(entity: string, container_id: string, signal?: AbortSignal) {
    const plan = { what: entity, signal, timeout_s: STATISTICS_S };
    try {
      return await this.#client.call('ContainerStats', { container_id }, plan);
    } catch (thrown) {
      if (thrown instanceof FaultError && WITHOUT_STATISTICS.has(thrown.fault.code)) return;
      throw thrown;
    }
  }

  /** A list says EXITED and not how: that takes a look at its status, once. */
  async #listed(
    entity: string,
    record: ContainerMessage,
    signal?: AbortSignal,
  ): Promise<Observation> {
    const facts = {
      id: record.id,
      image: record.image?.image ?? '',
      attempt: record.metadata?.attempt ?? 0,
    };
    if (record.state !== 'CONTAINER_EXITED') {
      return seen(CONTAINER, entity, record.state, record.state, facts);
    }
    const end = this.#ends.get(record.id) ?? (await this.#endOf(entity, record.id, signal));
    const reason = `${record.state}/${end.reason || 'unknown'} ${end.exit_code}`;
    const { exit_code } = end;
    return seen(CONTAINER, entity, containerState(end), reason, { ...facts, exit_code });
  }

  async #endOf(entity: string, id: string, signal?: AbortSignal): Promise<ContainerStatusMessage> {
    const request = { container_id: id };
    const { status } = await this.#client.call('ContainerStatus', request, {
      what: entity,
      signal,
    });
    if (!status) throw criFault('CRI_MALFORMED', `ContainerStatus of ${entity}: no status`);
    if (status.state === 'CONTAINER_EXITED') this.#remember(id, status);
    return status;
  }

  #remember(id: string, status: ContainerStatusMessage): void {
    this.#ends.set(id, status);
    if (this.#ends.size <= ENDS_MAX) return;
    for (const oldest of this.#ends.keys()) {
      this.#ends.delete(oldest);
      break;
    }
  }

  async #image(entity: string, signal?: AbortSignal): Promise<Observation> {
    const request = { image: { image: entity } };
    const { image } = await this.#client.call('ImageStatus', request, { what: entity, signal });
    return image
      ? seen(IMAGE, entity, 'present', 'present', imageFacts(image))
      : absent(IMAGE, entity);
  }

  async #runtime(signal?: AbortSignal): Promise<Observation> {
    const plan = { what: this.#host, signal };
    const [version, answer] = await Promise.all([
      this.#client.call('Version', { version: 'v1' }, plan),
      this.#client.call('Status', { verbose: true }, plan),
    ]);
    const conditions = answer.status?.conditions ?? [];
    const bad = conditions.filter(({ status }) => !status);
    const reason = bad.map((each) => `${each.type}=False ${each.reason}`).join(', ') || 'ready';
    return seen(RUNTIME, this.#host, runtimeState(conditions), reason, {
      runtime: version.runtime_name,
      version: version.runtime_version,
      api: version.runtime_api_version,
      handlers: handlersOf(answer).join(','),
    });
  }
}

export function absent(kind: string, entity: string): Observation {
  return { kind, entity, state: 'absent', attributes: { event: 'gone' } };
}

function seen(
  kind: string,
  entity: string,
  state: string,
  reason: string,
  attributes: Attributes,
): Observation {
  const event = eventOf(kind, state);
  return { kind, entity, state, reason, attributes: { ...attributes, ...(event && { event }) } };
}

function sandboxFacts({ id, metadata, runtime_handler }: SandboxMessage): Attributes {
  const { uid = '', attempt = 0 } = metadata ?? {};
  return { id, uid, attempt, handler: runtime_handler };
}

/** What a runtime does not tell is left out: nothing used is something else. */
function usageFacts(stats: Response<'ContainerStats'>['stats']): Attributes {
  const cpu_ns = stats?.cpu?.usage_core_nano_seconds?.value;
  const memory = stats?.memory?.working_set_bytes?.value;
  const disk = stats?.writable_layer?.used_bytes?.value;
  return {
    ...(cpu_ns !== undefined && { cpu_time_s: Number(cpu_ns) / 1e9 }),
    ...(memory !== undefined && { memory_bytes: Number(memory) }),
    ...(disk !== undefined && { disk_bytes: Number(disk) }),
  };
}

function imageFacts({ id, size }: ImageMessage): Attributes {
  return { id, size_bytes: Number(size) };
}

/** An image is one entity for each of its names; one without any goes by its digest. */
function imageObservations(image: ImageMessage): readonly Observation[] {
  const digests = image.repo_digests.length > 0 ? image.repo_digests : [image.id];
  const names = image.repo_tags.length > 0 ? image.repo_tags : digests;
  return names.map((name) => seen(IMAGE, name, 'present', 'present', imageFacts(image)));
}

function nameById({ id, metadata }: SandboxMessage): [string, string][] {
  return metadata ? [[id, sandboxEntity(metadata)]] : [];
}

interface Created {
  readonly created_at: string;
}

function newestFirst<T extends Created>(records: readonly T[]): readonly T[] {
  return [...records].sort((a, b) => (BigInt(a.created_at) < BigInt(b.created_at) ? 1 : -1));
}

function newestByName<T extends Created>(
  records: readonly T[],
  nameOf: (record: T) => string | null | undefined,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const record of newestFirst(records)) {
    const name = nameOf(record);
    if (name && !found.has(name)) found.set(name, record);
  }
  return found;
}

interface StatusAnswer {
  readonly info: Readonly<Record<string, string>>;
  readonly runtime_handlers: readonly { readonly name: string }[];
}

/** From containerd 2.0 on handlers are told by name; before, only its configuration shows them. */
function handlersOf({ info, runtime_handlers }: StatusAnswer): readonly string[] {
  const told = runtime_handlers.map(({ name }) => name).filter((name) => name !== '');
  if (told.length > 0) return told.sort();
  const config = jsonOf(info['config'] ?? '') as ContainerdConfig | undefined;
  return Object.keys(config?.containerd?.runtimes ?? {}).sort();
}

interface ContainerdConfig {
  readonly containerd?: { readonly runtimes?: Readonly<Record<string, unknown>> };
}
