import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DESTROY: TransitionConfig = {
  target: 'destroying',
  description: 'juju destroy-model: applications, units and machines are removed first',
};
const CREDENTIAL_INVALID: TransitionConfig = {
  target: 'suspended',
  description: 'the cloud rejects the credential: no machine can be made or removed',
};

export const jujuModel = defineKind({
  kind: 'model',
  layer: 'orchestration',
  describes: 'A Juju model: a workspace of applications on one cloud.',
  source: 'juju core/status (Available, Busy, Suspended, Destroying, Error) for models',
  ignores: [
    ...['destroy', 'migrate', 'credential_invalid', 'credential_valid', 'fail', 'repair'],
    ...['done', 'fault'],
  ],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'The controller prepares the database and the cloud environment.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'available', description: 'applications can be deployed' },
          fault: { target: 'error', description: 'the cloud refuses the environment' },
          destroy: DESTROY,
        },
      },
      available: {
        description: 'Ready for use.',
        tags: ['stable', 'serving'],
        on: {
          migrate: { target: 'busy', description: 'it migrates to another controller' },
          credential_invalid: CREDENTIAL_INVALID,
          fail: { target: 'error', description: 'the controller reports an error of the model' },
          destroy: DESTROY,
        },
      },
      busy: {
        description: 'Offline for a migration or an upgrade of the model.',
        tags: ['transient'],
        entry: request('migrate'),
        on: {
          done: { target: 'available', description: 'the migration is over' },
          fault: { target: 'available', description: 'the migration was aborted' },
        },
      },
      suspended: {
        description: 'Its cloud credential is invalid; what runs goes on.',
        tags: ['failed'],
        on: {
          credential_valid: { target: 'available', description: 'a valid credential was uploaded' },
          destroy: DESTROY,
        },
      },
      error: {
        description: 'The controller cannot work on the model.',
        tags: ['failed'],
        on: {
          repair: { target: 'available', description: 'an operator removed the cause' },
          destroy: DESTROY,
        },
      },
      destroying: {
        description: 'Everything in it is being removed.',
        tags: ['transient'],
        entry: request('destroy'),
        on: {
          done: { target: 'destroyed', description: 'nothing of it is left' },
          fault: { target: 'error', description: 'something in it cannot be removed' },
        },
      },
      destroyed: { description: 'Gone.', tags: ['stable'] },
    },
  },
});
