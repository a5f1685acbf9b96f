/** Verbs that bring a server to another host: resize and cold migration, live migration, shelving. */
import { releaseOld, spawner } from './building.ts';
import type { Finished } from './guests.ts';
import type { Nova } from './nova.ts';
import {
  DOMAIN,
  FLAVOR,
  HOST,
  MIGRATE_REQUEST,
  NEW_FLAVOR,
  NOTHING,
  OLD_FLAVOR,
  OLD_HOST,
  TARGET,
} from './servers-table.ts';

export function installMoves(nova: Nova): void {
  installResize(nova);
  installResizeEnd(nova);
  installLiveMigration(nova);
  installShelving(nova);
}

// ------------------------------------------------------------------ resize and cold migration

function installResize(nova: Nova): void {
  const { world, engine, table, guests } = nova;
  const prepared = nova.finisher('prepare_resize');
  world.onVerb('server', 'prepare_resize', (server, token) => {
    const row = table.of(server);
    table.cells[row + OLD_HOST] = table.cells[row + HOST];
    table.cells[row + OLD_FLAVOR] = table.cells[row + FLAVOR];
    if (table.cells[row + NEW_FLAVOR] !== NOTHING)
      nova.setFlavor(row, table.cells[row + NEW_FLAVOR]);
    table.cells[row + NEW_FLAVOR] = NOTHING;
    // allow_resize_to_same_host is false by default.
    prepared(server, token, nova.claimHost(row, [table.cells[row + HOST]]) !== NOTHING);
  });
  rollBackRefused(nova);

  const moved = guests.task(['off'], nova.finisher('migrate_disk'));
  world.onVerb('server', 'migrate_disk', (server, token) => {
    guests.bring(server, token, moved);
  });

  const switched = nova.finisher('switch_host');
  world.onVerb('server', 'switch_host', (server, token) => {
    changeHost(nova, server, token);
    switched(server, token, true);
  });

  const finish = spawner(nova, 'finish_resize');
  const defined = guests.task(['defined'], nova.finisher('finish_resize'));
  const stopped = engine.statesMatching('server', 'stopped');
  world.onVerb('server', 'finish_resize', (server, token) => {
    if (stopped[engine.state[server]]) guests.bring(server, token, defined);
    else finish(server, token);
  });
}

/** The domain is made anew on the host that a server was scheduled to; it is not started. */
function changeHost(nova: Nova, server: number, cause: number): void {
  const { table, guests, computes } = nova;
  const row = table.of(server);
  guests.discard(server, nova.hostAnswers(row), cause);
  nova.arrive(server, cause);
  guests.create(server, computes.hypervisors[table.cells[row + HOST]], cause);
}

/** A resize that found no host leaves the server as it was. */
function rollBackRefused(nova: Nova): void {
  const { engine, table } = nova;
  const preparing = engine.statesMatching('server', 'active.resize_prep').map((is, s) => {
    return is | engine.statesMatching('server', 'stopped.resize_prep')[s];
  });
  const rollBack = (server: number, _row: number, _event: number, from: number): void => {
    if (preparing[from]) forgetResize(nova, table.of(server));
  };
  engine.onEnter('server', 'active.idle', rollBack);
  engine.onEnter('server', 'stopped.idle', rollBack);
  engine.onEnter('server', 'error', (server) => forgetResize(nova, table.of(server)));
}

/** Gives up a resize: its target is freed; the server keeps its flavor unless it has moved. */
function forgetResize(nova: Nova, row: number): void {
  const { table } = nova;
  if (table.cells[row + OLD_HOST] === NOTHING) return;
  nova.abandonTarget(row);
  if (table.cells[row + HOST] !== table.cells[row + OLD_HOST]) {
    releaseOld(nova, row);
    return;
  }
  nova.setFlavor(row, table.cells[row + OLD_FLAVOR]);
  table.cells[row + OLD_HOST] = NOTHING;
  table.cells[row + OLD_FLAVOR] = NOTHING;
}

function installResizeEnd(nova: Nova): void {
  const { world, engine, table, guests } = nova;
  const confirmed = nova.finisher('confirm_resize');
  world.onVerb('server', 'confirm_resize', (server, token) => {
    releaseOld(nova, table.of(server));
    confirmed(server, token, true);
  });

  const spawn = spawner(nova, 'revert_resize');
  const defined = guests.task(['defined'], nova.finisher('revert_resize'));
  const off = engine.model.kinds[engine.model.kindId('server')].slotNames.indexOf('off');
  const goBack: Finished = (server, token, reached) => {
    if (!reached) {
      nova.fail(server, token);
      return;
    }
    returnToOldHost(nova, server, token);
    if (engine.slot(server, off) === 1) guests.bring(server, token, defined);
    else spawn(server, token);
  };
  const goingBack = guests.task(['off'], goBack);
  world.onVerb('server', 'revert_resize', (server, token) => {
    guests.bring(server, token, goingBack);
  });
}

/** The old host still holds the old flavor for the server; the new one is freed. */
function returnToOldHost(nova: Nova, server: number, cause: number): void {
  const { table } = nova;
  const row = table.of(server);
  nova.release(table.cells[row + HOST], nova.flavorOf(row));
  nova.setFlavor(row, table.cells[row + OLD_FLAVOR]);
  table.cells[row + TARGET] = table.cells[row + OLD_HOST];
  table.cells[row + OLD_HOST] = NOTHING;
  table.cells[row + OLD_FLAVOR] = NOTHING;
  changeHost(nova, server, cause);
}

// ------------------------------------------------------------------ live migration

function installLiveMigration(nova: Nova): void {
  const { world, engine, table, guests, computes } = nova;
  const { model } = engine;
  const finished = nova.finisher('live_migrate');
  world.onVerb('server', 'live_migrate', (server, request) => {
    const row = table.of(server);
    const target = nova.claimHost(row, [table.cells[row + HOST]]);
    const domain = table.cells[row + DOMAIN];
    const migration =
      target === NOTHING || domain === NOTHING
        ? NOTHING
        : world.services.hypervisor!.migrate(
            domain,
            computes.hypervisors[target],
            request,
            nova.flavorOf(row).ram_bytes,
          );
    if (migration !== NOTHING) table.cells[row + MIGRATE_REQUEST] = request;
    else {
      nova.abandonTarget(row);
      finished(server, request, false);
    }
  });
  const hypervisorKind = model.kindId('hypervisor');
  const isMigrating = engine.statesMatching('domain', 'migrating');
  const ended = (domain: number, row_: number): void => {
    const server = guests.ownerOf(domain);
    if (server === NOTHING || isMigrating[engine.state[domain]]) return;
    const row = table.of(server);
    const request = table.cells[row + MIGRATE_REQUEST];
    if (request === NOTHING) return;
    table.cells[row + MIGRATE_REQUEST] = NOTHING;
    const hypervisor = engine.providerOf(domain, hypervisorKind);
    const hasMoved = computes.hostOf(hypervisor) === table.cells[row + TARGET];
    if (hasMoved) follow(nova, server, row_);
    else nova.abandonTarget(row);
    if (engine.isRequested(server, request)) finished(server, request, hasMoved);
  };
  engine.onCrossing('domain', isMigrating, (domain, row) => ended(domain, row));
  // A migration that fails before it begins leaves the domain running all along.
  engine.onRemoved('migration', (migration) => {
    const domain = engine.providerOf(migration, model.kindId('domain'));
    if (domain >= 0) ended(domain, engine.lastRowOf(migration));
  });
}

/** The guest runs on another host: everything else of the server follows it there. */
function follow(nova: Nova, server: number, cause: number): void {
  const { table } = nova;
  const row = table.of(server);
  nova.release(table.cells[row + HOST], nova.flavorOf(row));
  nova.arrive(server, cause);
  nova.network.follow(server, cause);
}

// ------------------------------------------------------------------ shelving

function installShelving(nova: Nova): void {
  const { world, engine, table, guests, volumes, computes } = nova;
  const offloadEvent = engine.model.eventId('offload');
  const shelved = nova.finisher('shelve');
  const stopped: Finished = (server, token, reached) => {
    // Booted from a volume, a server has no disk of its own to keep.
    if (reached && volumes.isBackend) world.answerIn(0, server, token, offloadEvent);
    else shelved(server, token, reached);
  };
  const stopping = guests.task(['off'], stopped);
  world.onVerb('server', 'shelve', (server, token) => {
    guests.bring(server, token, stopping);
  });

  const offloaded = guests.task([], nova.finisher('offload'));
  world.onVerb('server', 'offload', (server, token) => {
    nova.network.unbind(server, token);
    guests.remove(server, token, nova.hostAnswers(table.of(server)), offloaded);
  });
  engine.onEnter('server', 'shelved_offloaded.idle', (server, cause) => {
    nova.abandonTarget(table.of(server));
    nova.vacate(server, cause);
  });

  const scheduled = nova.finisher('reschedule');
  world.onVerb('server', 'reschedule', (server, token) => {
    scheduled(server, token, nova.claimHost(table.of(server), []) !== NOTHING);
  });
  const spawn = spawner(nova, 'unshelve');
  world.onVerb('server', 'unshelve', (server, token) => {
    const row = table.of(server);
    guests.discard(server, nova.hostAnswers(row), token);
    nova.arrive(server, token);
    guests.create(server, computes.hypervisors[table.cells[row + HOST]], token);
    spawn(server, token);
  });
}
