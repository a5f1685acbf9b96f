/**
 * The state of every entity at one instant, moved by applying steps forwards or backwards. A jump
 * over more steps than there is work in looking up every entity's own history does that instead, so
 * any instant costs at most entities x log(steps), wherever the keyframes lie.
 */
import { LAYERS } from '../../model/layers.ts';
import { ABSENT, CLASSES, lowerBound, type Replay, upperBound } from './replay.ts';

/** Looking an entity up costs about as much as applying this many steps. */
const LOOKUP_COST = 8;

export class Cursor {
  readonly replay: Replay;
  /** State id of each entity, ABSENT before its creation and after its removal. */
  readonly state: Uint16Array;
  /** Last step of each entity, -1 before its creation. */
  readonly lastStep: Int32Array;
  /** Live entities by layer and class: `counts[layer * CLASSES.length + class]`. */
  readonly counts: Int32Array;
  /** Live entities by kind. */
  readonly countOfKind: Int32Array;
  /** Steps applied so far. */
  position = 0;
  private readonly touched: Uint8Array;
  private dirty: number[] = [];

  constructor(replay: Replay) {
    this.replay = replay;
    this.state = new Uint16Array(replay.entityCount).fill(ABSENT);
    this.lastStep = new Int32Array(replay.entityCount).fill(-1);
    this.counts = new Int32Array(LAYERS.length * CLASSES.length);
    this.countOfKind = new Int32Array(replay.kinds.length);
    this.touched = new Uint8Array(replay.entityCount);
  }

  /** Moves to an instant: every step with time <= time_s is applied. */
  seek(time_s: number): void {
    this.moveTo(upperBound(this.replay.steps.time_s, time_s));
  }

  /** Moves to where exactly the first `position` steps are applied. */
  moveTo(position: number): void {
    const { entity, before } = this.replay.steps;
    const distance = Math.abs(position - this.position);
    if (distance > LOOKUP_COST * this.replay.entityCount) this.lookUp(position);
    for (; this.position < position; this.position++) {
      this.settle(entity[this.position], this.position);
    }
    while (this.position > position) {
      this.position--;
      this.settle(entity[this.position], before[this.position]);
    }
  }

  /** Entities that changed since the last call, each once. */
  takeDirty(): readonly number[] {
    const taken = this.dirty;
    for (const e of taken) this.touched[e] = 0;
    this.dirty = [];
    return taken;
  }

  isAlive(e: number): boolean {
    return this.state[e] !== ABSENT;
  }

  /** Class code of a live entity's state. */
  classOf(e: number): number {
    return this.replay.stateClass[this.state[e]];
  }

  /** Row of the entity's last step, -1 before its creation. */
  rowOf(e: number): number {
    return this.lastStep[e] < 0 ? -1 : this.replay.steps.row[this.lastStep[e]];
  }

  /** Puts an entity into the state that one of its steps left it in. */
  private settle(e: number, step: number): void {
    const before = this.state[e];
    const state = step < 0 ? ABSENT : this.replay.steps.to[step];
    if (before !== ABSENT) this.tally(e, before, -1);
    if (state !== ABSENT) this.tally(e, state, 1);
    this.state[e] = state;
    this.lastStep[e] = step;
    if (this.touched[e] === 1) return;
    this.touched[e] = 1;
    this.dirty.push(e);
  }

  private tally(e: number, state: number, by: number): void {
    const kind = this.replay.kindOf[e];
    const { layer } = this.replay.kinds[kind];
    this.counts[layer * CLASSES.length + this.replay.stateClass[state]] += by;
    this.countOfKind[kind] += by;
  }

  /** Settles every entity from its own history, as it is after `position` steps. */
  private lookUp(position: number): void {
    for (let e = 0; e < this.state.length; e++) {
      const own = this.replay.stepsOf.of(e);
      const i = lowerBound(own, position);
      const step = i > 0 ? own[i - 1] : -1;
      if (step !== this.lastStep[e]) this.settle(e, step);
    }
    this.position = position;
  }
}
