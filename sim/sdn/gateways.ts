/**
 * Gateway ports and the chassis that carry them. Each gateway knows a few chassis in an order of
 * priority; the first that is alive has it. When its chassis dies, BFD has to notice before the next
 * one takes over; when a better one comes back, it takes the gateway over at once.
 */
import type { SimWorld } from '../world.ts';
import type { ChassisRoles } from './chassis.ts';
import type { Topology } from './topology.ts';

/** neutron schedules a gateway on at most this many chassis (`MAX_GW_CHASSIS`). */
const CHASSIS_MAX = 5;

export function installGateways(world: SimWorld, roles: ChassisRoles, topology: Topology): void {
  const { engine } = world;
  const { model } = engine;
  const gatewayKind = model.kindId('gateway');
  const claim = model.eventId('claim');
  const preempt = model.eventId('preempt');
  const fault = model.eventId('fault');
  const chassisLost = model.eventId('chassis_lost');
  const chassisBack = model.eventId('chassis_back');
  const claimVerb = world.verbId('gateway', 'claim');
  /** By gateway: its chassis, best first, and the one that has it. */
  const candidates = new Map<number, number[]>();
  const holder = new Map<number, number>();

  const best = (gateway: number): number =>
    candidates.get(gateway)?.find((chassis) => engine.isServing(chassis)) ?? -1;

  world.onVerb('gateway', 'claim', (gateway, token) => {
    const chassis = best(gateway);
    holder.set(gateway, chassis);
    if (chassis < 0) world.answerIn(0, gateway, token, fault);
    else world.answerLater(gateway, token, claimVerb);
  });

  const join = (chassis: number, row: number): void => {
    for (const gateway of topology.gateways) {
      const list = candidates.get(gateway) ?? [];
      if (list.includes(chassis) || list.length === CHASSIS_MAX) continue;
      candidates.set(gateway, [...list, chassis]);
      engine.link(chassis, gateway, row);
    }
  };

  engine.onEnter('chassis', 'up', (chassis, row) => {
    topology.ensure(row);
    if (!roles.isGateway(chassis)) return;
    join(chassis, row);
    engine.forEachDependent(chassis, gatewayKind, (gateway) => {
      engine.send(gateway, claim, row);
      if (holder.get(gateway) === chassis) engine.send(gateway, chassisBack, row);
      else if (best(gateway) === chassis) engine.send(gateway, preempt, row);
    });
  });

  for (const state of ['dead', 'datapath_failed', 'deregistering', 'stopped']) {
    engine.onEnter('chassis', state, (chassis, row) => {
      engine.forEachDependent(chassis, gatewayKind, (gateway) => {
        if (holder.get(gateway) === chassis) engine.send(gateway, chassisLost, row);
      });
    });
  }
}
