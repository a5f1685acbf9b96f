import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = {
  target: 'down',
  description: 'no gateway chassis is left: nothing leaves or enters the network',
};
const CLAIMED: TransitionConfig = {
  target: 'active',
  description: 'the southbound database shows it on a chassis that lives',
};
const RELEASED: TransitionConfig = {
  target: 'unbound',
  description: 'the southbound database shows it on no chassis',
};
const DELETED: TransitionConfig = {
  target: 'deleted',
  description: 'the router port has no gateway chassis any more',
};
const DELETE: TransitionConfig = { target: 'deleting', description: 'the gateway is removed' };

export const gateway = defineKind({
  kind: 'gateway',
  layer: 'sdn',
  describes: 'The distributed gateway port of a router: on one chassis, ready to move to others.',
  source:
    'OVN Gateway_Chassis and HA_Chassis_Group (ovn-nb(5)): the chassis of highest priority that ' +
    'BFD sees alive claims the port; failover observed with OVN 23.03.1',
  ignores: [
    'done',
    'fault',
    'claim',
    'chassis_lost',
    'chassis_back',
    'preempt',
    'lost',
    'restored',
    'delete',
    'claimed',
    'released',
    'deleted',
    'candidate_back',
  ],
  machine: {
    initial: 'unbound',
    states: {
      unbound: {
        description: 'On no chassis yet.',
        tags: ['stable'],
        on: {
          claim: { target: 'claiming', description: 'its chassis are known' },
          restored: { target: 'claiming', description: 'a gateway chassis is up' },
          claimed: CLAIMED,
          deleted: DELETED,
          delete: DELETE,
        },
      },
      claiming: {
        description: 'The best chassis alive claims it and announces its addresses.',
        tags: ['transient'],
        entry: request('claim'),
        on: {
          done: { target: 'active', description: 'claimed; gratuitous ARPs are sent' },
          fault: { target: 'unbound', description: 'no chassis took it' },
          chassis_lost: {
            target: 'detecting',
            description: 'the chassis that was to claim it dies',
          },
          lost: LOST,
          claimed: CLAIMED,
          released: RELEASED,
          deleted: DELETED,
          delete: DELETE,
        },
      },
      active: {
        description: 'On a living chassis: traffic to and from outside passes.',
        tags: ['stable', 'serving'],
        on: {
          chassis_lost: {
            target: 'detecting',
            description: 'its chassis dies; the others have still to notice',
          },
          preempt: {
            target: 'claiming',
            description: 'a chassis of higher priority is back and takes it',
          },
          lost: LOST,
          released: RELEASED,
          deleted: DELETED,
          delete: DELETE,
        },
      },
      detecting: {
        description: 'Its chassis is dead, BFD has not missed enough packets yet.',
        tags: ['failed'],
        on: {
          chassis_back: {
            target: 'claiming',
            description: 'the chassis is back before BFD noticed',
          },
          lost: LOST,
          claimed: CLAIMED,
          released: RELEASED,
          deleted: DELETED,
          delete: DELETE,
        },
        after: {
          bfd_timeout: {
            target: 'claiming',
            description: 'BFD declares the chassis down: the next one takes over',
          },
        },
      },
      down: {
        description: 'Every gateway chassis is dead.',
        tags: ['failed'],
        on: {
          restored: { target: 'claiming', description: 'a gateway chassis is up again' },
          claimed: CLAIMED,
          released: RELEASED,
          candidate_back: {
            target: 'detecting',
            description: 'a gateway chassis is back, not the one that has it',
          },
          deleted: DELETED,
          delete: DELETE,
        },
      },
      deleting: {
        description: 'Removed from the northbound database.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          deleted: DELETED,
          done: { target: 'deleted', description: 'gone' },
          fault: { target: 'unbound', description: 'the database refuses the transaction' },
        },
      },
      deleted: { description: 'Gone.', tags: ['stable'], on: { claimed: CLAIMED } },
    },
  },
});
