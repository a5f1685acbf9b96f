import { type FaultClass, faultsOf, refused, unavailable } from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** Every fault of the MAAS driver: what it means and what to do. Codes are stable. */
export const MAAS_FAULTS = {
  ...httpFaults('MAAS', 'the MAAS API'),
  MAAS_NOT_CONFIGURED: refused(
    'it is not said where MAAS is, or with which key',
    'Set MAAS_API_URL (http://HOST:5240/MAAS) and MAAS_API_KEY (from `maas apikey`).',
  ),
  MAAS_AUTH: refused(
    'MAAS does not accept the API key',
    'Make a new key with `maas apikey`; clocks may differ by 300 s at most.',
  ),
  MAAS_DENIED: refused(
    'MAAS does not permit this to the owner of the API key',
    'Use the key of an administrator, or of the owner of the machine; unlock a locked machine.',
  ),
  MAAS_UNKNOWN: refused(
    'MAAS knows no such thing',
    'Check its name; machines go by their hostname.',
  ),
  MAAS_BAD_PARAMS: refused(
    'MAAS or the driver does not accept the parameters',
    'Correct what the message names.',
  ),
  MAAS_WRONG_STATE: refused(
    'the machine has a status in which MAAS does not do this',
    'Look at the status of the machine.',
  ),
  MAAS_UNSUPPORTED: refused('this MAAS has no such operation', 'Use MAAS 3.4 or newer.'),
  MAAS_NONE_AVAILABLE: unavailable(
    'no machine is free',
    'Release or add machines, or ask for other properties.',
  ),
  MAAS_SERVER_ERROR: {
    ...refused('MAAS failed on the request', 'See the log of the region controller.'),
    effect: 'unknown',
  },
  MAAS_OPERATION_FAILED: {
    ...refused('MAAS tried and did not succeed', 'See the events of the machine in MAAS.'),
    effect: 'done',
  },
  MAAS_OVERTAKEN: {
    ...refused('somebody else changed the machine meanwhile', 'Look at the status of the machine.'),
    effect: 'done',
  },
} as const satisfies Record<string, FaultClass>;

export type MaasFaultCode = keyof typeof MAAS_FAULTS;

export const maasFault = faultsOf<MaasFaultCode>(MAAS_FAULTS);
