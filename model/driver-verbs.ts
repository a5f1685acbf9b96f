/**
 * What drivers can do beside what machines ask for, by driver and kind: verbs that are no event of the
 * kind's machine and that no state of it requests. An operation asks for them by name; the entity
 * stays in its state. A test holds this table equal to what the drivers offer.
 */
import { DRIVER_NAMES, type DriverName } from './drivers.ts';

export const FURTHER_VERBS = {
  maas: {
    machine: [
      'create',
      'delete',
      'inspect',
      'tag',
      'untag',
      'update',
      'link_subnet',
      'lock',
      'unlock',
      'set_owner_data',
    ],
  },
  ironic: {
    machine: [
      'create',
      'delete',
      'inspect',
      'update',
      'set_boot_device',
      'set_maintenance',
      'manage',
      'provide',
      'inspect_hardware',
      'clean',
      'adopt',
      'rebuild',
      'soft_off',
      'reboot',
    ],
  },
  ipmi: {
    machine: [
      'enlist',
      'forget',
      'inspect',
      'set_boot_device',
      'identify',
      'soft_off',
      'power_cycle',
      'power_reset',
    ],
  },
  redfish: {
    machine: [
      'enlist',
      'forget',
      'inspect',
      'set_boot_device',
      'soft_off',
      'power_cycle',
      'power_reset',
      'soft_reset',
      'nmi',
    ],
  },
  ssh: {
    'host-os': ['inspect'],
    'systemd-unit': ['enable', 'disable'],
  },
  libvirt: {
    domain: ['attach_disk', 'detach_disk', 'attach_interface', 'detach_interface'],
  },
  ovn: {
    port: ['create', 'update'],
  },
  ovs: {
    interface: ['update'],
  },
  neutron: {
    'logical-switch': ['inspect'],
    'logical-router': ['inspect'],
    port: ['create', 'inspect'],
    acl: ['inspect'],
    nat: ['inspect'],
  },
  ceph: {
    'ceph-cluster': ['set_flag', 'unset_flag'],
    osd: ['out', 'in', 'reweight', 'down'],
    pool: ['create', 'set', 'set_quota', 'enable_application'],
    'rbd-image': [
      'snap_create',
      'snap_remove',
      'snap_rollback',
      'snap_protect',
      'snap_unprotect',
      'clone',
    ],
    cephfs: ['set_max_mds'],
    bucket: ['put_object', 'get_object', 'delete_object', 'set_quota'],
  },
  openstack: {
    project: ['set_quota', 'inspect'],
    flavor: ['inspect'],
    image: ['create', 'inspect'],
    'compute-service': ['add_to_aggregate', 'remove_from_aggregate', 'delete', 'inspect'],
    volume: ['reset_status', 'create_snapshot', 'delete_snapshot', 'delete_backup', 'inspect'],
    server: ['create', 'lock', 'unlock', 'inspect'],
  },
  cri: {
    container: ['update', 'exec'],
  },
  kubernetes: {
    node: ['apply', 'taint', 'untaint'],
    pod: ['apply', 'evict'],
    deployment: ['apply', 'restart', 'undo'],
    'replica-set': ['apply'],
    'stateful-set': ['apply', 'scale', 'roll_out', 'restart', 'undo'],
    'daemon-set': ['apply', 'roll_out', 'restart', 'undo'],
    job: ['apply'],
    service: ['apply'],
    pvc: ['apply'],
    hpa: ['apply'],
    pdb: ['apply'],
  },
  juju: {
    model: ['configure', 'set_constraints', 'deploy_bundle'],
    application: ['deploy', 'configure', 'set_constraints', 'expose', 'unexpose'],
    unit: ['resolve'],
    relation: ['add'],
    action: ['run'],
  },
} as const satisfies Readonly<
  Partial<Record<DriverName, Readonly<Record<string, readonly string[]>>>>
>;

type ByKind = Readonly<Record<string, readonly string[]>>;
const BY_DRIVER: Readonly<Partial<Record<DriverName, ByKind>>> = FURTHER_VERBS;

/** Verbs beside its machine that a driver offers for a kind. */
export function furtherVerbsOf(driver: DriverName, kind: string): readonly string[] {
  const verbs = BY_DRIVER[driver] ?? {};
  return Object.hasOwn(verbs, kind) ? verbs[kind] : [];
}

/** The same of any driver, in the order of the drivers. */
export function furtherVerbs(kind: string): readonly string[] {
  return [...new Set(DRIVER_NAMES.flatMap((driver) => furtherVerbsOf(driver, kind)))];
}
