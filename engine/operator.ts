/**
 * Carries out an operator's list of requests in order: sends an event, waits for a state, goes on.
 * The same list runs in the simulator and live, where part of it may have been carried out already.
 */
import type { Operation } from '../model/scenario.ts';
import type { Fault, Observation } from './contract.ts';
import { type Engine, NO_ROW, NO_STATE } from './engine.ts';
import { StrataError } from './errors.ts';

export interface OperationResult {
  readonly operation: Operation;
  readonly started_s: number;
  readonly ended_s: number;
  /** The state reached; `until`, if there is one, when it went well. */
  readonly state: string;
  readonly ok: boolean;
  /** False when nothing was asked for: the entity was there already, or cannot be asked now. */
  readonly asked: boolean;
  /** Why it ended before its time. */
  readonly fault?: Fault;
  /** Of a verb beside the machine: what its driver answered, such as the exit code of a command. */
  readonly attributes?: Observation['attributes'];
}

/** How a verb beside the machine ended. */
export interface ActEnd {
  readonly fault?: Fault;
  readonly attributes?: Observation['attributes'];
  /** What is known of it, for the recording. */
  readonly said?: string;
}

export class Operator {
  readonly results: OperationResult[] = [];
  readonly #engine: Engine;
  readonly #operations: readonly Operation[];
  readonly #send: (entity: number, event: number) => void;
  readonly #resolve: (name: string) => number;
  readonly #begin: number;
  readonly #expire: number;
  #index = 0;
  #started_s = 0;
  #entity = -1;
  /** Called once after the last operation, or after the first that fails. */
  onFinished: (results: readonly OperationResult[]) => void = () => {};
  /** Called after every operation. */
  onStep: (result: OperationResult) => void = () => {};
  /** Whether an entity is there, or only named. In a simulation: always. */
  isThere: (entity: number) => boolean = () => true;
  /** Whether nothing would come of an event in the entity's present state. In a simulation: never. */
  isInVain: (entity: number, event: number) => boolean = () => false;

  /** Carries out a verb that is no event of the entity's machine; `ended` is called once. */
  perform: (entity: number, verb: string, ended: (how: ActEnd) => void) => void = (_, verb) => {
    throw new StrataError('ACT_UNKNOWN', `nothing carries out '${verb}'`);
  };

  /**
   * `resolve` finds the entity a `kind/name` means, or -1. `send` gives a machine the event of an
   * operation; the engine's own, unless a world has more to do for it.
   */
  constructor(
    engine: Engine,
    operations: readonly Operation[],
    resolve: (name: string) => number,
    send: (entity: number, event: number) => void = (entity, event) =>
      engine.send(entity, event, NO_ROW),
  ) {
    this.#engine = engine;
    this.#send = send;
    this.#operations = operations;
    this.#resolve = resolve;
    this.#begin = engine.scheduler.handler(() => this.#start());
    this.#expire = engine.scheduler.handler((index) => {
      if (index === this.#index) this.#end(false);
    });
    for (const { entity, until } of new Map(
      operations.map((o) => [`${o.entity} ${o.until}`, o]),
    ).values()) {
      if (until === undefined) continue;
      engine.onEnter(entity.slice(0, entity.indexOf('/')), until, (who) => this.#onEntered(who));
    }
  }

  start(): void {
    this.#schedule();
  }

  /** What was asked of an entity came to nothing, and nothing more will come of it. */
  fail(entity: number, fault: Fault): void {
    if (entity === this.#entity && !this.finished) this.#end(false, true, { fault });
  }

  get finished(): boolean {
    return this.#index >= this.#operations.length;
  }

  #schedule(): void {
    const operation = this.#operations[this.#index];
    if (!operation) {
      this.onFinished(this.results);
      return;
    }
    const wait_s = Math.max(0, operation.at_s - this.#engine.now);
    this.#engine.scheduler.after(wait_s, this.#begin);
  }

  #start(): void {
    const operation = this.#operations[this.#index];
    const engine = this.#engine;
    this.#entity = this.#resolve(operation.entity);
    if (this.#entity < 0) {
      throw new StrataError(
        'OPERATION_NO_ENTITY',
        `operation ${this.#index + 1} is for '${operation.entity}', which does not exist at ${engine.now} s`,
        'give it a later `at`, or correct the name',
      );
    }
    this.#started_s = engine.now;
    if (operation.until === undefined) {
      this.#perform(operation.do);
      return;
    }
    const event = engine.model.eventId(operation.do);
    if (this.isInVain(this.#entity, event)) {
      this.#end(this.#isThere(operation), false);
      return;
    }
    this.#send(this.#entity, event);
    engine.scheduler.after(operation.within_s, this.#expire, this.#index);
  }

  #onEntered(entity: number): void {
    const operation = this.#operations[this.#index];
    if (entity === this.#entity && this.#isIn(operation?.until)) this.#end(true);
  }

  /** Asks for a verb beside the machine, and goes on when it has ended. */
  #perform(verb: string): void {
    const engine = this.#engine;
    const entity = this.#entity;
    const index = this.#index;
    const asked = engine.recordAct(entity, 'asked', verb, engine.lastRowOf(entity), '');
    this.perform(entity, verb, (how) => {
      const { fault, said = '' } = how;
      if (engine.state[entity] !== NO_STATE) {
        const stage = fault === undefined ? 'acted' : 'failed';
        const detail = fault === undefined ? said : `${fault.code}: ${fault.message}`;
        engine.recordAct(entity, stage, verb, asked, detail);
      }
      if (index === this.#index) this.#end(fault === undefined, true, how);
    });
  }

  /** Whether the entity is where this operation, or one after it, leads: an earlier run went so far. */
  #isThere({ entity }: Operation): boolean {
    const left = this.#operations.slice(this.#index);
    return left.some((each) => each.entity === entity && this.#isIn(each.until));
  }

  #isIn(pattern: string | undefined): boolean {
    if (pattern === undefined) return false;
    const state = this.#stateName();
    return state.split('+').some((part) => part === pattern || part.startsWith(`${pattern}.`));
  }

  #stateName(): string {
    const { model, state } = this.#engine;
    const s = state[this.#entity];
    if (s === NO_STATE) return 'removed';
    if (!this.isThere(this.#entity)) return 'absent';
    const name = model.stateNames[s];
    return name.slice(name.indexOf('/') + 1);
  }

  #end(ok: boolean, asked = true, { fault, attributes }: ActEnd = {}): void {
    const operation = this.#operations[this.#index];
    const { now } = this.#engine;
    const state = this.#stateName();
    const result = {
      ...{ operation, started_s: this.#started_s, ended_s: now, state, ok, asked },
      ...(fault && { fault }),
      ...(attributes && { attributes }),
    };
    this.results.push(result);
    this.onStep(result);
    this.#index = ok ? this.#index + 1 : this.#operations.length;
    this.#entity = -1;
    this.#schedule();
  }
}
