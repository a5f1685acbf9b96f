/** systemd units of every host, and what a failed one means for its host. */
import type { SimWorld } from '../world.ts';

export function installUnits(world: SimWorld): void {
  const services = world.scenario.stack.operating_system?.services ?? [];
  if (services.length === 0) return;
  const { engine } = world;
  const { model } = engine;
  const unitKind = model.kindId('systemd-unit');
  const hostKind = model.kindId('host-os');
  const start = model.eventId('start');
  const degrade = model.eventId('degrade');
  const recover = model.eventId('recover');
  const failed = model.stateId('systemd-unit/failed');

  const create = (host: number, row: number): void => {
    if (engine.dependentOf(host, unitKind) >= 0) return;
    for (const service of services) {
      const unit = world.create('systemd-unit', `${engine.names[host]}-${service}`, [host], row);
      engine.send(unit, start, row);
    }
  };
  engine.onEnter('host-os', 'running', create);
  engine.onEnter('host-os', 'degraded', create);

  const tell = (unit: number, event: number, row: number): void => {
    const host = engine.providerOf(unit, hostKind);
    if (host >= 0) engine.send(host, event, row);
  };
  engine.onEnter('systemd-unit', 'failed', (unit, row) => tell(unit, degrade, row));
  for (const state of ['inactive', 'activating', 'active']) {
    engine.onEnter('systemd-unit', state, (unit, row, _event, from) => {
      if (from === failed) tell(unit, recover, row);
    });
  }
}
