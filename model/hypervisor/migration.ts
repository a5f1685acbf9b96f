import { defineKind, request, type TransitionConfig } from '../kind.ts';

const FAILED: TransitionConfig = {
  target: 'failed',
  description: 'source or destination gave up or died: the guest stays at the source',
};
const CANCEL: TransitionConfig = {
  target: 'cancelling',
  description: 'virDomainAbortJob: an operator gives it up',
};

export const migration = defineKind({
  kind: 'migration',
  layer: 'hypervisor',
  describes: 'The live migration of a domain from one hypervisor to another.',
  source:
    "libvirt's migration protocol, version 3 (begin, prepare, perform, finish, confirm) and " +
    'virDomainJobType; pre-copy and post-copy as QEMU does them',
  ignores: ['done', 'fault', 'start', 'cancel', 'fail', 'postcopy', 'recover'],
  machine: {
    initial: 'begin',
    states: {
      begin: {
        description: 'Asked for; source and destination are chosen.',
        tags: ['stable'],
        on: {
          start: { target: 'preparing', description: 'virDomainMigrate is called' },
          cancel: { target: 'cancelled', description: 'given up before it began' },
          fail: FAILED,
        },
      },
      preparing: {
        description: 'The destination starts an empty QEMU, paused (STARTED/1 there).',
        tags: ['transient'],
        entry: request('prepare'),
        on: {
          done: { target: 'performing', description: 'the destination listens' },
          fault: FAILED,
          fail: FAILED,
          cancel: CANCEL,
        },
      },
      performing: {
        description: 'Pre-copy: memory is sent while the guest runs, dirty pages again and again.',
        tags: ['transient'],
        entry: request('perform'),
        on: {
          done: { target: 'finishing', description: 'few enough dirty pages: switch over' },
          fault: FAILED,
          fail: FAILED,
          cancel: CANCEL,
          postcopy: {
            target: 'postcopy',
            description: 'it does not converge: the guest moves before its memory',
          },
        },
      },
      postcopy: {
        description: 'The guest runs at the destination and fetches its memory from the source.',
        tags: ['transient'],
        entry: request('postcopy'),
        on: {
          done: { target: 'confirming', description: 'all memory has arrived' },
          fault: { target: 'postcopy_failed', description: 'the channel broke' },
          fail: { target: 'postcopy_failed', description: 'the channel broke' },
        },
      },
      postcopy_failed: {
        description: 'The guest stands at the destination without all of its memory.',
        tags: ['failed'],
        on: {
          recover: { target: 'postcopy', description: 'the channel is set up again' },
          fail: FAILED,
        },
      },
      finishing: {
        description: 'Stopped at the source (SUSPENDED/1), the last pages are sent.',
        tags: ['transient'],
        entry: request('finish'),
        on: {
          done: { target: 'confirming', description: 'it runs at the destination (RESUMED/1)' },
          fault: FAILED,
          fail: FAILED,
        },
      },
      confirming: {
        description: 'The source ends its QEMU (STOPPED/3).',
        tags: ['transient'],
        entry: request('confirm'),
        on: {
          done: { target: 'completed', description: 'only the destination has the guest' },
          fault: { target: 'completed', description: 'the source is gone; the guest has moved' },
          fail: { target: 'completed', description: 'the source is gone; the guest has moved' },
        },
      },
      cancelling: {
        description: 'The copy stops and the destination ends its QEMU.',
        tags: ['transient'],
        entry: request('cancel'),
        on: {
          done: { target: 'cancelled', description: 'the guest runs on at the source' },
          fault: FAILED,
          fail: FAILED,
        },
      },
      completed: {
        description: 'The domain runs at the destination.',
        tags: ['stable'],
      },
      cancelled: {
        description: 'The domain runs on at the source, as asked.',
        tags: ['stable'],
      },
      failed: {
        description: 'The domain was not moved.',
        tags: ['failed'],
      },
    },
  },
});
