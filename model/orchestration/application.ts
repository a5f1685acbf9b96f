import {
  add,
  atLeast,
  defineKind,
  request,
  type StateConfig,
  type TransitionConfig,
  type Transitions,
} from '../kind.ts';

type On = Readonly<Record<string, Transitions>>;

/** Every status can follow every other: Juju derives it anew from the units. */
const STATUS_EVENTS: Readonly<Record<string, TransitionConfig>> = {
  status_waiting: { target: 'waiting', description: 'the worst of its units is waiting' },
  status_maintenance: { target: 'maintenance', description: 'the worst of its units is busy' },
  status_blocked: { target: 'blocked', description: 'one of its units needs an operator' },
  status_active: { target: 'active', description: 'the worst of its units is active' },
  status_error: { target: 'error', description: 'a hook of one of its units failed' },
  status_terminated: { target: 'terminated', description: 'all of its units are gone' },
  status_unknown: { target: 'unknown', description: 'nothing is known of any of its units' },
};

function status(name: string, spec: StateConfig): StateConfig {
  const others = Object.entries(STATUS_EVENTS).filter(([event]) => event !== `status_${name}`);
  return { ...spec, on: Object.fromEntries(others) };
}

const STATUS: StateConfig = {
  initial: 'waiting',
  states: {
    waiting: status('waiting', {
      description: 'A unit waits for its machine or for a related application.',
      tags: ['transient'],
    }),
    maintenance: status('maintenance', {
      description: 'A unit installs or configures its workload.',
      tags: ['transient'],
    }),
    blocked: status('blocked', {
      description: 'A unit needs something only an operator can give.',
      tags: ['failed'],
    }),
    active: status('active', {
      description: 'The workload does what it is for.',
      tags: ['stable', 'serving'],
    }),
    error: status('error', { description: 'A hook failed.', tags: ['failed'] }),
    terminated: status('terminated', { description: 'All units are gone.', tags: ['stable'] }),
    unknown: status('unknown', {
      description: 'No unit has a known status (no units, or all agents lost).',
      tags: ['failed'],
    }),
  },
};

/** The wanted number of units changes by one; more changes may come while it is being reached. */
const SCALE: On = {
  scale_up: {
    target: '#application.operation.scaling',
    reenter: true,
    actions: add('units', 1),
    description: 'juju add-unit: one more unit is wanted',
  },
  scale_down: [
    {
      guard: atLeast('units', 1),
      target: '#application.operation.scaling',
      reenter: true,
      actions: add('units', -1),
      description: 'juju remove-unit: one unit less is wanted',
    },
    { description: 'it has no units' },
  ],
};
const REFRESH: TransitionConfig = {
  target: '#application.operation.upgrading',
  description: 'juju refresh: another revision of the charm',
};
const REMOVE: TransitionConfig = {
  target: '#application.operation.dying',
  description: 'juju remove-application: relations break, units are removed',
};

const OPERATION: StateConfig = {
  initial: 'steady',
  states: {
    steady: {
      description: 'As many units as wanted, one charm revision.',
      tags: ['stable'],
      on: { ...SCALE, refresh: REFRESH, remove: REMOVE },
    },
    scaling: {
      description: 'Units are being added or removed.',
      tags: ['transient'],
      entry: request('scale'),
      on: {
        done: { target: 'steady', description: 'the number of units is the wanted one' },
        ...SCALE,
        refresh: REFRESH,
        remove: REMOVE,
      },
    },
    upgrading: {
      description: 'Units run upgrade-charm for the new revision.',
      tags: ['transient'],
      entry: request('upgrade'),
      on: {
        done: { target: 'steady', description: 'every unit is of the new revision' },
        fault: { target: 'steady', description: 'a unit failed to upgrade: see its status' },
        ...SCALE,
        remove: REMOVE,
      },
    },
    dying: {
      description: 'Being removed; it goes with its last unit.',
      tags: ['transient'],
      entry: request('remove'),
      on: { done: { target: 'dead', description: 'its last unit is gone' } },
    },
    dead: { description: 'Removed from the model.', tags: ['stable'] },
  },
};

export const application = defineKind({
  kind: 'application',
  layer: 'orchestration',
  describes: 'A Juju application: a charm and its units; its status is the worst of theirs.',
  source:
    'juju core/status DeriveStatus: error, blocked, maintenance, waiting, active, terminated, ' +
    'unknown, from worst to best; life alive, dying, dead',
  /** The wanted number of units. */
  slots: { units: 0 },
  ignores: [
    ...Object.keys(STATUS_EVENTS),
    ...['scale_up', 'scale_down', 'refresh', 'remove', 'done', 'fault'],
  ],
  machine: { type: 'parallel', states: { status: STATUS, operation: OPERATION } },
});
