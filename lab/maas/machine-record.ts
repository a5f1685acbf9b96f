/** A machine as the region keeps it, and as its API shows it. */
import { STATUSES, type StatusName } from '../../model/bare-metal/maas.ts';

export interface LinkedInterface {
  readonly id: number;
  readonly name: string;
  readonly mac_address: string;
  subnet: number | undefined;
}

export interface MachineRecord {
  readonly system_id: string;
  readonly hostname: string;
  readonly architecture: string;
  readonly power_type: string;
  readonly power_parameters: Readonly<Record<string, string>>;
  readonly interfaces: LinkedInterface[];
  status: StatusName;
  power: 'on' | 'off' | 'unknown' | 'error';
  /** A power action that is under way; another one is refused meanwhile. */
  isSwitching: boolean;
  /** The status before this one, or before tests and rescue mode, which are not remembered. */
  previous: StatusName;
  wasCommissioned: boolean;
  hasPassedCommissioning: boolean;
  /** Hardware as commissioning found it; nothing is known before. */
  isKnown: boolean;
  osystem: string;
  distro_series: string;
  user_data: string;
  owner: string;
  owner_data: Record<string, string>;
  locked: boolean;
  zone: string;
  pool: string;
  description: string;
  tags: Set<string>;
  /** Ends whatever the machine is doing. */
  stop: () => void;
}

/** What the simulated hardware has; MAAS tells memory in MiB and storage in units of 10^6 bytes. */
const HARDWARE = { cpu_count: 4, memory: 8192, disk_bytes: 64_000_000_000 };

/** What the API calls a status. */
export function statusLabel(status: StatusName): string {
  const words = status.replaceAll('_', ' ');
  return LABELS[status] ?? `${words[0].toUpperCase()}${words.slice(1)}`;
}

const LABELS: Readonly<Partial<Record<StatusName, string>>> = {
  failed_releasing: 'Releasing failed',
  failed_entering_rescue_mode: 'Failed to enter rescue mode',
  failed_exiting_rescue_mode: 'Failed to exit rescue mode',
};

export function blockDevices(machine: MachineRecord) {
  if (!machine.isKnown) return [];
  return [
    {
      id: 1,
      system_id: machine.system_id,
      name: 'sda',
      size: HARDWARE.disk_bytes,
      block_size: 512,
      type: 'physical',
      model: 'QEMU HARDDISK',
      serial: `disk-${machine.system_id}`,
      tags: ['sata', 'rotary'],
    },
  ];
}

export function interfaces(machine: MachineRecord) {
  return machine.interfaces.map(({ id, name, mac_address, subnet }) => ({
    ...{ id, name, mac_address, type: 'physical', enabled: true },
    system_id: machine.system_id,
    link_connected: machine.isKnown,
    link_speed: machine.isKnown ? 10_000 : 0,
    links: subnet === undefined ? [] : [{ id, mode: 'auto', subnet: { id: subnet } }],
  }));
}

/** The JSON of a machine. */
export function machineJson(machine: MachineRecord) {
  const { isKnown, system_id } = machine;
  return {
    ...{ system_id, hostname: machine.hostname, fqdn: `${machine.hostname}.maas` },
    architecture: machine.architecture,
    status: STATUSES[machine.status].code,
    status_name: statusLabel(machine.status),
    status_message: '',
    power_type: machine.power_type,
    power_state: machine.power,
    cpu_count: isKnown ? HARDWARE.cpu_count : 0,
    memory: isKnown ? HARDWARE.memory : 0,
    storage: isKnown ? HARDWARE.disk_bytes / 1e6 : 0,
    osystem: machine.osystem,
    distro_series: machine.distro_series,
    owner: machine.owner || null,
    owner_data: machine.owner_data,
    locked: machine.locked,
    description: machine.description,
    zone: { name: machine.zone },
    pool: { name: machine.pool },
    tag_names: [...machine.tags],
    ip_addresses: machine.status === 'deployed' ? ['10.0.0.10'] : [],
    blockdevice_set: blockDevices(machine),
    interface_set: interfaces(machine),
    resource_uri: `/MAAS/api/2.0/machines/${system_id}/`,
  };
}
