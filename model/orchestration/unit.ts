import {
  atLeast,
  defineKind,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
  type Transitions,
} from '../kind.ts';

type On = Readonly<Record<string, Transitions>>;

const agent = (target: string, description: string): TransitionConfig => ({
  target: `#unit.agent.${target}`,
  description,
});

/** Slot `reported`: what the charm last said, for when its agent is heard again. */
const REPORTED = { waiting: 0, blocked: 1, active: 2, error: 3 } as const;

/** Slot `progress`: the last of the hooks that every unit runs first. */
const PROGRESS = { none: 0, installed: 1, configured: 2, started: 3 } as const;

/** Where an agent goes on: with the first hook that has not succeeded yet. */
function goOn(description: string, started: string): readonly TransitionConfig[] {
  return [
    { guard: atLeast('progress', PROGRESS.started), ...agent(started, description) },
    { guard: atLeast('progress', PROGRESS.configured), ...agent('executing.start', description) },
    {
      guard: atLeast('progress', PROGRESS.installed),
      ...agent('executing.config_changed', description),
    },
    agent('executing.install', description),
  ];
}

/** The silence itself is seen by nobody: the API shows an agent as idle, then as lost. */
const SEEN_LOST = agent('lost', 'the API shows its agent as lost');
const LOST = agent('silent', 'its machine or pod is gone: no more pings, not noticed yet');
const FAILED = agent('failed', 'the agent met a condition it cannot recover from');
const REBOOT = agent('rebooting', 'its machine is rebooted (juju-reboot, or by an operator)');
const REMOVE = agent('executing.stop', 'juju remove-unit: life is dying, the last hooks run');
const FORCE = agent('dead', 'removed by force, or its machine or pod is gone for good');

function hook(description: string, verb: string, done: TransitionConfig, on: On = {}): StateConfig {
  return { description, entry: request(verb), on: { done, remove: REMOVE, ...on } };
}

const after = (progress: number, target: string, description: string): TransitionConfig => ({
  ...agent(target, description),
  actions: set('progress', progress),
});

/**
 * One hook may follow another without the agent being idle between them, and a failed one is run
 * again as what it was: what the API shows, in a world that does not tell why.
 */
const SEEN_HOOKS: Readonly<Record<string, TransitionConfig>> = {
  seen_relation_changed: agent('executing.relation_changed', 'the API shows hooks of a relation'),
  seen_update_config: agent('executing.update_config', 'the API shows config-changed or the like'),
  seen_upgrade_charm: agent('executing.upgrade_charm', 'the API shows the upgrade-charm hook'),
  seen_action: agent('executing.action', 'the API shows an action'),
};

/** The same from the start hook, which is over then. */
const SEEN_AFTER_START: On = Object.fromEntries(
  Object.entries(SEEN_HOOKS).map(([event, transition]) => [
    event,
    { ...transition, actions: set('progress', PROGRESS.started) },
  ]),
);

/** The other hooks that the API may show next. */
function seenAfter(event: string): On {
  return Object.fromEntries(Object.entries(SEEN_HOOKS).filter(([each]) => each !== event));
}

const EXECUTING: StateConfig = {
  initial: 'install',
  tags: ['transient', 'serving'],
  on: {
    fault: agent('error', 'the hook failed (non-zero exit code)'),
    lost: LOST,
    agent_lost: SEEN_LOST,
    agent_failed: FAILED,
    force_remove: FORCE,
  },
  states: {
    install: hook(
      'The install hook runs: packages, files.',
      'install',
      after(PROGRESS.installed, 'executing.config_changed', 'installed; the configuration follows'),
    ),
    config_changed: hook('The config-changed hook runs.', 'config_changed', {
      ...after(
        PROGRESS.configured,
        'executing.start',
        'configured; it is started for the first time',
      ),
    }),
    start: hook(
      'The start hook runs.',
      'start',
      after(PROGRESS.started, 'idle', 'started; the agent waits for what comes'),
      SEEN_AFTER_START,
    ),
    relation_changed: hook(
      'Hooks of a relation run: joined, changed, departed, broken.',
      'relation_changed',
      agent('idle', 'the relation hooks are over'),
      seenAfter('seen_relation_changed'),
    ),
    update_config: hook(
      'config-changed runs on a started unit, or update-status.',
      'update_config',
      agent('idle', 'the hook is over'),
      seenAfter('seen_update_config'),
    ),
    upgrade_charm: hook(
      'The new charm revision is unpacked and its upgrade-charm hook runs.',
      'upgrade_charm',
      agent('idle', 'the unit is of the new revision'),
      seenAfter('seen_upgrade_charm'),
    ),
    action: hook(
      'An action runs; its failure is a result, not an error of the agent.',
      'run_action',
      agent('idle', 'the action is over'),
      seenAfter('seen_action'),
    ),
    stop: {
      description: 'stop and remove hooks run; after them the unit is gone.',
      entry: request('stop'),
      on: {
        done: agent('dead', 'the last hook is over'),
        lost: FORCE,
      },
    },
  },
};

const AGENT: StateConfig = {
  initial: 'allocating',
  states: {
    allocating: {
      description: 'Its machine or pod is still being made.',
      tags: ['transient'],
      on: {
        allocated: agent('executing.install', 'the agent is installed and begins'),
        agent_failed: FAILED,
        remove: FORCE,
        force_remove: FORCE,
      },
    },
    executing: EXECUTING,
    idle: {
      description: 'No hook runs.',
      tags: ['stable', 'serving'],
      on: {
        relation_changed: agent('executing.relation_changed', 'a relation or its data changed'),
        config_changed: agent('executing.update_config', 'juju config changed its settings'),
        upgrade_charm: agent('executing.upgrade_charm', 'its application has a new revision'),
        run_action: agent('executing.action', 'juju run'),
        reboot: REBOOT,
        lost: LOST,
        agent_lost: SEEN_LOST,
        agent_failed: FAILED,
        remove: REMOVE,
        force_remove: FORCE,
      },
    },
    error: {
      description: 'A hook failed; Juju retries it with a growing delay.',
      tags: ['failed'],
      entry: request('await_retry'),
      on: {
        done: goOn('automatically-retry-hooks: it is run again', 'executing.relation_changed'),
        resolved: goOn('juju resolve: it is run again at once', 'executing.relation_changed'),
        ...seenAfter('seen_relation_changed'),
        lost: LOST,
        agent_lost: SEEN_LOST,
        agent_failed: FAILED,
        remove: REMOVE,
        force_remove: FORCE,
      },
    },
    silent: {
      description: 'Its machine or pod is gone; the controller has not noticed yet.',
      tags: ['failed'],
      entry: request('monitor'),
      on: {
        restored: goOn('the agent reaches the controller again', 'idle'),
        allocated: goOn('its pod was made anew: the agent starts over', 'idle'),
        agent_lost: agent('lost', 'no ping for so long: the API server dropped its connection'),
        done: agent('lost', 'no ping for so long: the API server dropped its connection'),
        remove: FORCE,
        force_remove: FORCE,
      },
    },
    lost: {
      description: 'The agent is not communicating with the server.',
      tags: ['failed'],
      on: {
        restored: goOn('the agent reaches the controller again', 'idle'),
        allocated: goOn('its pod was made anew: the agent starts over', 'idle'),
        remove: FORCE,
        force_remove: FORCE,
      },
    },
    failed: {
      description: 'The agent gave up.',
      tags: ['failed'],
      on: {
        agent_restarted: goOn('an operator restarted the agent', 'executing.update_config'),
        remove: FORCE,
        force_remove: FORCE,
      },
    },
    rebooting: {
      description: 'Its machine reboots; the start hook runs afterwards.',
      tags: ['transient'],
      entry: request('reboot'),
      on: {
        done: agent('executing.start', 'rebooted: the start hook runs'),
        fault: agent('failed', 'the machine did not come back'),
        lost: LOST,
        agent_lost: SEEN_LOST,
        agent_failed: FAILED,
        force_remove: FORCE,
      },
    },
    dead: { description: 'Removed from the model.', tags: ['stable'] },
  },
};

/** What the charm says of its workload with status-set, or Juju on its behalf. */
const STATUS_EVENTS: Readonly<Record<string, TransitionConfig>> = {
  status_waiting: {
    target: 'waiting',
    description: 'status-set waiting: on a related application',
  },
  status_maintenance: { target: 'maintenance', description: 'status-set maintenance' },
  status_blocked: { target: 'blocked', description: 'status-set blocked: an operator is needed' },
  status_active: { target: 'active', description: 'status-set active' },
  status_unknown: { target: 'unknown', description: 'the status is not known' },
  status_terminated: { target: 'terminated', description: 'the workload is gone with its pod' },
  status_error: { target: 'error', description: 'Juju shows the workload in error: a hook failed' },
};

/** The workload while the agent of a unit can be lost, and while its hooks can fail. */
const WITH_AGENT: Readonly<Record<string, TransitionConfig>> = {
  agent_lost: { target: 'unknown', description: 'agent lost: nothing is known of the workload' },
  fault: { target: 'error', description: 'a hook failed: Juju shows the workload in error' },
};

function workload(name: string, spec: StateConfig): StateConfig {
  const others = Object.entries(STATUS_EVENTS).filter(([event]) => event !== `status_${name}`);
  return { ...spec, on: { ...Object.fromEntries(others), ...spec.on } };
}

const HEARD_AGAIN: readonly TransitionConfig[] = [
  {
    guard: atLeast('reported', REPORTED.error),
    target: 'error',
    description: 'the agent is heard again, its hook still failed',
  },
  {
    guard: atLeast('reported', REPORTED.active),
    target: 'active',
    description: 'the agent is heard again: as active as before',
  },
  {
    guard: atLeast('reported', REPORTED.blocked),
    target: 'blocked',
    description: 'the agent is heard again: as blocked as before',
  },
  { target: 'waiting', description: 'the agent is heard again' },
];

const WORKLOAD: StateConfig = {
  initial: 'waiting',
  states: {
    waiting: workload('waiting', {
      description: 'Waits for its machine, its agent or a related application.',
      tags: ['transient'],
      entry: set('reported', REPORTED.waiting),
      on: {
        ...WITH_AGENT,
        allocated: { target: 'maintenance', description: 'installing charm software' },
      },
    }),
    maintenance: workload('maintenance', {
      description: 'Not serving yet, and busy with getting there.',
      tags: ['transient'],
      entry: set('reported', REPORTED.waiting),
      on: WITH_AGENT,
    }),
    blocked: workload('blocked', {
      description: 'An operator has to act.',
      tags: ['failed'],
      entry: set('reported', REPORTED.blocked),
      on: WITH_AGENT,
    }),
    active: workload('active', {
      description: 'Offers what it is asked to offer.',
      tags: ['stable', 'serving'],
      entry: set('reported', REPORTED.active),
      on: WITH_AGENT,
    }),
    error: workload('error', {
      description: 'A hook failed.',
      tags: ['failed'],
      entry: set('reported', REPORTED.error),
      on: {
        done: { target: 'maintenance', description: 'the failed hook is run again' },
        resolved: { target: 'maintenance', description: 'the failed hook is run again' },
      },
    }),
    unknown: workload('unknown', {
      description: 'Its agent is lost, or its charm never said.',
      tags: ['failed'],
      on: { restored: HEARD_AGAIN, allocated: HEARD_AGAIN },
    }),
    terminated: workload('terminated', {
      description: 'Gone; only its record is left.',
      tags: ['stable'],
    }),
  },
};

export const unit = defineKind({
  kind: 'unit',
  layer: 'orchestration',
  describes: 'A Juju unit: the status of its agent, and the status its charm reports.',
  source:
    'juju core/status for unit agents and workloads; apiserver/common UnitStatus: a lost agent ' +
    'makes the workload unknown, unless that is in error or terminated',
  slots: { progress: PROGRESS.none, reported: REPORTED.waiting },
  ignores: [
    ...Object.keys(STATUS_EVENTS),
    ...['done', 'fault', 'lost', 'restored', 'allocated', 'agent_lost', 'agent_failed'],
    ...['agent_restarted', 'resolved', 'relation_changed', 'config_changed', 'upgrade_charm'],
    ...['run_action', 'reboot', 'remove', 'force_remove'],
    ...Object.keys(SEEN_HOOKS),
  ],
  machine: { type: 'parallel', states: { agent: AGENT, workload: WORKLOAD } },
});
