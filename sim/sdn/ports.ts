/** Ports: bound by a living chassis only, and removed when neutron deletes them. */
import type { SimWorld } from '../world.ts';

export function installPorts(world: SimWorld): void {
  const { engine, scheduler } = world;
  const fault = engine.model.eventId('fault');
  const bind = world.verbId('port', 'bind');
  const remove = scheduler.handler((port, uid, cause) => {
    if (engine.isAlive(port, uid)) engine.remove(port, cause);
  });

  world.onVerb('port', 'bind', (port, token) => {
    if (engine.isSatisfied(port)) world.answerLater(port, token, bind);
    else world.answerIn(0, port, token, fault);
  });

  engine.onEnter('port', 'deleted', (port, row) => {
    scheduler.soon(remove, port, engine.uidOf(port), row);
  });
}
