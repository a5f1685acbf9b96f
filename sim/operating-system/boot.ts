/** Boots of hosts: how long, from what, and what comes up with them. */

import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

/** Counts boots, so that others can tell whether a process of theirs outlived an outage. */
export class BootCounter {
  readonly #boots: EntityMap;

  constructor(world: SimWorld) {
    this.#boots = new EntityMap(world.engine);
  }

  /** The number of the present boot of a host OS; -1 before the first. */
  of(hostOs: number): number {
    return this.#boots.get(hostOs);
  }

  next(hostOs: number): void {
    this.#boots.set(hostOs, this.#boots.get(hostOs) + 1);
  }
}

export function installBoot(world: SimWorld, boots: BootCounter): void {
  const { engine } = world;
  const { model } = engine;
  const diskKind = model.kindId('disk');
  const unitKind = model.kindId('systemd-unit');
  const done = model.eventId('done');
  const fault = model.eventId('fault');
  const killed = model.eventId('killed');
  const boot = world.timing('host-os.boot');
  const firstBoot = world.timing('host-os.first_boot');

  const hasRoot = (host: number): boolean => {
    const { edges } = engine;
    let disks = 0;
    for (let e = edges.firstIn(host); e; e = edges.nextIn(e)) {
      const provider = edges.provider(e);
      if (engine.kindIdOf(provider) !== diskKind) continue;
      if (engine.isServing(provider)) return true;
      disks++;
    }
    return disks === 0;
  };

  // When MAAS says deployed, the new system has just phoned home: it is nearly up.
  world.onVerb('host-os', 'boot', (host, token) => {
    const first = boots.of(host) === -1;
    boots.next(host);
    const length_s = world.draw(host, first ? firstBoot : boot);
    world.answerIn(length_s, host, token, hasRoot(host) ? done : fault);
  });

  engine.onEnter('host-os', 'booting', (host, row) => {
    engine.forEachDependent(host, unitKind, (unit) => engine.send(unit, killed, row));
  });
}
