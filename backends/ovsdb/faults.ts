import type { FaultError } from '../fault.ts';
import { broken, type FaultClass, faultsOf, refused, unavailable } from '../fault-table.ts';

/** Every fault of talking to an OVSDB server (RFC 7047), whatever database it holds. */
export const OVSDB_FAULTS = {
  // the connection
  OVSDB_BAD_REMOTE: refused(
    'the remote of the database cannot be used',
    'Use unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT, or several of them separated by commas.',
  ),
  OVSDB_BAD_CREDENTIALS: refused(
    'the key, certificate or CA certificate for TLS cannot be used',
    'Name readable PEM files; ssl: remotes need the CA certificate that signed the server.',
  ),
  OVSDB_UNREACHABLE: unavailable(
    'nobody answers at the remotes of the database',
    'Start ovsdb-server (`npm run lab:up ovn` for the lab), or correct the remotes.',
  ),
  OVSDB_TLS_REJECTED: refused(
    'the TLS connection to the database was refused',
    'Check that the CA certificate is the one that signed the server, and that yours is accepted.',
  ),
  OVSDB_NOT_LEADER: unavailable(
    'no remote leads the cluster of the database',
    'Name all servers of the cluster, and look at `ovs-appctl cluster/status`.',
  ),
  OVSDB_CONNECTION_LOST: broken(
    'the connection to the database ended',
    'Look at the entity; the driver connects again by itself.',
  ),
  OVSDB_NO_ANSWER: broken(
    'the database server did not answer in time',
    'Look at the load and the log of ovsdb-server, and at the entity before asking again.',
  ),
  OVSDB_MALFORMED: broken(
    'the database server sent something that is not its protocol',
    'Check that the remote is that of an ovsdb-server, and report this with its version.',
  ),
  OVSDB_MESSAGE_TOO_LARGE: {
    ...broken('a message is larger or deeper than is accepted', 'Ask for less at a time.'),
    retryable: false,
  },
  // the schema
  OVSDB_UNKNOWN_DATABASE: refused(
    'the server does not hold the database',
    'Check which database the remote serves: `ovsdb-client list-dbs REMOTE`.',
  ),
  OVSDB_SCHEMA_UNSUPPORTED: refused(
    'the schema of the database lacks what the driver needs',
    'Use a supported version of the system; the message names the table and the column.',
  ),
  OVSDB_BAD_VALUE: refused(
    'a value does not fit its column',
    'Correct the parameter that the message names.',
  ),
  // what the server says
  OVSDB_CONSTRAINT: refused(
    'the transaction breaks a constraint of the schema',
    'Choose a value that is unique and within the limits that the message names.',
  ),
  OVSDB_REFERENCE: refused(
    'the transaction leaves a reference to a row that is not there',
    'Delete what refers to the row first.',
  ),
  OVSDB_PREREQUISITE: {
    ...refused('the database was not in the state that the transaction asked for', ''),
    advice: 'Somebody else changed it meanwhile: look at the entity and ask again.',
    retryable: true,
  },
  OVSDB_DENIED: refused(
    'the server does not permit the operation to this client',
    'Connect with a role that may write, or change the access rules (RBAC) of the database.',
  ),
  OVSDB_EXHAUSTED: unavailable(
    'the server has no room or failed to write',
    'Look at the disk and the log of ovsdb-server.',
  ),
  OVSDB_REFUSED: refused('the server refused the operation', 'See the message.'),
} as const satisfies Record<string, FaultClass>;

export type OvsdbFaultCode = keyof typeof OVSDB_FAULTS;

/** A fault of ours about `what`, such as a remote or a column. */
export const ovsdbFault = faultsOf<OvsdbFaultCode>(OVSDB_FAULTS);

/** The `error` strings of RFC 7047 (section 3.1 and 5.2) and of ovsdb-server(7). */
const CODE_OF_ERROR: Readonly<Record<string, OvsdbFaultCode>> = {
  'constraint violation': 'OVSDB_CONSTRAINT',
  'duplicate uuid-name': 'OVSDB_CONSTRAINT',
  'domain error': 'OVSDB_BAD_VALUE',
  'range error': 'OVSDB_BAD_VALUE',
  'syntax error': 'OVSDB_BAD_VALUE',
  'unknown column': 'OVSDB_SCHEMA_UNSUPPORTED',
  'unknown table': 'OVSDB_SCHEMA_UNSUPPORTED',
  'unknown database': 'OVSDB_UNKNOWN_DATABASE',
  'referential integrity violation': 'OVSDB_REFERENCE',
  'timed out': 'OVSDB_PREREQUISITE',
  aborted: 'OVSDB_PREREQUISITE',
  'permission error': 'OVSDB_DENIED',
  'not allowed': 'OVSDB_DENIED',
  'resources exhausted': 'OVSDB_EXHAUSTED',
  'I/O error': 'OVSDB_EXHAUSTED',
  'not leader': 'OVSDB_NOT_LEADER',
};

/** What the server answered instead of a result: `where` says to which method or operation. */
export function upstreamFault(where: string, error: string, details: string): FaultError {
  const said = details === '' ? error : `${error}: ${details}`;
  const code = CODE_OF_ERROR[error] ?? 'OVSDB_REFUSED';
  return ovsdbFault(code, `${where}: ${said}`, { upstream: error.slice(0, 100) });
}
