import { defineKind, request, type StateConfig, type TransitionConfig } from '../kind.ts';

const REMOVE: TransitionConfig = {
  target: '#juju-machine.stopping',
  description: 'juju remove-machine: its agent ends, its instance is released',
};
const LOST: TransitionConfig = {
  target: '#juju-machine.silent',
  description: 'its server is gone or cut off; the controller has not noticed yet',
};

const PENDING: StateConfig = {
  initial: 'allocating',
  tags: ['transient'],
  on: { remove: REMOVE },
  states: {
    allocating: {
      description: 'The provisioner has asked the cloud for an instance.',
      entry: request('provision'),
      on: {
        done: { target: 'installing', description: 'the instance runs; cloud-init begins' },
        fault: {
          target: '#juju-machine.error',
          description: 'provisioning error: the cloud gave no instance',
        },
      },
    },
    installing: {
      description: 'cloud-init installs the machine agent.',
      entry: request('install_agent'),
      on: {
        done: { target: '#juju-machine.started', description: 'the agent has logged in' },
        fault: { target: '#juju-machine.error', description: 'the agent could not be installed' },
        restored: {
          target: 'installing',
          reenter: true,
          description: 'its instance is back: cloud-init runs on',
        },
      },
    },
  },
};

export const jujuMachine = defineKind({
  kind: 'juju-machine',
  layer: 'orchestration',
  describes: 'A machine of a Juju model: an instance of the cloud with a machine agent.',
  source:
    'juju core/status for machines (pending, started, stopped, down, error); the API server drops ' +
    'an agent connection without a ping after 3 min (maxClientPingInterval)',
  ignores: [
    ...['lost', 'restored', 'agent_started', 'agent_down', 'stop', 'start', 'retry'],
    ...['fail', 'repair', 'remove', 'done', 'fault'],
  ],
  machine: {
    initial: 'pending',
    states: {
      pending: PENDING,
      started: {
        description: 'Its agent takes part in the model.',
        tags: ['stable', 'serving'],
        on: {
          lost: LOST,
          agent_down: { target: 'down', description: 'the API shows the machine as down' },
          stop: { target: 'stopped', description: 'its agent ends in an orderly way' },
          fail: { target: 'error', description: 'its agent reports an error' },
          remove: REMOVE,
        },
      },
      silent: {
        description: 'Its server is gone; the API still shows it as started.',
        tags: ['failed'],
        on: {
          restored: { target: 'started', description: 'its agent reaches the controller again' },
          agent_down: { target: 'down', description: 'the API shows the machine as down' },
          remove: REMOVE,
        },
        after: {
          presence_timeout: { target: 'down', description: 'no ping of its agent for so long' },
        },
      },
      down: {
        description: 'The agent is not communicating with the server.',
        tags: ['failed'],
        on: {
          restored: { target: 'started', description: 'its agent reaches the controller again' },
          agent_started: { target: 'started', description: 'the API shows it as started' },
          remove: REMOVE,
        },
      },
      stopped: {
        description: 'Its agent ended and will do nothing more.',
        tags: ['stable'],
        on: {
          start: { target: 'started', description: 'its agent is started again' },
          remove: REMOVE,
        },
      },
      error: {
        description: 'It cannot be provisioned, or its agent reports an error.',
        tags: ['failed'],
        on: {
          retry: { target: 'pending', description: 'juju retry-provisioning' },
          repair: { target: 'started', description: 'the cause is removed' },
          remove: REMOVE,
        },
        after: {
          provision_retry: {
            target: 'pending',
            description: 'the provisioner tries again by itself',
          },
        },
      },
      stopping: {
        description: 'Its instance is being released.',
        tags: ['transient'],
        entry: request('release'),
        on: {
          done: { target: 'dead', description: 'the instance is released' },
          fault: { target: 'dead', description: 'removed by force; the instance may be left' },
        },
      },
      dead: { description: 'Removed from the model.', tags: ['stable'] },
    },
  },
});
