import { BusyError, FaultError } from '../fault.ts';
import { broken, type FaultClass, faultsOf, oneLine, refused } from '../fault-table.ts';
import type { RemoteError } from './protocol.ts';

/** Every fault of the libvirt driver: what it means and what to do. Codes are stable. */
export const LIBVIRT_FAULTS = {
  // the connection
  LIBVIRT_UNREACHABLE: {
    ...refused(
      'nobody answers at the address of the connection URI',
      'Start libvirtd (`npm run lab:up libvirt` for the lab), or correct the URI.',
    ),
    retryable: true,
  },
  LIBVIRT_BAD_URI: refused(
    'the connection URI cannot be used',
    'Use qemu:///system, qemu+ssh://HOST/system, or DRIVER+unix:///PATH?socket=FILE.',
  ),
  LIBVIRT_AUTH: refused(
    'libvirtd does not let this user in',
    'Run as a user whom libvirtd accepts without a password (root, or the group libvirt).',
  ),
  LIBVIRT_CONNECTION_LOST: broken(
    'the connection ended while a call was under way',
    'Look at the domain; the driver connects again by itself.',
  ),
  LIBVIRT_MALFORMED: broken(
    'libvirtd sent something that is not its protocol',
    'Check that the socket is that of libvirtd, and report this with its version.',
  ),
  LIBVIRT_MESSAGE_TOO_LARGE: {
    ...refused('a message is larger than the protocol allows', 'Ask for less at a time.'),
    effect: 'unknown',
  },
  LIBVIRT_NO_ANSWER: broken(
    'libvirtd did not answer a call in time',
    'Look at the load and the log of libvirtd.',
  ),
  // what libvirt says
  LIBVIRT_DOMAIN_UNKNOWN: refused('there is no such domain', 'Define the domain first.'),
  LIBVIRT_DOMAIN_EXISTS: refused(
    'a domain of that name or UUID is there already',
    'Undefine the other domain, or choose another name.',
  ),
  LIBVIRT_WRONG_STATE: refused(
    'the domain is in a state in which libvirt does not do this',
    'Look at the state of the domain.',
  ),
  LIBVIRT_NO_SAVED_IMAGE: refused(
    'there is no saved memory to restore the domain from',
    'Use managed_save first, or start the domain.',
  ),
  LIBVIRT_BAD_PARAMS: refused(
    'the parameters of the action do not describe a domain',
    'Correct the parameters that the message names.',
  ),
  LIBVIRT_BAD_DEFINITION: refused(
    'libvirt does not accept the definition of the domain',
    'Correct what the message names.',
  ),
  LIBVIRT_UNSUPPORTED: refused(
    'this hypervisor cannot do that',
    'Use another hypervisor, or leave the feature out.',
  ),
  LIBVIRT_DENIED: refused(
    'libvirt does not permit this to this user',
    'Connect as another user, or change the access rules.',
  ),
  LIBVIRT_POOL_UNKNOWN: refused('there is no such storage pool', 'Define the pool first.'),
  LIBVIRT_VOLUME_UNKNOWN: refused('there is no such volume', 'Create the volume first.'),
  LIBVIRT_NETWORK_UNKNOWN: refused('there is no such virtual network', 'Define the network first.'),
  LIBVIRT_SNAPSHOT_UNKNOWN: refused('there is no such snapshot', 'Create the snapshot first.'),
  LIBVIRT_EXISTS: refused(
    'something of that name is there already',
    'Remove the other one, or choose another name.',
  ),
  LIBVIRT_DEVICE_UNKNOWN: refused('the domain has no such device', 'Look at its definition.'),
  LIBVIRT_NO_MIGRATION: refused(
    'no migration of that domain is under way',
    'Begin with the verb prepare.',
  ),
  LIBVIRT_MIGRATION_UNSAFE: refused(
    'the guest cannot be moved without losing writes',
    'Use shared storage with cache=none for its disks.',
  ),
  LIBVIRT_NO_MEMORY: {
    ...refused('the host has no memory left for this', 'Stop other domains, or ask for less.'),
    retryable: true,
  },
  LIBVIRT_OPERATION_FAILED: {
    ...refused('libvirt tried and did not succeed', 'See the message and the log of libvirtd.'),
    effect: 'unknown',
  },
} as const satisfies Record<string, FaultClass>;

export type LibvirtFaultCode = keyof typeof LIBVIRT_FAULTS;

/** libvirt's error numbers (virErrorNumber) that say more than "it failed". */
const CODE_OF_ERROR: Readonly<Record<number, LibvirtFaultCode>> = {
  2: 'LIBVIRT_NO_MEMORY',
  3: 'LIBVIRT_UNSUPPORTED',
  7: 'LIBVIRT_DOMAIN_UNKNOWN',
  8: 'LIBVIRT_BAD_DEFINITION',
  21: 'LIBVIRT_BAD_DEFINITION',
  27: 'LIBVIRT_BAD_DEFINITION',
  28: 'LIBVIRT_DOMAIN_EXISTS',
  29: 'LIBVIRT_DENIED',
  35: 'LIBVIRT_BAD_DEFINITION',
  42: 'LIBVIRT_DOMAIN_UNKNOWN',
  37: 'LIBVIRT_EXISTS',
  43: 'LIBVIRT_NETWORK_UNKNOWN',
  45: 'LIBVIRT_AUTH',
  49: 'LIBVIRT_POOL_UNKNOWN',
  50: 'LIBVIRT_VOLUME_UNKNOWN',
  55: 'LIBVIRT_WRONG_STATE',
  67: 'LIBVIRT_BAD_DEFINITION',
  72: 'LIBVIRT_SNAPSHOT_UNKNOWN',
  74: 'LIBVIRT_UNSUPPORTED',
  79: 'LIBVIRT_AUTH',
  81: 'LIBVIRT_MIGRATION_UNSAFE',
  84: 'LIBVIRT_UNSUPPORTED',
  88: 'LIBVIRT_DENIED',
  90: 'LIBVIRT_EXISTS',
  92: 'LIBVIRT_BAD_DEFINITION',
  94: 'LIBVIRT_AUTH',
  99: 'LIBVIRT_DEVICE_UNKNOWN',
};

const NO_DOMAIN = 42;
/** Another job holds the domain (OPERATION_TIMEOUT), or a resource (RESOURCE_BUSY). */
const BUSY_ERRORS: ReadonlySet<number> = new Set([68, 87]);
const BUSY_RETRY_AFTER_S = 1;

/** A fault of ours about `what`, such as a socket or a call. */
export const libvirtFault = faultsOf<LibvirtFaultCode>(LIBVIRT_FAULTS);

/** What libvirt answered to a call, as the exception to throw. */
export function upstreamError(call: string, error: RemoteError): FaultError | BusyError {
  const upstream = `${error.code}/${error.domain}`;
  const said = `${call}: ${error.message ?? 'no message'}`;
  if (BUSY_ERRORS.has(error.code)) {
    return new BusyError(oneLine(`${said} (${upstream})`), BUSY_RETRY_AFTER_S);
  }
  return libvirtFault(CODE_OF_ERROR[error.code] ?? 'LIBVIRT_OPERATION_FAILED', said, { upstream });
}

export function isDomainUnknown(thrown: unknown): boolean {
  return (
    thrown instanceof FaultError && Number.parseInt(thrown.fault.upstream ?? '', 10) === NO_DOMAIN
  );
}
