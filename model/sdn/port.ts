import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DELETE: TransitionConfig = {
  target: 'deleting',
  description: 'the port is deleted in neutron: its row leaves the northbound database',
};
const DELETED: TransitionConfig = {
  target: 'deleted',
  description: 'the row is gone from the northbound database',
};
const UNBIND: TransitionConfig = {
  target: 'unbinding',
  description: 'the interface is unplugged or the port is taken from its host',
};

export const port = defineKind({
  kind: 'port',
  layer: 'sdn',
  describes: 'A logical switch port: one virtual network interface, as neutron and OVN know it.',
  source:
    'neutron port status (ACTIVE, DOWN) and OVN Port_Binding.chassis/up ' +
    '(ovn-sb(5)); sequences observed with OVN 23.03.1',
  // Refused or without effect in a state that does not handle them.
  ignores: ['bind', 'unbind', 'delete', 'lost', 'restored', 'unreached', 'done', 'fault'],
  machine: {
    initial: 'DOWN',
    states: {
      DOWN: {
        description: 'Exists in the northbound database, bound to no chassis.',
        tags: ['stable'],
        on: {
          bind: { target: 'binding', description: 'requested on a chassis: its VIF is plugged' },
          up: { target: 'ACTIVE', description: 'Port_Binding.up became true' },
          delete: DELETE,
          deleted: DELETED,
        },
        meta: { ignores: ['down'] },
      },
      binding: {
        description: 'ovn-controller claims the port and installs its flows.',
        tags: ['transient'],
        entry: request('bind'),
        on: {
          done: { target: 'ACTIVE', description: 'claimed, flows installed, up in NB and SB' },
          up: { target: 'ACTIVE', description: 'Port_Binding.up became true' },
          fault: { target: 'binding_failed', description: 'no controller claims the port' },
          lost: { target: 'binding_failed', description: 'the chassis died before it claimed it' },
          unreached: {
            target: 'stale',
            description: 'up on a chassis that is back, but that the others do not see yet (BFD)',
          },
          down: { target: 'DOWN', description: 'released again before it was up' },
          unbind: UNBIND,
          delete: DELETE,
          deleted: DELETED,
        },
      },
      ACTIVE: {
        description: 'Bound to a chassis and up: traffic passes.',
        tags: ['stable', 'serving'],
        on: {
          bind: {
            target: 'binding',
            description: 'requested on another chassis: the guest migrates there',
          },
          unbind: UNBIND,
          down: { target: 'DOWN', description: 'unplugged on the host, or the chassis left' },
          lost: { target: 'stale', description: 'the chassis died: no traffic, though up=true' },
          delete: DELETE,
          deleted: DELETED,
        },
        meta: { ignores: ['up'] },
      },
      stale: {
        description:
          'Its chassis is dead, yet the southbound database says up=true until the chassis row goes.',
        tags: ['failed'],
        on: {
          restored: { target: 'ACTIVE', description: 'the chassis lives again with its flows' },
          up: { target: 'ACTIVE', description: 'the port was claimed anew' },
          bind: { target: 'binding', description: 'requested on another chassis (evacuation)' },
          unbind: UNBIND,
          down: { target: 'DOWN', description: 'the chassis row was deleted (chassis-del)' },
          delete: DELETE,
          deleted: DELETED,
        },
      },
      binding_failed: {
        description: 'No chassis could bind it (neutron: vif_type binding_failed).',
        tags: ['failed'],
        on: {
          bind: { target: 'binding', description: 'requested again' },
          up: { target: 'ACTIVE', description: 'Port_Binding.up became true after all' },
          unbind: { target: 'DOWN', description: 'the request for a chassis is withdrawn' },
          down: { target: 'DOWN', description: 'the request for a chassis is withdrawn' },
          delete: DELETE,
          deleted: DELETED,
        },
      },
      unbinding: {
        description: 'ovn-controller removes the flows and releases the port.',
        tags: ['transient'],
        entry: request('unbind'),
        on: {
          done: { target: 'DOWN', description: 'released' },
          down: { target: 'DOWN', description: 'Port_Binding.up became false' },
          fault: { target: 'DOWN', description: 'the controller is gone: nothing is left to undo' },
          lost: { target: 'DOWN', description: 'the controller is gone: nothing is left to undo' },
          bind: { target: 'binding', description: 'requested on a chassis again' },
          delete: DELETE,
          deleted: DELETED,
        },
        meta: { ignores: ['up'] },
      },
      deleting: {
        description: 'The northbound row is removed; northd and the chassis follow.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: DELETED,
          deleted: DELETED,
          fault: { target: 'DOWN', description: 'the database refuses the transaction' },
        },
        meta: { ignores: ['up', 'down'] },
      },
      deleted: {
        description: 'No longer in the database.',
        tags: ['stable'],
        on: { up: { target: 'ACTIVE', description: 'a port of this name exists again' } },
        meta: { ignores: ['down', 'deleted'] },
      },
    },
  },
});
