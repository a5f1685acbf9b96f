/** The actions of a live run that are under way: asked again while that helps, and looked after. */
import type { Action, Backend, Fault, Observation, Outcome } from '../engine/contract.ts';
import { type BackoffPlan, backoff_s } from './backoff.ts';
import type { LiveClock } from './clock.ts';
import { isFault } from './fault.ts';

/** One action and what is to happen when it has ended. */
export interface Request {
  readonly entity: number;
  /** Of the engine's request; a number below 0 for an operation, which no machine waits for. */
  readonly token: number;
  readonly action: Action;
  readonly backend: Backend;
  /** It ended; called once, before what was `seen` then is passed on. */
  ended(ok: boolean, seen?: Observation): void;
  /** It ended in a fault for good; where it may have happened it was looked at since. */
  concluded(fault: Fault): void;
}

export interface InFlightOptions {
  readonly clock: LiveClock;
  readonly random: () => number;
  /** Whatever a backend answers is done within this. */
  act(work: () => void): void;
  onFault(entity: number, action: Action, fault: Fault): void;
  observed(seen: Observation): void;
  /** Whether the state that the machine has now was seen of its entity. */
  isSeen(entity: number): boolean;
}

interface Flight {
  readonly request: Request;
  readonly began_s: number;
  retries: number;
  /** Takes back what is waited for: asking again, or looking again. */
  stopWaiting: () => void;
}

const RETRY: BackoffPlan = { first_s: 0.2, max_s: 10 };
const RETRIES_MAX = 50;

export class ActionsInFlight {
  readonly #options: InFlightOptions;
  /** What machines wait for, and what operations ask for beside them, by entity. */
  readonly #requests = new Map<number, Flight>();
  readonly #operations = new Map<number, Flight>();
  /** Of actions that have ended and may have happened: what is there now is looked at. */
  readonly #looks = new Set<Flight>();

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  begin(request: Request): void {
    const began_s = this.#options.clock.now_s();
    const flight = { request, began_s, retries: 0, stopWaiting: () => {} };
    this.#those(request).set(request.entity, flight);
    this.#send(flight);
  }

  has(entity: number): boolean {
    return this.#requests.has(entity) || this.#operations.has(entity);
  }

  /** Whether a machine waits for the end of an action on its entity. */
  isAwaited(entity: number): boolean {
    return this.#requests.has(entity);
  }

  /** What a machine waits for was seen to have happened; the backend's answer comes later. */
  answer(entity: number): void {
    const flight = this.#requests.get(entity);
    this.#requests.delete(entity);
    flight?.request.ended(true);
  }

  cancel(entity: number, token: number): void {
    const flight = this.#requests.get(entity);
    if (flight?.request.token !== token) return;
    this.#requests.delete(entity);
    flight.stopWaiting();
    flight.request.backend.cancel(flight.request.action.key);
  }

  stop(): void {
    const all = [...this.#requests.values(), ...this.#operations.values(), ...this.#looks];
    for (const flight of all) flight.stopWaiting();
    this.#requests.clear();
    this.#operations.clear();
    this.#looks.clear();
  }

  #those({ token }: Request): Map<number, Flight> {
    return token < 0 ? this.#operations : this.#requests;
  }

  #send(flight: Flight): void {
    const { action, backend, entity } = flight.request;
    const left_s = Math.max(0, this.#left_s(flight));
    backend.request({ ...action, deadline_s: left_s }, (outcome) => {
      if (this.#those(flight.request).get(entity) !== flight) return; // given up meanwhile
      this.#options.act(() => this.#answered(flight, outcome));
    });
  }

  #answered(flight: Flight, outcome: Outcome): void {
    const { request } = flight;
    const again = () => this.#send(flight);
    switch (outcome.type) {
      case 'busy':
        if (!this.#retry(flight, outcome.retry_after_s, again)) {
          this.#failed(flight, stillBusy(flight));
        }
        return;
      case 'fault': {
        const { effect, retryable } = outcome.fault;
        const isAskedAgain = retryable && effect === 'none' && this.#retry(flight, 0, again);
        if (!isAskedAgain) this.#failed(flight, outcome.fault);
        return;
      }
      case 'done':
        this.#those(request).delete(request.entity);
        request.ended(true, outcome.observation);
        if (outcome.observation) this.#options.observed(outcome.observation);
        return;
    }
  }

  /** Does it again later, for asking with the same key; false when time or patience is over. */
  #retry(flight: Flight, at_least_s: number, again: () => void): boolean {
    const { clock, random } = this.#options;
    const wait_s = Math.max(at_least_s, backoff_s(RETRY, flight.retries, random));
    if (flight.retries >= RETRIES_MAX || wait_s >= this.#left_s(flight)) return false;
    flight.retries++;
    flight.stopWaiting = clock.wake(wait_s, again);
    return true;
  }

  #left_s({ began_s, request }: Flight): number {
    return request.action.deadline_s - (this.#options.clock.now_s() - began_s);
  }

  #failed(flight: Flight, fault: Fault): void {
    const { request } = flight;
    const { action, entity } = request;
    this.#those(request).delete(entity);
    this.#options.onFault(entity, action, fault);
    request.ended(false);
    // It may have happened all the same, or the refusal led the machine to what nobody has seen:
    // what is there now counts.
    if (fault.effect === 'none' && this.#options.isSeen(entity)) request.concluded(fault);
    else this.#look(flight, fault);
  }

  /** Looks at what an action was about, again while that cannot be seen and there is time. */
  #look(flight: Flight, fault: Fault): void {
    const { action, backend, concluded } = flight.request;
    this.#looks.add(flight);
    backend.observe(action.kind, action.entity, (seen) => {
      this.#options.act(() => {
        const isUnseen = isFault(seen);
        const again = () => this.#look(flight, fault);
        if (isUnseen && seen.retryable && this.#retry(flight, 0, again)) return;
        this.#looks.delete(flight);
        if (!isUnseen) this.#options.observed(seen);
        concluded(fault);
      });
    });
  }
}

/** The end of an action that a system was too busy for until there was no time or patience left. */
function stillBusy({ request: { action }, retries }: Flight): Fault {
  return {
    code: 'STILL_BUSY',
    message: `${action.verb} of ${action.kind}/${action.entity}: busy after ${retries + 1} attempts`,
    advice: 'See what else works on it, or allow more time.',
    effect: 'none',
    retryable: true,
  };
}
