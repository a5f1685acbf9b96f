/**
 * What nova's words for a server mean: vm_state, task_state and power_state
 * (nova/compute/vm_states.py, task_states.py and power_state.py) as a state of the machine in
 * `model/iaas/server.ts`, which names a state `VM.TASK`, with `idle` for no task.
 */

/** How nova says where a server stands; null and absent are the same. */
export interface NovaWords {
  readonly vm_state: string;
  readonly task_state?: string | null;
  readonly power_state?: number;
  /** UP, DOWN, UNKNOWN, MAINTENANCE, or empty: on no host; absent where policy hides it. */
  readonly host_status?: string;
}

/** The state of the server and that of its host, as the machine's two regions name them. */
export interface ServerState {
  readonly vm: string;
  readonly host: 'UP' | 'UNKNOWN' | 'DOWN';
}

export const POWER_STATES: Readonly<Record<number, string>> = {
  0: 'NOSTATE',
  1: 'RUNNING',
  3: 'PAUSED',
  4: 'SHUTDOWN',
  6: 'CRASHED',
  7: 'SUSPENDED',
};
const SHUTDOWN = 4;

/** A task that the machine knows by another name, or does not tell apart. */
const TASK_NAMES: Readonly<Record<string, string>> = {
  // createBackup is a snapshot that also deletes old ones.
  image_backup: 'image_snapshot',
  shelving_image_pending_upload: 'shelving_image_uploading',
  // nova has the word and does not use it; while it confirms, there is no task.
  resize_confirming: 'idle',
  updating_password: 'idle',
};

/**
 * Tasks that nova runs in the vm_state where it found the server, and the machine always in
 * `active`, since that is where they lead.
 */
const RUNS_IN_ACTIVE = new Set([
  ...['powering-off', 'rebooting', 'reboot_pending', 'reboot_started'],
  ...['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard', 'rescuing'],
]);

/** Every vm_state of nova. */
export const VM_STATES = [
  ...['building', 'active', 'paused', 'suspended', 'stopped', 'rescued', 'resized'],
  ...['soft-delete', 'deleted', 'error', 'shelved', 'shelved_offloaded'],
] as const;

/** Every task_state of nova. */
export const TASK_STATES = [
  ...['scheduling', 'block_device_mapping', 'networking', 'spawning'],
  ...['image_snapshot', 'image_snapshot_pending', 'image_pending_upload', 'image_uploading'],
  ...['image_backup', 'updating_password'],
  ...['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish'],
  ...['resize_reverting', 'resize_confirming'],
  ...['rebooting', 'reboot_pending', 'reboot_started'],
  ...['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'],
  ...['pausing', 'unpausing', 'suspending', 'resuming', 'powering-off', 'powering-on'],
  ...['rescuing', 'unrescuing'],
  ...['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning'],
  ...['migrating', 'deleting', 'soft-deleting', 'restoring'],
  ...['shelving', 'shelving_image_pending_upload', 'shelving_image_uploading'],
  ...['shelving_offloading', 'unshelving'],
] as const;

/** Undefined for words that no nova up to 26 (Zed) uses. */
export function serverState(words: NovaWords): ServerState | undefined {
  const vm = vmStateOf(words);
  return vm === undefined ? undefined : { vm, host: hostOf(words.host_status) };
}

function vmStateOf({ vm_state, task_state, power_state }: NovaWords): string | undefined {
  const isKnown = (VM_STATES as readonly string[]).includes(vm_state);
  if (!isKnown || (task_state && !(TASK_STATES as readonly string[]).includes(task_state))) {
    return undefined;
  }
  const task = task_state ? (TASK_NAMES[task_state] ?? task_state) : 'idle';
  if (RUNS_IN_ACTIVE.has(task)) return `active.${task}`;
  if (vm_state === 'resized' && task === 'idle' && power_state === SHUTDOWN) {
    return 'resized.shutdown';
  }
  return `${vm_state}.${task}`;
}

/** A host in maintenance is disabled, and reports. */
function hostOf(host_status: string | undefined): ServerState['host'] {
  return host_status === 'DOWN' || host_status === 'UNKNOWN' ? host_status : 'UP';
}

/** As the compiled machine names a state of both regions. */
export function stateName({ vm, host }: ServerState): string {
  return `${vm}+${host}`;
}

/** nova's own words, such as `active/powering-off/RUNNING`; `-` for no task. */
export function novaWords({ vm_state, task_state, power_state }: NovaWords): string {
  const power = POWER_STATES[power_state ?? 0] ?? String(power_state);
  return `${vm_state}/${task_state ?? '-'}/${power}`;
}

export const isIdle = (vm: string): boolean => vm.endsWith('.idle') || vm === 'resized.shutdown';
