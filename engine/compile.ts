/**
 * Compiles the machines of a model to flat tables: one row of candidates for every (state, event).
 *
 * A state of the tables is a whole configuration of the machine: one leaf for a hierarchical
 * machine, one leaf of each region for a parallel one. The semantics are XState's (SCXML's): the
 * innermost handler wins, guards are read before any action runs, exits come before transition
 * actions, and these before entries. A property test holds the tables equal to XState's own
 * `transition()`.
 */
import type { ActionRef, GuardRef, KindDefinition, Tag } from '../model/kind.ts';
import { LAYERS } from '../model/layers.ts';
import type { EdgeType } from '../model/stack.ts';
import { StrataError } from './errors.ts';

/** An entry of `table`: no candidate, and the event is not listed as ignored either. */
export const UNHANDLED = 0;
/** An entry of `table`: the event needs no answer here. */
export const IGNORED = -1;

/** Most counters and simultaneous timeouts of an entity. */
export const SLOTS_MAX = 4;
export const TIMERS_MAX = 3;

/** Operations of a transition, as runs of integers in `ops`. */
export const Op = {
  END: 0,
  /** slot, value */
  SET: 1,
  /** slot, amount */
  ADD: 2,
  /** verb */
  REQUEST: 3,
  /** gives up the request in flight */
  CANCEL_REQUEST: 4,
  /** timer, delay, event */
  START_TIMER: 5,
  /** timer */
  CANCEL_TIMER: 6,
} as const;

export const GuardOp = { END: 0, BELOW: 1, AT_LEAST: 2 } as const;

export const STATE_CLASSES = ['stable', 'transient', 'failed'] as const;
export type StateClass = (typeof STATE_CLASSES)[number];

export interface CompiledKind {
  readonly id: number;
  readonly kind: string;
  readonly layer: number;
  readonly firstState: number;
  readonly stateCount: number;
  readonly initialState: number;
  /** Index into `ops` of what entering the initial state does. */
  readonly initialOps: number;
  readonly slotNames: readonly string[];
  readonly slotInitial: readonly number[];
  /** Events its machine knows, by global number. */
  readonly events: ReadonlySet<number>;
  /** Edge types in which this kind is the dependent, by global number; at most GROUPS_MAX count. */
  readonly groups: readonly number[];
}

/** The flat form of a model. All numbers are global over the model. */
export interface CompiledModel {
  readonly kinds: readonly CompiledKind[];
  /** `kind/state`, such as `server/building.spawning` or `osd/up+in`. */
  readonly stateNames: readonly string[];
  readonly stateKind: Uint8Array;
  /** Index into STATE_CLASSES. */
  readonly stateClass: Uint8Array;
  readonly serving: Uint8Array;
  readonly eventNames: readonly string[];
  /** `kind.verb` and `kind.delay`: the keys of timing profiles. */
  readonly verbNames: readonly string[];
  readonly delayNames: readonly string[];
  /** [state * events + event] -> first candidate (> 0), UNHANDLED or IGNORED. */
  readonly table: Int32Array;
  /** Candidate i at 4i: guards, target state, ops, next candidate (0: none). */
  readonly candidates: Int32Array;
  readonly guards: Int32Array;
  readonly ops: Int32Array;
  readonly reasons: readonly string[];
  readonly edges: readonly EdgeType[];
  kindId(kind: string): number;
  stateId(name: string): number;
  eventId(name: string): number;
  verbId(name: string): number;
}

/** A compiled model without its look-ups, which follow from the names. */
export type ModelTables = Omit<CompiledModel, 'kindId' | 'stateId' | 'eventId' | 'verbId'>;

/** Adds the look-ups by name. They throw MODEL_UNKNOWN_NAME. */
export function withLookups(tables: ModelTables): CompiledModel {
  const lookup = (what: string, names: readonly string[]) => {
    const ids = new Map(names.map((name, id) => [name, id]));
    return (name: string) => {
      const id = ids.get(name);
      if (id !== undefined) return id;
      throw new StrataError('MODEL_UNKNOWN_NAME', `the model has no ${what} '${name}'`);
    };
  };
  return {
    ...tables,
    kindId: lookup(
      'kind',
      tables.kinds.map((k) => k.kind),
    ),
    stateId: lookup('state', tables.stateNames),
    eventId: lookup('event', tables.eventNames),
    verbId: lookup('verb', tables.verbNames),
  };
}

/** Most edge types of one dependent that can lose it. */
export const GROUPS_MAX = 6;

// The part of XState's StateNode that is read here.
interface Node {
  readonly key: string;
  readonly id: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly order: number;
  readonly parent?: Node;
  readonly states: Record<string, Node>;
  readonly initial: { readonly target: readonly Node[] } | undefined;
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly tags: readonly string[];
  readonly meta?: { readonly ignores?: readonly string[] };
  readonly after: readonly { readonly delay: string; readonly eventType: string }[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
}

interface Transition {
  readonly source: Node;
  readonly target?: readonly Node[];
  readonly guard?: GuardRef;
  readonly actions: readonly ActionRef[];
  readonly reenter: boolean;
  readonly description?: string;
}

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

interface Configuration {
  readonly name: string;
  /** Active nodes in document order. */
  readonly nodes: readonly Node[];
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

type Operation =
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

interface CompiledGuard {
  readonly op: number;
  readonly slot: number;
  readonly limit: number;
}

interface Decision {
  readonly guards: readonly CompiledGuard[];
  /** Index of the configuration entered. */
  readonly target: number;
  readonly operations: readonly Operation[];
  readonly reason: string;
}

/** One machine: which transitions an event selects in a configuration, and what they do. */
class MachineCompiler {
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

// ------------------------------------------------------------------ statechart semantics

/** Every configuration below a node, each as its active nodes. */
function configurationsOf(node: Node): Node[][] {
  const children = Object.values(node.states);
  if (children.length === 0) return [[node]];
  if (node.type === 'parallel') {
    let combined: Node[][] = [[node]];
    for (const region of children) {
      const options = configurationsOf(region);
      combined = combined.flatMap((prefix) => options.map((option) => [...prefix, ...option]));
    }
    return combined;
  }
  return children.flatMap((child) => configurationsOf(child).map((rest) => [node, ...rest]));
}

/** `up+in` for regions, `building.spawning` for nesting. */
function nameOf(nodes: readonly Node[]): string {
  const inner = nodes.filter((n) => n.parent);
  const leaves = inner.filter((n) => Object.keys(n.states).length === 0);
  return leaves.map((leaf) => pathWithoutRegion(leaf).join('.')).join('+');
}

function pathWithoutRegion(leaf: Node): readonly string[] {
  let root = leaf;
  while (root.parent) root = root.parent;
  return root.type === 'parallel' ? leaf.path.slice(1) : leaf.path;
}

function leavesKey(nodes: readonly Node[]): string {
  return nodes
    .filter((n) => Object.keys(n.states).length === 0)
    .map((n) => n.id)
    .join('|');
}

/** What a node may do about an event: alternatives in the order they are tried. */
interface Alternatives {
  readonly list: readonly (readonly Transition[])[];
  /** Whether the last one has no guard, so that nothing after it is ever tried. */
  readonly complete: boolean;
}

/**
 * The alternatives of an active node: those of its active children first, then its own. A parallel
 * node takes one alternative of each region together, and its own only when no region has any (this
 * is XState's rule; in SCXML each region would look upwards for itself).
 */
function alternativesOf(node: Node, event: string, active: ReadonlySet<Node>): Alternatives {
  const children = Object.values(node.states).filter((child) => active.has(child));
  const inner = children
    .map((child) => alternativesOf(child, event, active))
    .filter((alternatives) => alternatives.list.length > 0);
  const list = product(inner).filter((combination) => combination.length > 0);
  if (inner.some((alternatives) => alternatives.complete)) return { list, complete: true };
  for (const transition of node.transitions.get(event) ?? []) {
    list.push([transition]);
    if (!transition.guard) return { list, complete: true };
  }
  return { list, complete: false };
}

/**
 * Every choice of one alternative (or none) per region. In this order, the first combination whose
 * guards all hold is what each region chooses for itself.
 */
function product(regions: readonly Alternatives[]): (readonly Transition[])[] {
  let combinations: (readonly Transition[])[] = [[]];
  for (const { list, complete } of regions) {
    const options = complete ? list : [...list, []];
    combinations = combinations.flatMap((c) => options.map((option) => [...c, ...option]));
  }
  return combinations;
}

/** SCXML's removeConflictingTransitions: of two that exit the same node, the inner one wins. */
function withoutConflicts(
  transitions: readonly Transition[],
  active: ReadonlySet<Node>,
): Transition[] {
  let kept: Transition[] = [];
  for (const transition of transitions) {
    const exits = exitSet([transition], active);
    const rivals = kept.filter((k) => intersects(exits, exitSet([k], active)));
    if (rivals.every((rival) => isDescendant(transition.source, rival.source))) {
      kept = [...kept.filter((k) => !rivals.includes(k)), transition];
    }
  }
  return kept;
}

function exitSet(transitions: readonly Transition[], active: ReadonlySet<Node>): Set<Node> {
  const exits = new Set<Node>();
  for (const transition of transitions) {
    if (!transition.target?.length) continue;
    const domain = domainOf(transition);
    if (transition.reenter && transition.source === domain) exits.add(domain);
    for (const node of active) if (!domain || isDescendant(node, domain)) exits.add(node);
  }
  return exits;
}

function entrySet(transitions: readonly Transition[]): Set<Node> {
  const entries = new Set<Node>();
  for (const transition of transitions) {
    if (!transition.target?.length) continue;
    const domain = domainOf(transition);
    if (transition.reenter && transition.source === domain) entries.add(domain);
    for (const target of transition.target) {
      if (target !== transition.source || target !== domain || transition.reenter) {
        entries.add(target);
      }
      addDescendants(target, entries);
    }
    // After all targets, so that no region is given its initial state beside a target in it.
    for (const target of transition.target) addAncestors(target, domain, entries);
  }
  return entries;
}

function domainOf(transition: Transition): Node | undefined {
  const { source, target } = transition;
  const targets = target!;
  if (!transition.reenter && targets.every((t) => t === source || isDescendant(t, source))) {
    return source;
  }
  for (let node = source.parent; node; node = node.parent) {
    const ancestor = node;
    if (targets.every((t) => isDescendant(t, ancestor))) return ancestor;
  }
  return undefined;
}

function addDescendants(node: Node, into: Set<Node>): void {
  if (node.type === 'parallel') {
    addMissingRegions(node, into);
  } else if (node.initial) {
    for (const child of node.initial.target) {
      into.add(child);
      addDescendants(child, into);
      addAncestors(child, node, into);
    }
  }
}

/** Enters what lies between a node and its domain; regions on the way start from their initial. */
function addAncestors(node: Node, domain: Node | undefined, into: Set<Node>): void {
  if (node === domain) return;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent !== domain) into.add(parent);
    if (parent.type === 'parallel') addMissingRegions(parent, into);
    if (parent === domain) return;
  }
}

function addMissingRegions(parallel: Node, into: Set<Node>): void {
  for (const region of Object.values(parallel.states)) {
    if (hasDescendantIn(region, into)) continue;
    into.add(region);
    addDescendants(region, into);
  }
}

function hasDescendantIn(node: Node, set: ReadonlySet<Node>): boolean {
  for (const member of set) if (member === node || isDescendant(member, node)) return true;
  return false;
}

function isDescendant(node: Node, ancestor: Node): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent === ancestor) return true;
  }
  return false;
}

function intersects(a: ReadonlySet<Node>, b: ReadonlySet<Node>): boolean {
  for (const node of a) if (b.has(node)) return true;
  return false;
}

function inDocumentOrder(nodes: Iterable<Node>): Node[] {
  return [...nodes].sort((a, b) => a.order - b.order);
}

// ------------------------------------------------------------------ properties of states

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

/** XState turns `after` into its own entry and exit actions (functions); the rest is our data. */
function dataActions(actions: readonly unknown[]): ActionRef[] {
  return actions.filter((a) => typeof a !== 'function') as ActionRef[];
}

/** Names of rows that are no events of machines; a machine may not use them. */
export const ENGINE_EVENTS = [
  'created',
  'removed',
  'linked',
  'unlinked',
  'keyframe',
  'diverged',
] as const;

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

/** XState lists every candidate of a timeout; it is one timer all the same. */
function timeoutsOf(node: Node): Node['after'] {
  return node.after.filter((a, i, all) => all.findIndex((b) => b.delay === a.delay) === i);
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

/** XState names a timeout `xstate.after.DELAY.NODE`; recordings and tables call it `DELAY`. */
export function eventNameOf(xstateEvent: string): string {
  const match = /^xstate\.after\.([^.]+)\./.exec(xstateEvent);
  return match ? match[1] : xstateEvent;
}

function invalid(kind: string, problem: string): StrataError {
  return new StrataError('MODEL_INVALID', `kind '${kind}' ${problem}`);
}
