/** The verbs that only bring a guest from one state to another: stop, pause, reboot, rescue, ... */
import type { Goal } from './guests.ts';
import type { Nova } from './nova.ts';
import { DOMAIN, HOST, NOTHING } from './servers-table.ts';

/** What each verb wants of the domain, in order. */
const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  power_off: ['off'],
  power_on: ['running'],
  pause: ['paused'],
  unpause: ['running'],
  suspend: ['saved'],
  resume: ['running'],
  reboot: ['rebooted'],
  hard_reboot: ['destroyed', 'running'],
  rescue: ['off', 'running'],
  unrescue: ['destroyed', 'running'],
  soft_delete: ['off'],
};

export function installPower(nova: Nova): void {
  const { world, table, guests } = nova;
  for (const [verb, goals] of Object.entries(GOALS)) {
    const task = guests.task(goals, nova.finisher(verb));
    world.onVerb('server', verb, (server, token) => {
      const row = table.of(server);
      if (nova.hostAnswers(row)) guests.bring(server, token, task);
      else waitForHost(nova, server, token, task);
    });
  }
  installLifecycleEvents(nova);
}

/**
 * A request to a host that does not answer waits in its queue: nova-compute carries it out when it is
 * back, unless the host counts as down before.
 */
function waitForHost(nova: Nova, server: number, token: number, task: number): void {
  const { engine, table, guests } = nova;
  const host = table.cells[table.of(server) + HOST];
  if (host === NOTHING) {
    nova.fail(server, token);
    return;
  }
  nova.whenDecided(host, (isUp) => {
    if (!engine.isRequested(server, token)) return;
    if (isUp) guests.bring(server, token, task);
    else nova.fail(server, token);
  });
}

/** What nova does when libvirt reports a change of a guest that nova did not ask for. */
function installLifecycleEvents(nova: Nova): void {
  const { world, engine, table, guests } = nova;
  const { model } = engine;
  const stopped = model.eventId('guest_stopped');
  const hostUp = model.eventId('host_up');
  const start = model.eventId('start');
  const delay = world.timing('server.stopped_event_delay');
  const inspecting = model.stateId('domain/inspecting');
  const report = world.scheduler.handler((server, uid, cause) => {
    if (engine.isAlive(server, uid) && isOff(nova, server)) engine.send(server, stopped, cause);
  });
  const onOff = (domain: number, row: number, _event: number, from: number): void => {
    const server = guests.ownerOf(domain);
    if (server === NOTHING || !nova.wantsGuest(server)) return;
    if (!nova.hostAnswers(table.of(server))) return;
    // Found off after an outage of its host: resume_guests_state_on_host_boot.
    if (from === inspecting) engine.send(domain, start, row);
    else
      world.scheduler.after(world.draw(server, delay), report, server, engine.uidOf(server), row);
  };
  engine.onEnter('domain', 'shutoff', onOff);
  engine.onEnter('domain', 'crashed', onOff);
  // Whoever starts a domain by hand starts the server too: nova would stop it again.
  const stoppedIdle = engine.statesMatching('server', 'stopped.idle');
  engine.onEnter('domain', 'running', (domain, row) => {
    const server = guests.ownerOf(domain);
    if (server !== NOTHING && stoppedIdle[engine.state[server]]) engine.send(server, start, row);
  });
  engine.onEnter('server', 'stopped.idle', (server, row) => {
    if (nova.hostAnswers(table.of(server))) engine.send(server, hostUp, row);
  });
}

/** Whether a guest that nova means to run is off. */
export function isOff(nova: Nova, server: number): boolean {
  const { engine, table } = nova;
  const domain = table.cells[table.of(server) + DOMAIN];
  if (domain === NOTHING || !nova.wantsGuest(server)) return false;
  return nova.isGuestOff[engine.state[domain]] === 1;
}
