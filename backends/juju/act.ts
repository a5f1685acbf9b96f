/** What the verbs are made of: calls that act, and waiting until their effect is seen. */
import type { CharmOrigin } from '@canonical/jujulib/dist/api/facades/application/ApplicationV22.js';
import type { Observation } from '../../engine/contract.ts';
import { untilSettled } from '../await-state.ts';
import type { Attempt } from '../driver.ts';
import { withEffect } from '../fault.ts';
import type { Controller } from './controller.ts';
import type { FacadeName, Facades } from './facades.ts';
import { jujuFault } from './faults.ts';
import type { MachineNames } from './machine-names.ts';
import type { Snapshot, View } from './view.ts';

/** What a driver remembers between its actions. */
export interface Memory {
  /** Actions by what the scenario calls them; Juju gives them numbers. */
  readonly actions: Map<string, string>;
  /** Charms that were fetched for an upgrade and not rolled out yet, by the upgrade. */
  readonly upgrades: Map<string, Upgrade>;
}

export interface Upgrade {
  readonly application: string;
  readonly url: string;
  readonly origin: CharmOrigin;
  readonly channel: string;
  readonly force: boolean;
}

export interface ActContext<P = unknown> {
  readonly controller: Controller;
  readonly view: View;
  readonly names: MachineNames;
  readonly memory: Memory;
  readonly kind: string;
  readonly entity: string;
  readonly params: P;
  readonly attempt: Attempt;
  /** How often what is waited for is looked at, seconds. */
  readonly look_s: number;
}

/** Carries a verb out, and returns when its effect is seen. */
export type Act<P = unknown> = (context: ActContext<P>) => Promise<void>;

/** A facade of the model for a call that changes something. */
export function acting<N extends FacadeName>(context: ActContext, name: N): Promise<Facades[N]> {
  return context.controller.modelFacade(name, callOf(context));
}

export function callOf({ attempt, entity }: ActContext) {
  return { about: entity, signal: attempt.signal, sent: () => attempt.effect('unknown') };
}

/** What a look shows of whether a verb is over. */
export type Verdict =
  | 'done'
  | 'wait'
  | { readonly failed: string }
  | { readonly overtaken: string };

/** Looks until `judge` says that it is over. Throws JUJU_OPERATION_FAILED or JUJU_OVERTAKEN. */
export async function until(
  { attempt, entity, kind, look_s, view }: ActContext,
  judge: (snapshot: Snapshot) => Verdict,
): Promise<void> {
  let verdict: Verdict = 'wait';
  const look = async (): Promise<Observation> => {
    verdict = judge(await view.read());
    return { kind, entity, state: '' };
  };
  await untilSettled(look, () => verdict !== 'wait', look_s, attempt.signal);
  const over = verdict as Verdict;
  if (typeof over !== 'object') return;
  if ('failed' in over) throw jujuFault('JUJU_OPERATION_FAILED', `${entity}: ${over.failed}`);
  throw jujuFault('JUJU_OVERTAKEN', `${entity}: ${over.overtaken}`);
}

/** A step after others that did something: what it says of its own effect is not all. */
export function afterOthers<T>(step: Promise<T>): Promise<T> {
  return step.catch((thrown) => {
    throw withEffect(thrown, 'unknown');
  });
}

export function unknown(what: string) {
  return jujuFault('JUJU_UNKNOWN', what);
}
