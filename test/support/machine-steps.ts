import { compileModel } from '../../engine/compile.ts';
import { STATE_CLASSES } from '../../engine/tables.ts';
import type { KindDefinition } from '../../model/kind.ts';

/** What a machine allows, by the names of its states; of a parallel machine, of its first region. */
export class MachineSteps {
  readonly #next = new Map<string, Set<string>>();
  readonly #events = new Map<string, Set<string>>();
  readonly #transient = new Set<string>();

  constructor(kind: KindDefinition) {
    const model = compileModel([kind], []);
    const { table, candidates, eventNames, stateNames, stateClass } = model;
    const names = stateNames.map((name) => name.slice(kind.kind.length + 1).split('+')[0]);
    for (const [s, name] of names.entries()) {
      const next = this.#next.get(name) ?? new Set();
      const events = this.#events.get(name) ?? new Set();
      this.#next.set(name, next);
      this.#events.set(name, events);
      if (STATE_CLASSES[stateClass[s]] === 'transient') this.#transient.add(name);
      for (const [e, event] of eventNames.entries()) {
        let candidate = table[s * eventNames.length + e];
        if (candidate > 0) events.add(event);
        for (; candidate > 0; candidate = candidates[candidate * 4 + 3]) {
          next.add(names[candidates[candidate * 4 + 1]]);
        }
      }
    }
  }

  get states(): readonly string[] {
    return [...this.#next.keys()];
  }

  /** Whether some event leads from one state to another at once. */
  leads(from: string, to: string): boolean {
    return from === to || (this.#next.get(from)?.has(to) ?? false);
  }

  /** Whether a state answers an event with a transition. */
  answers(state: string, event: string): boolean {
    return this.#events.get(state)?.has(event) ?? false;
  }

  isTransient(state: string): boolean {
    return this.#transient.has(state);
  }
}
