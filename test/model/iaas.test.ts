import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { computeService } from '../../model/iaas/compute-service.ts';
import { image } from '../../model/iaas/image.ts';
import { KINDS } from '../../model/iaas/index.ts';
import { project } from '../../model/iaas/project.ts';
import { server } from '../../model/iaas/server.ts';
import { volume } from '../../model/iaas/volume.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 60 });

const ACTIVE = 'done done done done done';
/** vm_state and task_state as nova writes them; `-` for no task. */
const words = (states: readonly string[]): string[] =>
  states.map((state) => state.split('+')[0].replace('.idle', '/-').replace('.', '/'));
const vm = (path: string): string[] => words(walk(server, path));

/** What was observed (nova 26, fake and libvirt drivers), and the events that lead through it. */
const OBSERVED: readonly (readonly [string, string, readonly string[]])[] = [
  ['stop', 'stop done', ['active/powering-off', 'stopped/-']],
  ['start', 'stop done start done', ['stopped/-', 'stopped/powering-on', 'active/-']],
  [
    'soft reboot',
    'reboot done done done',
    ['active/rebooting', 'active/reboot_pending', 'active/reboot_started', 'active/-'],
  ],
  [
    'hard reboot',
    'hard_reboot done done done',
    [
      'active/rebooting_hard',
      'active/reboot_pending_hard',
      'active/reboot_started_hard',
      'active/-',
    ],
  ],
  ['pause', 'pause done unpause done', ['paused/-', 'paused/unpausing', 'active/-']],
  ['suspend', 'suspend done resume done', ['suspended/-', 'suspended/resuming', 'active/-']],
  ['rescue', 'rescue done unrescue done', ['rescued/-', 'rescued/unrescuing', 'active/-']],
  [
    'rebuild',
    'rebuild done done done',
    [
      'active/rebuilding',
      'active/rebuild_block_device_mapping',
      'active/rebuild_spawning',
      'active/-',
    ],
  ],
  [
    'resize and confirm',
    'resize done done done done confirm_resize done',
    [
      'active/resize_prep',
      'active/resize_migrating',
      'active/resize_migrated',
      'active/resize_finish',
      'resized/-',
      'active/-',
    ],
  ],
  [
    'cold migration and revert',
    'migrate done done done done revert_resize done',
    ['active/resize_finish', 'resized/-', 'resized/resize_reverting', 'active/-'],
  ],
  ['live migration', 'live_migrate done', ['active/migrating', 'active/-']],
  [
    'snapshot with the fake driver',
    'snapshot done upload done',
    [
      'active/image_snapshot_pending',
      'active/image_snapshot',
      'active/image_uploading',
      'active/-',
    ],
  ],
  [
    'snapshot with libvirt',
    'snapshot done done done done',
    ['active/image_snapshot', 'active/image_pending_upload', 'active/image_uploading', 'active/-'],
  ],
  [
    'snapshot with libvirt on plain files: nova tries the storage first',
    'snapshot done done done extract done done',
    [
      'active/image_pending_upload',
      'active/image_uploading',
      'active/image_pending_upload',
      'active/image_uploading',
      'active/-',
    ],
  ],
  [
    'rebuild of a stopped server',
    'stop done rebuild done done spawned stop done',
    ['stopped/rebuild_spawning', 'active/-', 'active/powering-off', 'stopped/-'],
  ],
  [
    'shelve',
    'shelve done done done',
    [
      'active/shelving',
      'active/shelving_image_uploading',
      'shelved/shelving_offloading',
      'shelved_offloaded/-',
    ],
  ],
  [
    'unshelve',
    'shelve done done done unshelve done done',
    ['shelved_offloaded/unshelving', 'shelved_offloaded/spawning', 'active/-'],
  ],
  [
    'soft delete and restore',
    'soft_delete done restore done',
    ['active/soft-deleting', 'soft-delete/-', 'soft-delete/restoring', 'active/-'],
  ],
  ['delete', 'delete done', ['active/deleting', 'deleted/-']],
  [
    'snapshot of a paused server',
    'pause done snapshot done upload done',
    [
      'paused/-',
      'paused/image_snapshot_pending',
      'paused/image_snapshot',
      'paused/image_uploading',
      'paused/-',
    ],
  ],
  [
    'shelving a suspended server',
    'suspend done shelve done done done',
    [
      'suspended/-',
      'suspended/shelving',
      'suspended/shelving_image_uploading',
      'shelved/shelving_offloading',
      'shelved_offloaded/-',
    ],
  ],
  [
    'live migration of a paused server',
    'pause done live_migrate done',
    ['paused/-', 'paused/migrating', 'paused/-'],
  ],
  [
    'rescue of a server in error',
    'error_out rescue done',
    ['error/-', 'active/rescuing', 'rescued/-'],
  ],
];

describe('server sequences observed with OpenStack Zed', () => {
  it('create', () => {
    expect(vm(ACTIVE)).toEqual([
      'building/scheduling',
      'building/-',
      'building/networking',
      'building/block_device_mapping',
      'building/spawning',
      'active/-',
    ]);
  });

  it.each(OBSERVED)('%s', (_, events, expected) => {
    expect(vm(`${ACTIVE} ${events}`).slice(-expected.length)).toEqual(expected);
  });

  it('no valid host: 202, then ERROR', () => {
    expect(vm('fault')).toEqual(['building/scheduling', 'error/-']);
  });

  it('resize without a host: the server stays ACTIVE', () => {
    expect(vm(`${ACTIVE} resize fault`).slice(-2)).toEqual(['active/resize_prep', 'active/-']);
  });

  it('a build that fails on a host is tried on three, then given up', () => {
    const attempt = 'done done done done fault';
    expect(vm(`${attempt} done done`).slice(-4)).toEqual([
      'building/spawning',
      'building/scheduling',
      'building/-',
      'building/networking',
    ]);
    expect(vm(`${attempt} ${attempt} ${attempt}`).at(-1)).toBe('error/-');
    expect(vm(`${attempt} ${attempt} ${ACTIVE}`).at(-1)).toBe('active/-');
  });

  it('an action in a wrong state is refused and changes nothing (409)', () => {
    expect(vm(`${ACTIVE} start unpause resume confirm_resize unrescue unshelve`)).toEqual(
      vm(ACTIVE),
    );
    expect(vm(`${ACTIVE} live_migrate stop`).at(-1)).toBe('active/migrating');
  });

  it('a server that was stopped is stopped again after a resize', () => {
    expect(vm(`${ACTIVE} stop done resize done done done done confirm_resize done`).at(-1)).toBe(
      'stopped/-',
    );
    expect(vm(`${ACTIVE} stop done resize done done done done revert_resize done`).at(-1)).toBe(
      'stopped/-',
    );
  });
});

describe('what becomes of a server with its host', () => {
  it('lost: UNKNOWN at once; restored: UP', () => {
    expect(walk(server, `${ACTIVE} lost restored`).slice(-3)).toEqual([
      'active.idle+UP',
      'active.idle+UNKNOWN',
      'active.idle+UP',
    ]);
  });

  it('nova-compute dead: SILENT, but it serves; UNKNOWN when the guest goes too', () => {
    expect(walk(server, `${ACTIVE} host_unknown host_up`).slice(-2)).toEqual([
      'active.idle+SILENT',
      'active.idle+UP',
    ]);
    expect(endOf(server, `${ACTIVE} host_unknown lost`)).toBe('active.idle+UNKNOWN');
    expect(endOf(server, `${ACTIVE} lost host_unknown`)).toBe('active.idle+UNKNOWN');
    expect(endOf(server, `${ACTIVE} stop done host_unknown`)).toBe('stopped.idle+UNKNOWN');
  });

  it('fenced and evacuated', () => {
    const path = `${ACTIVE} lost host_down evacuate done done restored done`;
    expect(walk(server, path).slice(-6)).toEqual([
      'active.idle+DOWN',
      'active.rebuilding+DOWN',
      'active.rebuild_block_device_mapping+DOWN',
      'active.rebuild_spawning+DOWN',
      'active.rebuild_spawning+UP',
      'active.idle+UP',
    ]);
  });

  it('a domain that goes off on purpose is no outage', () => {
    expect(endOf(server, `${ACTIVE} stop lost done`)).toBe('stopped.idle+UP');
    expect(endOf(server, `${ACTIVE} pause lost done`)).toBe('paused.idle+UP');
    expect(endOf(server, 'done done lost')).toBe('building.networking+UP');
  });

  it('serves only while it is active and its host is UP', () => {
    const model = compileModel([server], []);
    const serving = (state: string) => model.serving[model.stateId(`server/${state}`)] === 1;
    expect(serving('active.idle+UP')).toBe(true);
    expect(serving('active.idle+SILENT')).toBe(true);
    expect(serving('active.migrating+UP')).toBe(true);
    expect(serving('active.image_uploading+UP')).toBe(true);
    expect(serving('resized.idle+UP')).toBe(true);
    for (const state of ['UNKNOWN', 'DOWN']) expect(serving(`active.idle+${state}`)).toBe(false);
    for (const state of ['stopped.idle', 'paused.idle', 'active.rebooting', 'building.spawning']) {
      expect(serving(`${state}+UP`)).toBe(false);
    }
  });
});

describe('cinder, glance, keystone and compute services', () => {
  it('a volume is created, attached, detached and deleted', () => {
    expect(walk(volume, 'done reserve attach done detach done delete done')).toEqual([
      'creating+up',
      'available+up',
      'reserved+up',
      'attaching+up',
      'in-use+up',
      'detaching+up',
      'available+up',
      'deleting+up',
      'deleted+up',
    ]);
  });

  it('a volume whose pool hangs keeps its status', () => {
    expect(walk(volume, 'done reserve attach done lost restored').slice(-3)).toEqual([
      'in-use+up',
      'in-use+down',
      'in-use+up',
    ]);
  });

  it('an image is uploaded; deactivated it cannot be used', () => {
    expect(walk(image, 'upload done deactivate reactivate delete done')).toEqual([
      'queued+up',
      'saving+up',
      'active+up',
      'deactivated+up',
      'active+up',
      'pending_delete+up',
      'deleted+up',
    ]);
    expect(endOf(image, 'upload fault')).toBe('killed+up');
  });

  it('a project is disabled, enabled and deleted', () => {
    expect(walk(project, 'done disable enable delete done')).toEqual([
      'creating',
      'enabled',
      'disabled',
      'enabled',
      'deleting',
      'deleted',
    ]);
  });

  it('a killed host: the service is up until its last report is too old', () => {
    expect(walk(computeService, 'done lost overdue restored done')).toEqual([
      'starting+enabled',
      'up.reporting+enabled',
      'up.silent+enabled',
      'down+enabled',
      'starting+enabled',
      'up.reporting+enabled',
    ]);
  });

  it('a fenced host comes back only when it is let', () => {
    expect(
      walk(computeService, 'done lost overdue force_down restored unforce done').slice(3),
    ).toEqual(['down+enabled', 'forced_down+enabled', 'starting+enabled', 'up.reporting+enabled']);
  });

  it('a disabled service goes on with the servers it has', () => {
    expect(walk(computeService, 'done disable enable').slice(1)).toEqual([
      'up.reporting+enabled',
      'up.reporting+disabled',
      'up.reporting+enabled',
    ]);
  });
});

const RECORDED = new URL('../../../shared/lab/openstack/', import.meta.url);
const isThere = existsSync(RECORDED);
if (!isThere) console.log('skipped: no recorded OpenStack sequences in ../shared');

/** Transitions `vm|task>vm|task` and polled states of the recorded runs. */
function recordedTransitions(): string[][] {
  if (!isThere) return [['nothing recorded']]; // a title for what is skipped
  const found: string[][] = [];
  if (!isThere) return found;
  for (const file of ['scenario.out', 'lv.out']) {
    for (const line of readFileSync(new URL(file, RECORDED), 'utf8').split('\n')) {
      const polled = [...line.matchAll(/\d+ms [A-Z_]+\/([a-z_]+)\/([a-z_-]+)\/[A-Z]+\//g)];
      const states = polled.map(([, state, task]) => `${state}/${task}`);
      if (states.length > 1) found.push(states.filter((s, i) => s !== states[i - 1]));
    }
  }
  return found;
}

describe.skipIf(!isThere)('every recorded sequence is a path of the machine', () => {
  const model = compileModel([server], []);
  const names = words(model.stateNames.map((name) => name.slice('server/'.length)));
  /** What follows a state at once, ignoring the host's status. */
  const next = new Map<string, Set<string>>();
  for (let s = 0; s < names.length; s++) {
    for (let e = 0; e < model.eventNames.length; e++) {
      let candidate = model.table[s * model.eventNames.length + e];
      for (; candidate > 0; candidate = model.candidates[candidate * 4 + 3]) {
        const to = names[model.candidates[candidate * 4 + 1]];
        if (!next.has(names[s])) next.set(names[s], new Set());
        next.get(names[s])!.add(to);
      }
    }
  }

  /** Polling misses short states: a way of at most four steps counts. */
  function reaches(from: string, to: string): boolean {
    let frontier = new Set([from]);
    for (let step = 0; step < 4; step++) {
      frontier = new Set([...frontier].flatMap((s) => [...(next.get(s) ?? [])]));
      if (frontier.has(to)) return true;
    }
    return false;
  }

  it.each(recordedTransitions().map((states) => [states.join(' -> '), states] as const))(
    '%s',
    (_, states) => {
      const known = new Set(names);
      for (const state of states) expect(known).toContain(state);
      for (let i = 1; i < states.length; i++) {
        expect(reaches(states[i - 1], states[i]), `${states[i - 1]} -> ${states[i]}`).toBe(true);
      }
    },
  );
});
