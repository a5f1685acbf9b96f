/**
 * What nova can do to a server, as data: the call that begins it, the tasks that it goes through,
 * and how it ends. Each task has the verb that the machine requests when it enters it.
 */
import type { z } from 'zod';
import { type ActOrder, each } from '../act-order.ts';
import type { Act } from './context.ts';
import { idOf } from './lookup.ts';
import { SERVER_PARAMS } from './server-params.ts';

type Body = Readonly<Record<string, unknown>>;
/** The body of POST /servers/ID/action. */
type MakeBody = (act: Act) => Body | Promise<Body>;

/** A state of the machine in which the act is under way, and the verb requested in it. */
export type Step = readonly [state: string, verb: string];

export interface ServerAct {
  /** An act without one is called in its own way. */
  readonly action?: MakeBody;
  readonly steps: readonly Step[];
  /** States in which it has succeeded. */
  readonly ends: readonly string[];
  /** That of them which it ends in from a vm_state, where several come into question. */
  readonly endFrom?: (vm: string) => string;
  /** It may rest in others of `ends` on its way: nova runs a stopped server that it rebuilds. */
  readonly endsOnlyThere?: true;
}

const ACTIVE = ['active.idle'];

/** Steps that an act has in the two vm_states where it may begin. */
const both = (steps: readonly Step[], ...vms: readonly string[]): readonly Step[] =>
  vms.flatMap((vm) => steps.map(([task, verb]): Step => [`${vm}.${task}`, verb]));

const BUILD: readonly Step[] = [
  ['building.scheduling', 'schedule'],
  ['building.idle', 'claim'],
  ['building.networking', 'allocate_network'],
  ['building.block_device_mapping', 'map_block_devices'],
  ['building.spawning', 'spawn'],
];
const REBUILD: readonly Step[] = both(
  [
    ['rebuilding', 'rebuild'],
    ['rebuild_block_device_mapping', 'rebuild_map_block_devices'],
    ['rebuild_spawning', 'rebuild_spawn'],
  ],
  ...['active', 'stopped', 'error'],
);
const RESIZE: readonly Step[] = both(
  [
    ['resize_prep', 'prepare_resize'],
    ['resize_migrating', 'migrate_disk'],
    ['resize_migrated', 'switch_host'],
    ['resize_finish', 'finish_resize'],
  ],
  ...['active', 'stopped'],
);
const SNAPSHOT: readonly Step[] = both(
  [
    ['image_snapshot_pending', 'request_snapshot'],
    ['image_snapshot', 'snapshot'],
    ['image_pending_upload', 'extract_snapshot'],
    ['image_uploading', 'upload_snapshot'],
  ],
  ...['active', 'stopped', 'paused', 'suspended'],
);
const SHELVE: readonly Step[] = [
  ...both(
    [
      ['shelving', 'shelve'],
      ['shelving_image_uploading', 'upload_shelved'],
    ],
    ...['active', 'stopped', 'paused', 'suspended'],
  ),
  ['shelved.shelving_offloading', 'offload'],
];
const rebuilt = (vm: string) => (vm === 'stopped' ? 'stopped.idle' : 'active.idle');
const resized = (vm: string) => (vm === 'stopped' ? 'resized.shutdown' : 'resized.idle');
const unchanged = (vm: string) => `${vm}.idle`;
const RESIZED = ['resized.idle', 'resized.shutdown'];
const nothing = null;

/** A body that is made of parameters. */
function given<P>(
  schema: z.ZodType<P>,
  body: (params: P, act: Act) => Body | Promise<Body>,
): MakeBody {
  return (act) => body(act.params(schema), act);
}

/** nova wants the UUIDs of flavors and images. */
const uuid = ({ session, signal }: Act, kind: 'flavor' | 'image', name: string) =>
  idOf(session, kind, name, { signal });

/** By the name of the event that the machine has for it. */
export const SERVER_ACTS = {
  create: { steps: BUILD, ends: ACTIVE },
  delete: {
    steps: both([['deleting', 'delete']], ...deletable()),
    ends: ['absent', 'soft-delete.idle'],
  },
  start: {
    action: () => ({ 'os-start': nothing }),
    steps: [['stopped.powering-on', 'power_on']],
    ends: ACTIVE,
  },
  stop: {
    action: () => ({ 'os-stop': nothing }),
    steps: [['active.powering-off', 'power_off']],
    ends: ['stopped.idle'],
  },
  reboot: {
    action: () => ({ reboot: { type: 'SOFT' } }),
    steps: [
      ['active.rebooting', 'request_reboot'],
      ['active.reboot_pending', 'prepare_reboot'],
      ['active.reboot_started', 'reboot'],
    ],
    ends: ACTIVE,
  },
  hard_reboot: {
    action: () => ({ reboot: { type: 'HARD' } }),
    steps: [
      ['active.rebooting_hard', 'request_reboot'],
      ['active.reboot_pending_hard', 'prepare_reboot'],
      ['active.reboot_started_hard', 'hard_reboot'],
    ],
    ends: ACTIVE,
  },
  pause: {
    action: () => ({ pause: nothing }),
    steps: [['active.pausing', 'pause']],
    ends: ['paused.idle'],
  },
  unpause: {
    action: () => ({ unpause: nothing }),
    steps: [['paused.unpausing', 'unpause']],
    ends: ACTIVE,
  },
  suspend: {
    action: () => ({ suspend: nothing }),
    steps: [['active.suspending', 'suspend']],
    ends: ['suspended.idle'],
  },
  resume: {
    action: () => ({ resume: nothing }),
    steps: [['suspended.resuming', 'resume']],
    ends: ACTIVE,
  },
  rescue: {
    action: given(SERVER_PARAMS.rescue, async ({ rescue_image: image }, act) => ({
      rescue: image === undefined ? {} : { rescue_image_ref: await uuid(act, 'image', image) },
    })),
    steps: [['active.rescuing', 'rescue']],
    ends: ['rescued.idle'],
  },
  unrescue: {
    action: () => ({ unrescue: nothing }),
    steps: [['rescued.unrescuing', 'unrescue']],
    ends: ACTIVE,
  },
  rebuild: {
    action: given(SERVER_PARAMS.rebuild, async ({ image }, act) => ({
      rebuild: { imageRef: await uuid(act, 'image', image) },
    })),
    steps: REBUILD,
    ends: [...ACTIVE, 'stopped.idle'],
    endFrom: rebuilt,
    endsOnlyThere: true,
  },
  evacuate: {
    action: given(SERVER_PARAMS.evacuate, ({ host }) => ({
      evacuate: host === undefined ? {} : { host },
    })),
    steps: REBUILD,
    ends: [...ACTIVE, 'stopped.idle'],
    endFrom: rebuilt,
    endsOnlyThere: true,
  },
  resize: {
    action: given(SERVER_PARAMS.resize, async ({ flavor }, act) => ({
      resize: { flavorRef: await uuid(act, 'flavor', flavor) },
    })),
    steps: RESIZE,
    ends: RESIZED,
    endFrom: resized,
  },
  migrate: {
    action: given(SERVER_PARAMS.migrate, ({ host }) => ({
      migrate: host === undefined ? nothing : { host },
    })),
    steps: RESIZE,
    ends: RESIZED,
    endFrom: resized,
  },
  // nova has no task while it confirms.
  confirm_resize: {
    action: () => ({ confirmResize: nothing }),
    steps: RESIZED.map((state): Step => [state, 'confirm_resize']),
    ends: [...ACTIVE, 'stopped.idle'],
  },
  revert_resize: {
    action: () => ({ revertResize: nothing }),
    steps: [['resized.resize_reverting', 'revert_resize']],
    ends: [...ACTIVE, 'stopped.idle'],
  },
  live_migrate: {
    action: given(SERVER_PARAMS.live_migrate, ({ host }) => ({
      'os-migrateLive': { host: host ?? null, block_migration: 'auto' },
    })),
    steps: both([['migrating', 'live_migrate']], 'active', 'paused'),
    ends: [...ACTIVE, 'paused.idle'],
    endFrom: unchanged,
  },
  snapshot: {
    action: given(SERVER_PARAMS.snapshot, ({ snapshot_name }) => ({
      createImage: { name: snapshot_name },
    })),
    steps: SNAPSHOT,
    ends: [...ACTIVE, 'stopped.idle', 'paused.idle', 'suspended.idle'],
    endFrom: unchanged,
  },
  shelve: {
    action: () => ({ shelve: nothing }),
    steps: SHELVE,
    ends: ['shelved_offloaded.idle', 'shelved.idle'],
    endFrom: () => 'shelved_offloaded.idle',
  },
  shelve_offload: {
    action: () => ({ shelveOffload: nothing }),
    steps: [['shelved.shelving_offloading', 'offload']],
    ends: ['shelved_offloaded.idle'],
  },
  unshelve: {
    action: () => ({ unshelve: nothing }),
    steps: [
      ['shelved.unshelving', 'power_on'],
      ['shelved_offloaded.unshelving', 'reschedule'],
      ['shelved_offloaded.spawning', 'unshelve'],
    ],
    ends: ACTIVE,
  },
  restore: {
    action: () => ({ restore: nothing }),
    steps: [['soft-delete.restoring', 'power_on']],
    ends: ACTIVE,
  },
  reset_state: {
    action: given(SERVER_PARAMS.reset_state, ({ state }) => ({ 'os-resetState': { state } })),
    steps: [],
    ends: [...ACTIVE, 'error.idle'],
  },
} as const satisfies Readonly<Record<string, ServerAct>>;

export type ServerActName = keyof typeof SERVER_ACTS;

/** Acts that change something beside the state, in one call. */
export const SERVER_CALLS = {
  lock: given(SERVER_PARAMS.lock, ({ lock_reason }) => ({
    lock: lock_reason === undefined ? {} : { locked_reason: lock_reason },
  })),
  unlock: () => ({ unlock: nothing }),
} as const satisfies Readonly<Record<string, MakeBody>>;

function deletable(): readonly string[] {
  return [
    ...['building', 'active', 'paused', 'suspended', 'stopped', 'rescued', 'resized'],
    ...['soft-delete', 'error', 'shelved', 'shelved_offloaded'],
  ];
}

/** The act that a verb begins, where its name is not the act's own. */
export function actBegunBy(act: Act, vm: string): ServerActName | undefined {
  const { verb, event } = act.action;
  const names = Object.keys(SERVER_ACTS) as ServerActName[];
  const followed = names.find((name) => name === event);
  const steps: readonly Step[] = followed ? SERVER_ACTS[followed].steps : [];
  // A machine calls the first step of a rebuild and of an evacuation the same.
  if (steps.some(([, step]) => step === verb)) return followed;
  switch (verb) {
    case 'schedule':
      return 'create';
    case 'power_off':
      return 'stop';
    case 'power_on':
      if (vm.startsWith('shelved')) return 'unshelve';
      return vm.startsWith('soft-delete') ? 'restore' : 'start';
    case 'request_reboot':
      return act.params(SERVER_PARAMS.request_reboot).reboot_type === 'HARD'
        ? 'hard_reboot'
        : 'reboot';
    case 'prepare_resize':
      return act.params(SERVER_PARAMS.prepare_resize).flavor === undefined ? 'migrate' : 'resize';
    case 'request_snapshot':
      return 'snapshot';
    case 'offload':
      return 'shelve_offload';
    case 'reschedule':
      return 'unshelve';
    case 'soft_delete':
      return 'delete';
    default:
      return verb in SERVER_ACTS ? (verb as ServerActName) : undefined;
  }
}

/** Every verb of a server: acts as a whole, the verbs of their steps, and single calls. */
export const SERVER_VERBS: readonly string[] = [
  ...new Set([
    ...Object.keys(SERVER_ACTS),
    ...Object.values(SERVER_ACTS).flatMap(({ steps }) => steps.map(([, verb]) => verb)),
    ...Object.keys(SERVER_CALLS),
    'soft_delete',
    'inspect',
  ]),
];

/** What nova takes while a server has a task: `delete` and its like end whatever it was at. */
export const SERVER_ORDER: ActOrder = {
  interrupts: {
    ...each(['delete', 'soft_delete', 'reset_state', 'lock', 'unlock', 'inspect'], 'all'),
    ...each(['hard_reboot', 'request_reboot'], ['reboot', 'prepare_reboot', 'stop', 'power_off']),
  },
};
