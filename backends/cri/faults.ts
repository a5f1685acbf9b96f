import { status } from '@grpc/grpc-js';
import type { FaultError } from '../fault.ts';
import { broken, type FaultClass, faultsOf, refused, unavailable } from '../fault-table.ts';

/** Every fault of the CRI driver: what it means and what to do. Codes are stable. */
export const CRI_FAULTS = {
  // the connection
  CRI_BAD_ENDPOINT: refused(
    'the endpoint of the runtime cannot be used',
    'Give a unix socket with an absolute path, such as unix:///run/containerd/containerd.sock.',
  ),
  CRI_UNREACHABLE: unavailable(
    'nobody answers on the socket of the runtime',
    'Start the runtime (`npm run lab:up containerd` for the lab), or correct the endpoint.',
  ),
  CRI_CONNECTION_LOST: broken(
    'the connection ended while a call was under way',
    'Look at the entity; the driver connects again by itself.',
  ),
  CRI_NO_ANSWER: broken(
    'the runtime did not answer a call in time',
    'Look at the load and the log of the runtime.',
  ),
  CRI_MALFORMED: broken(
    'the runtime sent something that is not CRI v1',
    'Check that the socket is that of a CRI runtime, and report this with its version.',
  ),
  CRI_TOO_LARGE: {
    ...refused('an answer is larger than is accepted', 'Remove what is not needed from the host.'),
    effect: 'unknown',
  },
  CRI_DENIED: refused(
    'the runtime does not permit this to this user',
    'Run as a user who may use the socket: root, as a rule.',
  ),
  CRI_UNSUPPORTED: refused(
    'the runtime does not have this call',
    'Use containerd 1.6, CRI-O 1.24 or newer, with the CRI service switched on.',
  ),
  // what the runtime says
  CRI_BAD_PARAMS: refused(
    'the parameters of the action do not describe what is asked for',
    'Correct the parameters that the message names.',
  ),
  CRI_BAD_REGISTRY_CONFIG: refused(
    'the file with the credentials of registries cannot be read',
    'Correct it, or remove it: DOCKER_CONFIG, or ~/.docker/config.json.',
  ),
  CRI_NOT_FOUND: refused('there is no such thing', 'Create it first, or correct the name.'),
  CRI_NAME_RESERVED: refused(
    'a sandbox or container of that name is there already',
    'Remove the other one first, or choose another name or attempt.',
  ),
  CRI_WRONG_STATE: refused(
    'it is in a state in which the runtime does not do this',
    'Look at the state of the sandbox or container.',
  ),
  CRI_NO_HANDLER: refused(
    'the runtime has no such runtime handler',
    'Configure the handler in the runtime, or name one that it has.',
  ),
  CRI_HANDLER_FAILED: refused(
    'the program of the runtime handler is not there or does not start',
    'Install or configure the shim that the message names, such as that of Kata Containers.',
  ),
  CRI_SANDBOX_FAILED: refused(
    'the runtime handler could not make the sandbox',
    'See the message and the log of the runtime; with Kata Containers also that of its machine.',
  ),
  CRI_NETWORK_FAILED: unavailable(
    'the network of the sandbox could not be set up',
    'Look at the CNI configuration and the log of the runtime.',
  ),
  CRI_IMAGE_UNKNOWN: refused(
    'the image is not in the store of the runtime',
    'Pull or import the image first.',
  ),
  CRI_PULL_FAILED: unavailable(
    'the image could not be pulled',
    'Check the name, the registry and the credentials for it.',
  ),
  CRI_START_FAILED: {
    ...refused(
      'the process of the container could not be started',
      'Correct its command, or what else the message names.',
    ),
    effect: 'done',
  },
  CRI_EXEC_FAILED: {
    ...refused('the command could not be run in the container', 'Correct the command.'),
    effect: 'unknown',
  },
  CRI_EXEC_TIMEOUT: {
    ...refused('the command did not end in time', 'Allow more time by `timeout_s`.'),
    effect: 'done',
  },
  CRI_EXIT_CODE: {
    ...refused(
      'the command ended with another exit code than `exit_code`',
      'Look into it; without `exit_code`, `apply --json` shows what it writes.',
    ),
    effect: 'done',
  },
  CRI_FAILED: {
    ...refused('the runtime tried and did not succeed', 'See the message and its log.'),
    effect: 'unknown',
  },
} as const satisfies Record<string, FaultClass>;

export type CriFaultCode = keyof typeof CRI_FAULTS;

/** A fault of ours about `what`, such as a socket or a call. */
export const criFault = faultsOf<CriFaultCode>(CRI_FAULTS);

/** What grpc-js throws. */
export interface GrpcError {
  readonly code: number;
  readonly details: string;
}

export function isGrpcError(thrown: unknown): thrown is GrpcError {
  return typeof thrown === 'object' && thrown !== null && 'details' in thrown && 'code' in thrown;
}

interface Meaning {
  readonly says: RegExp;
  /** Only in the answer of this call. */
  readonly call?: string;
  readonly code: CriFaultCode;
}

const TASK_FAILED = /failed to (create|start) (containerd|sandbox container) task/;

/**
 * containerd answers most refusals with the status UNKNOWN, so that only its words tell them apart
 * (as seen with containerd 1.6.20). The first that matches counts.
 */
const WORDS: readonly Meaning[] = [
  {
    says: /is in CONTAINER_\w+ state|sandbox container .* is not running|is in removing state/,
    code: 'CRI_WRONG_STATE',
  },
  { says: /failed to reserve (sandbox|container) name/, code: 'CRI_NAME_RESERVED' },
  { says: /no runtime for .* is configured/, code: 'CRI_NO_HANDLER' },
  { says: /failed to start shim/, call: 'RunPodSandbox', code: 'CRI_HANDLER_FAILED' },
  {
    says: /(setup|set up) network for sandbox|cni plugin not initialized/,
    code: 'CRI_NETWORK_FAILED',
  },
  { says: /failed to exec in container.*(deadline|timeout)/, code: 'CRI_EXEC_TIMEOUT' },
  {
    says: /failed to exec in container|failed to start exec|OCI runtime exec failed/,
    code: 'CRI_EXEC_FAILED',
  },
  { says: /failed to pull|failed to resolve reference/, code: 'CRI_PULL_FAILED' },
  // A sandbox is started as a container is, and nothing of it is left when that fails.
  { says: TASK_FAILED, call: 'RunPodSandbox', code: 'CRI_SANDBOX_FAILED' },
  { says: TASK_FAILED, code: 'CRI_START_FAILED' },
];

/** gRPC statuses that say enough by themselves. */
const STATUSES: Readonly<Partial<Record<number, CriFaultCode>>> = {
  [status.CANCELLED]: 'CRI_CONNECTION_LOST',
  [status.DEADLINE_EXCEEDED]: 'CRI_NO_ANSWER',
  [status.NOT_FOUND]: 'CRI_NOT_FOUND',
  [status.INTERNAL]: 'CRI_MALFORMED',
  [status.PERMISSION_DENIED]: 'CRI_DENIED',
  [status.RESOURCE_EXHAUSTED]: 'CRI_TOO_LARGE',
  [status.UNAUTHENTICATED]: 'CRI_DENIED',
  [status.UNAVAILABLE]: 'CRI_CONNECTION_LOST',
  [status.UNIMPLEMENTED]: 'CRI_UNSUPPORTED',
};

/** What a call of the runtime answered, as the exception to throw. */
export function upstreamError(
  call: string,
  what: string,
  { code, details }: GrpcError,
): FaultError {
  const upstream = `${code} ${status[code] ?? 'UNKNOWN'}`;
  const said = WORDS.find((each) => (each.call ?? call) === call && each.says.test(details));
  const known = said?.code ?? STATUSES[code];
  return criFault(known ?? 'CRI_FAILED', `${call} of ${what}: ${details}`, { upstream });
}
