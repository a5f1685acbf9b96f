/** Machines, their disks and network cards, as the MAAS API describes them. */
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { STATUS_NAMES, STATUSES } from '../../model/bare-metal/maas.ts';
import { MACHINE_KIND, type SeenMachine } from '../bare-metal/machine-feed.ts';
import { POWER_STATES, type StatusName } from '../bare-metal/machine-state.ts';
import { maasFault } from './faults.ts';

const MIB_BYTES = 2 ** 20;
/** MAAS tells the storage of a machine in units of 10^6 bytes. */
const MB_BYTES = 1e6;

const named = z.object({ name: z.string() }).nullish();

const blockDevice = z.object({
  id: z.number(),
  name: z.string(),
  size: z.number(),
  type: z.string().nullish(),
  model: z.string().nullish(),
  serial: z.string().nullish(),
});

const networkInterface = z.object({
  id: z.number(),
  name: z.string(),
  type: z.string().nullish(),
  mac_address: z.string().nullish(),
  link_connected: z.boolean().nullish(),
  link_speed: z.number().nullish(),
});

const machine = z.object({
  system_id: z.string(),
  hostname: z.string(),
  status: z.number(),
  status_name: z.string().nullish(),
  power_state: z.string().nullish(),
  power_type: z.string().nullish(),
  architecture: z.string().nullish(),
  cpu_count: z.number().nullish(),
  memory: z.number().nullish(),
  storage: z.number().nullish(),
  osystem: z.string().nullish(),
  distro_series: z.string().nullish(),
  owner: z.string().nullish(),
  locked: z.boolean().nullish(),
  zone: named,
  pool: named,
  tag_names: z.array(z.string()).nullish(),
  ip_addresses: z.array(z.string()).nullish(),
  blockdevice_set: z.array(blockDevice).nullish(),
  interface_set: z.array(networkInterface).nullish(),
});

export type MaasMachine = z.infer<typeof machine>;
export type BlockDevice = z.infer<typeof blockDevice>;

export const parseMachine = (value: unknown): MaasMachine => parse(machine, value, 'a machine');
export const parseMachines = (value: unknown): MaasMachine[] =>
  parse(z.array(machine), value, 'machines');
export const parseBlockDevices = (value: unknown): BlockDevice[] =>
  parse(z.array(blockDevice), value, 'block devices');

/** Reads an answer; one of another shape is a fault. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [{ path, message }] = read.error.issues;
  const where = path.length ? ` at ${path.join('.')}` : '';
  throw maasFault('MAAS_MALFORMED', `not ${what}${where}: ${message}`, { effect: 'none' });
}

/** The status that a number stands for. */
export function statusOf(code: number): StatusName {
  const name = STATUS_NAMES.find((each) => STATUSES[each].code === code);
  if (name) return name;
  throw maasFault('MAAS_MALFORMED', `a machine of status ${code}`, { effect: 'none' });
}

export function seenMachine(from: MaasMachine): SeenMachine {
  const status = statusOf(from.status);
  // What a power driver of a later version may say is nothing that is known.
  const power = POWER_STATES.find((each) => each === from.power_state) ?? 'unknown';
  return {
    name: from.hostname,
    status,
    power,
    reason: `${from.status_name ?? from.status}/${from.power_state ?? 'unknown'}`,
    attributes: defined({
      system_id: from.system_id,
      zone: from.zone?.name,
      pool: from.pool?.name,
      tags: from.tag_names?.length ? [...from.tag_names].sort().join(',') : undefined,
      architecture: from.architecture,
      cores: from.cpu_count,
      memory_bytes: scaled(from.memory, MIB_BYTES),
      storage_bytes: scaled(from.storage, MB_BYTES),
      power_type: from.power_type,
      osystem: from.osystem || undefined,
      distro_series: from.distro_series || undefined,
      owner: from.owner || undefined,
      locked: from.locked,
      address: from.ip_addresses?.[0],
    }),
  };
}

/** A machine's disks and network cards: named after it, in use while its system runs. */
export function partsOf(from: MaasMachine): readonly Observation[] {
  const runs = from.power_state === 'on' && statusOf(from.status) === 'deployed';
  const disks = (from.blockdevice_set ?? []).map((disk) => ({
    kind: 'disk',
    entity: `${from.hostname}/${disk.name}`,
    state: runs ? 'running' : 'offline',
    attributes: defined({
      [MACHINE_KIND]: from.hostname,
      size_bytes: disk.size,
      type: disk.type,
      model: disk.model || undefined,
      serial: disk.serial || undefined,
    }),
  }));
  const nics = (from.interface_set ?? []).map((nic) => ({
    kind: 'nic',
    entity: `${from.hostname}/${nic.name}`,
    // MAAS keeps `link_connected` from commissioning; a machine that is off has no carrier.
    state: nic.link_connected && from.power_state === 'on' ? 'up' : 'down',
    attributes: defined({
      [MACHINE_KIND]: from.hostname,
      mac: nic.mac_address,
      type: nic.type,
      speed_bps: scaled(nic.link_speed, 1e6) || undefined,
    }),
  }));
  return [...disks, ...nics];
}

function scaled(value: number | null | undefined, unit: number): number | undefined {
  return typeof value === 'number' ? Math.round(value * unit) : undefined;
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Without what is not known. */
function defined(all: Readonly<Record<string, string | number | boolean | null | undefined>>) {
  const known = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as Attributes;
}
