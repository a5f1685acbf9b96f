/** Nodes as the bare metal API describes them. */
import { z } from 'zod';
import type { SeenMachine } from '../bare-metal/machine-feed.ts';
import type { StatusName } from '../bare-metal/machine-state.ts';
import { mistake } from '../mistake.ts';
import { ironicFault } from './faults.ts';
import { powerOf, statusOf } from './states.ts';

const GIB_BYTES = 2 ** 30;
const MIB_BYTES = 2 ** 20;

const node = z.object({
  uuid: z.string(),
  name: z.string().nullish(),
  provision_state: z.string(),
  target_provision_state: z.string().nullish(),
  power_state: z.string().nullish(),
  target_power_state: z.string().nullish(),
  maintenance: z.boolean().nullish(),
  driver: z.string().nullish(),
  resource_class: z.string().nullish(),
  conductor_group: z.string().nullish(),
  last_error: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export type Node = z.infer<typeof node>;

const nodes = z.object({ nodes: z.array(node), next: z.string().nullish() });

export const parseNode = (value: unknown): Node => read(node, value);
export const parseNodes = (value: unknown) => read(nodes, value);

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = `not a node: ${mistake(parsed.error.issues[0])}`;
  throw ironicFault('IRONIC_MALFORMED', what, { effect: 'none' });
}

/** Nodes need not have a name. */
export const nameOf = ({ name, uuid }: Node): string => name || uuid;

/** `before`: the status that was seen last, which says what cleaning is part of. */
export function seenNode(from: Node, before?: StatusName): SeenMachine {
  const status = statusOf(from.provision_state, before);
  if (!status) {
    const what = `a node in provision state ${from.provision_state}`;
    throw ironicFault('IRONIC_MALFORMED', what, { effect: 'none' });
  }
  const { cpus, memory_mb, local_gb, cpu_arch } = from.properties ?? {};
  const known = {
    uuid: from.uuid,
    driver: from.driver,
    resource_class: from.resource_class,
    zone: from.conductor_group || undefined,
    maintenance: from.maintenance,
    architecture: typeof cpu_arch === 'string' ? cpu_arch : undefined,
    cores: scaled(cpus, 1),
    memory_bytes: scaled(memory_mb, MIB_BYTES),
    storage_bytes: scaled(local_gb, GIB_BYTES),
  };
  return {
    name: nameOf(from),
    status,
    power: powerOf(from.power_state),
    reason: `${from.provision_state}/${from.power_state ?? 'unknown'}`,
    attributes: Object.fromEntries(
      Object.entries(known).filter(([, value]) => value !== undefined && value !== null),
    ) as SeenMachine['attributes'],
  };
}

/** Properties are numbers or their text. */
function scaled(value: unknown, unit: number): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? Math.round(number * unit)
    : undefined;
}
