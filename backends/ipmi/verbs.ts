/** The verbs on a machine, as commands of ipmitool. */
import { type ActOrder, each } from '../act-order.ts';
import type { Asked } from '../verb-params.ts';
import { MACHINE_PARAMS, paramsOf } from './params.ts';

type Power = 'on' | 'off';

export interface PowerVerb {
  readonly args: readonly string[];
  /** The power states that must be seen after it, in this order. */
  readonly through: readonly Power[];
  /** It has happened already in this power state, in which controllers refuse it. */
  readonly already?: Power;
  /**
   * The power state that it takes. Controllers differ, and some do something else in another one:
   * a cycle of a machine that is off switches it on.
   */
  readonly needs?: Power;
}

export const POWER_VERBS: Readonly<Record<string, PowerVerb>> = {
  // Controllers do nothing when it is so already.
  power_on: { args: ['chassis', 'power', 'on'], through: ['on'] },
  power_off: { args: ['chassis', 'power', 'off'], through: ['off'] },
  /** Asks the operating system; one that does not listen stays on. */
  soft_off: { args: ['chassis', 'power', 'soft'], through: ['off'], already: 'off' },
  power_cycle: { args: ['chassis', 'power', 'cycle'], through: ['off', 'on'], needs: 'on' },
  /** Resets the processor: power stays on, so nothing can be seen of it. */
  power_reset: { args: ['chassis', 'power', 'reset'], through: ['on'], needs: 'on' },
};

/** `enlist` makes a controller known, `forget` unknown again: they change nothing on it. */
export const MACHINE_VERBS: readonly string[] = [
  ...['enlist', 'forget', 'inspect', 'set_boot_device', 'identify'],
  ...Object.keys(POWER_VERBS),
];

/** `chassis bootdev`: what it boots from, the next time or always. */
export function bootDeviceArgs(asked: Asked): readonly string[] {
  const { device, persistent, efi } = paramsOf(asked, MACHINE_PARAMS.set_boot_device);
  const options = [...(persistent ? ['persistent'] : []), ...(efi ? ['efiboot'] : [])];
  return [
    'chassis',
    'bootdev',
    device,
    ...(options.length > 0 ? [`options=${options.join(',')}`] : []),
  ];
}

/** An operating system that does not listen to a soft one is cut off. */
export const MACHINE_ORDER: ActOrder = {
  interrupts: {
    ...each(['power_off', 'power_cycle', 'power_reset'], ['soft_off']),
    ...each(['inspect', 'identify'], 'all'),
  },
};
