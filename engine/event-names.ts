/**
 * The events of a recording by number: the model's, then those that the engine itself records, then
 * samples of metrics, then acts beside the machines.
 */
import { StrataError } from './errors.ts';
import { type ActStage, actEvent, actEvents } from './recording/acts.ts';
import { type CompiledModel, ENGINE_EVENTS } from './tables.ts';

/** Rows that the engine itself records. */
export type EngineEvent = (typeof ENGINE_EVENTS)[number];

export class EventNames {
  readonly all: readonly string[];
  /** Numbers of the engine's own events. */
  readonly engine: Readonly<Record<EngineEvent, number>>;
  readonly #numbers: ReadonlyMap<string, number>;

  /** `metrics`: names such as `power_w`; `acts`: verbs that are asked for beside the machines. */
  constructor(model: CompiledModel, metrics: readonly string[], acts: readonly string[]) {
    const first = model.eventNames.length;
    const more = [...metrics.map(metricEvent), ...actEvents(acts)];
    this.all = [...model.eventNames, ...ENGINE_EVENTS, ...more];
    this.engine = Object.fromEntries(ENGINE_EVENTS.map((name, i) => [name, first + i])) as never;
    this.#numbers = new Map(more.map((name, i) => [name, first + ENGINE_EVENTS.length + i]));
  }

  /** Throws METRIC_UNKNOWN for one that was not named at construction. */
  metric(name: string): number {
    const event = this.#numbers.get(metricEvent(name));
    if (event === undefined) throw new StrataError('METRIC_UNKNOWN', `no metric '${name}'`);
    return event;
  }

  /** Throws ACT_UNKNOWN for one that was not named at construction. */
  act(stage: ActStage, verb: string): number {
    const event = this.#numbers.get(actEvent(stage, verb));
    if (event === undefined) throw new StrataError('ACT_UNKNOWN', `no act '${verb}'`);
    return event;
  }
}

function metricEvent(name: string): string {
  return `metric:${name}`;
}
