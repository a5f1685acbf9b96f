import { defineKind, request } from '../kind.ts';

export const project = defineKind({
  kind: 'project',
  layer: 'iaas',
  describes: 'A keystone project: the owner of servers, ports and volumes, with its quota.',
  source: 'docs.openstack.org/api-ref/identity (project.enabled); quota refusals seen with Zed',
  ignores: ['done', 'fault', 'enable', 'disable', 'delete'],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'keystone stores it; its quota is set in nova, neutron and cinder.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'enabled', description: 'it exists and has its quota' },
          fault: { target: 'deleted', description: 'refused: the name is taken' },
        },
      },
      enabled: {
        description: 'Its users get tokens and may ask for resources up to the quota.',
        tags: ['stable', 'serving'],
        on: {
          disable: { target: 'disabled', description: 'an operator disables it' },
          delete: { target: 'deleting', description: 'an operator deletes it' },
        },
      },
      disabled: {
        description: 'No new tokens; what it owns goes on.',
        tags: ['stable'],
        on: {
          enable: { target: 'enabled', description: 'an operator enables it again' },
          delete: { target: 'deleting', description: 'an operator deletes it' },
        },
      },
      deleting: {
        description: 'keystone forgets it; what it still owns becomes an orphan.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: { target: 'deleted', description: 'it is gone' },
          fault: { target: 'enabled', description: 'it could not be deleted' },
        },
      },
      deleted: { description: 'Not known to keystone.', tags: ['stable'] },
    },
  },
});
