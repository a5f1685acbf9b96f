/** One machine: its configurations, what each event does in them, and as which operations. */
import type { ActionRef, GuardRef, KindDefinition } from '../model/kind.ts';
import { StrataError } from './errors.ts';
import {
  addDescendants,
  alternativesOf,
  entrySet,
  eventNameOf,
  exitSet,
  inDocumentOrder,
  leavesKey,
  type Node,
  nameOf,
  type Transition,
  timeoutsOf,
  withoutConflicts,
} from './statechart.ts';
import { ENGINE_EVENTS, GuardOp, SLOTS_MAX, TIMERS_MAX } from './tables.ts';

export interface Configuration {
  readonly name: string;
  /** Active nodes in document order. */
  readonly nodes: readonly Node[];
}

export type Operation =
  | { readonly op: 'set' | 'add'; readonly slot: number; readonly value: number }
  | { readonly op: 'request'; readonly verb: string }
  | { readonly op: 'cancelRequest' }
  | {
      readonly op: 'startTimer';
      readonly timer: number;
      readonly delay: string;
      readonly event: string;
    }
  | { readonly op: 'cancelTimer'; readonly timer: number };

export interface CompiledGuard {
  readonly op: number;
  readonly slot: number;
  readonly limit: number;
}

export interface Decision {
  readonly guards: readonly CompiledGuard[];
  /** Index of the configuration entered. */
  readonly target: number;
  readonly operations: readonly Operation[];
  readonly reason: string;
}

/** One machine: which transitions an event selects in a configuration, and what they do. */
export class MachineCompiler {
  readonly alphabet: readonly string[];
  readonly slotNames: readonly string[];
  readonly #definition: KindDefinition;
  readonly #indexByLeaves = new Map<string, number>();
  readonly #timers: ReadonlyMap<Node, number>;

  constructor(definition: KindDefinition, configurations: readonly Configuration[]) {
    this.#definition = definition;
    this.slotNames = Object.keys(definition.slots ?? {});
    if (this.slotNames.length > SLOTS_MAX) {
      throw invalid(definition.kind, `has ${this.slotNames.length} slots; at most ${SLOTS_MAX}`);
    }
    configurations.forEach((c, i) => {
      this.#indexByLeaves.set(leavesKey(c.nodes), i);
    });
    this.alphabet = alphabetOf(definition, configurations);
    this.#timers = assignTimers(definition);
  }

  initial(): { configuration: number; operations: Operation[] } {
    const root = this.#definition.xstate.root as unknown as Node;
    const entered = new Set<Node>();
    addDescendants(root, entered);
    entered.add(root);
    const nodes = inDocumentOrder(entered);
    return {
      configuration: this.#index(nodes),
      operations: nodes.flatMap((node) => this.#entryOf(node)),
    };
  }

  /** All choices for an event that an active node handles, in the order they are tried. */
  decide(configuration: Configuration, event: string): Decision[] {
    const active = new Set(configuration.nodes);
    return alternativesOf(configuration.nodes[0], event, active).list.map((alternative) => {
      const chosen = withoutConflicts(alternative, active);
      const guards = alternative.flatMap((t) => (t.guard ? [this.#guard(t.guard)] : []));
      return { guards, ...this.#take(configuration, chosen) };
    });
  }

  #take(configuration: Configuration, chosen: readonly Transition[]) {
    const active = new Set(configuration.nodes);
    const exits = exitSet(chosen, active);
    const entries = entrySet(chosen);
    for (const node of exits) active.delete(node);
    for (const node of entries) active.add(node);
    const nodes = inDocumentOrder(active);
    const operations = [
      ...inDocumentOrder(exits)
        .reverse()
        .flatMap((node) => this.#exitOf(node)),
      ...chosen.flatMap((t) => t.actions.map((a) => this.#action(a))),
      ...inDocumentOrder(entries).flatMap((node) => this.#entryOf(node)),
    ];
    return { target: this.#index(nodes), operations, reason: chosen[0].description ?? '' };
  }

  #index(nodes: readonly Node[]): number {
    const index = this.#indexByLeaves.get(leavesKey(nodes));
    if (index === undefined) {
      throw invalid(this.#definition.kind, `reaches an unknown configuration ${nameOf(nodes)}`);
    }
    return index;
  }

  #entryOf(node: Node): Operation[] {
    const operations = dataActions(node.entry).map((a) => this.#action(a));
    timeoutsOf(node).forEach((after, i) => {
      const timer = this.#timers.get(node)! + i;
      operations.push({
        op: 'startTimer',
        timer,
        delay: after.delay,
        event: eventNameOf(after.eventType),
      });
    });
    return operations;
  }

  #exitOf(node: Node): Operation[] {
    const operations: Operation[] = [];
    if (dataActions(node.entry).some((a) => a.type === 'request')) {
      operations.push({ op: 'cancelRequest' });
    }
    timeoutsOf(node).forEach((_, i) => {
      operations.push({ op: 'cancelTimer', timer: this.#timers.get(node)! + i });
    });
    return operations;
  }

  #action(action: ActionRef): Operation {
    switch (action.type) {
      case 'request':
        return { op: 'request', verb: action.params.verb };
      case 'set':
        return { op: 'set', slot: this.#slot(action.params.slot), value: action.params.value };
      case 'add':
        return { op: 'add', slot: this.#slot(action.params.slot), value: action.params.amount };
    }
  }

  #guard(guard: GuardRef): CompiledGuard {
    const op = guard.type === 'below' ? GuardOp.BELOW : GuardOp.AT_LEAST;
    return { op, slot: this.#slot(guard.params.slot), limit: guard.params.limit };
  }

  #slot(name: string): number {
    const index = this.slotNames.indexOf(name);
    if (index < 0) throw invalid(this.#definition.kind, `has no slot '${name}'`);
    return index;
  }
}

/** XState turns `after` into its own entry and exit actions (functions); the rest is our data. */
function dataActions(actions: readonly unknown[]): ActionRef[] {
  return actions.filter((a) => typeof a !== 'function') as ActionRef[];
}

function alphabetOf(
  definition: KindDefinition,
  configurations: readonly Configuration[],
): readonly string[] {
  const events = new Set<string>(definition.ignores);
  for (const { nodes } of configurations) {
    for (const node of nodes) {
      for (const event of node.transitions.keys()) events.add(event);
      for (const event of node.meta?.ignores ?? []) events.add(event);
    }
  }
  const reserved = ENGINE_EVENTS.find((name) => events.has(name));
  if (reserved) throw invalid(definition.kind, `uses the reserved event name '${reserved}'`);
  return [...events];
}

/** Gives every node with timeouts its first timer, so that no two active ones share one. */
function assignTimers(definition: KindDefinition): ReadonlyMap<Node, number> {
  const timers = new Map<Node, number>();
  const assign = (node: Node, first: number): number => {
    timers.set(node, first);
    let next = first + timeoutsOf(node).length;
    let most = next;
    for (const child of Object.values(node.states)) {
      const end = assign(child, next);
      most = Math.max(most, end);
      if (node.type === 'parallel') next = end;
    }
    return most;
  };
  const used = assign(definition.xstate.root as unknown as Node, 0);
  if (used > TIMERS_MAX) {
    throw invalid(definition.kind, `needs ${used} timers at once; at most ${TIMERS_MAX}`);
  }
  return timers;
}

export function invalid(kind: string, problem: string): StrataError {
  return new StrataError('MODEL_INVALID', `kind '${kind}' ${problem}`);
}
