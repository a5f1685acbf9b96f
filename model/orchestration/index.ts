import type { KindDefinition } from '../kind.ts';
import { action } from './action.ts';
import { application } from './application.ts';
import { jujuMachine } from './juju-machine.ts';
import { jujuModel } from './model.ts';
import { relation } from './relation.ts';
import { unit } from './unit.ts';
import { upgrade } from './upgrade.ts';

/** Every kind of the orchestration layer. */
export const KINDS: readonly KindDefinition[] = [
  jujuModel,
  application,
  unit,
  relation,
  jujuMachine,
  action,
  upgrade,
];
