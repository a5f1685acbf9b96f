/**
 * The state of a machine as the drivers of bare metal observe it: a status and a power state, the
 * two regions of `model/bare-metal/machine.ts`.
 */
import {
  STATUS_NAMES,
  type StatusName,
  successorsOf,
  tableOf,
} from '../../model/bare-metal/maas.ts';

export type { StatusName };

/** Power states that a management controller or MAAS reports. */
export const POWER_STATES = ['unknown', 'off', 'on', 'error'] as const;
export type PowerState = (typeof POWER_STATES)[number];

export interface MachineState {
  readonly status: StatusName;
  readonly power: PowerState;
}

/** As in the machine and in observations: `ready+off`. */
export function stateName({ status, power }: MachineState): string {
  return `${status}+${power}`;
}

/** Reads what `stateName` wrote; undefined for anything else, such as `absent`. */
export function parseState(name: string): MachineState | undefined {
  const [status, power] = name.split('+');
  const found = {
    status: STATUS_NAMES.find((each) => each === status),
    power: POWER_STATES.find((each) => each === power),
  };
  return found.status && found.power ? (found as MachineState) : undefined;
}

/** What may have happened between two looks, unseen. */
export interface Unseen {
  /** Statuses that an act leads through which was asked for. */
  readonly via?: readonly StatusName[];
  /** Statuses that may pass unseen at all; default any, as for MAAS, whose table it is. */
  readonly only?: readonly StatusName[];
}

/**
 * The states that a machine went through from one look to the next, each of which changes either
 * status or power, as the regions of the machine do. A status that was not seen is among them only
 * when the transition table leaves no other way (from ready to deploying, a machine was allocated),
 * or the act that was asked for leads through it.
 */
export function statesBetween(
  before: MachineState,
  after: MachineState,
  unseen: Unseen = {},
): readonly MachineState[] {
  const states: MachineState[] = [];
  for (const status of statusesBetween(before.status, after.status, unseen)) {
    states.push({ status, power: before.power });
  }
  if (before.power !== after.power) states.push(after);
  return states;
}

function statusesBetween(
  before: StatusName,
  after: StatusName,
  { via = [], only }: Unseen,
): readonly StatusName[] {
  if (before === after) return [];
  if (successorsOf(before).includes(after)) return [after];
  // What MAAS goes back to, past its table, stays for a while: it does not pass unseen.
  const possible = tableOf(before).filter(
    (each) => tableOf(each).includes(after) && (only?.includes(each) ?? true),
  );
  const passed = possible.length > 1 ? possible.filter((each) => via.includes(each)) : possible;
  return passed.length === 1 ? [passed[0], after] : [after];
}
