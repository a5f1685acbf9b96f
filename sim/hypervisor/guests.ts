/** What happens to the guests of a host: their QEMU processes, and how libvirt finds them again. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

export function installGuests(world: SimWorld): void {
  const { engine } = world;
  const { model } = engine;
  const hypervisorKind = model.kindId('hypervisor');
  const hostKind = model.kindId('host-os');
  const done = model.eventId('done');
  const fault = model.eventId('fault');
  const stopped = model.eventId('stopped');
  const poweredDown = model.eventId('powered_down');
  const define = world.verbId('domain', 'define');
  const shutdownTime = world.timing('domain.shutdown');
  const exitTime = world.timing('domain.exit');
  const inspectTime = world.timing('domain.inspect');
  /** The boot of its host in which the QEMU process of a domain was started. */
  const startedIn = new EntityMap(engine);

  /** The host OS of a hypervisor, which stays the same. */
  const hostOf = new EntityMap(engine);
  const bootOf = (domain: number): number => {
    const hypervisor = engine.providerOf(domain, hypervisorKind);
    if (hypervisor < 0 || !world.services.hosts) return -1;
    let host = hostOf.get(hypervisor);
    if (host < 0) {
      host = engine.providerOf(hypervisor, hostKind);
      if (host < 0) return -1;
      hostOf.set(hypervisor, host);
    }
    return world.services.hosts.bootOf(host);
  };
  for (const state of ['running', 'paused']) {
    engine.onEnter('domain', state, (domain) => startedIn.set(domain, bootOf(domain)));
  }

  world.onVerb('domain', 'define', (domain, token) => {
    if (engine.isSatisfied(domain)) world.answerLater(domain, token, define);
    else world.answerIn(0, domain, token, fault);
  });

  // The guest powers off first, and then QEMU exits, which libvirt reports as STOPPED.
  const exit = world.scheduler.handler((domain, uid, cause) => {
    if (engine.isAlive(domain, uid)) engine.send(domain, stopped, cause);
  });
  engine.onEnter('domain', 'shutdown', (domain, row) => {
    const length_s = world.draw(domain, exitTime);
    world.scheduler.after(length_s, exit, domain, engine.uidOf(domain), row);
  });

  world.onVerb('domain', 'shutdown', (domain, token) => {
    world.answerIn(world.draw(domain, shutdownTime), domain, token, poweredDown);
  });

  world.onVerb('domain', 'inspect', (domain, token) => {
    const survived = startedIn.get(domain) === bootOf(domain);
    const length_s = world.draw(domain, inspectTime);
    world.answerIn(length_s, domain, token, survived ? done : stopped);
  });
}
