/**
 * MAAS node statuses with their codes, and which may follow which: the table that the region
 * enforces, the same from MAAS 3.4 to 3.8 (maasserver.node_status NODE_TRANSITIONS).
 */
import type { Tag } from '../kind.ts';

interface Status {
  readonly code: number;
  readonly class: Exclude<Tag, 'serving'>;
  readonly description: string;
  readonly next: readonly number[];
}

export const STATUSES = {
  new: {
    code: 0,
    class: 'stable',
    description: 'Enlisted; its hardware is not known yet.',
    next: [1, 3, 4, 7, 8, 17, 21],
  },
  commissioning: {
    code: 1,
    class: 'transient',
    description: 'Booted into an ephemeral system that reports its hardware.',
    next: [0, 2, 3, 4, 7, 8, 21],
  },
  failed_commissioning: {
    code: 2,
    class: 'failed',
    description: 'A commissioning script failed, or nothing was heard in time.',
    next: [1, 3, 7, 8, 17, 21],
  },
  missing: {
    code: 3,
    class: 'failed',
    description: 'Nobody can find it.',
    next: [0, 1, 4, 8, 10, 17, 21],
  },
  ready: {
    code: 4,
    class: 'stable',
    description: 'Known, tested, free.',
    next: [1, 3, 5, 7, 8, 10, 17, 21],
  },
  reserved: {
    code: 5,
    class: 'stable',
    description: 'Set aside for somebody.',
    next: [3, 4, 7, 8, 10, 12, 14, 17, 21],
  },
  deployed: {
    code: 6,
    class: 'stable',
    description: 'Has an operating system and an owner.',
    next: [3, 4, 8, 10, 12, 14, 17, 21],
  },
  retired: {
    code: 7,
    class: 'stable',
    description: 'Taken out of use.',
    next: [0, 3, 4, 8, 17, 21],
  },
  broken: {
    code: 8,
    class: 'failed',
    description: 'Marked broken: out of use until it is marked fixed.',
    next: [1, 4, 6, 12, 14, 17, 21],
  },
  deploying: {
    code: 9,
    class: 'transient',
    description: 'The operating system is being installed.',
    next: [3, 4, 6, 8, 10, 11, 12, 14],
  },
  allocated: {
    code: 10,
    class: 'stable',
    description: 'Acquired by a user, nothing installed yet.',
    next: [3, 4, 7, 8, 9, 12, 14, 17, 21],
  },
  failed_deployment: {
    code: 11,
    class: 'failed',
    description: 'The installation failed, or nothing was heard in time.',
    next: [3, 4, 8, 10, 12, 14, 17, 21],
  },
  releasing: {
    code: 12,
    class: 'transient',
    description: 'Being powered off and returned to the pool.',
    next: [0, 3, 4, 5, 6, 8, 10, 11, 13, 15],
  },
  failed_releasing: {
    code: 13,
    class: 'failed',
    description: 'It could not be powered off or returned.',
    next: [4, 8, 12, 14, 21],
  },
  disk_erasing: {
    code: 14,
    class: 'transient',
    description: 'Its disks are being wiped before release.',
    next: [4, 8, 12, 14, 15],
  },
  failed_disk_erasing: {
    code: 15,
    class: 'failed',
    description: 'A disk could not be wiped.',
    next: [4, 8, 10, 12, 14, 17, 21],
  },
  rescue_mode: {
    code: 16,
    class: 'stable',
    description: 'Booted into an ephemeral system for an operator.',
    next: [8, 19, 21],
  },
  entering_rescue_mode: {
    code: 17,
    class: 'transient',
    description: 'Booting into the rescue system.',
    next: [4, 6, 8, 16, 18, 19],
  },
  failed_entering_rescue_mode: {
    code: 18,
    class: 'failed',
    description: 'The rescue system did not come up.',
    next: [8, 17, 19, 21],
  },
  exiting_rescue_mode: {
    code: 19,
    class: 'transient',
    description: 'Leaving the rescue system for what was before.',
    next: [0, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 15, 16, 18, 20, 22],
  },
  failed_exiting_rescue_mode: {
    code: 20,
    class: 'failed',
    description: 'It did not come back from the rescue system.',
    next: [8, 19, 21],
  },
  testing: {
    code: 21,
    class: 'transient',
    description: 'Hardware tests run in an ephemeral system.',
    next: [0, 1, 3, 4, 5, 6, 7, 8, 10, 11, 13, 15, 18, 20, 22],
  },
  failed_testing: {
    code: 22,
    class: 'failed',
    description: 'A hardware test failed.',
    next: [1, 3, 4, 6, 8, 17, 21],
  },
} as const satisfies Record<string, Status>;

export type StatusName = keyof typeof STATUSES;

export const STATUS_NAMES = Object.keys(STATUSES) as StatusName[];

/**
 * Where MAAS goes back to past its own table: it sets these without asking it when a power driver
 * fails, or when tests are aborted (maasserver.models.node `_set_status`, used by
 * `start_rescue_mode`, `_release` and `_abort_testing_async`).
 */
const BACK: Readonly<Partial<Record<StatusName, readonly number[]>>> = {
  entering_rescue_mode: [0, 2, 3, 5, 7, 10, 11, 15, 22],
  releasing: [9],
  testing: [2],
};

const named = (codes: readonly number[]) =>
  STATUS_NAMES.filter((name) => codes.includes(STATUSES[name].code));

/** The statuses that MAAS' table lets follow one. */
export function tableOf(status: StatusName): StatusName[] {
  return named(STATUSES[status].next);
}

/** The statuses that may follow one: those of the table, and those that MAAS goes back to. */
export function successorsOf(status: StatusName): StatusName[] {
  return named([...STATUSES[status].next, ...(BACK[status] ?? [])]);
}
