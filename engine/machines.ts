/**
 * The compiled machines at work: which transition an event selects, and what its operations do to
 * an entity's counters, timers and request.
 */

import { DenseTable } from './dense-table.ts';
import type { Entities } from './entities.ts';
import { NO_HANDLE, type Scheduler } from './scheduler.ts';
import { type CompiledModel, GuardOp, Op, TIMERS_MAX } from './tables.ts';
import type { World } from './world.ts';

/** No request in flight. */
const NO_TOKEN = -1;

export interface MachinesOptions {
  readonly model: CompiledModel;
  readonly entities: Entities;
  readonly scheduler: Scheduler;
  /** Delivers an event: called with the entity, the event and its cause. */
  readonly deliver: (entity: number, event: number, cause: number) => void;
}

export class Machines {
  world: World | undefined;
  readonly #entities: Entities;
  readonly #scheduler: Scheduler;
  readonly #table: DenseTable;
  readonly #candidates: Int32Array;
  readonly #guards: Int32Array;
  readonly #ops: Int32Array;
  readonly #timerHandler: number;
  readonly #answerHandler: number;

  constructor({ model, entities, scheduler, deliver }: MachinesOptions) {
    this.#entities = entities;
    this.#scheduler = scheduler;
    this.#table = new DenseTable(model);
    this.#candidates = model.candidates;
    this.#guards = model.guards;
    this.#ops = model.ops;
    this.#timerHandler = scheduler.handler((entity, packed, cause) => {
      entities.setTimer(entity, packed >>> 16, NO_HANDLE);
      deliver(entity, packed & 0xffff, cause);
    });
    this.#answerHandler = scheduler.handler((entity, event, token) => {
      if (entities.request(entity) !== token) return;
      entities.setAnswer(entity, NO_HANDLE);
      entities.setRequest(entity, NO_TOKEN);
      deliver(entity, event, token);
    });
  }

  /** The entry of the table: the first candidate of an event in a state, UNHANDLED or IGNORED. */
  entry(state: number, event: number): number {
    return this.#table.entry(state, event);
  }

  /** The first candidate from `first` on whose guards hold; 0 or less when there is none. */
  choose(entity: number, first: number): number {
    const candidates = this.#candidates;
    let candidate = first;
    while (candidate > 0) {
      const guard = candidates[candidate << 2];
      if (guard === 0 || this.#holds(entity, guard)) break;
      candidate = candidates[(candidate << 2) + 3];
    }
    return candidate;
  }

  target(candidate: number): number {
    return this.#candidates[(candidate << 2) + 1];
  }

  /** Index of a candidate's operations, or 0. */
  operations(candidate: number): number {
    return this.#candidates[(candidate << 2) + 2];
  }

  /** The first event that would take an entity straight from a state to another, or -1. */
  eventTo(entity: number, from: number, to: number): number {
    for (let event = 0; event < this.#table.eventCount; event++) {
      const candidate = this.choose(entity, this.entry(from, event));
      if (candidate > 0 && this.target(candidate) === to) return event;
    }
    return -1;
  }

  /** Runs operations; `row` is the cause of what they ask for. */
  run(entity: number, ops: number, row: number): void {
    const code = this.#ops;
    const entities = this.#entities;
    for (let i = ops; ; ) {
      switch (code[i]) {
        case Op.END:
          return;
        case Op.SET:
          entities.setSlot(entity, code[i + 1], code[i + 2]);
          i += 3;
          break;
        case Op.ADD:
          entities.setSlot(entity, code[i + 1], entities.slot(entity, code[i + 1]) + code[i + 2]);
          i += 3;
          break;
        case Op.REQUEST:
          this.cancelRequest(entity);
          entities.setRequest(entity, row);
          this.world?.request(entity, code[i + 1], row);
          i += 2;
          break;
        case Op.CANCEL_REQUEST:
          this.cancelRequest(entity);
          i += 1;
          break;
        case Op.START_TIMER:
          this.#startTimer(entity, code[i + 1], code[i + 2], code[i + 3], row);
          i += 4;
          break;
        case Op.CANCEL_TIMER:
          this.#cancelTimer(entity, code[i + 1]);
          i += 2;
          break;
      }
    }
  }

  /** Schedules the answer to a request; it is forgotten when the request is given up. */
  answerIn(delay_s: number, entity: number, token: number, event: number): void {
    const handle = this.#scheduler.after(delay_s, this.#answerHandler, entity, event, token);
    this.#entities.setAnswer(entity, handle);
  }

  cancelRequest(entity: number): void {
    const entities = this.#entities;
    const token = entities.request(entity);
    if (token === NO_TOKEN) return;
    this.endRequest(entity);
    this.world?.cancel(entity, token);
  }

  /** Forgets the request of an entity and its scheduled answer. */
  endRequest(entity: number): void {
    const entities = this.#entities;
    entities.setRequest(entity, NO_TOKEN);
    this.forgetAnswer(entity);
  }

  forgetAnswer(entity: number): void {
    const handle = this.#entities.answer(entity);
    if (handle === NO_HANDLE) return;
    this.#scheduler.cancel(handle);
    this.#entities.setAnswer(entity, NO_HANDLE);
  }

  cancelTimers(entity: number): void {
    for (let timer = 0; timer < TIMERS_MAX; timer++) this.#cancelTimer(entity, timer);
  }

  #holds(entity: number, guard: number): boolean {
    const guards = this.#guards;
    for (let g = guard; guards[g] !== GuardOp.END; g += 3) {
      const below = this.#entities.slot(entity, guards[g + 1]) < guards[g + 2];
      if (below !== (guards[g] === GuardOp.BELOW)) return false;
    }
    return true;
  }

  #startTimer(entity: number, timer: number, delay: number, event: number, row: number): void {
    const length_s = this.world ? this.world.delay_s(entity, delay) : Number.POSITIVE_INFINITY;
    if (length_s === Number.POSITIVE_INFINITY) return;
    const packed = event | (timer << 16);
    const handle = this.#scheduler.after(length_s, this.#timerHandler, entity, packed, row);
    this.#entities.setTimer(entity, timer, handle);
  }

  #cancelTimer(entity: number, timer: number): void {
    const handle = this.#entities.timer(entity, timer);
    if (handle === NO_HANDLE) return;
    this.#scheduler.cancel(handle);
    this.#entities.setTimer(entity, timer, NO_HANDLE);
  }
}
