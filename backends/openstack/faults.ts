import { BusyError, FaultError } from '../fault.ts';
import {
  type FaultClass,
  type FaultDetails,
  faultsOf,
  oneLine,
  refused,
  unavailable,
} from '../fault-table.ts';
import { httpFaults } from '../http.ts';

const UNKNOWN_EFFECT = { effect: 'unknown' } as const;

/** Every fault of the OpenStack drivers: what it means and what to do. Codes are stable. */
export const OPENSTACK_FAULTS = {
  ...httpFaults('OPENSTACK', 'the OpenStack API'),
  // configuration and signing in
  OPENSTACK_BAD_CONFIG: refused(
    'the configuration of the cloud cannot be used',
    'Correct clouds.yaml, secure.yaml or the OS_* variables as the message says.',
  ),
  OPENSTACK_NO_CLOUD: refused(
    'no cloud is configured',
    'Set OS_CLOUD to a cloud of clouds.yaml, or set OS_AUTH_URL and the variables of an RC file.',
  ),
  OPENSTACK_UNAUTHENTICATED: refused(
    'keystone does not accept the credentials',
    'Check user, password, domains and project; an application credential may have expired.',
  ),
  OPENSTACK_NO_ENDPOINT: refused(
    'the catalogue has no endpoint of that service, region and interface',
    'Check region_name and interface, or name the endpoint as SERVICE_endpoint_override.',
  ),
  OPENSTACK_UNSUPPORTED_VERSION: refused(
    'the service is older than what is needed',
    'Update the service; the message names the microversion that is needed.',
  ),
  // what the services refuse
  OPENSTACK_FORBIDDEN: refused(
    'the policy of the service does not permit this to the user',
    'Use a user with the role that the message names, often admin.',
  ),
  OPENSTACK_QUOTA_EXCEEDED: refused(
    'the quota of the project is used up',
    'Free something, or have an administrator raise the quota.',
  ),
  OPENSTACK_NOT_FOUND: refused(
    'there is no such thing, or it is of another project',
    'Check the name and the project.',
  ),
  OPENSTACK_AMBIGUOUS_NAME: refused(
    'several things have that name',
    'Use the UUID instead of the name.',
  ),
  OPENSTACK_BAD_PARAMS: refused(
    'the parameters of the action are not complete or not valid',
    'Correct the parameters that the message names.',
  ),
  OPENSTACK_BAD_REQUEST: refused(
    'the service does not accept the request',
    'Correct what the message names.',
  ),
  OPENSTACK_WRONG_STATE: refused(
    'this cannot be done in the state that it is in',
    'Look at its state.',
  ),
  OPENSTACK_CONFLICT: refused(
    'it conflicts with something that is there',
    'Look at what the message names; it may be in use, or there already.',
  ),
  OPENSTACK_LOCKED: refused('the server is locked', 'Unlock it first, as its owner or an admin.'),
  OPENSTACK_SERVICE_FAILED: {
    ...unavailable('the service failed or is not ready', 'Look into the log of the service.'),
    ...UNKNOWN_EFFECT,
  },
  OPENSTACK_REFUSED: refused('the service refuses the request', 'See the message.'),
  // what fails after it was accepted
  OPENSTACK_NO_VALID_HOST: {
    ...refused(
      'no host or backend has room for it, or none passes the filters of the scheduler',
      'Free resources, add hosts, or ask for less; the log of the scheduler names the filter.',
    ),
    effect: 'done',
  },
  OPENSTACK_ACTION_FAILED: {
    ...refused('it was accepted and then failed', 'See the message and the log of the service.'),
    ...UNKNOWN_EFFECT,
  },
  OPENSTACK_ENDED_OTHERWISE: {
    ...refused('it ended in another state than was asked for', 'Look at what else acted on it.'),
    effect: 'done',
  },
} as const satisfies Record<string, FaultClass>;

export type OpenstackFaultCode = keyof typeof OPENSTACK_FAULTS;

/** A fault of ours about `what`. */
export const openstackFault = faultsOf<OpenstackFaultCode>(OPENSTACK_FAULTS);

/** What a service said of a request that it refused. */
export interface Refusal {
  readonly status: number;
  /** The service's own word for it, such as `conflictingRequest` or `OverQuota`. */
  readonly word: string;
  readonly message: string;
  readonly retry_after_s?: number;
}

const BY_STATUS: Readonly<Record<number, OpenstackFaultCode>> = {
  400: 'OPENSTACK_BAD_REQUEST',
  401: 'OPENSTACK_UNAUTHENTICATED',
  403: 'OPENSTACK_FORBIDDEN',
  404: 'OPENSTACK_NOT_FOUND',
  406: 'OPENSTACK_UNSUPPORTED_VERSION',
  409: 'OPENSTACK_CONFLICT',
  413: 'OPENSTACK_QUOTA_EXCEEDED',
};

/** Words that say more than the status; by what they match in `word: message`. */
const BY_WORDS: readonly (readonly [RegExp, OpenstackFaultCode])[] = [
  [/quota|OverLimit|exceeds allowed/i, 'OPENSTACK_QUOTA_EXCEEDED'],
  [/is locked/, 'OPENSTACK_LOCKED'],
  // A server without a host, such as a shelved one, "is not ready" for what needs one.
  [
    /while it is in vm_state|is not ready|must be (available|in-use)|status must be/i,
    'OPENSTACK_WRONG_STATE',
  ],
];

/** nova refuses while another task runs on the server; that passes. */
const BUSY = /while it is in task_state/;
const BUSY_RETRY_AFTER_S = 1;

/** The answer of a service that refused, as the exception to throw. */
export function refusal(what: string, said: Refusal): FaultError | BusyError {
  const { status, word, message } = said;
  const upstream = word === '' ? String(status) : `${status} ${word}`;
  const text = `${what}: ${message}`;
  if (status === 429 || (status === 409 && BUSY.test(message))) {
    return new BusyError(
      oneLine(`${text} (${upstream})`),
      said.retry_after_s ?? BUSY_RETRY_AFTER_S,
    );
  }
  const code = codeOf(said);
  // Only a failure within the service leaves open whether it did anything.
  const details: FaultDetails = { upstream, ...(status < 500 && { effect: 'none' }) };
  return openstackFault(code, text, details);
}

function codeOf({ status, word, message }: Refusal): OpenstackFaultCode {
  if (status >= 500) return 'OPENSTACK_SERVICE_FAILED';
  const byWords = status === 401 || status === 404 ? undefined : wordsOf(`${word}: ${message}`);
  return byWords ?? BY_STATUS[status] ?? 'OPENSTACK_REFUSED';
}

function wordsOf(text: string): OpenstackFaultCode | undefined {
  return BY_WORDS.find(([words]) => words.test(text))?.[1];
}

/** As nova says it of hosts, and cinder of backends. */
const NOWHERE_TO_PLACE = /no valid (host|backend)|could not find any available weighted backend/i;

/** The code of what was accepted and then failed, by what the service says of it. */
export function failedCode(said: string): OpenstackFaultCode {
  return NOWHERE_TO_PLACE.test(said) ? 'OPENSTACK_NO_VALID_HOST' : 'OPENSTACK_ACTION_FAILED';
}

/** Takes apart the error bodies of keystone, nova, cinder, neutron, glance and placement. */
export function readRefusal(status: number, body: unknown): Pick<Refusal, 'word' | 'message'> {
  if (typeof body === 'string') return { word: '', message: withoutTags(body) };
  if (!isObject(body)) return { word: '', message: `HTTP ${status}` };
  const [word, inner] = Object.entries(body)[0] ?? ['', undefined];
  // placement: {errors: [{title, detail}]}
  if (Array.isArray(inner) && isObject(inner[0])) {
    const { title, detail } = inner[0];
    return { word: text(title), message: text(detail) };
  }
  if (!isObject(inner)) return { word: text(body['title']), message: text(body['message']) };
  // keystone says `error` with a title; neutron `NeutronError` with a type.
  return { word: text(inner['type'] ?? inner['title'] ?? word), message: text(inner['message']) };
}

function withoutTags(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function hasCode(thrown: unknown, code: keyof typeof OPENSTACK_FAULTS): boolean {
  return thrown instanceof FaultError && thrown.fault.code === code;
}

export function hasStatus(thrown: unknown, status: number): boolean {
  return thrown instanceof FaultError && (thrown.fault.upstream ?? '').startsWith(`${status}`);
}
