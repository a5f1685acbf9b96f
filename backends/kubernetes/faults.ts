import { BusyError, type FaultError } from '../fault.ts';
import { type FaultClass, faultsOf, oneLine, refused, unavailable } from '../fault-table.ts';
import { httpFaults } from '../http.ts';

/** How messages call the other side. */
export const WHO = 'the Kubernetes API';

/** Every fault of the Kubernetes driver: what it means and what to do. Codes are stable. */
export const KUBERNETES_FAULTS = {
  ...httpFaults('KUBERNETES', WHO),
  KUBERNETES_BAD_CONFIG: refused(
    'the kubeconfig cannot be used',
    'Correct KUBECONFIG or ~/.kube/config, or name another context; `kubectl config view` shows it.',
  ),
  KUBERNETES_UNAUTHORIZED: refused(
    'the API server does not know this user',
    'Renew the credentials of the context: they are wrong or have expired.',
  ),
  KUBERNETES_FORBIDDEN: refused(
    'this user may not do that',
    'Grant what the message names by a Role or ClusterRole, or use another context.',
  ),
  KUBERNETES_UNSUPPORTED: refused(
    'this cluster does not have that',
    'Use a cluster of a supported version with this API switched on.',
  ),
  KUBERNETES_BAD_PARAMS: refused(
    'the parameters of the action do not describe what is asked for',
    'Correct the parameters that the message names.',
  ),
  KUBERNETES_NOT_FOUND: refused('there is no such object', 'Apply it first, or correct the name.'),
  KUBERNETES_EXISTS: refused(
    'an object of that name is there already',
    'Delete the other one, or choose another name.',
  ),
  KUBERNETES_CONFLICT: refused(
    'somebody else changed the object, or owns fields that are to be applied',
    'Look at the object and ask again; `force: true` takes the fields over.',
  ),
  KUBERNETES_INVALID: refused(
    'the API server does not accept the object',
    'Correct the fields that the message names.',
  ),
  KUBERNETES_EXPIRED: unavailable(
    'the version that was asked for is too old',
    'Ask again: the driver begins anew by itself.',
  ),
  KUBERNETES_OVERLOADED: unavailable(
    'the API server is too busy or not ready',
    'Ask again later; look at the load of the control plane.',
  ),
  KUBERNETES_WRONG_STATE: refused(
    'the object is in a state in which this is not done',
    'Look at the state of the object.',
  ),
  KUBERNETES_NO_REVISION: refused(
    'there is no such revision to go back to',
    'List the replica sets or controller revisions of the workload, and name one of theirs.',
  ),
  KUBERNETES_DRAIN_REFUSED: refused(
    'pods on the node would be lost by draining it',
    'Remove them yourself, or give `force: true` or `delete_emptydir_data: true`.',
  ),
  KUBERNETES_ROLLOUT_FAILED: {
    ...refused(
      'the workload did not become what was asked for',
      'Look at its pods and events; `undo` brings the revision before back.',
    ),
    effect: 'done',
  },
  KUBERNETES_FAILED: {
    ...refused('the API server tried and did not succeed', 'See the message and its log.'),
    effect: 'unknown',
  },
} as const satisfies Record<string, FaultClass>;

export type KubernetesFaultCode = keyof typeof KUBERNETES_FAULTS;

export const kubernetesFault = faultsOf<KubernetesFaultCode>(KUBERNETES_FAULTS);

/** The part of a `Status` object (meta/v1) that tells what went wrong. */
export interface StatusObject {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** By `reason` of a Status (k8s.io/apimachinery, `StatusReason`). */
const REASONS: Readonly<Record<string, KubernetesFaultCode>> = {
  AlreadyExists: 'KUBERNETES_EXISTS',
  BadRequest: 'KUBERNETES_INVALID',
  Conflict: 'KUBERNETES_CONFLICT',
  Expired: 'KUBERNETES_EXPIRED',
  Forbidden: 'KUBERNETES_FORBIDDEN',
  Gone: 'KUBERNETES_EXPIRED',
  Invalid: 'KUBERNETES_INVALID',
  MethodNotAllowed: 'KUBERNETES_UNSUPPORTED',
  NotAcceptable: 'KUBERNETES_UNSUPPORTED',
  NotFound: 'KUBERNETES_NOT_FOUND',
  RequestEntityTooLarge: 'KUBERNETES_INVALID',
  ServerTimeout: 'KUBERNETES_OVERLOADED',
  ServiceUnavailable: 'KUBERNETES_OVERLOADED',
  Timeout: 'KUBERNETES_NO_ANSWER',
  Unauthorized: 'KUBERNETES_UNAUTHORIZED',
  UnsupportedMediaType: 'KUBERNETES_UNSUPPORTED',
};

/** For answers that carry no Status, such as those of a proxy in between. */
const STATUSES: Readonly<Record<number, KubernetesFaultCode>> = {
  400: 'KUBERNETES_INVALID',
  401: 'KUBERNETES_UNAUTHORIZED',
  403: 'KUBERNETES_FORBIDDEN',
  404: 'KUBERNETES_NOT_FOUND',
  409: 'KUBERNETES_CONFLICT',
  410: 'KUBERNETES_EXPIRED',
  422: 'KUBERNETES_INVALID',
  502: 'KUBERNETES_OVERLOADED',
  503: 'KUBERNETES_OVERLOADED',
  504: 'KUBERNETES_NO_ANSWER',
};

const RETRY_AFTER_S = 1;

/** What the API server answered to a request, as the exception to throw. */
export function upstreamError(
  what: string,
  httpStatus: number,
  status: StatusObject,
  changes: boolean,
): FaultError | BusyError {
  const { reason, message = 'no message' } = status;
  const upstream = reason ? `${httpStatus} ${reason}` : String(httpStatus);
  if (httpStatus === 429) {
    const retry_after_s = status.details?.retryAfterSeconds ?? RETRY_AFTER_S;
    return new BusyError(oneLine(`${what}: ${message} (${upstream})`), retry_after_s);
  }
  const code = REASONS[reason ?? ''] ?? STATUSES[httpStatus] ?? 'KUBERNETES_FAILED';
  const unknown = code === 'KUBERNETES_NO_ANSWER' && changes;
  return kubernetesFault(code, `${what}: ${message}`, {
    upstream,
    ...(changes ? {} : { effect: 'none' }),
    ...(unknown ? { effect: 'unknown' } : {}),
  });
}
