/**
 * What nova's database knows of servers beside their state: one record of RECORD words for each
 * server, two cache lines, so that following a server up costs one or two misses and not one for
 * each field. Records are numbered by the server's ordinal and used again after it is removed.
 *
 *   const row = table.of(server);
 *   table.cells[row + HOST]
 */
import type { Engine } from '../../engine/engine.ts';
import { grown } from '../../engine/grow.ts';

/** No host, no entity, no request. */
export const NOTHING = -1;

const RECORD = 32;

// The first line: where it is, and what is under way for it.
/** The host that manages it, the one it was scheduled to, and the one it leaves (resize). */
export const HOST = 0;
export const TARGET = 1;
export const OLD_HOST = 2;
/** Entities: its domain, its port, and the first of its volumes. */
export const DOMAIN = 3;
export const PORT = 4;
export const VOLUME = 5;
/** What its domain is being brought to (see Guests), for which request, and how far that is. */
export const TASK = 6;
export const TASK_REQUEST = 7;
export const TASK_STEP = 8;
export const TASK_TRIES = 9;
/** The domain whose removal is waited for. */
export const LEAVING = 10;
/** What follows when its port is bound (see Network), and for which request. */
export const BINDING = 11;
export const BINDING_REQUEST = 12;
/** The request that waits for its volumes, and the one that waits for a live migration. */
export const MAP_REQUEST = 13;
export const MIGRATE_REQUEST = 14;
/** The entity of the server itself, for who comes from its domain, its port or its volumes. */
export const SERVER = 15;
// The second line.
/** Index of its flavor, of the one before a resize that is not confirmed, and of the one after. */
export const FLAVOR = 16;
export const OLD_FLAVOR = 17;
export const NEW_FLAVOR = 18;
export const PROJECT = 19;
/** Volumes that count against the quota, that are not attached yet, and whether they were asked for. */
export const VOLUMES = 20;
export const VOLUMES_DUE = 21;
export const VOLUMES_ASKED = 22;
/** The event that brings it back from a day-2 action. */
export const DUE = 23;

export class ServerTable {
  cells = new Int32Array(256 * RECORD).fill(NOTHING);
  /** Hosts that failed to build it, by record number; most servers share the empty list. */
  readonly #tried: (readonly number[])[] = [];
  readonly #network: string[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Prepares the record of a new server and returns where it begins. */
  add(server: number, network: string): number {
    const row = this.of(server);
    if (row >= this.cells.length) this.cells = grown(this.cells, row * 2, NOTHING);
    this.cells.fill(NOTHING, row, row + RECORD);
    this.cells.fill(0, row + VOLUMES, row + VOLUMES_ASKED + 1);
    this.cells[row + SERVER] = server;
    this.#tried[row / RECORD] = NO_HOSTS;
    this.#network[row / RECORD] = network;
    return row;
  }

  /** Where the record of a server begins. */
  of(server: number): number {
    return this.#engine.ordinalOf(server) * RECORD;
  }

  networkOf(row: number): string {
    return this.#network[row / RECORD];
  }

  /** Hosts that failed to build a server. */
  triedBy(row: number): readonly number[] {
    return this.#tried[row / RECORD];
  }

  noteTried(row: number, host: number): void {
    this.#tried[row / RECORD] = [...this.triedBy(row), host];
  }

  forgetTried(row: number): void {
    if (this.triedBy(row) !== NO_HOSTS) this.#tried[row / RECORD] = NO_HOSTS;
  }
}

/** Shared by all servers that no host has refused. */
const NO_HOSTS: readonly number[] = [];
