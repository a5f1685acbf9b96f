import { type FaultClass, faultsOf, refused } from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** Every fault of the Redfish driver: what it means and what to do. Codes are stable. */
export const REDFISH_FAULTS = {
  ...httpFaults('REDFISH', 'the Redfish service'),
  REDFISH_BAD_INVENTORY: refused(
    'the inventory of Redfish services cannot be used',
    'Correct what the message names; every machine needs a name and a URL.',
  ),
  REDFISH_AUTH: refused(
    'the Redfish service does not accept user or password',
    'Correct them, or unlock the account; the password comes from the environment.',
  ),
  REDFISH_DENIED: refused('the user may not do this', 'Use a user of the role Operator or higher.'),
  REDFISH_UNKNOWN: refused(
    'no such machine is known, or the service has no such system',
    'Add it to the inventory, or enlist it; check the name of the system.',
  ),
  REDFISH_BAD_PARAMS: refused(
    'the parameters of the action cannot be used',
    'Correct what the message names.',
  ),
  REDFISH_WRONG_STATE: refused(
    'the machine is in a state in which the service does not do this',
    'Look at its power state.',
  ),
  REDFISH_UNSUPPORTED: refused(
    'the service cannot do this for this machine',
    'See the values that it allows; firmware updates add some.',
  ),
  REDFISH_SERVER_ERROR: {
    ...refused('the Redfish service failed on the request', 'See the log of the controller.'),
    effect: 'unknown',
  },
  REDFISH_TASK_FAILED: {
    ...refused('the Redfish service tried and did not succeed', 'See the messages of the task.'),
    effect: 'unknown',
  },
} as const satisfies Record<string, FaultClass>;

export type RedfishFaultCode = keyof typeof REDFISH_FAULTS;

export const redfishFault = faultsOf<RedfishFaultCode>(REDFISH_FAULTS);
