import { type FaultClass, faultsOf, refused } from '../fault-table.ts';

/** Faults of driving a host's Open vSwitch, beside those of OVSDB. Codes are stable. */
export const OVS_FAULTS = {
  OVS_BAD_PARAMS: refused(
    'the parameters of the action do not describe what is asked for',
    'Correct the parameters that the message names.',
  ),
  OVS_UNKNOWN: refused(
    'there is no such bridge or interface',
    'Add it first, or correct the name.',
  ),
  OVS_EXISTS: refused(
    'a bridge or port of that name is there already',
    'Delete the other one, or choose another name.',
  ),
  OVS_INTERFACE_FAILED: {
    ...refused(
      'ovs-vswitchd could not bring the interface up',
      'See the message: the device may be missing, or in use by another program.',
    ),
    effect: 'done',
  },
} as const satisfies Record<string, FaultClass>;

export const ovsFault = faultsOf<keyof typeof OVS_FAULTS>(OVS_FAULTS);
