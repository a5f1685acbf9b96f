/**
 * What Juju says of a thing, as a state of its machine in `model/orchestration/`. A word that is
 * not known becomes the state itself: no machine has it, so it is recorded as a divergence.
 * (Words: juju/core/status; what FullStatus makes of them: apiserver/facades/client/client.)
 */
import { oneLine } from '../fault-table.ts';
import type { ApplicationStatus, MachineStatus, Status, UnitStatus } from './status.ts';

const WORD_CHARACTERS_MAX = 40;

/** The agent's hooks by what their name has to begin with or be; the first that fits counts. */
const HOOKS: readonly (readonly [RegExp, string])[] = [
  [/^running (install|.*-storage-attached) hook/, 'install'],
  [/^running start hook/, 'start'],
  [/^running (stop|remove|.*-storage-detaching) hook/, 'stop'],
  [/^running upgrade-charm hook|^upgrading/, 'upgrade_charm'],
  [/^running (action|commands)\b/, 'action'],
  [/^running .+-relation-(created|joined|changed|departed|broken) hook/, 'relation_changed'],
];

/** Agent states of a unit that has not been started yet. */
const BEFORE_START = ['allocating', 'executing.install', 'executing.config_changed'];
const COMING_OR_GOING = [...BEFORE_START, 'executing.start', 'executing.stop'];

/**
 * State of a unit: its agent and its workload. `before` is its last known state, which tells the
 * config-changed hook before the first start from later ones.
 */
export function unitState(unit: UnitStatus, before = ''): string {
  const agent = unit['agent-status'];
  const workload = wordOf(unit['workload-status'].status, 'unknown');
  return `${agentState(agent, workload, before.split('+')[0])}+${workload}`;
}

function agentState(agent: Status, workload: string, before: string): string {
  const { info, life, status } = agent;
  // The API shows a failed hook as an idle agent with its workload in error.
  if (status === 'idle' && workload === 'error') return 'error';
  if (life === 'dying' && ['idle', 'executing'].includes(status)) return 'executing.stop';
  if (status !== 'executing') return wordOf(status, 'allocating');
  const isNew = BEFORE_START.includes(before);
  const hook = HOOKS.find(([pattern]) => pattern.test(info))?.[1];
  // Before the first start, relations are told of only that they are there.
  const isEarly = isNew && /^running .+-relation-created hook/.test(info);
  if (hook && !isEarly) return `executing.${hook}`;
  return isNew ? 'executing.config_changed' : 'executing.update_config';
}

/**
 * State of an application: the worst status of its units, and what is being done to it. `units` are
 * the states of its units.
 */
export function applicationState(
  application: ApplicationStatus,
  units: readonly string[] = [...application.units.values()].map((unit) => unitState(unit)),
): string {
  const { status } = application.status;
  const word = status === 'unset' ? 'unknown' : wordOf(status, 'unknown');
  return `${word}+${operationOf(application, units)}`;
}

function operationOf({ charm, life, units }: ApplicationStatus, states: readonly string[]): string {
  if (life === 'dying' || life === 'dead') return 'dying';
  const all = [...units.values()];
  if (all.some((unit) => unit.charm !== '' && unit.charm !== charm)) return 'upgrading';
  // Juju 4 has its units be of the new charm at once, and then run the hook.
  if (states.some((state) => state.startsWith('executing.upgrade_charm'))) return 'upgrading';
  const isScaling = states.some((state) => COMING_OR_GOING.includes(state.split('+')[0]));
  return isScaling ? 'scaling' : 'steady';
}

/** State of a machine of the model. */
export function machineState(machine: MachineStatus): string {
  const { 'agent-status': agent, 'instance-status': instance } = machine;
  if (agent.life === 'dying' || agent.life === 'dead') return 'stopping';
  if (agent.status !== 'pending') return wordOf(agent.status, 'pending.allocating');
  if (['provisioning error', 'error'].includes(instance.status)) return 'error';
  return instance.status === 'running' ? 'pending.installing' : 'pending.allocating';
}

export function relationState({ life, status }: Status): string {
  if (life === 'dying') return 'breaking';
  return wordOf(status, 'joining');
}

export function modelState(status: string, life: string): string {
  if (life === 'dying' || life === 'dead') return 'destroying';
  return wordOf(status, 'available');
}

export function actionState(status: string): string {
  return wordOf(status, 'pending');
}

/** Actions that are over stay as they are. */
export const ENDED_ACTIONS: readonly string[] = [
  ...['completed', 'failed', 'aborted', 'cancelled', 'error'],
];

function wordOf(status: string, none: string): string {
  return status === '' ? none : oneLine(status).slice(0, WORD_CHARACTERS_MAX);
}
