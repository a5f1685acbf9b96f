import { type ActOrder, each } from '../act-order.ts';
import { type Act, acting, applyManifest, look, resourceOf } from './act.ts';
import { cordon, drain, evict, goneOrReplaced, taint, untaint } from './drain.ts';
import type { Kind } from './kinds.ts';
import { parse } from './params.ts';
import {
  expand,
  pause,
  restart,
  resume,
  rollOut,
  scale,
  suspend,
  undoDeployment,
  undoRevisions,
} from './rollout.ts';
import { WAITS, waitFor } from './waits.ts';

/** Server-side apply of `params.manifest`; `force` takes fields over from other managers. */
const apply: Act = async (context) => {
  const { force, manifest } = parse('apply', context.params, context.entity);
  await applyManifest(context, manifest, force);
};

/** Deletes the object and waits until it is gone, with what it owns where it owns something. */
function remove(options: Readonly<Record<string, unknown>> = {}): Act {
  return async (context) => {
    const { grace_s } = parse('delete', context.params, context.entity);
    const before = await look(context);
    if (!before) return;
    const grace = grace_s === undefined ? {} : { gracePeriodSeconds: grace_s };
    const uid = before.metadata?.uid;
    const body = { ...grace, ...options, preconditions: { uid } };
    await context.api.delete(resourceOf(context), context.name, body, acting(context));
    await goneOrReplaced(context, uid);
  };
}

/** The garbage collector takes what is owned first, and the object waits for it. */
const FOREGROUND = { propagationPolicy: 'Foreground' };

const ROLLING: Readonly<Record<string, Act>> = {
  apply,
  scale,
  roll_out: rollOut,
  restart,
  delete: remove(FOREGROUND),
};

/** Every verb by kind: those that machines request, and what operators do besides. */
const ACTS: Readonly<Record<Kind, Readonly<Record<string, Act>>>> = {
  node: {
    apply,
    cordon: cordon(true),
    uncordon: cordon(false),
    drain,
    taint,
    untaint,
    delete: remove(),
  },
  pod: {
    apply,
    evict,
    delete: remove(),
    force_delete: remove({ gracePeriodSeconds: 0 }),
  },
  deployment: { ...ROLLING, pause, resume, undo: undoDeployment },
  'replica-set': { apply, scale, delete: remove(FOREGROUND) },
  'stateful-set': { ...ROLLING, reconcile: scale, undo: undoRevisions },
  'daemon-set': {
    apply,
    roll_out: rollOut,
    restart,
    undo: undoRevisions,
    delete: remove(FOREGROUND),
  },
  job: {
    apply,
    suspend: suspend(true),
    resume: suspend(false),
    delete: remove(FOREGROUND),
  },
  service: { apply, delete: remove() },
  pvc: { apply, expand, delete: remove() },
  hpa: { apply, delete: remove() },
  pdb: { apply, delete: remove() },
};

export function verbsOf(kind: Kind): readonly string[] {
  return [...Object.keys(ACTS[kind]), ...Object.keys(WAITS[kind] ?? {})];
}

/**
 * Verbs that declare what is wanted and then wait for controllers: the next declaration counts,
 * whether the one before was reached or not.
 */
const DECLARE: ReadonlySet<string> = new Set([
  ...['apply', 'scale', 'roll_out', 'restart', 'undo', 'pause', 'resume', 'reconcile'],
  ...['suspend', 'expand', 'drain'],
]);

/** What is being deleted is waited for; only by force it goes sooner. */
export function orderOf(kind: Kind): ActOrder {
  const verbs = Object.keys(ACTS[kind]);
  const declare = verbs.filter((verb) => DECLARE.has(verb));
  const byForce = { evict: ['evict'], delete: ['evict'], force_delete: ['evict', 'delete'] };
  return {
    interrupts: { ...each(verbs, declare), ...(kind === 'pod' ? byForce : {}) },
    waits: Object.keys(WAITS[kind] ?? {}),
  };
}

/** What carries a verb out; undefined when there is no such verb. */
export function actOf(kind: Kind, verb: string): Act | undefined {
  const wait = WAITS[kind]?.[verb];
  return ACTS[kind][verb] ?? (wait && waitFor(wait));
}
