/** Every verb by kind: those that machines request, and what operators do besides. */
import { type ActOrder, type ActOrders, each } from '../act-order.ts';
import type { Act } from './act.ts';
import { ACTION_ACTS } from './action-acts.ts';
import {
  configureApplication,
  constrainApplication,
  deploy,
  expose,
  removeApplication,
  scale,
  unexpose,
  upgradeApplication,
} from './application-acts.ts';
import { MACHINE_ACTS } from './machine-acts.ts';
import { MODEL_ACTS } from './model-acts.ts';
import type { Params } from './params.ts';
import { RELATION_ACTS } from './relation-acts.ts';
import { UNIT_ACTS, UNIT_WAITS } from './unit-acts.ts';
import { UPGRADE_ACTS } from './upgrade-acts.ts';

const ACTS = {
  model: MODEL_ACTS,
  application: {
    deploy,
    scale,
    upgrade: upgradeApplication,
    configure: configureApplication,
    set_constraints: constrainApplication,
    expose,
    unexpose,
    remove: removeApplication,
  },
  unit: UNIT_ACTS,
  relation: RELATION_ACTS,
  'juju-machine': MACHINE_ACTS,
  action: ACTION_ACTS,
  upgrade: UPGRADE_ACTS,
} as const;

/** Every act takes what the table says that its verb is given. */
type Checked<Acts> = {
  readonly [K in keyof Acts]: { readonly [V in keyof Acts[K]]: Act<Params<K, V>> };
};
const CHECKED: Readonly<Record<Kind, Readonly<Record<string, Act<never>>>>> =
  ACTS satisfies Checked<typeof ACTS>;

const REMOVALS = ['stop', 'remove', 'force_remove'];

/** Juju takes what is wanted and its agents follow: what is removed need not have come up. */
const ORDERS: ActOrders = {
  model: { interrupts: { destroy: 'all' } },
  application: {
    interrupts: {
      ...each(Object.keys(ACTS.application), ['deploy', 'scale', 'upgrade', 'configure']),
      remove: 'all',
    },
  },
  unit: {
    interrupts: {
      ...each(['stop', 'remove'], ['resolve', 'run_action']),
      force_remove: 'all',
      resolve: REMOVALS,
    },
    waits: UNIT_WAITS,
  },
  relation: { interrupts: { ...each(['break', 'remove'], 'all'), resume: ['suspend'] } },
  'juju-machine': {
    interrupts: each(['release', 'remove'], 'all'),
    waits: ['install_agent'],
  },
  action: { interrupts: { cancel: ['run'] } },
};

export type Kind = keyof typeof ACTS;
export const KINDS = Object.keys(ACTS) as readonly Kind[];

export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(ACTS, kind);
}

export function verbsOf(kind: Kind): readonly string[] {
  return Object.keys(ACTS[kind]);
}

export function orderOf(kind: Kind): ActOrder {
  return ORDERS[kind] ?? {};
}

export function actOf(kind: Kind, verb: string): Act<never> | undefined {
  const acts = CHECKED[kind];
  return Object.hasOwn(acts, verb) ? acts[verb] : undefined;
}
