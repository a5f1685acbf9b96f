import { BusyError } from '../fault.ts';
import { type FaultClass, faultsOf, oneLine, refused } from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** How messages call the other side. */
export const WHO = 'the Juju controller';

/** Every fault of the Juju driver: what it means and what to do. Codes are stable. */
export const JUJU_FAULTS = {
  ...httpFaults('JUJU', WHO),
  JUJU_BAD_CONFIG: refused(
    'the configuration of the juju client cannot be used',
    'Look at `juju controllers` and `juju whoami`; JUJU_DATA names the folder of the files.',
  ),
  JUJU_AUTH: refused(
    'the controller does not let this user in',
    'Set a password by `juju change-user-password`, and log in anew by `juju login`.',
  ),
  JUJU_DENIED: refused(
    'this user may not do that',
    'Grant access by `juju grant`, or use another account.',
  ),
  JUJU_MOVED: refused(
    'the model was migrated to another controller',
    'Name the controller that has it now.',
  ),
  JUJU_UNSUPPORTED: refused(
    'this controller does not have that',
    'Use Juju 3.3 or later, and see which of its facades the message names.',
  ),
  JUJU_UNKNOWN: refused('there is no such thing', 'Deploy or add it first, or correct the name.'),
  JUJU_EXISTS: refused('it is there already', 'Remove the other one, or choose another name.'),
  JUJU_BAD_PARAMS: refused(
    'the parameters of the action do not describe what is asked for',
    'Correct the parameters that the message names.',
  ),
  JUJU_BAD_CHARM: refused(
    'the charm or bundle cannot be used',
    'Pack the charm by `charmcraft pack`, and name the .charm file; a bundle is YAML.',
  ),
  JUJU_WRONG_STATE: refused(
    'it is in a state in which this is not done',
    'Look at its status in `juju status`.',
  ),
  JUJU_BLOCKED: refused(
    'the operator has blocked such commands',
    'See `juju disabled-commands`; `juju enable-command` lifts it.',
  ),
  JUJU_QUOTA: refused('a limit is reached', 'Raise the limit, or remove what is not needed.'),
  JUJU_REFUSED: refused(
    'the controller refuses it',
    'Do what the message says; `juju debug-log` of the controller model tells more.',
  ),
  JUJU_OPERATION_FAILED: {
    ...refused('it ended badly', 'See `juju status` and `juju debug-log`, then `juju resolve`.'),
    effect: 'done',
  },
  JUJU_OVERTAKEN: {
    ...refused('something else happened to it meanwhile', 'Look at it before asking again.'),
    effect: 'unknown',
  },
} as const satisfies Record<string, FaultClass>;

export type JujuFaultCode = keyof typeof JUJU_FAULTS;

export const jujuFault = faultsOf<JujuFaultCode>(JUJU_FAULTS);

/** An error of the API: at the top of an answer, or in one of its results (rpc/params/apierror). */
export interface ApiError {
  readonly message: string;
  /** Empty for errors that Juju has no code for. */
  readonly code: string;
}

/** By Juju's own error codes (rpc/params/apierror). */
const CODES: ReadonlyMap<string, JujuFaultCode> = new Map(
  Object.entries({
    'not found': 'JUJU_UNKNOWN',
    'model not found': 'JUJU_UNKNOWN',
    'machine not found': 'JUJU_UNKNOWN',
    'user not found': 'JUJU_UNKNOWN',
    'unauthorized access': 'JUJU_AUTH',
    'no credentials provided': 'JUJU_AUTH',
    'fatal login error': 'JUJU_AUTH',
    'login expired': 'JUJU_AUTH',
    'session token invalid': 'JUJU_AUTH',
    'macaroon discharge required': 'JUJU_AUTH',
    forbidden: 'JUJU_DENIED',
    'access required': 'JUJU_DENIED',
    'redirection required': 'JUJU_MOVED',
    'deadline exceeded': 'JUJU_NO_ANSWER',
    'not implemented': 'JUJU_UNSUPPORTED',
    'not supported': 'JUJU_UNSUPPORTED',
    'method not allowed': 'JUJU_UNSUPPORTED',
    'already exists': 'JUJU_EXISTS',
    'bad request': 'JUJU_BAD_PARAMS',
    'not valid': 'JUJU_BAD_PARAMS',
    'cloud region required': 'JUJU_BAD_PARAMS',
    'incompatible base': 'JUJU_BAD_PARAMS',
    'incompatible clouds': 'JUJU_BAD_PARAMS',
    'invalid machine id': 'JUJU_BAD_PARAMS',
    'invalid tag': 'JUJU_BAD_PARAMS',
    'invalid user name': 'JUJU_BAD_PARAMS',
    'tag kind not supported': 'JUJU_BAD_PARAMS',
    'operation is blocked': 'JUJU_BLOCKED',
    'quota limit exceeded': 'JUJU_QUOTA',
    dead: 'JUJU_WRONG_STATE',
    stopped: 'JUJU_WRONG_STATE',
    'not assigned': 'JUJU_WRONG_STATE',
    'not provisioned': 'JUJU_WRONG_STATE',
    'unit has subordinates': 'JUJU_WRONG_STATE',
    'machine has assigned units': 'JUJU_WRONG_STATE',
    'machine is hosting containers': 'JUJU_WRONG_STATE',
    'machine has attached storage': 'JUJU_WRONG_STATE',
    'storage is attached': 'JUJU_WRONG_STATE',
    'model not empty': 'JUJU_WRONG_STATE',
    'controller has hosted models': 'JUJU_WRONG_STATE',
    'controller/model has persistent storage': 'JUJU_WRONG_STATE',
    'action no longer available': 'JUJU_WRONG_STATE',
    'application should not have units': 'JUJU_WRONG_STATE',
  } as const),
);

/** Nothing was done, and the controller says that it will soon do it. */
const BUSY: readonly string[] = [
  'try again',
  'excessive contention',
  'upgrade in progress',
  'model migration in progress',
  'not yet available; try again later',
  'lease claim denied',
  'leadership claim denied',
];
const BUSY_RETRY_AFTER_S = 2;

/** What Juju says where it gives no code. */
const TEXTS: readonly (readonly [RegExp, JujuFaultCode])[] = [
  [/permission denied/i, 'JUJU_DENIED'],
  [/already exists/i, 'JUJU_EXISTS'],
  [/not found|does not exist|no such/i, 'JUJU_UNKNOWN'],
  [/not alive|is dying|is dead|not in (an )?error|machine has units/i, 'JUJU_WRONG_STATE'],
];

/** The fault for an error of the API. A refused call changed nothing: Juju acts in transactions. */
export function refusal({ code, message }: ApiError, about: string): Error {
  if (BUSY.includes(code))
    return new BusyError(oneLine(`${about}: ${message}`), BUSY_RETRY_AFTER_S);
  const byText = TEXTS.find(([pattern]) => pattern.test(message))?.[1];
  const isDenied = code === 'unauthorized access' && byText === 'JUJU_DENIED';
  const known = isDenied ? 'JUJU_DENIED' : CODES.get(code);
  const details = code === '' ? {} : { upstream: code };
  return jujuFault(known ?? byText ?? 'JUJU_REFUSED', `${about}: ${message}`, details);
}
