/** What only drivers can do, rehearsed: it takes as long as the timing profile says. */
import { sample } from '../../engine/distribution.ts';
import { commonFault } from '../../engine/faults.ts';
import type { ActEnd } from '../../engine/operator.ts';
import type { Operation } from '../../model/scenario.ts';
import { SIM_FAULTS } from '../backend.ts';
import type { SimWorld } from '../world.ts';

/** Answers verbs of drivers after a while, without a change of state. */
export class Rehearsal {
  readonly #world: SimWorld;
  readonly #end: number;
  #ended: (how: ActEnd) => void = () => {};
  #how: ActEnd = {};
  #count = 0;

  /** Throws PROFILE_MISSING_TIMING for a verb that the profile has no timing of. */
  constructor(world: SimWorld, operations: readonly Operation[]) {
    this.#world = world;
    for (const { entity, do: verb } of operations.filter(({ until }) => until === undefined)) {
      world.profile.get(keyOf(entity.slice(0, entity.indexOf('/')), verb));
    }
    this.#end = world.engine.scheduler.handler(() => this.#ended(this.#how));
  }

  /** One at a time, as operations are. `within_s`: it is given up after that. */
  perform(entity: number, verb: string, within_s: number, ended: (how: ActEnd) => void): void {
    const { engine, profile, random } = this.#world;
    const { kind } = engine.kindOf(entity);
    const what = `${verb} of ${kind}/${engine.names[entity]}`;
    const { distribution, fault_ratio = 0 } = profile.get(keyOf(kind, verb));
    const stream = random.fork(`act/${what}/${this.#count++}`);
    const takes_s = sample(distribution, stream);
    this.#ended = ended;
    if (takes_s > within_s) {
      const message = `${what} did not end within ${within_s} s`;
      this.#how = { fault: commonFault('DEADLINE_EXCEEDED', message, 'unknown') };
    } else if (stream.next() < fault_ratio) this.#how = { fault: failed(what) };
    else this.#how = { said: `rehearsed by the timing profile ${profile.name}: nothing changes` };
    engine.scheduler.after(Math.min(takes_s, within_s), this.#end);
  }
}

function keyOf(kind: string, verb: string): string {
  return `${kind}.${verb}`;
}

function failed(what: string): NonNullable<ActEnd['fault']> {
  return {
    ...{ code: 'SIM_VERB_FAILED', message: `${what} failed`, advice: SIM_FAULTS.SIM_VERB_FAILED },
    ...{ effect: 'none', retryable: false },
  };
}
