/** Scenarios applied to the lab's libvirt. */
import { cachedGuest } from '../../lab/libvirt/guest.ts';
import { libvirtUri } from '../../lab/libvirt/system.ts';
import type { Scenario } from '../../model/scenario.ts';
import { loadScenario } from '../../scenarios/index.ts';
import { type Applied, applyTo } from './applied.ts';

/** scenarios/lab-domain.yaml with the lab's guest. */
export async function labDomain(): Promise<Scenario> {
  const { kernel, initrd, cmdline } = cachedGuest() ?? { kernel: '', initrd: '', cmdline: '' };
  const loaded = await loadScenario('scenarios/lab-domain.yaml', {
    set: { kernel, initrd, cmdline },
  });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.scenario;
}

export const apply = (scenario: Scenario): Promise<Applied> =>
  applyTo([{ driver: 'libvirt', options: { uri: libvirtUri() } }], scenario);
