/** Every verb by kind: those that machines request, and what operators do besides. */
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
import { RELATION_ACTS } from './relation-acts.ts';
import { UNIT_ACTS } from './unit-acts.ts';
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
} as const satisfies Readonly<Record<string, Readonly<Record<string, Act>>>>;

export type Kind = keyof typeof ACTS;
export const KINDS = Object.keys(ACTS) as readonly Kind[];

export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(ACTS, kind);
}

export function verbsOf(kind: Kind): readonly string[] {
  return Object.keys(ACTS[kind]);
}

export function actOf(kind: Kind, verb: string): Act | undefined {
  const acts: Readonly<Record<string, Act>> = ACTS[kind];
  return Object.hasOwn(acts, verb) ? acts[verb] : undefined;
}
