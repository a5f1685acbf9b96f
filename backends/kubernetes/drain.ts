/** Taking pods off a node, as `kubectl drain` does. */
import { BusyError } from '../fault.ts';
import { pause_s } from '../poller.ts';
import { type Act, type ActContext, acting, look, lookAt, patch } from './act.ts';
import { isNotFound } from './api.ts';
import { kubernetesFault } from './faults.ts';
import { entityOf, RESOURCES } from './kinds.ts';
import { controllerOf, type Node, type Pod } from './objects.ts';
import type { Params } from './params.ts';
import { isEvictable } from './states/node.ts';

/** How long a refused eviction waits (kubectl: 5 s), and how often it is looked whether a pod is gone. */
const REFUSED_S = 5;
const LOOK_EVERY_S = 0.2;

export function cordon(unschedulable: boolean): Act {
  return async (context) => {
    await patch(context, 'merge', { spec: { unschedulable: unschedulable || null } });
  };
}

export const drain: Act<DrainOptions> = async (context) => {
  const { entity, params, store } = context;
  await lookAt<Node>(context);
  const pods = await podsToEvict(context);
  await cordon(true)(context);
  store.setDrain(entity, 'draining');
  let isDrained = false;
  try {
    const grace = graceOf(params);
    await Promise.all(pods.map((pod) => evictUntilGone(context, pod, grace)));
    isDrained = !context.attempt.signal.aborted;
  } finally {
    store.setDrain(entity, isDrained ? 'drained' : undefined);
  }
  await look(context);
};

type DrainOptions = Params<'node', 'drain'>;

/** Refuses before anything was done when pods would be lost that nobody makes anew. */
async function podsToEvict(context: ActContext<DrainOptions>): Promise<readonly Pod[]> {
  const { api, attempt, entity, params } = context;
  const fieldSelector = `spec.nodeName=${entity}`;
  const { items } = await api.list<Pod>(RESOURCES.pod, { fieldSelector, signal: attempt.signal });
  const pods = items.filter(isEvictable);
  const refuse = (which: readonly Pod[], why: string) => {
    if (which.length === 0) return;
    const names = which.map(entityOf).join(', ');
    throw kubernetesFault('KUBERNETES_DRAIN_REFUSED', `node ${entity}: ${names}: ${why}`);
  };
  const running = pods.filter(({ status }) => !FINISHED.has(status?.phase ?? ''));
  if (!params.force)
    refuse(
      running.filter((pod) => !controllerOf(pod)),
      'no controller makes them anew',
    );
  if (!params.delete_emptydir_data)
    refuse(running.filter(hasEmptyDir), 'they keep data in an emptyDir');
  return pods;
}

const FINISHED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

function hasEmptyDir({ spec }: Pod): boolean {
  return (spec?.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined);
}

/** Asks for the eviction until the disruption budgets allow it, and waits until the pod is gone. */
async function evictUntilGone(
  context: ActContext,
  pod: Pod,
  deleteOptions: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { api, attempt } = context;
  const { name = '', namespace, uid } = pod.metadata ?? {};
  for (let isAsked = false; !attempt.signal.aborted; ) {
    try {
      if (!isAsked) await api.evict({ name, namespace }, deleteOptions, acting(context));
      isAsked = true;
      const now = await api.find<Pod>(
        RESOURCES.pod,
        { name, namespace },
        { signal: attempt.signal },
      );
      if (now?.metadata?.uid !== uid) return;
      await pause_s(LOOK_EVERY_S, attempt.signal);
    } catch (thrown) {
      if (isNotFound(thrown)) return;
      if (!(thrown instanceof BusyError)) throw thrown;
      await pause_s(Math.max(REFUSED_S, thrown.retry_after_s), attempt.signal);
    }
  }
}

export type Grace = Params<'pod', 'evict'>;

/** A grace period as the API server is told of it. */
export function graceOf({ grace_s }: Grace): Readonly<Record<string, unknown>> {
  return grace_s === undefined ? {} : { gracePeriodSeconds: grace_s };
}

/** Evicts one pod; busy while a disruption budget forbids it. */
export const evict: Act<Grace> = async (context) => {
  const pod = await lookAt<Pod>(context);
  await context.api.evict(context.name, graceOf(context.params), acting(context));
  await goneOrReplaced(context, pod.metadata?.uid);
};

/** Waits until the object of a uid is gone; another one may bear its name by then. */
export async function goneOrReplaced(context: ActContext, uid: string | undefined): Promise<void> {
  const { attempt } = context;
  while (!attempt.signal.aborted) {
    const now = await look(context);
    if (now?.metadata?.uid !== uid) return;
    await pause_s(LOOK_EVERY_S, attempt.signal);
  }
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export const taint: Act<Params<'node', 'taint'>> = async (context) => {
  const wanted = context.params;
  const { key, effect } = wanted;
  await changeTaints(context, (taints) => [
    ...taints.filter((each) => each.key !== key || each.effect !== effect),
    wanted,
  ]);
};

/** Takes the taints of a key away; only one of them when an effect is given. */
export const untaint: Act<Params<'node', 'untaint'>> = async (context) => {
  const { effect, key } = context.params;
  await changeTaints(context, (taints) =>
    taints.filter((each) => each.key !== key || (effect !== undefined && each.effect !== effect)),
  );
};

/** The version makes the API server refuse it when somebody else changed the node meanwhile. */
async function changeTaints(
  context: ActContext,
  change: (taints: readonly Taint[]) => readonly Taint[],
): Promise<void> {
  const node = await lookAt<Node>(context);
  const taints = change(node.spec?.taints ?? []);
  const { resourceVersion } = node.metadata ?? {};
  await patch(context, 'merge', { metadata: { resourceVersion }, spec: { taints } });
}
