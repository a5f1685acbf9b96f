/**
 * Verbs that the cluster carries out by itself (its scheduler, its kubelets, its controllers): the
 * machines request them, and the driver waits until they are seen to have ended.
 */
import { type Act, type ActContext, applyIfGiven, until, type Verdict } from './act.ts';
import type { Kind } from './kinds.ts';
import { type AnyObject, condition } from './objects.ts';
import { observationOf } from './observation.ts';

interface WaitSpec {
  /** Regions of a state (`Running.Started`, `Ready`) or beginnings of them (`Running.`). */
  readonly until: readonly string[];
  /** States that end it badly. */
  readonly fails?: readonly string[];
  /** It is over when the object is gone. */
  readonly orGone?: true;
}

const AFTER_CREATING = ['Running.', 'Succeeded', 'Failed.', 'Terminating'];
const NOT_CREATED = [
  'Pending.ErrImagePull',
  'Pending.ImagePullBackOff',
  'Pending.CreateContainerError',
];

export const WAITS: { readonly [K in Kind]?: Readonly<Record<string, WaitSpec>> } = {
  node: {
    register: { until: ['Ready'], fails: ['NotReady'] },
    monitor: { until: ['Unknown.'] },
    tolerate: { until: ['Unknown.evicted'] },
  },
  pod: {
    schedule: {
      until: ['Pending.ContainerCreating', ...NOT_CREATED, ...AFTER_CREATING],
      fails: ['Pending.Unschedulable'],
    },
    start: { until: ['Running.Started', 'Succeeded'], fails: [...NOT_CREATED, 'Failed.'] },
    restart: { until: ['Running.Started'], fails: ['Running.CrashLoopBackOff'] },
    back_off: { until: ['Running.Started'] },
    image_back_off: { until: ['Pending.ContainerCreating', 'Pending.ErrImagePull', 'Running.'] },
    terminate: { until: [], orGone: true },
  },
  'daemon-set': { reconcile: { until: ['ready'] } },
  job: { run: { until: ['Complete'], fails: ['Failed'] } },
  pvc: { provision: { until: ['Bound.'], fails: ['Lost'] } },
  hpa: {
    scale_up: { until: ['steady', 'limited', 'stabilizing'], fails: ['inactive'] },
    scale_down: { until: ['steady', 'limited', 'stabilizing'], fails: ['inactive'] },
  },
};

/** Applies `params.manifest`, if there is one, and waits for the state. */
export function waitFor(spec: WaitSpec): Act {
  return async (context) => {
    await applyIfGiven(context);
    await until(context, (object) => judge(context, spec, object));
  };
}

function judge(context: ActContext, spec: WaitSpec, object: AnyObject | undefined): Verdict {
  if (!object) return spec.orGone ? 'done' : { failed: 'it is gone' };
  const { kind, store } = context;
  const { state } = observationOf(kind, object, {
    related: store,
    before: (...which) => store.before(...which),
    drainOf: (node) => store.drainOf(node),
  });
  const isIn = (states: readonly string[] = []) =>
    state.split('+').some((region) => states.some((each) => isWithin(region, each)));
  if (isIn(spec.until)) return 'done';
  return isIn(spec.fails) ? { failed: `it is ${state}${why(object)}` } : 'wait';
}

function isWithin(region: string, wanted: string): boolean {
  return wanted.endsWith('.') ? region.startsWith(wanted) : region === wanted;
}

interface Status {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
  }[];
  readonly containerStatuses?: readonly {
    readonly state?: { readonly waiting?: { readonly message?: string } };
  }[];
}

/** The cluster's own words for what is in the way. */
function why(object: AnyObject): string {
  const { conditions, containerStatuses } = (object as { status?: Status }).status ?? {};
  const waiting = containerStatuses?.find(({ state }) => state?.waiting?.message);
  const told =
    waiting?.state?.waiting?.message ??
    condition(conditions, 'PodScheduled')?.message ??
    condition(conditions, 'Failed')?.message;
  return told ? `: ${told}` : '';
}
