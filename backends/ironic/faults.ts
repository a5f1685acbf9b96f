import { type FaultClass, faultsOf, refused } from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** Every fault of the Ironic driver: what it means and what to do. Codes are stable. */
export const IRONIC_FAULTS = {
  ...httpFaults('IRONIC', 'the bare metal API'),
  IRONIC_NOT_CONFIGURED: refused(
    'it is not said where Ironic is, or how to sign in',
    'Set OS_ENDPOINT, and OS_AUTH_TYPE to none or http_basic with OS_USERNAME and OS_PASSWORD.',
  ),
  IRONIC_AUTH: refused('Ironic does not let us in', 'Correct user and password, or the token.'),
  IRONIC_DENIED: refused('Ironic does not permit this', 'Use an account of the role admin.'),
  IRONIC_UNKNOWN: refused('Ironic knows no such node', 'Check its name, or create it.'),
  IRONIC_EXISTS: refused('a node of that name is there already', 'Choose another name.'),
  IRONIC_BAD_PARAMS: refused(
    'Ironic or the driver does not accept the parameters',
    'Correct what the message names.',
  ),
  IRONIC_WRONG_STATE: refused(
    'the node is in a provision state in which Ironic does not do this',
    'Look at its provision state.',
  ),
  IRONIC_UNSUPPORTED: refused(
    'this Ironic does not speak a version of the API that is needed',
    'Use Ironic 12.1 (Stein) or newer, and a hardware type that can do this.',
  ),
  IRONIC_SERVER_ERROR: {
    ...refused('Ironic failed on the request', 'See the log of the conductor.'),
    effect: 'unknown',
  },
  IRONIC_OPERATION_FAILED: {
    ...refused('Ironic tried and did not succeed', 'See the last error of the node.'),
    effect: 'done',
  },
} as const satisfies Record<string, FaultClass>;

export type IronicFaultCode = keyof typeof IRONIC_FAULTS;

export const ironicFault = faultsOf<IronicFaultCode>(IRONIC_FAULTS);
