import { type ActOrder, each } from '../act-order.ts';
import { type Act, type ActContext, acting, apply, look, resourceOf } from './act.ts';
import {
  cordon,
  drain,
  evict,
  type Grace,
  goneOrReplaced,
  graceOf,
  taint,
  untaint,
} from './drain.ts';
import type { Kind } from './kinds.ts';
import type { Params } from './params.ts';
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
import { WAITS } from './waits.ts';

/** Deletes the object and waits until it is gone, with what it owns where it owns something. */
async function deleteObject(
  context: ActContext,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const before = await look(context);
  if (!before) return;
  const uid = before.metadata?.uid;
  const body = { ...options, preconditions: { uid } };
  await context.api.delete(resourceOf(context), context.name, body, acting(context));
  await goneOrReplaced(context, uid);
}

function remove(options: Readonly<Record<string, unknown>> = {}): Act<Grace> {
  return (context) => deleteObject(context, { ...graceOf(context.params), ...options });
}

const forceDelete: Act = (context) => deleteObject(context, { gracePeriodSeconds: 0 });

/** The garbage collector takes what is owned first, and the object waits for it. */
const FOREGROUND = { propagationPolicy: 'Foreground' };

const ROLLING = {
  apply,
  scale,
  roll_out: rollOut,
  restart,
  delete: remove(FOREGROUND),
};

/** Every verb by kind: those that machines request, and what operators do besides. */
const ACTS = {
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
    force_delete: forceDelete,
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
} as const;

/** Every act takes what the table says that its verb is given. */
type Checked<Acts> = {
  readonly [K in keyof Acts]: { readonly [V in keyof Acts[K]]: Act<Params<K, V>> };
};
type Acts = Readonly<Record<string, Act<never>>>;
const OWN: Readonly<Record<Kind, Acts>> = ACTS satisfies Checked<typeof ACTS>;
const WAITING: { readonly [K in Kind]?: Acts } = WAITS satisfies Checked<typeof WAITS>;

export function verbsOf(kind: Kind): readonly string[] {
  return [...Object.keys(OWN[kind]), ...Object.keys(WAITING[kind] ?? {})];
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
  const verbs = Object.keys(OWN[kind]);
  const declare = verbs.filter((verb) => DECLARE.has(verb));
  const byForce = { evict: ['evict'], delete: ['evict'], force_delete: ['evict', 'delete'] };
  return {
    interrupts: { ...each(verbs, declare), ...(kind === 'pod' ? byForce : {}) },
    waits: Object.keys(WAITING[kind] ?? {}),
  };
}

/** What carries a verb out; undefined when there is no such verb. */
export function actOf(kind: Kind, verb: string): Act<never> | undefined {
  return OWN[kind][verb] ?? WAITING[kind]?.[verb];
}
