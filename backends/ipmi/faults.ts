import { broken, type FaultClass, faultsOf, refused, unavailable } from '../fault-table.ts';

/** Every fault of the IPMI driver: what it means and what to do. Codes are stable. */
export const IPMI_FAULTS = {
  IPMI_TOOL_MISSING: refused(
    'ipmitool cannot be run',
    'Install the package ipmitool, or name the program in the option `ipmitool`.',
  ),
  IPMI_BAD_INVENTORY: refused(
    'the inventory of management controllers cannot be used',
    'Correct what the message names; every machine needs a name and an address.',
  ),
  IPMI_NO_PASSWORD: refused(
    'it is not known which password to use',
    'Set the environment variable that the message names.',
  ),
  IPMI_UNREACHABLE: unavailable(
    'the management controller does not answer',
    'Check its address, port 623/udp on the way, and that IPMI over LAN is enabled.',
  ),
  IPMI_AUTH: refused(
    'the management controller does not accept user or password',
    'Correct them; the user needs IPMI over LAN enabled, and cipher suite 3 must be allowed.',
  ),
  IPMI_DENIED: refused(
    'the user may not do this',
    'Use a user of privilege level operator or administrator.',
  ),
  IPMI_UNKNOWN: refused(
    'no management controller is known for this machine',
    'Add it to the inventory, or enlist it first.',
  ),
  IPMI_BAD_PARAMS: refused(
    'the parameters of the action cannot be used',
    'Correct what the message names.',
  ),
  IPMI_WRONG_STATE: refused(
    'the machine is in a state in which this does nothing, or something else',
    'Look at its power state.',
  ),
  IPMI_REFUSED: refused(
    'the management controller refused',
    'See the completion code; not every controller supports every command.',
  ),
  IPMI_NO_ANSWER: broken(
    'the management controller stopped answering in the middle of a command',
    'Look at the power state before asking again; restart the controller if this persists.',
  ),
  IPMI_MALFORMED: broken(
    'ipmitool said something that is not understood',
    'Report this with the version of ipmitool.',
  ),
} as const satisfies Record<string, FaultClass>;

export type IpmiFaultCode = keyof typeof IPMI_FAULTS;

export const ipmiFault = faultsOf<IpmiFaultCode>(IPMI_FAULTS);
