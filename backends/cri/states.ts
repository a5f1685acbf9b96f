/** What CRI's words mean as states of the machines in `model/container/`. */
import type { ContainerStatusMessage, SandboxMessage } from './protocol.ts';

/** Exit code that containerd gives when nobody saw how a container ended. */
const UNSEEN = 255;

export type SandboxState = SandboxMessage['state'] | 'absent';
export type ContainerState =
  | 'CONTAINER_CREATED'
  | 'CONTAINER_RUNNING'
  | 'CONTAINER_UNKNOWN'
  | 'CONTAINER_EXITED.Completed'
  | 'CONTAINER_EXITED.Error'
  | 'CONTAINER_EXITED.OOMKilled'
  | 'CONTAINER_EXITED.StartError'
  | 'CONTAINER_EXITED.Unknown'
  | 'absent';

/** How a container ended, by its reason first: an exit code alone is ambiguous. */
export function containerState(
  status: Pick<ContainerStatusMessage, 'state' | 'exit_code' | 'reason'>,
): ContainerState {
  if (status.state !== 'CONTAINER_EXITED') return status.state;
  if (status.reason === 'OOMKilled') return 'CONTAINER_EXITED.OOMKilled';
  if (status.reason === 'StartError' || status.reason === 'ContainerCannotRun') {
    return 'CONTAINER_EXITED.StartError';
  }
  if (status.exit_code === 0) return 'CONTAINER_EXITED.Completed';
  if (status.exit_code === UNSEEN && status.reason !== 'Error') return 'CONTAINER_EXITED.Unknown';
  return 'CONTAINER_EXITED.Error';
}

/** RuntimeReady and NetworkReady as a state of the runtime; without RuntimeReady it is no use. */
export function runtimeState(
  conditions: readonly { readonly type: string; readonly status: boolean }[],
): 'ready' | 'network_not_ready' | 'failed' {
  const isTrue = (type: string) => conditions.some((each) => each.type === type && each.status);
  if (!isTrue('RuntimeReady')) return 'failed';
  return isTrue('NetworkReady') ? 'ready' : 'network_not_ready';
}

/** The machine's own event for a change that nobody asked for, by kind and the state now. */
const EVENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sandbox: {
    SANDBOX_READY: 'sandbox_ready',
    SANDBOX_NOTREADY: 'pause_exited',
    absent: 'gone',
  },
  container: {
    CONTAINER_CREATED: 'container_created',
    CONTAINER_RUNNING: 'container_running',
    'CONTAINER_EXITED.Completed': 'exited',
    'CONTAINER_EXITED.Error': 'exited_error',
    'CONTAINER_EXITED.OOMKilled': 'oom_killed',
    'CONTAINER_EXITED.Unknown': 'exited_unknown',
    absent: 'gone',
  },
  'container-image': { present: 'imported', absent: 'gone' },
  'container-runtime': {
    ready: 'network_ready',
    network_not_ready: 'network_not_ready',
    down: 'kill',
  },
};

export function eventOf(kind: string, state: string): string | undefined {
  return EVENTS[kind]?.[state];
}
