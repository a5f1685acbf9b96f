/**
 * The root mirror of a host: degraded by one disk, lost with the last one. A host whose mirror was
 * lost boots again when a disk is replaced: operators restore it from a backup meanwhile.
 */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

export function installMirror(world: SimWorld): void {
  const { engine, scheduler } = world;
  const { model } = engine;
  const hostKind = model.kindId('host-os');
  const diskKind = model.kindId('disk');
  const failed = model.stateId('disk/failed');
  const degrade = model.eventId('degrade');
  const recover = model.eventId('recover');
  const panic = model.eventId('panic');
  const resync = world.timing('host-os.mirror_resync');
  const inSync = scheduler.handler((host, event, cause) => engine.send(host, event, cause));
  /** By disk: whether its host counts it as failed. */
  const counted = new EntityMap(engine);

  const count = (disk: number, host: number, row: number): void => {
    if (counted.get(disk) === 1) return;
    counted.set(disk, 1);
    engine.send(host, degrade, row);
  };

  /** Counts every failed disk of a mirror; says whether all are. */
  const countFailed = (host: number, row: number): boolean => {
    const { edges } = engine;
    let whole = 0;
    for (let e = edges.firstIn(host); e; e = edges.nextIn(e)) {
      const disk = edges.provider(e);
      if (engine.kindIdOf(disk) !== diskKind) continue;
      if (engine.state[disk] === failed) count(disk, host, row);
      else whole++;
    }
    return whole === 0;
  };

  engine.onEnter('disk', 'failed', (disk, row) => {
    const host = engine.dependentOf(disk, hostKind);
    if (host >= 0 && countFailed(host, row)) engine.send(host, panic, row);
  });

  // A disk may have failed before there was a host.
  engine.onEnter('host-os', 'booting', (host, row) => {
    countFailed(host, row);
  });

  const replaced = (disk: number, row: number, _event: number, from: number): void => {
    if (from !== failed || counted.get(disk) !== 1) return;
    counted.set(disk, 0);
    const host = engine.dependentOf(disk, hostKind);
    scheduler.after(world.draw(host, resync), inSync, host, recover, row);
  };
  engine.onEnter('disk', 'running', replaced);
  engine.onEnter('disk', 'offline', replaced);
}
