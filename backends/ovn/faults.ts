import { type FaultClass, faultsOf, refused } from '../fault-table.ts';

/** Faults of driving OVN, beside those of OVSDB. Codes are stable. */
export const OVN_FAULTS = {
  OVN_BAD_PARAMS: refused(
    'the parameters of the action do not describe what is asked for',
    'Correct the parameters that the message names.',
  ),
  OVN_UNKNOWN: refused('there is no such row', 'Create it first, or correct the name.'),
  OVN_EXISTS: refused(
    'a row of that name is there already',
    'Update or delete the other one, or choose another name.',
  ),
  OVN_AMBIGUOUS: refused(
    'several rows have that name, which OVN allows',
    'Rename or delete all but one of them.',
  ),
  OVN_WRONG_STATE: refused(
    'the entity is in a state in which this cannot be done',
    'Look at the state of the entity.',
  ),
  OVN_CHASSIS_ALIVE: refused(
    'the ovn-controller of the chassis runs, and would register it again at once',
    'Stop it in order on its host: `ovn-appctl -t ovn-controller exit`.',
  ),
} as const satisfies Record<string, FaultClass>;

export const ovnFault = faultsOf<keyof typeof OVN_FAULTS>(OVN_FAULTS);
