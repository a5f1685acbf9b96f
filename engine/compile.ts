/**
 * Compiles the machines of a model to flat tables: one row of candidates for every (state, event).
 *
 * A state of the tables is a whole configuration of the machine: one leaf for a hierarchical
 * machine, one leaf of each region for a parallel one. The semantics are XState's (SCXML's): the
 * innermost handler wins, guards are read before any action runs, exits come before transition
 * actions, and these before entries. A property test holds the tables equal to XState's own
 * `transition()`.
 */
import type { KindDefinition, Tag } from '../model/kind.ts';
import { LAYERS } from '../model/layers.ts';
import type { EdgeType } from '../model/stack.ts';
import {
  type CompiledGuard,
  type Configuration,
  type Decision,
  invalid,
  MachineCompiler,
  type Operation,
} from './compile-machine.ts';
import { configurationsOf, eventNameOf, isDescendant, type Node, nameOf } from './statechart.ts';
import {
  type CompiledKind,
  type CompiledModel,
  GROUPS_MAX,
  GuardOp,
  IGNORED,
  Op,
  STATE_CLASSES,
  withLookups,
} from './tables.ts';

/** Interns strings to consecutive numbers. */
class Names {
  readonly list: string[] = [];
  readonly #ids = new Map<string, number>();

  intern(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.list.length;
      this.list.push(name);
      this.#ids.set(name, id);
    }
    return id;
  }
}

/** Compiles kinds and the edges between them. Throws MODEL_INVALID for what tables cannot hold. */
export function compileModel(
  kinds: readonly KindDefinition[],
  edges: readonly EdgeType[],
): CompiledModel {
  return new ModelCompiler(kinds, edges).compile();
}

class ModelCompiler {
  readonly #definitions: readonly KindDefinition[];
  readonly #edges: readonly EdgeType[];
  readonly #states = new Names();
  readonly #events = new Names();
  readonly #verbs = new Names();
  readonly #delays = new Names();
  readonly #kinds: CompiledKind[] = [];
  readonly #stateKind: number[] = [];
  readonly #stateClass: number[] = [];
  readonly #serving: number[] = [];
  /** Index 0 is never used, so that 0 can mean "none". */
  readonly #candidates: number[] = [0, 0, 0, 0];
  readonly #reasons: string[] = [''];
  readonly #guards: number[] = [GuardOp.END];
  readonly #ops: number[] = [Op.END];
  /** state, event, entry; the last one for a state and event counts. */
  readonly #rows: number[] = [];

  constructor(definitions: readonly KindDefinition[], edges: readonly EdgeType[]) {
    this.#definitions = definitions;
    this.#edges = edges;
  }

  compile(): CompiledModel {
    for (const definition of this.#definitions) this.#compileKind(definition);
    const eventCount = this.#events.list.length;
    const table = new Int32Array(this.#states.list.length * eventCount);
    for (let i = 0; i < this.#rows.length; i += 3) {
      table[this.#rows[i] * eventCount + this.#rows[i + 1]] = this.#rows[i + 2];
    }
    return withLookups({
      kinds: this.#kinds,
      stateNames: this.#states.list,
      stateKind: Uint8Array.from(this.#stateKind),
      stateClass: Uint8Array.from(this.#stateClass),
      serving: Uint8Array.from(this.#serving),
      eventNames: this.#events.list,
      verbNames: this.#verbs.list,
      delayNames: this.#delays.list,
      table,
      candidates: Int32Array.from(this.#candidates),
      guards: Int32Array.from(this.#guards),
      ops: Int32Array.from(this.#ops),
      reasons: this.#reasons,
      edges: this.#edges,
    });
  }

  #compileKind(definition: KindDefinition): void {
    const root = definition.xstate.root as unknown as Node;
    const configurations = configurationsOf(root).map((nodes) => ({ name: nameOf(nodes), nodes }));
    const machine = new MachineCompiler(definition, configurations);
    const firstState = this.#states.list.length;
    const id = this.#kinds.length;
    for (const configuration of configurations) {
      this.#states.intern(`${definition.kind}/${configuration.name}`);
      this.#stateKind.push(id);
      this.#stateClass.push(classOf(definition.kind, configuration));
      this.#serving.push(isServing(configuration, root) ? 1 : 0);
    }
    const initial = machine.initial();
    this.#kinds.push({
      id,
      kind: definition.kind,
      layer: LAYERS.indexOf(definition.layer),
      firstState,
      stateCount: configurations.length,
      initialState: firstState + initial.configuration,
      initialOps: this.#addOps(definition.kind, initial.operations),
      slotNames: machine.slotNames,
      slotInitial: machine.slotNames.map((name) => definition.slots?.[name] ?? 0),
      events: new Set(machine.alphabet.map((e) => this.#events.intern(eventNameOf(e)))),
      groups: this.#groupsOf(definition.kind),
    });
    configurations.forEach((configuration, index) => {
      this.#compileRow(definition, machine, configuration, firstState + index, firstState);
    });
  }

  /** What a state ignores, then, over it, what it handles. */
  #compileRow(
    definition: KindDefinition,
    machine: MachineCompiler,
    configuration: Configuration,
    state: number,
    firstState: number,
  ): void {
    const { nodes } = configuration;
    for (const event of definition.ignores ?? []) this.#setRow(state, event, IGNORED);
    for (const node of nodes) {
      for (const event of node.meta?.ignores ?? []) this.#setRow(state, event, IGNORED);
    }
    const handled = new Set(nodes.flatMap((node) => [...node.transitions.keys()]));
    for (const event of handled) {
      const decisions = machine.decide(configuration, event);
      const entry = this.#addCandidates(definition.kind, firstState, decisions);
      this.#setRow(state, eventNameOf(event), entry);
    }
  }

  #setRow(state: number, event: string, entry: number): void {
    this.#rows.push(state, this.#events.intern(event), entry);
  }

  #groupsOf(kind: string): number[] {
    const groups = this.#edges.flatMap((e, i) =>
      e.dependent === kind && e.needs !== 'none' ? [i] : [],
    );
    if (groups.length > GROUPS_MAX) {
      throw invalid(kind, `depends on ${groups.length} kinds; the engine holds ${GROUPS_MAX}`);
    }
    return groups;
  }

  #addCandidates(kind: string, firstState: number, decisions: readonly Decision[]): number {
    const first = this.#candidates.length / 4;
    decisions.forEach((decision, i) => {
      const next = i + 1 < decisions.length ? first + i + 1 : 0;
      const guards = this.#addGuards(decision.guards);
      const ops = this.#addOps(kind, decision.operations);
      this.#candidates.push(guards, firstState + decision.target, ops, next);
      this.#reasons.push(decision.reason);
    });
    return first;
  }

  #addGuards(guards: readonly CompiledGuard[]): number {
    if (guards.length === 0) return 0;
    const at = this.#guards.length;
    for (const guard of guards) this.#guards.push(guard.op, guard.slot, guard.limit);
    this.#guards.push(GuardOp.END);
    return at;
  }

  #addOps(kind: string, operations: readonly Operation[]): number {
    if (operations.length === 0) return 0;
    const at = this.#ops.length;
    for (const o of operations) {
      switch (o.op) {
        case 'set':
          this.#ops.push(Op.SET, o.slot, o.value);
          break;
        case 'add':
          this.#ops.push(Op.ADD, o.slot, o.value);
          break;
        case 'request':
          this.#ops.push(Op.REQUEST, this.#verbs.intern(`${kind}.${o.verb}`));
          break;
        case 'cancelRequest':
          this.#ops.push(Op.CANCEL_REQUEST);
          break;
        case 'startTimer': {
          const delay = this.#delays.intern(`${kind}.${o.delay}`);
          this.#ops.push(Op.START_TIMER, o.timer, delay, this.#events.intern(o.event));
          break;
        }
        case 'cancelTimer':
          this.#ops.push(Op.CANCEL_TIMER, o.timer);
          break;
      }
    }
    this.#ops.push(Op.END);
    return at;
  }
}

function classOf(kind: string, configuration: Configuration): number {
  const tags = new Set(configuration.nodes.flatMap((n) => n.tags));
  const index = Math.max(...STATE_CLASSES.map((c, i) => (tags.has(c) ? i : -1)));
  if (index < 0) {
    throw invalid(
      kind,
      `state '${configuration.name}' is tagged none of ${STATE_CLASSES.join(', ')}`,
    );
  }
  return index;
}

/** A configuration serves when every region that has serving states at all is in one of them. */
function isServing(configuration: Configuration, root: Node): boolean {
  const regions = root.type === 'parallel' ? Object.values(root.states) : [root];
  const concerned = regions.filter((region) => hasServing(region));
  return (
    concerned.length > 0 &&
    concerned.every((region) =>
      configuration.nodes.some(
        (n) =>
          (n === region || isDescendant(n, region)) && n.tags.includes('serving' satisfies Tag),
      ),
    )
  );
}

function hasServing(node: Node): boolean {
  return node.tags.includes('serving') || Object.values(node.states).some(hasServing);
}
