/** The verbs on a machine, as targets of Ironic's provision and power states. */
import { type ActOrder, each } from '../act-order.ts';

/** One request of a provision state, and where it ends well. */
export interface Step {
  readonly target: string;
  readonly until: readonly string[];
}

const MANAGE: Step = { target: 'manage', until: ['manageable'] };
const PROVIDE: Step = { target: 'provide', until: ['available'] };
const DELETE: Step = { target: 'deleted', until: ['available'] };
const INSPECT: Step = { target: 'inspect', until: ['manageable'] };

export interface ProvisionVerb {
  /** Carried out one after the other; those that the node has behind it are left out. */
  readonly steps: readonly Step[];
  /** Provision states after which nothing is left to do. */
  readonly already?: readonly string[];
  /** Set on the node first. */
  readonly patch?: Readonly<Record<string, unknown>>;
}

/** By the names that the machine requests them by, and Ironic's own for the others. */
export const PROVISION_VERBS: Readonly<Record<string, ProvisionVerb>> = {
  /** From enrolled to available: verified, cleaned. */
  commission: { steps: [MANAGE, PROVIDE] },
  deploy: { steps: [{ target: 'active', until: ['active'] }] },
  release: { steps: [DELETE], already: ['available'] },
  /** A release whose cleaning wipes the disks, whatever is Ironic's default. */
  erase: { steps: [DELETE], already: ['available'], patch: { automated_clean: true } },
  enter_rescue_mode: { steps: [{ target: 'rescue', until: ['rescue'] }], already: ['rescue'] },
  exit_rescue_mode: { steps: [{ target: 'unrescue', until: ['active'] }] },
  abort: { steps: [{ target: 'abort', until: [] }] },
  manage: { steps: [MANAGE], already: ['manageable'] },
  provide: { steps: [PROVIDE], already: ['available'] },
  inspect_hardware: { steps: [INSPECT] },
  clean: { steps: [{ target: 'clean', until: ['manageable'] }] },
  adopt: { steps: [{ target: 'adopt', until: ['active'] }], already: ['active'] },
  rebuild: { steps: [{ target: 'rebuild', until: ['active'] }] },
};

export interface PowerVerb {
  readonly target: string;
  readonly until: 'power on' | 'power off';
  /** A reboot is one even when the power is on already. */
  readonly always?: true;
}

export const POWER_VERBS: Readonly<Record<string, PowerVerb>> = {
  power_on: { target: 'power on', until: 'power on' },
  power_off: { target: 'power off', until: 'power off' },
  soft_off: { target: 'soft power off', until: 'power off' },
  reboot: { target: 'rebooting', until: 'power on', always: true },
};

export const MACHINE_VERBS: readonly string[] = [
  ...['create', 'delete', 'inspect', 'update', 'set_boot_device', 'set_maintenance'],
  ...Object.keys(PROVISION_VERBS),
  ...Object.keys(POWER_VERBS),
];

/** Ironic lets a node be called off, given back and switched while it waits for its agent. */
const LONG = Object.keys(PROVISION_VERBS).filter((verb) => verb !== 'abort');

export const MACHINE_ORDER: ActOrder = {
  interrupts: {
    abort: LONG,
    ...each(['release', 'erase'], ['deploy', 'rebuild']),
    ...each(['power_on', 'power_off', 'reboot'], [...LONG, 'soft_off']),
    ...each(['inspect', 'set_maintenance'], 'all'),
  },
};
