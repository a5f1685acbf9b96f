/**
 * Brings the domains of servers to where a verb of nova wants them: running, off, paused, saved, one
 * after the other, asking libvirt again (and harder) when it did not work. A verb is answered when its
 * last goal is reached; what nova itself takes for it comes on top.
 */
import { grown } from '../../engine/grow.ts';
import { EntityMap } from '../bare-metal/entity-map.ts';
import type { SimWorld } from '../world.ts';
import { NOTHING, type ServerTable } from './servers-table.ts';

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

interface Work {
  readonly token: number;
  readonly goals: readonly Goal[];
  readonly finished: Finished;
  step: number;
  tries: number;
  /** The domain whose removal is waited for, or NOTHING. */
  readonly leaving: number;
}

export class Guests {
  readonly #world: SimWorld;
  readonly #table: ServerTable;
  readonly #serverOf = new EntityMap();
  readonly #work = new Map<number, Work>();
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
    this.#table = table;
    this.#request = mapGoals((goal) => requestsById(world, goal));
    this.#reached = mapGoals((goal) => maskOf(world, REACHED[goal]));
    const resting = ['running', 'paused', 'shutoff', 'saved', 'crashed', 'pmsuspended'];
    this.#resting = maskOf(world, resting);
    this.#absent = engine.model.stateId('domain/absent');
    this.#destroy = engine.model.eventId('destroy');
    this.#inspecting = engine.model.stateId('domain/inspecting');
    engine.onEveryEntry('domain', (domain) => this.#onEntry(domain));
    engine.onRemoved('domain', (domain) => this.#onRemoved(domain));
  }

  /** The server that a domain is now, or -1: not while the domain is being removed. */
  ownerOf(domain: number): number {
    const server = this.#serverOf.get(domain);
    if (server === NOTHING) return NOTHING;
    return this.#table.domain[this.#table.of(server)] === domain ? server : NOTHING;
  }

  /** Defines the domain of a server on a hypervisor; `bring` it to running then. */
  create(server: number, hypervisor: number, cause: number): void {
    const name = `instance-${(this.#named++).toString(16).padStart(8, '0')}`;
    const { engine, services } = this.#world;
    const domain = services.hypervisor!.createDomain(name, hypervisor, [], cause);
    this.#serverOf.set(domain, server);
    this.#table.domain[this.#table.of(server)] = domain;
    engine.link(domain, server, cause);
  }

  /**
   * Ends and removes the domain of a server: through its host, or without it when it is dead.
   * `finished` is called when nothing of it is left.
   */
  remove(server: number, token: number, hostAnswers: boolean, finished: Finished): void {
    const domain = this.#table.domain[this.#table.of(server)];
    if (domain === NOTHING) {
      finished(server, token, true);
      return;
    }
    this.#work.set(server, { token, goals: [], finished, step: 0, tries: 0, leaving: domain });
    this.discard(server, hostAnswers, token);
  }

  /** As `remove`, without waiting for it. */
  discard(server: number, hostAnswers: boolean, cause: number): void {
    const row = this.#table.of(server);
    const domain = this.#table.domain[row];
    if (domain === NOTHING) return;
    this.#table.domain[row] = NOTHING;
    const { engine, services } = this.#world;
    engine.unlink(domain, server);
    // libvirt answers for a domain it is just looking for when it has found it.
    const canAsk = hostAnswers && engine.state[domain] !== this.#inspecting;
    if (canAsk) services.hypervisor!.deleteDomain(domain, cause);
    else services.hypervisor!.forgetDomain(domain, cause);
  }

  #onRemoved(domain: number): void {
    const server = this.#serverOf.get(domain);
    if (server === NOTHING) return;
    this.#serverOf.set(domain, NOTHING);
    const work = this.#work.get(server);
    if (work?.leaving === domain) this.#finish(server, work, true);
  }

  /** Brings the domain of a server to one goal after the other. */
  bring(server: number, token: number, goals: readonly Goal[], finished: Finished): void {
    const work: Work = { token, goals, finished, step: 0, tries: 0, leaving: NOTHING };
    this.#work.set(server, work);
    const domain = this.#table.domain[this.#table.of(server)];
    if (domain === NOTHING) this.#finish(server, work, false);
    else this.#advance(server, domain, work, goals[0] === 'rebooted');
  }

  /** Gives up what a verb wanted of a server's domain: its host is dead. */
  fail(server: number): void {
    const work = this.#work.get(server);
    if (work) this.#finish(server, work, false);
  }

  #onEntry(domain: number): void {
    const server = this.ownerOf(domain);
    const work = server === NOTHING ? undefined : this.#work.get(server);
    if (!work) return;
    const { engine } = this.#world;
    const state = engine.state[domain];
    if (state === this.#absent) this.#finish(server, work, false);
    else if (this.#resting[state]) this.#advance(server, domain, work, false);
  }

  /** The domain rests: on to the next goal, or ask (again) for this one. */
  #advance(server: number, domain: number, work: Work, mustAsk: boolean): void {
    const { engine } = this.#world;
    if (!engine.isRequested(server, work.token)) {
      this.#work.delete(server);
      return;
    }
    const state = engine.state[domain];
    if (!this.#resting[state]) return;
    let ask = mustAsk;
    while (!ask && this.#reached[work.goals[work.step]][state]) {
      work.step++;
      work.tries = 0;
      if (work.step === work.goals.length) {
        this.#finish(server, work, true);
        return;
      }
      ask = work.goals[work.step] === 'rebooted';
    }
    this.#ask(server, domain, work);
  }

  #ask(server: number, domain: number, work: Work): void {
    const { engine } = this.#world;
    const goal = work.goals[work.step];
    const request = this.#request[goal][engine.state[domain]];
    work.tries++;
    if (request < 0 || work.tries > TRIES_max) {
      this.#finish(server, work, false);
      return;
    }
    const harder = goal === 'off' && work.tries > 1;
    engine.send(domain, harder ? this.#destroy : request, work.token);
  }

  #finish(server: number, work: Work, reached: boolean): void {
    this.#work.delete(server);
    if (this.#world.engine.isRequested(server, work.token)) {
      work.finished(server, work.token, reached);
    }
  }
}

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
