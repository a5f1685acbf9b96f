/** The verbs on a machine, as resets and boot settings of Redfish. */
import { type ActOrder, each } from '../act-order.ts';
import type { PowerState } from '../bare-metal/machine-state.ts';
import type { Asked } from '../verb-params.ts';
import { type BootDevice, MACHINE_PARAMS, paramsOf } from './params.ts';

export interface ResetVerb {
  /** One of Redfish's ResetType. */
  readonly reset: string;
  /** The power state that is seen when it has happened. */
  readonly until: PowerState;
  /** It has happened already in this power state. */
  readonly already?: PowerState;
  /** The power state that it takes. */
  readonly needs?: PowerState;
}

export const RESETS: Readonly<Record<string, ResetVerb>> = {
  power_on: { reset: 'On', until: 'on', already: 'on' },
  power_off: { reset: 'ForceOff', until: 'off', already: 'off' },
  /** Asks the operating system; one that does not listen stays on. */
  soft_off: { reset: 'GracefulShutdown', until: 'off', already: 'off' },
  power_cycle: { reset: 'PowerCycle', until: 'on', needs: 'on' },
  power_reset: { reset: 'ForceRestart', until: 'on', needs: 'on' },
  soft_reset: { reset: 'GracefulRestart', until: 'on', needs: 'on' },
  nmi: { reset: 'Nmi', until: 'on', needs: 'on' },
};

export const MACHINE_VERBS: readonly string[] = [
  ...['enlist', 'forget', 'inspect', 'set_boot_device'],
  ...Object.keys(RESETS),
];

/** Redfish's BootSource. */
const BOOT_SOURCES: Readonly<Record<BootDevice, string>> = {
  none: 'None',
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
  http: 'UefiHttp',
};

/** The change of a system that makes it boot from a device, the next time or always. */
export function bootOverride(asked: Asked): object {
  const { device, persistent, mode } = paramsOf(asked, MACHINE_PARAMS.set_boot_device);
  return {
    Boot: {
      BootSourceOverrideTarget: BOOT_SOURCES[device],
      BootSourceOverrideEnabled:
        device === 'none' ? 'Disabled' : persistent ? 'Continuous' : 'Once',
      ...(mode === undefined ? {} : { BootSourceOverrideMode: mode }),
    },
  };
}

/** An operating system that does not listen to a soft one is cut off. */
export const MACHINE_ORDER: ActOrder = {
  interrupts: {
    ...each(['power_off', 'power_cycle', 'power_reset', 'nmi'], ['soft_off', 'soft_reset']),
    inspect: 'all',
  },
};
