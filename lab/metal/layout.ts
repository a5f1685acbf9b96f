/** What the lab's bare metal consists of, and where everything is. Addresses are in its own network. */
import { join } from 'node:path';
import { systemFolder } from '../folder.ts';

export interface LabMachine {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  /** Of its management controller, on loopback within the lab's network namespace. */
  readonly bmc_port: number;
  readonly uuid: string;
  readonly serial: string;
}

const COUNT = 3;

export const MACHINES: readonly LabMachine[] = Array.from({ length: COUNT }, (_, i) => ({
  name: `metal-${i + 1}`,
  mac: `52:54:00:00:00:0${i + 1}`,
  address: `10.10.0.1${i + 1}`,
  bmc_port: 6231 + i,
  uuid: `00000000-0000-4000-8000-00000000000${i + 1}`,
  serial: `SN000${i + 1}`,
}));

/** The bridge that machines boot from, and the service on it. */
export const BRIDGE = { name: 'br-pxe', address: '10.10.0.1', prefix: 24, port: 8080 } as const;
export const SERVICE_URL = `http://${BRIDGE.address}:${BRIDGE.port}`;

/** Users of every management controller, by IPMI's privilege levels. Passwords of a lab. */
export const BMC_USERS = {
  admin: { id: 2, password: 'lab-admin-pw', level: 'admin' },
  operator: { id: 3, password: 'lab-oper-pw', level: 'operator' },
  viewer: { id: 4, password: 'lab-view-pw', level: 'user' },
} as const;

export const MEMORY_MIB = 512;
export const DISK_BYTES = 2 * 2 ** 30;
/** The machines have one NVMe disk. */
export const DISK = '/dev/nvme0n1';

export const metalPaths = () => {
  const at = (name: string) => join(systemFolder('metal'), name);
  return {
    /** Lets a program outside of the namespace ask the service, and connect to machines by it. */
    control: at('control.sock'),
    /** ipmitool within the lab's network namespace. */
    ipmitool: at('ipmitool'),
    inventory: at('inventory.yaml'),
    hardware: at('hardware'),
    machine: (name: string) => at(join('machines', name)),
    key: at('id_ed25519'),
    leases: at('leases'),
    images: at('images.json'),
    config: at('service.json'),
  };
};
