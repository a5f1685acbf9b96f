/** What the drivers say of acts that need not follow one another. */
import { describe, expect, it } from 'vitest';
import { type ActOrder, mayBegin } from '../../backends/act-order.ts';
import { withDriver } from '../../docs/generator/opened-drivers.ts';
import { DRIVER_NAMES, type DriverName } from '../../model/drivers.ts';
import { KINDS } from '../../model/index.ts';

/** What must not wait for the other: a person asks for it because the other does not end. */
const CUTS: readonly (readonly [DriverName, kind: string, verb: string, under: string])[] = [
  ['libvirt', 'domain', 'destroy', 'shutdown'],
  ['libvirt', 'domain', 'destroy', 'reboot'],
  ['libvirt', 'migration', 'cancel', 'perform'],
  ['maas', 'machine', 'abort', 'deploy'],
  ['maas', 'machine', 'abort', 'commission'],
  ['ironic', 'machine', 'abort', 'clean'],
  ['ironic', 'machine', 'power_off', 'soft_off'],
  ['redfish', 'machine', 'power_off', 'soft_off'],
  ['ipmi', 'machine', 'power_off', 'soft_off'],
  ['ssh', 'systemd-unit', 'stop', 'start'],
  ['cri', 'container', 'stop', 'exec'],
  ['kubernetes', 'pod', 'force_delete', 'delete'],
  ['kubernetes', 'node', 'uncordon', 'drain'],
  ['kubernetes', 'deployment', 'undo', 'roll_out'],
  ['juju', 'unit', 'force_remove', 'remove'],
  ['juju', 'action', 'cancel', 'run'],
  ['openstack', 'server', 'delete', 'create'],
  ['openstack', 'server', 'hard_reboot', 'reboot'],
  ['ovn', 'port', 'unbind', 'bind'],
  ['ceph', 'pg', 'repair', 'scrub'],
];

/** What would be cut off by the other. */
const FOLLOWS: typeof CUTS = [
  ['libvirt', 'domain', 'destroy', 'restore'],
  ['libvirt', 'domain', 'undefine', 'destroy'],
  ['libvirt', 'migration', 'cancel', 'finish'],
  ['maas', 'machine', 'deploy', 'release'],
  ['kubernetes', 'deployment', 'apply', 'delete'],
  ['ssh', 'package', 'remove', 'install'],
  ['ceph', 'rbd-image', 'remove', 'flatten'],
  ['openstack', 'server', 'resize', 'snapshot'],
];

const orderOf = (name: DriverName, kind: string): Promise<ActOrder> =>
  withDriver(name, (driver) => driver.order?.(kind) ?? {});

describe('the order of acts on one entity', () => {
  it.each(DRIVER_NAMES)(
    '%s names verbs that it has, and cuts into no verb that it waits for',
    async (name) => {
      const wrong = await withDriver(name, (driver) =>
        KINDS.flatMap(({ kind }) => {
          const { interrupts = {}, waits = [] } = driver.order?.(kind) ?? {};
          const named = Object.values(interrupts)
            .filter((under) => under !== 'all')
            .flat();
          const all = [...Object.keys(interrupts), ...named, ...waits];
          return all.filter((verb) => !driver.verbs(kind).includes(verb));
        }),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each(CUTS)('%s: %s: %s does not wait for %s', async (name, kind, verb, under) => {
    const order = await orderOf(name, kind);
    expect(mayBegin(order, verb, { verb: under, hasActed: true })).toBe(true);
    expect(mayBegin(order, verb, { verb: under, hasActed: false })).toBe(false);
  });

  it.each(FOLLOWS)('%s: %s: %s follows %s', async (name, kind, verb, under) => {
    const order = await orderOf(name, kind);
    expect(mayBegin(order, verb, { verb: under, hasActed: true })).toBe(false);
  });
});
