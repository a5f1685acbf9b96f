import type { Observation } from '../../engine/contract.ts';
import { attributesOf } from './attributes.ts';
import { entityOf, type Kind } from './kinds.ts';
import { type AnyObject, condition } from './objects.ts';
import { type Drain, nodeState } from './states/node.ts';
import { podState } from './states/pod.ts';
import { autoscalerState, budgetState, claimState, serviceState } from './states/policy.ts';
import type { Related } from './states/related.ts';
import {
  daemonSetState,
  deploymentState,
  jobState,
  replicaSetState,
  statefulSetState,
} from './states/workload.ts';

/** What a state is made from besides the object itself. */
export interface Context {
  readonly related: Related;
  /** What was known of it before: some states say that something broke. */
  before(kind: Kind, entity: string): Observation | undefined;
  drainOf(node: string): Drain;
}

type StateOf = (object: never, context: Context, before: Observation | undefined) => string;

const STATES: Readonly<Record<Kind, StateOf>> = {
  node: (node: Parameters<typeof nodeState>[0], { drainOf, related }) =>
    nodeState(node, related, drainOf(node.metadata?.name ?? '')),
  pod: (pod: Parameters<typeof podState>[0], { related }) => podState(pod, related),
  deployment: deploymentState,
  'replica-set': (set: Parameters<typeof replicaSetState>[0], _, before) =>
    replicaSetState(set, before),
  'stateful-set': (set: Parameters<typeof statefulSetState>[0], _, before) =>
    statefulSetState(set, before),
  'daemon-set': (set: Parameters<typeof daemonSetState>[0], _, before) =>
    daemonSetState(set, before),
  job: jobState,
  service: (service: Parameters<typeof serviceState>[0], { related }) =>
    serviceState(service, related),
  pvc: claimState,
  hpa: autoscalerState,
  pdb: budgetState,
};

export function observationOf(kind: Kind, object: AnyObject, context: Context): Observation {
  const entity = entityOf(object);
  const stateOf = STATES[kind] as (
    object: AnyObject,
    context: Context,
    before: Observation | undefined,
  ) => string;
  const state = stateOf(object, context, context.before(kind, entity));
  return {
    kind,
    entity,
    state,
    reason: reasonOf(object) ?? state,
    attributes: attributesOf(kind, object),
  };
}

export function absent(kind: Kind, entity: string): Observation {
  return { kind, entity, state: 'absent', reason: 'NotFound' };
}

interface Status {
  readonly phase?: string;
  readonly reason?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
  }[];
}

/** Conditions whose reason says most, by the first that is there. */
const TELLING = [
  'Ready',
  'Progressing',
  'ScalingActive',
  'DisruptionAllowed',
  'Failed',
  'Complete',
];

/** The API's own words: phase, reason, or the reason of a condition. */
function reasonOf(object: AnyObject): string | undefined {
  const { conditions, phase, reason } = (object as { status?: Status }).status ?? {};
  if (phase !== undefined) return reason ? `${phase}/${reason}` : phase;
  for (const type of TELLING) {
    const found = condition(conditions, type);
    if (found) return `${type}=${found.status}${found.reason ? `/${found.reason}` : ''}`;
  }
  return undefined;
}
