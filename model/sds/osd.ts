import { defineKind, request, type StateConfig, type Transitions } from '../kind.ts';

type On = Readonly<Record<string, Transitions>>;

const REPORTED = 'the mons mark it down in the OSDMap: peers reported it';
const CRASH = 'the daemon died; its port refuses';
const ABSENT = 'its host, disk or network is gone: heartbeats stay unanswered';

/** The states of an OSD that is in (holds data by CRUSH) or out (CRUSH passes it over). */
function side(data: 'in' | 'out'): Record<string, StateConfig> {
  const other = data === 'in' ? 'out' : 'in';
  const here = (daemon: string) => `${daemon}+${data}`;
  /** An operator or the mons change the weight; nothing happens to the daemon. */
  const flip = (daemon: string): On =>
    data === 'in'
      ? { mark_out: { target: `${daemon}+${other}`, description: 'weight 0: ceph osd out' } }
      : { mark_in: { target: `${daemon}+${other}`, description: 'weight 1: ceph osd in' } };
  const down = { target: here('down'), description: REPORTED };
  return {
    [here('preparing')]: {
      description: 'ceph-volume makes an object store on an empty disk.',
      tags: ['transient'],
      entry: request('prepare'),
      on: {
        ...flip('preparing'),
        done: { target: here('booting'), description: 'the store is made and the daemon starts' },
        fault: { target: here('down'), description: 'the disk could not be prepared' },
        lost: { target: here('down'), description: 'the host or the disk went away meanwhile' },
      },
    },
    [here('booting')]: {
      description: 'The daemon mounts its store and asks the mons to be marked up.',
      tags: ['transient'],
      entry: request('boot'),
      on: {
        ...flip('booting'),
        done: { target: 'up+in', description: 'marked up; one marked out by the mons comes in' },
        done_out: { target: 'up+out', description: 'marked up; an operator keeps it out' },
        blank: { target: here('preparing'), description: 'the disk was replaced: made anew' },
        fault: { target: here('down'), description: 'the daemon fails to start' },
        lost: { target: here('down'), description: 'the host or the disk went away meanwhile' },
        crash: { target: here('down'), description: 'the daemon died while starting' },
        fail: { target: here('down'), description: 'the daemon died while starting' },
      },
    },
    [here('up')]: {
      description:
        data === 'in' ? 'Serves the placement groups that CRUSH gives it.' : 'Runs, holds no data.',
      tags: ['stable', 'serving'],
      on: {
        ...flip('up'),
        lost: { target: here('laggy'), description: ABSENT },
        stall: { target: here('laggy'), description: 'the daemon hangs (SIGSTOP, slow disk)' },
        crash: { target: here('crashed'), description: CRASH },
        fail: { target: here('crashed'), description: CRASH },
        mark_down: { target: here('booting'), description: 'marked down by mistake: boots again' },
        stop: { target: here('down'), description: 'stopped by systemd: it tells the mons itself' },
      },
    },
    [here('laggy')]: {
      description: 'Still up in the OSDMap, but it answers no heartbeat.',
      tags: ['failed'],
      entry: request('miss_heartbeats'),
      on: {
        ...flip('laggy'),
        done: down,
        mark_down: down,
        restored: { target: here('up'), description: 'back before its grace was over' },
        stop: { target: here('down'), description: 'it told the mons before it stopped' },
        resume: { target: here('up'), description: 'the daemon answers again' },
        crash: { target: here('crashed'), description: CRASH },
        fail: { target: here('crashed'), description: CRASH },
      },
    },
    [here('crashed')]: {
      description:
        'Still up in the OSDMap; its host refuses connections, so peers report it at once.',
      tags: ['failed'],
      entry: request('refuse_connections'),
      on: {
        ...flip('crashed'),
        done: down,
        mark_down: down,
        lost: { target: here('laggy'), description: ABSENT },
        restored: { target: here('booting'), description: 'its new disk is there: started again' },
        start: { target: here('booting'), description: 'systemd starts the daemon again' },
        repair: { target: here('booting'), description: 'systemd starts the daemon again' },
      },
    },
    [here('down')]: {
      description:
        data === 'in'
          ? 'Marked down; still in, so that its data is waited for.'
          : 'Marked down and out: its data is made anew elsewhere.',
      tags: ['failed'],
      ...(data === 'in' && { entry: request('wait_down_out') }),
      on: {
        ...flip('down'),
        restored: { target: here('booting'), description: 'host and disk are back: it is started' },
        start: { target: here('booting'), description: 'systemd starts the daemon' },
        repair: { target: here('booting'), description: 'systemd starts the daemon' },
        boot: { target: 'up+in', description: 'reported up by the mons' },
        destroy: { target: 'destroyed+out', description: 'ceph osd destroy: its data is given up' },
        ...(data === 'in' && {
          done: { target: 'down+out', description: 'mon_osd_down_out_interval is over' },
        }),
      },
    },
  };
}

export const osd = defineKind({
  kind: 'osd',
  layer: 'sds',
  describes: 'A Ceph OSD: the daemon and the disk it keeps objects on, as the OSDMap sees them.',
  source:
    'docs.ceph.com "Monitoring OSDs and PGs", mon/OSDMonitor; sequences observed with Ceph ' +
    '16.2.15: up -> laggy -> down -> out, and back within seconds of a restart',
  ignores: [
    ...['lost', 'restored', 'done', 'done_out', 'fault', 'blank', 'mark_in', 'mark_out'],
    ...['mark_down', 'crash', 'stall', 'resume', 'stop', 'start', 'boot', 'destroy', 'purge'],
    ...['fail', 'repair'],
  ],
  machine: {
    initial: 'preparing+in',
    states: {
      ...side('in'),
      ...side('out'),
      'destroyed+out': {
        description: 'Its id is kept for the disk that replaces the lost one.',
        tags: ['failed'],
        on: {
          restored: { target: 'preparing+out', description: 'the new disk is there: made anew' },
          start: { target: 'preparing+out', description: 'an operator prepares the new disk' },
          purge: { target: 'purged', description: 'ceph osd purge: the id is free' },
        },
      },
      purged: { description: 'No longer in the OSDMap.', tags: ['stable'] },
    },
  },
});
