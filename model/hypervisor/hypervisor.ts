import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = {
  target: 'unreachable',
  description: 'its host is down or cut off: the connection is closed or times out',
};
const CRASH: TransitionConfig = {
  target: 'failed',
  description: 'libvirtd died; the QEMU processes of its domains go on',
};
const CONNECTED: TransitionConfig = {
  target: 'running',
  description: 'the connection to libvirtd is open',
};
const START: TransitionConfig = { target: 'starting', description: 'libvirtd is started' };

export const hypervisor = defineKind({
  kind: 'hypervisor',
  layer: 'hypervisor',
  describes: 'libvirtd with QEMU on a host: what domains are defined in and run by.',
  source: 'libvirt 9.0.0: libvirtd restarts leave guests running; clients get EOF and reconnect',
  ignores: [
    'done',
    'fault',
    'start',
    'stop',
    'fail',
    'repair',
    'lost',
    'restored',
    'connected',
    'disconnected',
  ],
  machine: {
    initial: 'stopped',
    states: {
      stopped: {
        description: 'libvirtd does not run.',
        tags: ['stable'],
        on: {
          start: START,
          connected: CONNECTED,
          lost: LOST,
        },
      },
      starting: {
        description: 'libvirtd starts, probes QEMU and finds the domains that run.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          done: { target: 'running', description: 'it answers on its socket' },
          fault: { target: 'failed', description: 'it exits at once (configuration, socket)' },
          connected: CONNECTED,
          fail: CRASH,
          lost: LOST,
        },
      },
      running: {
        description: 'Answers on its socket.',
        tags: ['stable', 'serving'],
        on: {
          stop: { target: 'stopping', description: 'libvirtd is stopped; domains go on' },
          fail: CRASH,
          disconnected: { target: 'failed', description: 'the connection ends with EOF' },
          lost: LOST,
        },
      },
      stopping: {
        description: 'libvirtd ends; domains go on.',
        tags: ['transient'],
        entry: request('stop'),
        on: {
          done: { target: 'stopped', description: 'the process is gone' },
          fault: { target: 'failed', description: 'it had to be killed' },
          fail: CRASH,
          lost: LOST,
        },
      },
      failed: {
        description: 'libvirtd is gone: nobody can manage the domains, which go on.',
        tags: ['failed'],
        on: {
          start: START,
          repair: START,
          connected: CONNECTED,
          lost: LOST,
        },
        after: {
          restart_delay: {
            target: 'starting',
            description: 'systemd starts it again (RestartSec)',
          },
        },
      },
      unreachable: {
        description: 'Its host does not answer.',
        tags: ['failed'],
        on: {
          restored: {
            target: 'starting',
            description: 'the host answers again: libvirtd started with it, or never stopped',
          },
          connected: CONNECTED,
        },
      },
    },
  },
});
