import type { CompiledModel } from '../../engine/tables.ts';
import { STATUS_NAMES, type StatusName } from '../../model/bare-metal/maas.ts';

/** Reads status and power from the number of a machine's state. */
export class MachineStates {
  readonly #status: Uint8Array;
  readonly #powered: Uint8Array;
  readonly #off: Uint8Array;

  constructor(model: CompiledModel) {
    const { firstState, stateCount } = model.kinds[model.kindId('machine')];
    const count = model.stateNames.length;
    this.#status = new Uint8Array(count);
    this.#powered = new Uint8Array(count);
    this.#off = new Uint8Array(count);
    for (let s = firstState; s < firstState + stateCount; s++) {
      const [status, power] = model.stateNames[s].slice('machine/'.length).split('+');
      this.#status[s] = STATUS_NAMES.indexOf(status as StatusName);
      this.#powered[s] = power === 'dead' || power === 'unpowered' || power === 'off' ? 0 : 1;
      this.#off[s] = power === 'off' ? 1 : 0;
    }
  }

  isIn(state: number, status: StatusName): boolean {
    return this.#status[state] === STATUS_NAMES.indexOf(status);
  }

  /** On, as far as anybody knows. */
  isOn(state: number): boolean {
    return this.#powered[state] === 1;
  }

  /** Off, and can be switched on. */
  isOff(state: number): boolean {
    return this.#off[state] === 1;
  }
}
