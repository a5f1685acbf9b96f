/** From a request to a running guest, and from there to nothing: the verbs of building and deleting. */
import { removerOf } from '../sds/removal.ts';
import type { Finished } from './guests.ts';
import type { Nova } from './nova.ts';
import {
  HOST,
  MAP_REQUEST,
  NOTHING,
  OLD_FLAVOR,
  OLD_HOST,
  PROJECT,
  VOLUMES,
  VOLUMES_ASKED,
  VOLUMES_DUE,
} from './servers-table.ts';

export function installBuilding(nova: Nova): void {
  installScheduling(nova);
  installVolumes(nova);
  installSpawning(nova);
  installFailure(nova);
  installDeletion(nova);
}

/** Placement, filters and weighers; then the claim on the host, and the port. */
function installScheduling(nova: Nova): void {
  const { world, engine, table } = nova;
  const scheduled = nova.finisher('schedule');
  // A server asks for a host the moment it exists; what it wants is known at the end of the instant.
  const schedule = world.scheduler.handler((server, token) => {
    if (!engine.isRequested(server, token)) return;
    const row = table.of(server);
    retreat(nova, server, row, token);
    scheduled(server, token, nova.claimHost(row, table.triedBy(row)) !== NOTHING);
  });
  world.onVerb('server', 'schedule', (server, token) => {
    world.scheduler.soon(schedule, server, token);
  });
  const claimed = nova.finisher('claim');
  world.onVerb('server', 'claim', (server, token) => {
    nova.arrive(server, token);
    claimed(server, token, true);
  });
  const errorOut = engine.model.eventId('error_out');
  const networked = nova.finisher('allocate_network');
  world.onVerb('server', 'allocate_network', (server, token) => {
    // No address left (NoMoreFixedIps): nova does not try another host.
    if (nova.network.createPort(server, token)) networked(server, token, true);
    else world.answerIn(0, server, token, errorOut);
  });
}

/** A host that could not build a server is left, and not tried again. */
function retreat(nova: Nova, server: number, row: number, cause: number): void {
  const { table } = nova;
  nova.abandonTarget(row);
  const host = table.cells[row + HOST];
  if (host === NOTHING) return;
  nova.scheduler.noteBuild(host, true);
  table.noteTried(row, host);
  nova.guests.discard(server, nova.hostAnswers(row), cause);
  nova.network.unbind(server, cause);
  nova.vacate(server, cause);
}

/** The root disk and further volumes, where there is a pool for them. */
function installVolumes(nova: Nova): void {
  const { world, engine, table, volumes } = nova;
  const errorOut = engine.model.eventId('error_out');
  const mapped = nova.finisher('map_block_devices');
  world.onVerb('server', 'map_block_devices', (server, token) => {
    const row = table.of(server);
    // A server that is rescheduled keeps the volumes it has.
    const due = table.cells[row + VOLUMES_DUE];
    if (due <= 0) {
      mapped(server, token, true);
      return;
    }
    table.cells[row + MAP_REQUEST] = token;
    if (table.cells[row + VOLUMES_ASKED] === 1) return;
    table.cells[row + VOLUMES_ASKED] = 1;
    const size_bytes = nova.flavorOf(row).rootDisk_bytes;
    for (let i = 0; i < due; i++) {
      const name = `${engine.names[server]}-${i === 0 ? 'root' : `volume-${i}`}`;
      volumes.create(server, name, size_bytes, token);
    }
  });
  nova.onVolume = (server, isAttached) => {
    const row = table.of(server);
    if (isAttached) table.cells[row + VOLUMES_DUE]--;
    const token = table.cells[row + MAP_REQUEST];
    if (token === NOTHING || (isAttached && table.cells[row + VOLUMES_DUE] > 0)) return;
    table.cells[row + MAP_REQUEST] = NOTHING;
    if (!engine.isRequested(server, token)) return;
    // A volume that was not created (VolumeNotCreated): nova does not try another host.
    if (isAttached) mapped(server, token, true);
    else world.answerIn(0, server, token, errorOut);
  };
}

/** The port is bound while the domain starts; the guest is there when both are. */
function installSpawning(nova: Nova): void {
  const { world, table, guests, computes } = nova;
  const spawn = spawner(nova, 'spawn');
  world.onVerb('server', 'spawn', (server, token) => {
    const row = table.of(server);
    if (!nova.hostAnswers(row)) {
      nova.fail(server, token);
      return;
    }
    guests.create(server, computes.hypervisors[table.cells[row + HOST]], token);
    spawn(server, token);
  });
}

/** Binds the port of a server, then brings its domain to running: how every spawn ends. */
export function spawner(nova: Nova, verb: string): (server: number, token: number) => void {
  const finished = nova.finisher(verb);
  const run = nova.guests.task(['running'], finished);
  const bound: Finished = (server, token, isUp) => {
    if (isUp) nova.guests.bring(server, token, run);
    else finished(server, token, false);
  };
  const follower = nova.network.follower(bound);
  return (server, token) => nova.network.bind(server, token, follower);
}

/** A build that was given up leaves nothing on a host. */
function installFailure(nova: Nova): void {
  const { engine, table } = nova;
  const building = engine.statesMatching('server', 'building');
  engine.onEnter('server', 'error', (server, row_, _event, from) => {
    const row = table.of(server);
    nova.abandonTarget(row);
    if (building[from]) retreat(nova, server, row, row_);
  });
  const lost = engine.model.eventId('lost');
  const settled = (server: number, cause: number): void => {
    const row = table.of(server);
    table.forgetTried(row);
    if (!engine.isSatisfied(server)) engine.send(server, lost, cause);
  };
  for (const state of ['active.idle', 'resized.idle']) engine.onEnter('server', state, settled);
  engine.onEnter('server', 'active.idle', (server, _row, _event, from) => {
    if (building[from]) nova.scheduler.noteBuild(table.cells[table.of(server) + HOST], false);
  });
}

function installDeletion(nova: Nova): void {
  const { world, engine, table, guests, catalog } = nova;
  const deleted = guests.task([], nova.finisher('delete'));
  world.onVerb('server', 'delete', (server, token) => {
    nova.network.deletePort(server, token);
    nova.volumes.deleteAll(server, token);
    guests.remove(server, token, nova.hostAnswers(table.of(server)), deleted);
  });
  const remove = removerOf(world);
  engine.onEnter('server', 'deleted', (server, cause) => {
    const row = table.of(server);
    nova.abandonTarget(row);
    nova.vacate(server, cause);
    releaseOld(nova, row);
    const project = catalog.projects[table.cells[row + PROJECT]];
    catalog.use(project, 1, nova.flavorOf(row), table.cells[row + VOLUMES], -1);
    remove(server, cause);
  });
}

/** Frees the host that a resize that is over had kept for a way back. */
export function releaseOld(nova: Nova, row: number): void {
  const { table, catalog } = nova;
  if (table.cells[row + OLD_HOST] === NOTHING) return;
  nova.release(table.cells[row + OLD_HOST], catalog.flavors[table.cells[row + OLD_FLAVOR]]);
  table.cells[row + OLD_HOST] = NOTHING;
  table.cells[row + OLD_FLAVOR] = NOTHING;
}
