import { defineKind, request } from '../kind.ts';

export const computeService = defineKind({
  kind: 'compute-service',
  layer: 'iaas',
  describes: 'nova-compute on one host: its state (up, down) and its status (enabled, disabled).',
  source:
    'docs.openstack.org/nova "Configure: service_down_time", api-ref os-services; a killed host ' +
    'was seen down after 59 s (service_down_time 60, report_interval 10)',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'crash', 'start', 'stop', 'overdue', 'report'],
    ...['force_down', 'unforce', 'enable', 'disable', 'fail', 'repair'],
  ],
  machine: {
    type: 'parallel',
    states: {
      state: {
        initial: 'starting',
        states: {
          starting: {
            description: 'nova-compute starts: it inspects its host and registers its inventory.',
            tags: ['transient'],
            entry: request('start'),
            on: {
              done: { target: 'up', description: 'the first report is in the database' },
              fault: { target: 'down', description: 'it cannot reach libvirt or the message bus' },
              lost: { target: 'down', description: 'its host went away before the first report' },
            },
          },
          up: {
            initial: 'reporting',
            on: {
              force_down: {
                target: 'forced_down',
                description: 'an operator (or masakari) has fenced the host',
              },
            },
            states: {
              reporting: {
                description: 'Reports every report_interval: builds, stops and moves servers.',
                tags: ['stable', 'serving'],
                on: {
                  lost: { target: 'silent', description: 'its host or its hypervisor is gone' },
                  crash: { target: 'silent', description: 'the process died; guests run on' },
                  fail: { target: 'silent', description: 'the process died; guests run on' },
                  stop: { target: 'silent', description: 'stopped by systemd; guests run on' },
                },
              },
              silent: {
                description: 'Dead, but its last report is younger than service_down_time.',
                tags: ['failed'],
                on: {
                  overdue: {
                    target: '#compute-service.state.down',
                    description: 'its last report is older than service_down_time',
                  },
                  restored: {
                    target: '#compute-service.state.starting',
                    description: 'its host is back: systemd starts it',
                  },
                  start: {
                    target: '#compute-service.state.starting',
                    description: 'systemd starts it again',
                  },
                  repair: {
                    target: '#compute-service.state.starting',
                    description: 'systemd starts it again',
                  },
                  report: { target: 'reporting', description: 'a report arrived after all' },
                },
              },
            },
          },
          down: {
            description: 'No report for service_down_time: not scheduled to, cannot be asked.',
            tags: ['failed'],
            on: {
              restored: { target: 'starting', description: 'its host is back: systemd starts it' },
              start: { target: 'starting', description: 'systemd starts it again' },
              repair: { target: 'starting', description: 'systemd starts it again' },
              report: { target: 'up', description: 'a report arrived after all' },
              force_down: {
                target: 'forced_down',
                description: 'an operator (or masakari) has fenced the host',
              },
            },
          },
          forced_down: {
            description: 'Fenced and marked down, so that its servers may be evacuated at once.',
            tags: ['failed'],
            on: {
              unforce: { target: 'starting', description: 'the host was examined and is let back' },
            },
          },
        },
      },
      status: {
        initial: 'enabled',
        states: {
          enabled: {
            description: 'The scheduler may choose its host.',
            tags: ['stable'],
            on: { disable: { target: 'disabled', description: 'an operator takes it out of use' } },
          },
          disabled: {
            description: 'No new servers (trait COMPUTE_STATUS_DISABLED); old ones go on.',
            tags: ['stable'],
            on: { enable: { target: 'enabled', description: 'an operator puts it back into use' } },
          },
        },
      },
    },
  },
});
