import { constants } from 'node:os';
import { BusyError, type FaultError } from '../fault.ts';
import {
  broken,
  type FaultClass,
  type FaultDetails,
  faultsOf,
  oneLine,
  refused,
  unavailable,
} from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** Every fault of the Ceph driver: what it means and what to do. Codes are stable. */
export const CEPH_FAULTS = {
  // the way to the cluster
  CEPH_NO_CLIENT: refused(
    "Ceph's client cannot be run",
    'Install ceph-common, or name a `wrapper` that runs where it is installed.',
  ),
  CEPH_BAD_CONFIG: refused(
    'the configuration of the cluster cannot be used',
    'Correct ceph.conf, CEPH_CONF or CEPH_ARGS as the message says.',
  ),
  CEPH_AUTH: refused(
    'the cluster does not let this user in',
    'Check the user (`name`), and that the keyring named in ceph.conf holds its key.',
  ),
  CEPH_UNREACHABLE: unavailable(
    'no monitor answered in time',
    'Check the network to the monitors, and whether a majority of them runs.',
  ),
  CEPH_NO_QUORUM: unavailable(
    'monitors run, and have no quorum: nothing can be asked or changed',
    'Start monitors until a majority of the monmap runs; see the states of the mons.',
  ),
  CEPH_NO_MANAGER: unavailable(
    'no manager is active to answer this',
    'Start a ceph-mgr; what needs none goes on.',
  ),
  CEPH_CONNECTION_LOST: broken(
    'the connection to the cluster ended while a request was under way',
    'Look at the entity; the driver connects again by itself.',
  ),
  CEPH_NO_ANSWER: broken(
    'the storage daemons did not answer in time',
    'Look at `ceph health`: placement groups may be inactive, or OSDs full. Look at the entity.',
  ),
  CEPH_MALFORMED: broken(
    'the cluster answered something that is not as documented',
    'Report this with the version of the cluster.',
  ),
  CEPH_ANSWER_TOO_LARGE: {
    ...broken('an answer is larger than is accepted', 'Ask for less at a time.'),
    retryable: false,
  },
  // what Ceph says
  CEPH_UNKNOWN: refused('there is no such thing in the cluster', 'Create it first.'),
  CEPH_EXISTS: refused('it is there already, and different', 'Remove it, or choose another name.'),
  CEPH_WRONG_STATE: refused(
    'the state it is in does not allow this',
    'Look at its state, and at what still uses it.',
  ),
  CEPH_NOT_CONFIRMED: refused(
    'this destroys data and was not confirmed',
    'Give the parameter that the message names, as the `ceph` command wants it as well.',
  ),
  CEPH_NOT_PERMITTED: refused(
    "the cluster's configuration forbids this",
    'See the message; pools are deleted only while mon_allow_pool_delete is true.',
  ),
  CEPH_DENIED: refused(
    'this user may not do that',
    'Give the user the capabilities it needs, or use another one.',
  ),
  CEPH_BAD_PARAMS: refused(
    'the parameters of the action cannot be used',
    'Correct the parameters that the message names.',
  ),
  CEPH_REFUSED: refused('the cluster does not accept this', 'Correct what the message says.'),
  CEPH_UNSUPPORTED: refused('this cluster cannot do that', 'See the message.'),
  CEPH_NO_SPACE: refused(
    'there is no room for it, or a quota is used up',
    'Add capacity, delete data, or raise the quota.',
  ),
  CEPH_FAILED: {
    ...refused('the cluster tried and did not succeed', 'See the message and the cluster log.'),
    effect: 'unknown',
  },
  // the object gateway
  CEPH_NO_GATEWAY: refused(
    'it is not known where the object gateway is',
    'Set AWS_ENDPOINT_URL_S3, or the option `s3.endpoint`.',
  ),
  CEPH_NO_CREDENTIALS: refused(
    'there are no S3 credentials to sign with',
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or the option `s3.profile`.',
  ),
  ...httpFaults('CEPH_RGW', 'the object gateway'),
} as const satisfies Record<string, FaultClass>;

export type CephFaultCode = keyof typeof CEPH_FAULTS;

/** A fault of ours about `what`. */
export const cephFault: (code: CephFaultCode, what: string, details?: FaultDetails) => FaultError =
  faultsOf<CephFaultCode>(CEPH_FAULTS);

const { errno } = constants;

/** Error numbers of mon commands and librbd that say more than "it failed". */
const CODE_OF_ERRNO: Readonly<Record<number, CephFaultCode>> = {
  [errno.EPERM]: 'CEPH_NOT_PERMITTED',
  [errno.ENOENT]: 'CEPH_UNKNOWN',
  [errno.EACCES]: 'CEPH_DENIED',
  [errno.EBUSY]: 'CEPH_WRONG_STATE',
  [errno.EEXIST]: 'CEPH_EXISTS',
  [errno.EINVAL]: 'CEPH_REFUSED',
  [errno.ENOSPC]: 'CEPH_NO_SPACE',
  [errno.ERANGE]: 'CEPH_REFUSED',
  [errno.EDOM]: 'CEPH_REFUSED',
  [errno.ENOTEMPTY]: 'CEPH_WRONG_STATE',
  [errno.ENOTCONN]: 'CEPH_CONNECTION_LOST',
  [errno.EOPNOTSUPP]: 'CEPH_UNSUPPORTED',
  [errno.ENOTSUP]: 'CEPH_UNSUPPORTED',
  [errno.ETIMEDOUT]: 'CEPH_NO_ANSWER',
  [errno.EDQUOT]: 'CEPH_NO_SPACE',
};

/** The mons ask to come again: proxied commands at their limit, a map that is being changed. */
const BUSY_RETRY_AFTER_S = 1;

/** How the mons call a command that their version does not have. */
const NOT_KNOWN = /command not known|unrecognized command|no valid command found/;

/** What Ceph answered to `what`, as the exception to throw. `rc` is a negative errno. */
export function upstreamError(what: string, rc: number, said: string): FaultError | BusyError {
  const message = `${what}: ${said || 'no message'}`;
  if (rc === -errno.EAGAIN) return new BusyError(oneLine(`${message} (${rc})`), BUSY_RETRY_AFTER_S);
  const code = NOT_KNOWN.test(said) ? 'CEPH_UNSUPPORTED' : CODE_OF_ERRNO[-rc];
  return cephFault(code ?? 'CEPH_FAILED', message, { upstream: String(rc) });
}
