/**
 * The root mirror of a host: degraded by one disk, lost with the last one. A host whose mirror was
 * lost boots again when a disk is replaced: operators restore it from a backup meanwhile.
 */
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

  const isMirrorLost = (host: number): boolean => {
    const { edges } = engine;
    for (let e = edges.firstIn[host]; e; e = edges.nextIn[e]) {
      const provider = edges.provider[e];
      if (engine.kindIdOf(provider) === diskKind && engine.state[provider] !== failed) return false;
    }
    return true;
  };

  engine.onEnter('disk', 'failed', (disk, row) => {
    const host = engine.dependentOf(disk, hostKind);
    if (host < 0) return;
    engine.send(host, degrade, row);
    if (isMirrorLost(host)) engine.send(host, panic, row);
  });

  const replaced = (disk: number, row: number, _event: number, from: number): void => {
    if (from !== failed) return;
    const host = engine.dependentOf(disk, hostKind);
    if (host >= 0) scheduler.after(world.draw(host, resync), inSync, host, recover, row);
  };
  engine.onEnter('disk', 'running', replaced);
  engine.onEnter('disk', 'offline', replaced);
}
