/**
 * Rows of what is asked for beside the machines: a verb that only a driver has. `asked:VERB` when it
 * is asked for, then `acted:VERB` or `failed:VERB`; `from` and `to` are the state of the entity.
 */
import type { Operation } from '../../model/scenario.ts';

export const ACT_STAGES = ['asked', 'acted', 'failed'] as const;
export type ActStage = (typeof ACT_STAGES)[number];

/** The events of these verbs, for the head of a recording. */
export function actEvents(verbs: readonly string[]): readonly string[] {
  return verbs.flatMap((verb) => ACT_STAGES.map((stage) => actEvent(stage, verb)));
}

export function actEvent(stage: ActStage, verb: string): string {
  return `${stage}:${verb}`;
}

/** Whether an event is one of these: the entity's state stays. */
export function isActEvent(event: string): boolean {
  return ACT_STAGES.some((stage) => event.startsWith(`${stage}:`));
}

/** The verbs that operations ask for beside the machines: those that lead to no state. */
export function verbsAsked(operations: readonly Operation[]): readonly string[] {
  const verbs = operations.filter(({ until }) => until === undefined).map((each) => each.do);
  return [...new Set(verbs)];
}
