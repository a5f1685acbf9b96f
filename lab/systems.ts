import { LabError } from './error.ts';
import { libvirtSystem } from './libvirt/system.ts';
import { sshSystem } from './ssh/system.ts';
import type { LabSystem } from './system.ts';

/** Every system the lab can run. */
export const LAB_SYSTEMS: readonly LabSystem[] = [libvirtSystem, sshSystem];

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
