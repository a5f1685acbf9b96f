/** What nova's database knows of servers beside their state: columns by the server's ordinal. */
import type { Engine } from '../../engine/engine.ts';
import { grown } from '../../engine/grow.ts';

/** No host, no entity. */
export const NOTHING = -1;

export class ServerTable {
  /** The host that manages it, the one it was scheduled to, the one it leaves (resize); its domain. */
  host = new Int32Array(256).fill(NOTHING);
  target = new Int32Array(256).fill(NOTHING);
  oldHost = new Int32Array(256).fill(NOTHING);
  domain = new Int32Array(256).fill(NOTHING);
  port = new Int32Array(256).fill(NOTHING);
  /** Index of its flavor, and of the one it had before a resize that is not confirmed. */
  flavor = new Int32Array(256).fill(NOTHING);
  oldFlavor = new Int32Array(256).fill(NOTHING);
  /** Index of the flavor that a resize was asked for. */
  newFlavor = new Int32Array(256).fill(NOTHING);
  project = new Int32Array(256).fill(NOTHING);
  /** Volumes that are not attached yet. */
  volumesDue = new Int32Array(256);
  /** 1 when its volumes have been asked for. */
  volumesAsked = new Uint8Array(256);
  /** Volumes that count against the quota. */
  volumes = new Int32Array(256);
  /** Hosts that failed to build it. */
  readonly tried: number[][] = [];
  readonly network: string[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Prepares the row of a new server and returns its number. */
  add(server: number): number {
    const row = this.#engine.ordinalOf(server);
    if (row >= this.host.length) this.#grow(row * 2);
    this.host[row] = NOTHING;
    this.target[row] = NOTHING;
    this.oldHost[row] = NOTHING;
    this.domain[row] = NOTHING;
    this.port[row] = NOTHING;
    this.oldFlavor[row] = NOTHING;
    this.newFlavor[row] = NOTHING;
    this.volumesDue[row] = 0;
    this.volumesAsked[row] = 0;
    this.volumes[row] = 0;
    this.tried[row] = NO_HOSTS;
    return row;
  }

  of(server: number): number {
    return this.#engine.ordinalOf(server);
  }

  #grow(capacity: number): void {
    this.host = grown(this.host, capacity, NOTHING);
    this.target = grown(this.target, capacity, NOTHING);
    this.oldHost = grown(this.oldHost, capacity, NOTHING);
    this.domain = grown(this.domain, capacity, NOTHING);
    this.port = grown(this.port, capacity, NOTHING);
    this.flavor = grown(this.flavor, capacity, NOTHING);
    this.oldFlavor = grown(this.oldFlavor, capacity, NOTHING);
    this.newFlavor = grown(this.newFlavor, capacity, NOTHING);
    this.project = grown(this.project, capacity, NOTHING);
    this.volumesDue = grown(this.volumesDue, capacity);
    this.volumesAsked = grown(this.volumesAsked, capacity);
    this.volumes = grown(this.volumes, capacity);
  }
}

/** Shared by all servers that no host has refused. */
export const NO_HOSTS: number[] = [];
