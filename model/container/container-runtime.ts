import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = {
  target: 'unreachable',
  description: 'the host is gone or cannot be reached, and the runtime with it',
};
const KILL: TransitionConfig = {
  target: 'down',
  description: 'the daemon dies (kill -9, out of memory); the shims keep the containers',
};
const STOP: TransitionConfig = {
  target: 'stopped',
  description: 'systemctl stop: the unit uses KillMode=process, so containers run on',
};

export const containerRuntime = defineKind({
  kind: 'container-runtime',
  layer: 'container',
  describes:
    'The CRI runtime of one host, such as containerd; its handlers (runc, crun, kata) are data of it.',
  source:
    'CRI v1 RuntimeStatus (RuntimeReady, NetworkReady), containerd.service; sequences observed ' +
    'with containerd 1.6.20 and 1.7.24',
  // systemd finds a unit already in the wanted state; an answer to a request given up is too late.
  ignores: [
    'start',
    'stop',
    'kill',
    'repair',
    'network_ready',
    'network_not_ready',
    'lost',
    'restored',
    'done',
    'fault',
    'readopted',
    'started',
  ],
  machine: {
    initial: 'starting',
    states: {
      starting: {
        description: 'The daemon starts: plugins load, the CRI socket opens.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          done: { target: 'ready', description: 'the CRI reports RuntimeReady and NetworkReady' },
          started: { target: 'ready', description: 'the CRI reports RuntimeReady' },
          fault: { target: 'failed', description: 'the daemon exits (bad configuration, socket)' },
          network_not_ready: {
            target: 'network_not_ready',
            description: 'the CRI answers, but no CNI configuration is there yet',
          },
          stop: STOP,
          kill: { target: 'failed', description: 'the daemon dies before its socket was open' },
          lost: LOST,
        },
      },
      ready: {
        description: 'RuntimeReady and NetworkReady: sandboxes and containers can be run.',
        tags: ['stable', 'serving'],
        on: {
          network_not_ready: {
            target: 'network_not_ready',
            description: 'the CNI configuration went away: no new sandbox gets a network',
          },
          kill: KILL,
          stop: STOP,
          lost: LOST,
        },
      },
      network_not_ready: {
        description: 'NetworkReady=False: what runs goes on, new sandboxes fail.',
        tags: ['failed', 'serving'],
        on: {
          network_ready: { target: 'ready', description: 'the CNI plugin is configured (again)' },
          repair: { target: 'ready', description: 'the CNI plugin is configured (again)' },
          kill: KILL,
          stop: STOP,
          lost: LOST,
        },
      },
      down: {
        description: 'The daemon is dead; the containers run on under their shims.',
        tags: ['failed', 'serving'],
        on: {
          start: { target: 'readopting', description: 'systemd restarts the daemon' },
          repair: { target: 'readopting', description: 'an operator starts the daemon again' },
          lost: LOST,
        },
      },
      stopped: {
        description: 'The daemon was stopped on request; the containers run on under their shims.',
        tags: ['stable', 'serving'],
        on: {
          start: { target: 'readopting', description: 'systemctl start' },
          lost: LOST,
        },
      },
      readopting: {
        description: 'The daemon starts and connects to the shims it finds.',
        tags: ['transient', 'serving'],
        entry: request('readopt'),
        on: {
          done: { target: 'ready', description: 'every running container is known again' },
          readopted: { target: 'ready', description: 'every running container is known again' },
          fault: { target: 'down', description: 'the daemon exits again' },
          kill: KILL,
          stop: STOP,
          lost: LOST,
        },
      },
      failed: {
        description: 'The daemon does not start; nothing runs under it.',
        tags: ['failed'],
        on: {
          start: { target: 'starting', description: 'systemd tries again' },
          repair: { target: 'starting', description: 'the cause is removed, systemd tries again' },
          lost: LOST,
        },
      },
      unreachable: {
        description: 'The host is lost: nobody can say whether its containers run.',
        tags: ['failed'],
        on: {
          restored: { target: 'recovering', description: 'the host answers: was it rebooted?' },
        },
      },
      recovering: {
        description: 'The host is back; the runtime looks for shims from before.',
        tags: ['transient'],
        entry: request('recover'),
        on: {
          readopted: {
            target: 'ready',
            description: 'the host had only been cut off: its containers never stopped',
          },
          started: {
            target: 'ready',
            description: 'the host was rebooted: the runtime starts with no container running',
          },
          done: { target: 'ready', description: 'the CRI reports RuntimeReady' },
          fault: { target: 'failed', description: 'the daemon does not start on this host' },
          kill: { target: 'failed', description: 'the daemon dies while it starts' },
          lost: LOST,
        },
      },
    },
  },
});
