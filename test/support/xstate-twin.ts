/**
 * Runs one machine twice, by XState's own pure `transition()` and by the compiled tables in the
 * engine, with the same events and the same clock, and compares everything that can be seen.
 */
import { initialTransition, transition } from 'xstate';
import { compileModel } from '../../engine/compile.ts';
import { Engine, type World } from '../../engine/engine.ts';
import { eventNameOf } from '../../engine/statechart.ts';
import type { KindDefinition } from '../../model/kind.ts';
import { RowList } from './rows.ts';

interface Timer {
  readonly id: string;
  readonly event: string;
  readonly due_s: number;
}

export interface View {
  readonly state: string;
  readonly slots: readonly number[];
  readonly requests: readonly string[];
  readonly timers: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: XState's snapshots are typed by each machine
type Snapshot = any;
type XAction = { type: string; params?: Record<string, unknown> };

/** XState's side, with timers kept by hand since `transition()` is pure. */
export class XStateRun {
  now_s = 0;
  readonly #kind: KindDefinition;
  readonly #delay_s: (name: string) => number;
  #snapshot: Snapshot;
  #timers: Timer[] = [];
  readonly requests: string[] = [];

  constructor(kind: KindDefinition, delay_s: (name: string) => number) {
    this.#kind = kind;
    this.#delay_s = delay_s;
    const [snapshot, actions] = initialTransition(kind.xstate);
    this.#snapshot = snapshot;
    this.#perform(actions as XAction[]);
  }

  send(type: string): void {
    const [snapshot, actions] = transition(this.#kind.xstate, this.#snapshot, { type });
    this.#snapshot = snapshot;
    this.#perform(actions as XAction[]);
  }

  advance(until_s: number): void {
    for (;;) {
      const due = this.#timers.filter((t) => t.due_s <= until_s);
      if (due.length === 0) break;
      const first = due.reduce((a, b) => (b.due_s < a.due_s ? b : a));
      this.#timers = this.#timers.filter((t) => t !== first);
      this.now_s = first.due_s;
      this.send(first.event);
    }
    this.now_s = until_s;
  }

  view(): View {
    return {
      state: valueName(this.#snapshot.value, this.#kind.machine.type === 'parallel'),
      slots: Object.keys(this.#kind.slots ?? {}).map((s) => this.#snapshot.context[s]),
      requests: this.requests,
      timers: this.#timers.map((t) => `${eventNameOf(t.event)}@${t.due_s}`).sort(),
    };
  }

  #perform(actions: readonly XAction[]): void {
    for (const action of actions) {
      if (action.type === 'request') this.requests.push(String(action.params?.verb));
      if (action.type === 'xstate.cancel') {
        this.#timers = this.#timers.filter((t) => t.id !== action.params?.sendId);
      }
      if (action.type === 'xstate.raise') {
        const event = (action.params as { event: { type: string } }).event.type;
        const due_s = this.now_s + this.#delay_s(eventNameOf(event));
        this.#timers.push({ id: String(action.params?.id), event, due_s });
      }
    }
  }
}

/** The engine's side: the same machine alone in an engine. */
export class EngineRun implements World {
  readonly engine: Engine;
  readonly entity: number;
  readonly requests: string[] = [];
  readonly #delay_s: (name: string) => number;
  readonly #timers = new Map<string, number>();

  constructor(kind: KindDefinition, delay_s: (name: string) => number) {
    this.#delay_s = delay_s;
    this.engine = new Engine({ model: compileModel([kind], []), recorder: new RowList() });
    this.engine.world = this;
    this.entity = this.engine.create(0, 'it');
  }

  created(): void {}

  request(_entity: number, verb: number): void {
    this.requests.push(this.engine.model.verbNames[verb].split('.')[1]);
  }

  cancel(): void {}

  delay_s(_entity: number, delay: number): number {
    const name = this.engine.model.delayNames[delay].split('.')[1];
    const length_s = this.#delay_s(name);
    this.#timers.set(name, this.engine.now + length_s);
    return length_s;
  }

  send(type: string): void {
    this.engine.send(this.entity, this.engine.model.eventId(type));
    this.engine.run(this.engine.now);
  }

  advance(until_s: number): void {
    this.engine.run(until_s);
  }

  view(): View & { pending: number } {
    const { engine, entity } = this;
    const kind = engine.model.kinds[0];
    return {
      state: engine.model.stateNames[engine.state[entity]].slice(kind.kind.length + 1),
      slots: kind.slotNames.map((_, i) => engine.slot(entity, i)),
      requests: this.requests,
      timers: [...this.#timers].map(([name, due]) => `${name}@${due}`).sort(),
      pending: engine.scheduler.pending,
    };
  }
}

type Value = string | { [key: string]: Value };

function valueName(value: Value, parallel: boolean): string {
  if (typeof value === 'string') return value;
  const parts = Object.entries(value).map(([key, inner]) => {
    const rest = valueName(inner, false);
    return parallel ? rest : `${key}.${rest}`;
  });
  return parts.join('+');
}
