/**
 * Rebuilding a server in its place, and evacuation: what operators (or masakari) do about the servers
 * of a dead host. nova runs an evacuation as a rebuild on another host.
 */
import { spawner } from './building.ts';
import type { Nova } from './nova.ts';
import { isOff } from './power.ts';
import { DOMAIN, HOST, NOTHING } from './servers-table.ts';

export function installRebuild(nova: Nova): void {
  const { world, engine, table, guests } = nova;
  const destroyed = nova.finisher('rebuild');
  const destroying = guests.task(['destroyed'], destroyed);
  world.onVerb('server', 'rebuild', (server, token) => {
    const row = table.of(server);
    const host = table.cells[row + HOST];
    const isDead = host !== NOTHING && !nova.computes.placement.isUp(host);
    if (isDead) destroyed(server, token, evacuate(nova, server, token));
    else guests.bring(server, token, destroying);
  });
  const spawn = spawner(nova, 'rebuild_spawn');
  const defined = guests.task(['defined'], nova.finisher('rebuild_spawn'));
  const stopped = engine.statesMatching('server', 'stopped');
  world.onVerb('server', 'rebuild_spawn', (server, token) => {
    if (stopped[engine.state[server]]) guests.bring(server, token, defined);
    else spawn(server, token);
  });
}

/** Takes a server from its dead host to another one; false when there is none. */
function evacuate(nova: Nova, server: number, cause: number): boolean {
  const { table, guests, computes } = nova;
  const row = table.of(server);
  const dead = table.cells[row + HOST];
  const flavor = nova.flavorOf(row);
  if (nova.claimHost(row, [dead]) === NOTHING) return false;
  // The dead host removes its remains when it is back; here they go at once, nobody can use them.
  guests.discard(server, false, cause);
  nova.release(dead, flavor);
  nova.arrive(server, cause);
  guests.create(server, computes.hypervisors[table.cells[row + HOST]], cause);
  return true;
}

/** What happens to the servers of a host that falls silent, counts as down, or comes back. */
export function installHostFailure(nova: Nova): void {
  const { world, engine, computes, guests, table } = nova;
  const { model } = engine;
  const event = {
    hostUp: model.eventId('host_up'),
    hostUnknown: model.eventId('host_unknown'),
    hostDown: model.eventId('host_down'),
    evacuate: model.eventId('evacuate'),
    forceDown: model.eventId('force_down'),
    unforce: model.eventId('unforce'),
    hardReboot: model.eventId('hard_reboot'),
    start: model.eventId('start'),
  };
  const delay = world.timing('compute-service.evacuation_delay');
  const tell = (host: number, number: number, cause: number): void => {
    for (const server of computes.serversOf(host)) engine.send(server, number, cause);
  };
  const down = engine.statesMatching('compute-service', 'down');
  // A host whose nova-compute alone is dead is not fenced: its guests run on.
  const fence = world.scheduler.handler((service, _unused, cause) => {
    const hypervisor = computes.hypervisors[computes.hostOfService(service)];
    if (!down[engine.state[service]] || engine.isServing(hypervisor)) return;
    engine.send(service, event.forceDown, cause);
  });
  const inError = engine.statesMatching('server', 'error.idle');
  computes.observe({
    up: (host, row) => {
      for (const server of computes.serversOf(host)) {
        resume(nova, server, event, row);
        // Operators revive what nova gave up on while the host was away.
        if (inError[engine.state[server]]) engine.send(server, event.hardReboot, row);
      }
    },
    down: (host, row) => {
      tell(host, event.hostUnknown, row);
      for (const server of computes.serversOf(host)) guests.fail(server);
      const service = computes.services[host];
      if (!nova.openstack.evacuate) return;
      world.scheduler.after(world.draw(service, delay), fence, service, 0, row);
    },
    fenced: (host, row) => {
      tell(host, event.hostDown, row);
      tell(host, event.evacuate, row);
    },
  });
  // A guest that is back is back, whether or not its host reports.
  engine.onEnter('server', 'UP', (server, row) => {
    const host = table.cells[table.of(server) + HOST];
    if (host === NOTHING || computes.placement.isUp(host)) return;
    engine.send(server, event.hostUnknown, row);
  });
  letBack(nova, delay, event.unforce);
}

/** The host of a server reports again: a guest that was on is started (by default nova does so). */
function resume(
  nova: Nova,
  server: number,
  event: { readonly hostUp: number; readonly start: number },
  row: number,
): void {
  const { engine, table } = nova;
  if (isOff(nova, server)) engine.send(table.cells[table.of(server) + DOMAIN], event.start, row);
  else if (engine.isSatisfied(server) || !nova.wantsGuest(server)) {
    engine.send(server, event.hostUp, row);
  }
}

/** A fenced host that runs again is looked at and let back into service. */
function letBack(nova: Nova, delay: ReturnType<Nova['world']['timing']>, unforce: number): void {
  const { world, engine, computes } = nova;
  const fenced = engine.statesMatching('compute-service', 'forced_down');
  const examined = world.scheduler.handler((service, _unused, cause) => {
    if (fenced[engine.state[service]]) engine.send(service, unforce, cause);
  });
  engine.onEnter('hypervisor', 'running', (hypervisor, row) => {
    const host = computes.hostOf(hypervisor);
    if (host === NOTHING || !fenced[engine.state[computes.services[host]]]) return;
    const service = computes.services[host];
    world.scheduler.after(world.draw(service, delay), examined, service, 0, row);
  });
}
