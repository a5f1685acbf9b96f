import { cephSystem } from './ceph/system.ts';
import { containerdSystem } from './containerd/system.ts';
import { LabError } from './error.ts';
import { ironicSystem } from './ironic/system.ts';
import { jujuSystem } from './juju/system.ts';
import { kubernetesSystem } from './kubernetes/system.ts';
import { libvirtSystem } from './libvirt/system.ts';
import { maasSystem } from './maas/system.ts';
import { metalSystem } from './metal/system.ts';
import { openstackSystem } from './openstack/system.ts';
import { ovnSystem } from './ovn/system.ts';
import { redfishSystem } from './redfish/system.ts';
import { sshSystem } from './ssh/system.ts';
import type { LabSystem } from './system.ts';

/** Every system the lab can run. */
export const LAB_SYSTEMS: readonly LabSystem[] = [
  sshSystem,
  libvirtSystem,
  ovnSystem,
  cephSystem,
  containerdSystem,
  kubernetesSystem,
  openstackSystem,
  maasSystem,
  jujuSystem,
  metalSystem,
  ironicSystem,
  redfishSystem,
];

/** The systems named on the command line; all of them when none is named. */
export function chosenSystems(names: readonly string[]): readonly LabSystem[] {
  if (names.length === 0) return LAB_SYSTEMS;
  return names.map((name) => {
    const found = LAB_SYSTEMS.find((system) => system.name === name);
    if (found) return found;
    const known = LAB_SYSTEMS.map((system) => system.name).join(', ');
    throw new LabError('LAB_SYSTEM_UNKNOWN', `the lab has no system "${name}"`, `Known: ${known}.`);
  });
}
