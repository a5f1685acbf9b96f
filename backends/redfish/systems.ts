/** Systems (DMTF ComputerSystem) and their parts, as Redfish describes them. */
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { SeenMachine } from '../bare-metal/machine-feed.ts';
import type { PowerState } from '../bare-metal/machine-state.ts';
import { mistake } from '../mistake.ts';
import { redfishFault } from './faults.ts';

const link = z.object({ '@odata.id': z.string() });
const text = z.string().nullish();
const number = z.number().nullish();

const system = z.object({
  '@odata.id': z.string().optional(),
  Id: z.string(),
  UUID: text,
  Manufacturer: text,
  Model: text,
  SerialNumber: text,
  PowerState: text,
  Status: z.object({ Health: text, State: text }).nullish(),
  ProcessorSummary: z.object({ Count: number }).nullish(),
  MemorySummary: z.object({ TotalSystemMemoryGiB: number }).nullish(),
  Boot: z.record(z.string(), z.unknown()).nullish(),
  EthernetInterfaces: link.nullish(),
  Storage: link.nullish(),
  SimpleStorage: link.nullish(),
  Actions: z
    .object({
      '#ComputerSystem.Reset': z
        .object({
          target: z.string(),
          'ResetType@Redfish.AllowableValues': z.array(z.string()).optional(),
        })
        .optional(),
    })
    .nullish(),
});

const collection = z.object({ Members: z.array(link) });
const ethernet = z.object({
  Id: z.string(),
  MACAddress: text,
  LinkStatus: text,
  SpeedMbps: number,
});
const drive = z.object({
  Id: z.string(),
  CapacityBytes: number,
  MediaType: text,
  Model: text,
  SerialNumber: text,
});
const storage = z.object({ Drives: z.array(link).nullish() });
const simple = z.object({
  Devices: z.array(z.object({ Name: z.string(), CapacityBytes: number, Model: text })).nullish(),
});

export type System = z.infer<typeof system>;

export const parseSystem = (value: unknown): System => read(system, value, 'a system');
export const parseMembers = (value: unknown): readonly string[] =>
  read(collection, value, 'a collection').Members.map((member) => member['@odata.id']);
export const parseStorage = (value: unknown) => read(storage, value, 'a storage');

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const why = mistake(parsed.error.issues[0]);
  throw redfishFault('REDFISH_MALFORMED', `not ${what}: ${why}`, { effect: 'none' });
}

/** A machine that is being switched is what it was until it is switched. */
const POWER: Readonly<Record<string, PowerState>> = {
  On: 'on',
  Off: 'off',
  PoweringOn: 'off',
  PoweringOff: 'on',
  Paused: 'on',
};

export function powerOf({ PowerState: said }: System): PowerState {
  return (said && Object.hasOwn(POWER, said) && POWER[said]) || 'unknown';
}

export function seenSystem(
  name: string,
  from: System,
  place: Readonly<Record<string, string>>,
): SeenMachine {
  const memory_gib = from.MemorySummary?.TotalSystemMemoryGiB;
  return {
    ...{ name, status: 'new', power: powerOf(from), reason: `PowerState ${from.PowerState}` },
    attributes: defined({
      ...place,
      system: from.Id,
      uuid: from.UUID,
      manufacturer: from.Manufacturer,
      model: from.Model,
      serial: from.SerialNumber,
      health: from.Status?.Health,
      cores: from.ProcessorSummary?.Count,
      memory_bytes: typeof memory_gib === 'number' ? Math.round(memory_gib * 2 ** 30) : undefined,
      boot_device: textOf(from.Boot?.['BootSourceOverrideTarget']),
    }),
  };
}

export function seenEthernet(machine: string, value: unknown): Observation {
  const { Id, MACAddress, LinkStatus, SpeedMbps } = read(ethernet, value, 'a network card');
  return {
    kind: 'nic',
    entity: `${machine}/${Id}`,
    state: LinkStatus === 'LinkUp' ? 'up' : 'down',
    attributes: defined({
      machine,
      mac: MACAddress?.toLowerCase(),
      speed_bps: typeof SpeedMbps === 'number' ? SpeedMbps * 1e6 : undefined,
    }),
  };
}

export function seenDrive(machine: string, value: unknown, power: PowerState): Observation {
  const { Id, CapacityBytes, MediaType, Model, SerialNumber } = read(drive, value, 'a drive');
  return disk(machine, Id, power, {
    size_bytes: CapacityBytes,
    type: MediaType,
    model: Model,
    serial: SerialNumber,
  });
}

export function seenDevices(machine: string, value: unknown, power: PowerState): Observation[] {
  const { Devices } = read(simple, value, 'a storage');
  return (Devices ?? []).map(({ Name, CapacityBytes, Model }) =>
    disk(machine, Name, power, { size_bytes: CapacityBytes, model: Model }),
  );
}

function disk(
  machine: string,
  id: string,
  power: PowerState,
  more: Parameters<typeof defined>[0],
): Observation {
  const state = power === 'on' ? 'running' : 'offline';
  const attributes = defined({ machine, ...more });
  return { kind: 'disk', entity: `${machine}/${id}`, state, attributes };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function defined(all: Readonly<Record<string, string | number | boolean | null | undefined>>) {
  const known = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as Readonly<Record<string, string | number | boolean>>;
}
