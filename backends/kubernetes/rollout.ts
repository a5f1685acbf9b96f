/** Rolling out, pausing and going back, as kubectl's `rollout` does. */
import {
  type Act,
  type ActContext,
  acting,
  apply,
  lookAt,
  patch,
  until,
  type Verdict,
} from './act.ts';
import { kubernetesFault } from './faults.ts';
import { CONTROLLER_REVISIONS, type Kind, RESOURCES } from './kinds.ts';
import {
  type AnyObject,
  type ControllerRevision,
  condition,
  controllerOf,
  type Deployment,
  type ReplicaSet,
  type StatefulSet,
} from './objects.ts';
import type { Params } from './params.ts';
import { quantity } from './quantity.ts';
import { daemonSetState, isComplete, isObserved, statefulSetState } from './states/workload.ts';

const RESTARTED = 'kubectl.kubernetes.io/restartedAt';
const REVISION = 'deployment.kubernetes.io/revision';
/** The controller's own label, which a template must not carry. */
const TEMPLATE_HASH = 'pod-template-hash';

/** Whether a workload has become what was asked for; by kind. */
const JUDGES: { readonly [K in Kind]?: (object: never) => Verdict } = {
  deployment: (deployment: Deployment) => {
    if (!isObserved(deployment)) return 'wait';
    const progressing = condition(deployment.status?.conditions, 'Progressing');
    if (progressing?.reason === 'ProgressDeadlineExceeded') {
      return { failed: progressing.message ?? progressing.reason };
    }
    return isComplete(deployment) ? 'done' : 'wait';
  },
  'replica-set': (set: ReplicaSet) => {
    const wanted = set.spec?.replicas ?? 1;
    const { readyReplicas = 0, replicas = 0 } = set.status ?? {};
    return isObserved(set) && readyReplicas === wanted && replicas === wanted ? 'done' : 'wait';
  },
  'stateful-set': (set: StatefulSet) => readyOr(statefulSetState(set, undefined)),
  'daemon-set': (set: Parameters<typeof daemonSetState>[0]) =>
    readyOr(daemonSetState(set, undefined)),
};

function readyOr(state: string): Verdict {
  if (state === 'deleting') return { failed: 'it is being deleted' };
  return state === 'ready' ? 'done' : 'wait';
}

/** Waits until every replica is as the object says. */
export function untilRolledOut(context: ActContext): Promise<void> {
  const judge = JUDGES[context.kind] as ((object: AnyObject) => Verdict) | undefined;
  return until(context, (object) => {
    if (!object) return { failed: 'it is gone' };
    return judge?.(object) ?? 'done';
  });
}

/** Applies a manifest if there is one, then sets the number of replicas if one is given. */
export const scale: Act<Params<'deployment', 'scale'>> = async (context) => {
  const { replicas } = context.params;
  await apply(context);
  if (replicas !== undefined) {
    await patch(context, 'merge', { spec: { replicas } }, { subresource: 'scale' });
  }
  await untilRolledOut(context);
};

/** Applies a manifest, or sets images by container; with neither it waits for what goes on. */
export const rollOut: Act<Params<'deployment', 'roll_out'>> = async (context) => {
  const { images } = context.params;
  await apply(context);
  if (images) {
    const containers = Object.entries(images).map(([name, image]) => ({ name, image }));
    await patch(context, 'strategic', { spec: { template: { spec: { containers } } } });
  }
  await untilRolledOut(context);
};

/** Replaces every pod by a new one of the same template. */
export const restart: Act = async (context) => {
  const annotations = { [RESTARTED]: new Date().toISOString() };
  await patch(context, 'strategic', { spec: { template: { metadata: { annotations } } } });
  await untilRolledOut(context);
};

export const pause: Act = async (context) => {
  await patch(context, 'merge', { spec: { paused: true } });
  await untilObserved(context);
};

export const resume: Act = async (context) => {
  await patch(context, 'merge', { spec: { paused: null } });
  await untilRolledOut(context);
};

function untilObserved(context: ActContext): Promise<void> {
  return until<Deployment>(context, (object) => {
    if (!object) return { failed: 'it is gone' };
    return isObserved(object) ? 'done' : 'wait';
  });
}

/** Goes back to a revision, by default the one before. */
export const undoDeployment: Act<Params<'deployment', 'undo'>> = async (context) => {
  const { to_revision } = context.params;
  const deployment = await lookAt<Deployment>(context);
  if (deployment.spec?.paused) {
    throw kubernetesFault('KUBERNETES_WRONG_STATE', `deployment ${context.entity} is paused`);
  }
  const { items } = await context.api.list<ReplicaSet>(RESOURCES['replica-set'], owned(context));
  const sets = items.filter((set) => controllerOf(set)?.uid === deployment.metadata?.uid);
  const now = deployment.metadata?.annotations?.[REVISION];
  const chosen = revisionOf(sets, context, to_revision, now);
  const { metadata, spec } = chosen.spec?.template ?? {};
  const { [TEMPLATE_HASH]: _, ...labels } = metadata?.labels ?? {};
  const template = { metadata: { ...metadata, labels }, spec };
  await patch(context, 'json', [{ op: 'replace', path: '/spec/template', value: template }]);
  await untilRolledOut(context);
};

function revisionOf(
  sets: readonly ReplicaSet[],
  context: ActContext,
  wanted: number | undefined,
  now: string | undefined,
): ReplicaSet {
  const numbered = sets
    .map((set) => ({ set, revision: Number(set.metadata?.annotations?.[REVISION] ?? 0) }))
    .filter(({ revision }) =>
      wanted === undefined ? String(revision) !== now : revision === wanted,
    )
    .sort((a, b) => b.revision - a.revision);
  if (numbered.length > 0) return numbered[0].set;
  throw kubernetesFault('KUBERNETES_NO_REVISION', `${context.kind} ${context.entity}`);
}

/** Stateful and daemon sets keep their history as patches in controller revisions. */
export const undoRevisions: Act<Params<'stateful-set', 'undo'>> = async (context) => {
  const { to_revision } = context.params;
  const set = await lookAt<StatefulSet>(context);
  const plan = owned(context);
  const { items } = await context.api.list<ControllerRevision>(CONTROLLER_REVISIONS, plan);
  const own = items
    .filter((each) => controllerOf(each)?.uid === set.metadata?.uid)
    .sort((a, b) => b.revision - a.revision);
  const chosen = to_revision === undefined ? own[1] : own.find((r) => r.revision === to_revision);
  if (!chosen) throw kubernetesFault('KUBERNETES_NO_REVISION', `${context.kind} ${context.entity}`);
  await patch(context, 'strategic', chosen.data);
  await untilRolledOut(context);
};

function owned(context: ActContext) {
  return { namespace: context.name.namespace, signal: acting(context).signal };
}

/** A job is held or goes on. */
export function suspend(suspended: boolean): Act {
  return async (context) => {
    await patch(context, 'merge', { spec: { suspend: suspended } });
  };
}

/** Asks for a larger volume, and waits until it is there. */
export const expand: Act<Params<'pvc', 'expand'>> = async (context) => {
  const { size_bytes } = context.params;
  const requests = { storage: String(size_bytes) };
  await patch(context, 'merge', { spec: { resources: { requests } } });
  await until<AnyObject & { status?: { capacity?: Record<string, string> } }>(context, (claim) => {
    if (!claim) return { failed: 'it is gone' };
    const now = quantity(claim.status?.capacity?.['storage']) ?? 0;
    return now >= size_bytes ? 'done' : 'wait';
  });
};
