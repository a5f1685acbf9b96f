import { describe, expect, it } from 'vitest';
import { serviceState } from '../../../backends/openstack/compute-services.ts';
import { imageState } from '../../../backends/openstack/images.ts';
import { SERVER_ACTS, type ServerAct } from '../../../backends/openstack/server-acts.ts';
import { statesBetween } from '../../../backends/openstack/server-path.ts';
import {
  serverState,
  stateName,
  TASK_STATES,
  VM_STATES,
} from '../../../backends/openstack/server-states.ts';
import { volumeState } from '../../../backends/openstack/volumes.ts';
import { compileModel } from '../../../engine/compile.ts';
import { Op } from '../../../engine/tables.ts';
import { computeService } from '../../../model/iaas/compute-service.ts';
import { image } from '../../../model/iaas/image.ts';
import { server } from '../../../model/iaas/server.ts';
import { volume } from '../../../model/iaas/volume.ts';
import type { KindDefinition } from '../../../model/kind.ts';
import { MachineSteps } from '../../support/machine-steps.ts';

const statesOf = (kind: KindDefinition): ReadonlySet<string> =>
  new Set(compileModel([kind], []).stateNames.map((name) => name.slice(kind.kind.length + 1)));

/**
 * The tasks that nova 26 can run in each vm_state: where nova/compute/api.py lets the act begin
 * (`check_instance_state`), and what it then sets. `deleting` may come in every one.
 */
const MOVES = ['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish'];
const REBUILD = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning'];
const IMAGE = [
  ...['image_snapshot_pending', 'image_snapshot', 'image_backup', 'image_pending_upload'],
  'image_uploading',
];
const SHELVE = ['shelving', 'shelving_image_pending_upload', 'shelving_image_uploading'];
const HARD_REBOOT = ['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'];
const TASKS: Readonly<Record<(typeof VM_STATES)[number], readonly string[]>> = {
  building: ['scheduling', 'networking', 'block_device_mapping', 'spawning', 'deleting'],
  active: [
    ...['powering-off', 'rebooting', 'reboot_pending', 'reboot_started', ...HARD_REBOOT],
    ...['pausing', 'suspending', 'rescuing', 'migrating', 'updating_password', 'deleting'],
    ...['soft-deleting', ...MOVES, ...REBUILD, ...IMAGE, ...SHELVE],
  ],
  paused: ['unpausing', 'migrating', 'deleting', ...HARD_REBOOT, ...IMAGE, ...SHELVE],
  suspended: ['resuming', 'deleting', ...HARD_REBOOT, ...IMAGE, ...SHELVE],
  stopped: [
    ...['powering-on', 'rescuing', 'deleting', 'soft-deleting'],
    ...[...HARD_REBOOT, ...MOVES, ...REBUILD, ...IMAGE, ...SHELVE],
  ],
  rescued: ['unrescuing', 'deleting'],
  resized: ['resize_reverting', 'resize_confirming', 'deleting'],
  'soft-delete': ['restoring', 'deleting'],
  deleted: [],
  error: ['powering-off', 'rescuing', 'deleting', ...HARD_REBOOT, ...REBUILD],
  shelved: ['shelving_offloading', 'unshelving', 'deleting'],
  shelved_offloaded: ['unshelving', 'spawning', 'deleting'],
};

describe('the words of nova', () => {
  const known = statesOf(server);

  it('every vm_state with every task that it can have is a state of the machine', () => {
    for (const vm_state of VM_STATES) {
      for (const task_state of [null, ...TASKS[vm_state]]) {
        for (const power_state of [0, 1, 3, 4, 6, 7]) {
          for (const host_status of ['UP', 'DOWN', 'UNKNOWN', 'MAINTENANCE', '', undefined]) {
            const words = { vm_state, task_state, power_state, host_status };
            const state = serverState(words);
            expect(known, JSON.stringify(words)).toContain(state && stateName(state));
          }
        }
      }
    }
  });

  it('no task of nova is left out', () => {
    const used = new Set(Object.values(TASKS).flat());
    expect(TASK_STATES.filter((task) => !used.has(task))).toEqual([]);
  });

  it('words of another nova are told apart', () => {
    expect(serverState({ vm_state: 'flying' })).toBeUndefined();
    expect(serverState({ vm_state: 'active', task_state: 'flying' })).toBeUndefined();
  });

  it('a resized server that is off is told from one that runs', () => {
    const resized = { vm_state: 'resized', task_state: null };
    expect(serverState({ ...resized, power_state: 1 })?.vm).toBe('resized.idle');
    expect(serverState({ ...resized, power_state: 4 })?.vm).toBe('resized.shutdown');
  });
});

describe('the acts of a server', () => {
  const machine = new MachineSteps(server);
  const acts = Object.entries(SERVER_ACTS) as [string, ServerAct][];

  it.each(acts)('%s goes through states of the machine to states of the machine', (_, act) => {
    const known = new Set([...machine.states, 'absent']);
    for (const state of [...act.steps.map(([name]) => name), ...act.ends]) {
      expect(known).toContain(state);
    }
  });

  it.each(acts)('%s has, in each step, the verb that the machine requests there', (_, act) => {
    const requested = requests();
    for (const [state, verb] of act.steps) expect(requested.get(state), state).toContain(verb);
  });

  it('every verb that the machine requests is a step of some act', () => {
    const verbs = new Set(acts.flatMap(([, { steps }]) => steps.map(([, verb]) => verb)));
    const wanted = compileModel([server], []).verbNames.map((name) => name.split('.')[1]);
    expect(wanted.filter((verb) => !verbs.has(verb))).toEqual(['soft_delete']);
  });

  /** Verbs that are requested on the way into a state, or in it. */
  function requests(): ReadonlyMap<string, ReadonlySet<string>> {
    const model = compileModel([server], []);
    const found = new Map<string, Set<string>>();
    const name = (state: number) => model.stateNames[state].slice(7).split('+')[0];
    const add = (state: number, ops: number) => {
      const own = found.get(name(state)) ?? new Set();
      found.set(name(state), own);
      for (let at = ops; model.ops[at] !== Op.END; at += LENGTHS[model.ops[at]]) {
        if (model.ops[at] === Op.REQUEST) {
          own.add(model.verbNames[model.ops[at + 1]].split('.')[1]);
        }
      }
    };
    add(model.kinds[0].initialState, model.kinds[0].initialOps);
    for (let i = 1; i < model.candidates.length / 4; i++) {
      add(model.candidates[4 * i + 1], model.candidates[4 * i + 2]);
    }
    return found;
  }
});

/** How many integers an operation takes, itself included. */
const LENGTHS: Readonly<Record<number, number>> = {
  [Op.SET]: 3,
  [Op.ADD]: 3,
  [Op.REQUEST]: 2,
  [Op.CANCEL_REQUEST]: 1,
  [Op.START_TIMER]: 4,
  [Op.CANCEL_TIMER]: 2,
};

describe('what lies between two looks', () => {
  const machine = new MachineSteps(server);

  it('is a path of the machine, for every two states and every act', () => {
    const acts = [undefined, ...Object.keys(SERVER_ACTS)] as Parameters<typeof statesBetween>[2][];
    for (const act of acts) {
      const steps: ServerAct['steps'] = act === undefined ? [] : SERVER_ACTS[act].steps;
      for (const [before] of steps) {
        for (const after of machine.states) {
          const path = [before, ...statesBetween(before, after, act), after];
          if (path.length === 2) continue;
          for (let i = 1; i < path.length; i++) {
            expect(machine.leads(path[i - 1], path[i]), path.join(' -> ')).toBe(true);
          }
        }
      }
    }
  });

  it.each([
    ['absent', 'active.idle', 'create', 5],
    ['building.networking', 'active.idle', undefined, 2],
    ['active.idle', 'active.rebuild_spawning', undefined, 2],
    ['active.idle', 'stopped.idle', undefined, 0],
    ['resized.idle', 'active.idle', 'confirm_resize', 0],
    ['shelved.idle', 'active.idle', 'unshelve', 1],
  ] as const)('%s -> %s of %s: %i steps', (before, after, act, count) => {
    expect(statesBetween(before, after, act)).toHaveLength(count);
  });
});

describe('the words of cinder, glance and of nova for its services', () => {
  it.each([
    ...['creating', 'available', 'reserved', 'attaching', 'detaching', 'in-use', 'maintenance'],
    ...['deleting', 'awaiting-transfer', 'error', 'error_deleting', 'backing-up'],
    ...['restoring-backup', 'error_backing-up', 'error_restoring', 'error_extending'],
    ...['downloading', 'uploading', 'retyping', 'extending', 'reverting'],
    ...['managing', 'unmanaging', 'error_managing'],
  ])('volume %s', (status) => {
    expect(statesOf(volume)).toContain(volumeState(status));
  });

  it.each([
    ...['queued', 'saving', 'uploading', 'importing', 'active', 'deactivated', 'killed'],
    ...['deleted', 'pending_delete'],
  ])('image %s', (status) => {
    expect(statesOf(image)).toContain(imageState(status));
  });

  it('compute services', () => {
    for (const state of ['up', 'down']) {
      for (const status of ['enabled', 'disabled']) {
        for (const forced_down of [true, false]) {
          const name = serviceState({ state, status, forced_down });
          expect(statesOf(computeService)).toContain(name);
        }
      }
    }
  });
});
