/**
 * Verbs that the cluster carries out by itself (its scheduler, its kubelets, its controllers): the
 * machines request them, and the driver waits until they are seen to have ended.
 */
import { type Act, type ActContext, apply, until, type Verdict } from './act.ts';
import { type AnyObject, condition } from './objects.ts';
import { observationOf } from './observation.ts';
import type { Applied } from './params.ts';

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

/** Applies `params.manifest`, if there is one, and waits for the state. */
function waitFor(spec: WaitSpec): Act<Applied> {
  return async (context) => {
    await apply(context);
    await until(context, (object) => judge(context, spec, object));
  };
}

function waits<Verb extends string>(
  specs: Readonly<Record<Verb, WaitSpec>>,
): Readonly<Record<Verb, Act<Applied>>> {
  const acts = Object.entries<WaitSpec>(specs).map(([verb, spec]) => [verb, waitFor(spec)]);
  return Object.fromEntries(acts);
}

export const WAITS = {
  node: waits({
    register: { until: ['Ready'], fails: ['NotReady'] },
    monitor: { until: ['Unknown.'] },
    tolerate: { until: ['Unknown.evicted'] },
  }),
  pod: waits({
    schedule: {
      until: ['Pending.ContainerCreating', ...NOT_CREATED, ...AFTER_CREATING],
      fails: ['Pending.Unschedulable'],
    },
    start: { until: ['Running.Started', 'Succeeded'], fails: [...NOT_CREATED, 'Failed.'] },
    restart: { until: ['Running.Started'], fails: ['Running.CrashLoopBackOff'] },
    back_off: { until: ['Running.Started'] },
    image_back_off: { until: ['Pending.ContainerCreating', 'Pending.ErrImagePull', 'Running.'] },
    terminate: { until: [], orGone: true },
  }),
  'daemon-set': waits({ reconcile: { until: ['ready'] } }),
  job: waits({ run: { until: ['Complete'], fails: ['Failed'] } }),
  pvc: waits({ provision: { until: ['Bound.'], fails: ['Lost'] } }),
  hpa: waits({
    scale_up: { until: ['steady', 'limited', 'stabilizing'], fails: ['inactive'] },
    scale_down: { until: ['steady', 'limited', 'stabilizing'], fails: ['inactive'] },
  }),
};

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
