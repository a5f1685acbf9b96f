/**
 * Brings the domains of servers to where a verb of nova wants them: running, off, paused, saved, one
 * after the other, asking libvirt again (and harder) when it did not work. A verb is answered when its
 * last goal is reached; what nova itself takes for it comes on top.
 */
import { grown } from '../../engine/grow.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import {
  DOMAIN,
  LEAVING,
  NOTHING,
  SERVER,
  type ServerTable,
  TASK,
  TASK_REQUEST,
  TASK_STEP,
  TASK_TRIES,
} from './servers-table.ts';

export type Goal = 'running' | 'off' | 'destroyed' | 'paused' | 'saved' | 'rebooted' | 'defined';

/** What libvirt is asked for to get from a state (in which a domain rests) to a goal. */
const REQUESTS: Readonly<Record<Goal, Readonly<Record<string, string>>>> = {
  running: { shutoff: 'start', crashed: 'start', saved: 'restore', paused: 'resume' },
  off: { running: 'shutdown', paused: 'destroy', pmsuspended: 'destroy' },
  destroyed: { running: 'destroy', paused: 'destroy', pmsuspended: 'destroy' },
  paused: { running: 'suspend' },
  saved: { running: 'managed_save', paused: 'managed_save' },
  rebooted: { running: 'reboot' },
  defined: {},
};

/** The states in which a goal is reached. */
const REACHED: Readonly<Record<Goal, readonly string[]>> = {
  running: ['running'],
  off: ['shutoff', 'crashed', 'saved'],
  destroyed: ['shutoff', 'crashed', 'saved'],
  paused: ['paused'],
  saved: ['saved'],
  rebooted: ['running'],
  defined: ['shutoff', 'crashed', 'saved', 'running', 'paused'],
};

/** How often libvirt is asked before a verb fails; from the second time on a stop is a destroy. */
const TRIES_max = 3;

/** Called when all goals of a verb are reached, or one of them cannot be. */
export type Finished = (server: number, token: number, reached: boolean) => void;

/** What a verb wants of a domain: goals in order, and who is told. */
interface Task {
  readonly goals: readonly Goal[];
  readonly finished: Finished;
}

/**
 * The tasks are registered once, when the layer is installed. What is under way for a server is in
 * its record: the number of the task, the request it is for, the goal, and how often it was asked for.
 */
export class Guests {
  readonly #world: SimWorld;
  readonly #table: ServerTable;
  readonly #tasks: Task[] = [];
  /** By domain: the record of its server. */
  readonly #rowOf: EntityMap;
  readonly #request: Readonly<Record<Goal, Int32Array>>;
  readonly #reached: Readonly<Record<Goal, Uint8Array>>;
  readonly #resting: Uint8Array;
  readonly #absent: number;
  readonly #destroy: number;
  readonly #inspecting: number;
  #named = 0;

  constructor(world: SimWorld, table: ServerTable) {
    const { engine } = world;
    this.#world = world;
    this.#rowOf = new EntityMap(world.engine);
    this.#table = table;
    this.#request = mapGoals((goal) => requestsById(world, goal));
    this.#reached = mapGoals((goal) => maskOf(world, REACHED[goal]));
    const resting = ['running', 'paused', 'shutoff', 'saved', 'crashed', 'pmsuspended'];
    this.#resting = maskOf(world, resting);
    this.#absent = engine.model.stateId('domain/absent');
    this.#destroy = engine.model.eventId('destroy');
    this.#inspecting = engine.model.stateId('domain/inspecting');
    // Only where it rests, or is gone, does a domain need anything.
    for (const state of [...resting, 'absent']) {
      engine.onEnter('domain', state, (domain) => this.#onEntry(domain));
    }
    engine.onRemoved('domain', (domain) => this.#onRemoved(domain));
  }

  /** Registers what a verb wants; returns its number for `bring` and `remove`. */
  task(goals: readonly Goal[], finished: Finished): number {
    return this.#tasks.push({ goals, finished }) - 1;
  }

  /** The server that a domain is now, or -1: not while the domain is being removed. */
  ownerOf(domain: number): number {
    const row = this.#rowOf.get(domain);
    if (row === NOTHING) return NOTHING;
    const { cells } = this.#table;
    return cells[row + DOMAIN] === domain ? cells[row + SERVER] : NOTHING;
  }

  /** Defines the domain of a server on a hypervisor; `bring` it to running then. */
  create(server: number, hypervisor: number, cause: number): void {
    const name = `instance-${(this.#named++).toString(16).padStart(8, '0')}`;
    const { engine, services } = this.#world;
    const domain = services.hypervisor!.createDomain(name, hypervisor, NO_VOLUMES, cause);
    const row = this.#table.of(server);
    this.#rowOf.set(domain, row);
    this.#table.cells[row + DOMAIN] = domain;
    engine.link(domain, server, cause);
  }

  /**
   * Ends and removes the domain of a server: through its host, or without it when it is dead. The
   * task (one without goals) is finished when nothing of it is left.
   */
  remove(server: number, token: number, hostAnswers: boolean, task: number): void {
    const row = this.#table.of(server);
    const domain = this.#table.cells[row + DOMAIN];
    if (domain === NOTHING) {
      this.#tasks[task].finished(server, token, true);
      return;
    }
    this.#begin(row, token, task, domain);
    this.discard(server, hostAnswers, token);
  }

  /** As `remove`, without waiting for it. */
  discard(server: number, hostAnswers: boolean, cause: number): void {
    const row = this.#table.of(server);
    const domain = this.#table.cells[row + DOMAIN];
    if (domain === NOTHING) return;
    this.#table.cells[row + DOMAIN] = NOTHING;
    const { engine, services } = this.#world;
    engine.unlink(domain, server);
    // libvirt answers for a domain it is just looking for when it has found it.
    const canAsk = hostAnswers && engine.state[domain] !== this.#inspecting;
    if (canAsk) services.hypervisor!.deleteDomain(domain, cause);
    else services.hypervisor!.forgetDomain(domain, cause);
  }

  #onRemoved(domain: number): void {
    const row = this.#rowOf.get(domain);
    if (row === NOTHING) return;
    this.#rowOf.set(domain, NOTHING);
    const { cells } = this.#table;
    if (cells[row + LEAVING] === domain) this.#finish(cells[row + SERVER], row, true);
  }

  /** Brings the domain of a server to one goal of a task after the other. */
  bring(server: number, token: number, task: number): void {
    const row = this.#table.of(server);
    this.#begin(row, token, task, NOTHING);
    const domain = this.#table.cells[row + DOMAIN];
    if (domain === NOTHING) this.#finish(server, row, false);
    else this.#advance(server, row, domain, this.#tasks[task].goals[0] === 'rebooted');
  }

  /** Gives up what a verb wanted of a server's domain: its host is dead. */
  fail(server: number): void {
    const row = this.#table.of(server);
    if (this.#table.cells[row + TASK] !== NOTHING) this.#finish(server, row, false);
  }

  #begin(row: number, token: number, task: number, leaving: number): void {
    const { cells } = this.#table;
    cells[row + TASK] = task;
    cells[row + TASK_REQUEST] = token;
    cells[row + TASK_STEP] = 0;
    cells[row + TASK_TRIES] = 0;
    cells[row + LEAVING] = leaving;
  }

  #onEntry(domain: number): void {
    const row = this.#rowOf.get(domain);
    if (row === NOTHING) return;
    const { cells } = this.#table;
    if (cells[row + TASK] === NOTHING || cells[row + DOMAIN] !== domain) return;
    const server = cells[row + SERVER];
    const state = this.#world.engine.state[domain];
    if (state === this.#absent) this.#finish(server, row, false);
    else this.#advance(server, row, domain, false);
  }

  /** The domain rests: on to the next goal, or ask (again) for this one. */
  #advance(server: number, row: number, domain: number, mustAsk: boolean): void {
    const { engine } = this.#world;
    const { cells } = this.#table;
    if (!engine.isRequested(server, cells[row + TASK_REQUEST])) {
      this.#forget(row);
      return;
    }
    const state = engine.state[domain];
    if (!this.#resting[state]) return;
    const { goals } = this.#tasks[cells[row + TASK]];
    let ask = mustAsk;
    while (!ask && this.#reached[goals[cells[row + TASK_STEP]]][state]) {
      const step = ++cells[row + TASK_STEP];
      cells[row + TASK_TRIES] = 0;
      if (step === goals.length) {
        this.#finish(server, row, true);
        return;
      }
      ask = goals[step] === 'rebooted';
    }
    this.#ask(server, row, domain);
  }

  #ask(server: number, row: number, domain: number): void {
    const { engine } = this.#world;
    const { cells } = this.#table;
    const goal = this.#tasks[cells[row + TASK]].goals[cells[row + TASK_STEP]];
    const request = this.#request[goal][engine.state[domain]];
    const tries = ++cells[row + TASK_TRIES];
    if (request < 0 || tries > TRIES_max) {
      this.#finish(server, row, false);
      return;
    }
    const harder = goal === 'off' && tries > 1;
    engine.send(domain, harder ? this.#destroy : request, cells[row + TASK_REQUEST]);
  }

  #finish(server: number, row: number, reached: boolean): void {
    const { cells } = this.#table;
    const task = cells[row + TASK];
    const token = cells[row + TASK_REQUEST];
    this.#forget(row);
    if (this.#world.engine.isRequested(server, token)) {
      this.#tasks[task].finished(server, token, reached);
    }
  }

  #forget(row: number): void {
    this.#table.cells[row + TASK] = NOTHING;
    this.#table.cells[row + LEAVING] = NOTHING;
  }
}

/** A server's disks are its volumes, or a file that nova-compute keeps. */
const NO_VOLUMES: readonly number[] = [];

const GOALS = Object.keys(REACHED) as Goal[];

function mapGoals<T>(make: (goal: Goal) => T): Readonly<Record<Goal, T>> {
  return Object.fromEntries(GOALS.map((goal) => [goal, make(goal)])) as Record<Goal, T>;
}

function maskOf(world: SimWorld, states: readonly string[]): Uint8Array {
  const mask = new Uint8Array(world.engine.model.stateNames.length);
  for (const state of states) mask[world.engine.model.stateId(`domain/${state}`)] = 1;
  return mask;
}

/** Event numbers by state number; -1 where nothing helps. */
function requestsById(world: SimWorld, goal: Goal): Int32Array {
  const { model } = world.engine;
  const table = grown(new Int32Array(0), model.stateNames.length, -1);
  for (const [state, event] of Object.entries(REQUESTS[goal])) {
    table[model.stateId(`domain/${state}`)] = model.eventId(event);
  }
  return table;
}
