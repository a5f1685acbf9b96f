import type { Observation } from '../../engine/contract.ts';
import { type ActOrders, each } from '../act-order.ts';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { redacted } from '../secret.ts';
import type { CallPlan, CriClient } from './client.ts';
import { criFault } from './faults.ts';
import { CONTAINER, IMAGE, type Inventory, SANDBOX } from './inventory.ts';
import { parseContainer } from './names.ts';
import type { Params } from './params.ts';
import type { ContainerMessage, SandboxMessage } from './protocol.ts';
import { registryAuth } from './registry-auth.ts';
import { containerRequest, resourcesOf, sandboxRequest } from './requests.ts';

export interface VerbContext<P = unknown> {
  readonly client: Pick<CriClient, 'call'>;
  readonly inventory: Inventory;
  readonly entity: string;
  readonly params: P;
  readonly attempt: Attempt;
  readonly deadline_s: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Carries a verb out; may return what else it has learned, as attributes. */
type Act<P = unknown> = (context: VerbContext<P>) => Promise<Observation['attributes'] | undefined>;

/** The verbs of a kind; each takes what the table says. */
type Acts<K, Verbs extends string> = { readonly [V in Verbs]: Act<Params<K, V>> };

/** How much of a command's output an observation carries. */
const OUTPUT_CHARACTERS_MAX = 4_000;

const SANDBOX_VERBS: Acts<typeof SANDBOX, 'run' | 'stop' | 'remove'> = {
  run: async (context) => {
    const { client, entity, inventory, params } = context;
    const request = sandboxRequest(entity, params);
    const [newest] = await inventory.sandboxes(entity, context.attempt.signal);
    if (newest?.state === 'SANDBOX_READY') return;
    await client.call('RunPodSandbox', request, acting(context));
  },
  stop: async (context) => {
    const { id } = await theSandbox(context);
    await context.client.call('StopPodSandbox', { pod_sandbox_id: id }, acting(context));
  },
  remove: async (context) => {
    for (const { id } of await context.inventory.sandboxes(context.entity, signalOf(context))) {
      await context.client.call('RemovePodSandbox', { pod_sandbox_id: id }, acting(context));
    }
  },
};

type ContainerVerb = 'create' | 'start' | 'stop' | 'remove' | 'update' | 'exec';
const CONTAINER_VERBS: Acts<typeof CONTAINER, ContainerVerb> = {
  create: async (context) => {
    const { client, entity, inventory, params } = context;
    const { sandbox } = parseContainer(entity);
    const [newest] = await inventory.sandboxes(sandbox, signalOf(context));
    if (!newest) throw criFault('CRI_NOT_FOUND', `sandbox ${sandbox} of container ${entity}`);
    const request = containerRequest(entity, newest, params);
    await imageThere(context, request.config?.image?.image ?? '');
    const [there] = await inventory.containers(entity, signalOf(context));
    if (there?.state === 'CONTAINER_CREATED') return;
    await client.call('CreateContainer', request, acting(context));
  },
  start: async (context) => {
    const { id, state } = await theContainer(context);
    if (state === 'CONTAINER_RUNNING') return;
    await context.client.call('StartContainer', { container_id: id }, acting(context));
  },
  stop: async (context) => {
    const { grace_s } = context.params;
    const { id } = await theContainer(context);
    const request = { container_id: id, timeout: String(grace_s) };
    await context.client.call('StopContainer', request, acting(context));
  },
  remove: async (context) => {
    for (const { id } of await context.inventory.containers(context.entity, signalOf(context))) {
      await context.client.call('RemoveContainer', { container_id: id }, acting(context));
    }
  },
  update: async (context) => {
    const { id } = await theContainer(context);
    const request = { container_id: id, linux: resourcesOf(context.params) };
    await context.client.call('UpdateContainerResources', request, acting(context));
  },
  exec: async (context) => {
    const { cmd, timeout_s, exit_code: expected } = context.params;
    const { id } = await theContainer(context);
    const request = { container_id: id, cmd, timeout: String(timeout_s) };
    const { exit_code, stdout, stderr } = await exec(context, request);
    if (expected !== undefined && exit_code !== expected) {
      // Without what it wrote: a fault is logged and recorded, and a command may print secrets.
      const what = `${context.entity}: exit code ${exit_code}, not ${expected}`;
      throw criFault('CRI_EXIT_CODE', what, { upstream: `exit code ${exit_code}` });
    }
    return { exit_code, stdout: outputText(stdout), stderr: outputText(stderr) };
  },
};

const IMAGE_VERBS: Acts<typeof IMAGE, 'pull' | 'remove'> = {
  pull: async (context) => {
    const { client, entity, env } = context;
    const credentials = await registryAuth(entity, env);
    const auth = credentials && {
      username: credentials.username,
      password: credentials.password.reveal(),
    };
    try {
      await client.call('PullImage', { image: { image: entity }, auth }, acting(context));
    } catch (thrown) {
      if (!(thrown instanceof FaultError) || !credentials) throw thrown;
      const message = redacted(thrown.fault.message, [credentials.password]);
      throw new FaultError({ ...thrown.fault, message });
    }
  },
  remove: async (context) => {
    const image = { image: context.entity };
    await context.client.call('RemoveImage', { image }, acting(context));
  },
};

/** Every verb, by kind and by the names that the machines request them by. */
export const VERBS: Readonly<Record<string, Readonly<Record<string, Act<never>>>>> = {
  [SANDBOX]: SANDBOX_VERBS,
  [CONTAINER]: CONTAINER_VERBS,
  [IMAGE]: IMAGE_VERBS,
};

/** Plan of a call that changes something: once it is sent, it may have. */
function acting({ attempt, deadline_s, entity }: VerbContext): CallPlan {
  return {
    what: entity,
    // The action's own deadline ends it first.
    timeout_s: deadline_s + 1,
    signal: attempt.signal,
    sent: () => attempt.effect('unknown'),
  };
}

function signalOf({ attempt }: VerbContext): AbortSignal {
  return attempt.signal;
}

async function theSandbox(context: VerbContext): Promise<SandboxMessage> {
  const [newest] = await context.inventory.sandboxes(context.entity, signalOf(context));
  if (newest) return newest;
  throw criFault('CRI_NOT_FOUND', `sandbox ${context.entity}`);
}

async function theContainer(context: VerbContext): Promise<ContainerMessage> {
  const [newest] = await context.inventory.containers(context.entity, signalOf(context));
  if (newest) return newest;
  throw criFault('CRI_NOT_FOUND', `container ${context.entity}`);
}

/** CRI calls a missing image "not found", as it does with a missing sandbox. */
async function imageThere(context: VerbContext, image: string): Promise<void> {
  const { state } = await context.inventory.observe(IMAGE, image, signalOf(context));
  if (state === 'absent') throw criFault('CRI_IMAGE_UNKNOWN', `${image} of ${context.entity}`);
}

/** A command that ran too long was killed; any other failure is what it says. */
async function exec(
  context: VerbContext,
  request: { container_id: string; cmd: readonly string[]; timeout: string },
) {
  try {
    return await context.client.call('ExecSync', request, acting(context));
  } catch (thrown) {
    if (thrown instanceof FaultError && thrown.fault.code === 'CRI_NO_ANSWER') {
      throw criFault('CRI_EXEC_TIMEOUT', context.entity, { upstream: thrown.fault.upstream });
    }
    throw thrown;
  }
}

function outputText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').slice(0, OUTPUT_CHARACTERS_MAX);
}

/** A command or a patient stop that takes long need not have ended. */
export const ORDERS: ActOrders = {
  [SANDBOX]: { interrupts: { remove: ['stop'] } },
  [CONTAINER]: { interrupts: { ...each(['stop', 'remove'], ['exec', 'stop']), exec: ['exec'] } },
};
