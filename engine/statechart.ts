/**
 * The semantics of statecharts as XState has them: which transitions an event selects in a
 * configuration, and what they exit and enter.
 */
import type { ActionRef, GuardRef } from '../model/kind.ts';

// The part of XState's StateNode that is read here.
export interface Node {
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

export interface Transition {
  readonly source: Node;
  readonly target?: readonly Node[];
  readonly guard?: GuardRef;
  readonly actions: readonly ActionRef[];
  readonly reenter: boolean;
  readonly description?: string;
}

/** Every configuration below a node, each as its active nodes. */
export function configurationsOf(node: Node): Node[][] {
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
export function nameOf(nodes: readonly Node[]): string {
  const inner = nodes.filter((n) => n.parent);
  const leaves = inner.filter((n) => Object.keys(n.states).length === 0);
  return leaves.map((leaf) => pathWithoutRegion(leaf).join('.')).join('+');
}

function pathWithoutRegion(leaf: Node): readonly string[] {
  let root = leaf;
  while (root.parent) root = root.parent;
  return root.type === 'parallel' ? leaf.path.slice(1) : leaf.path;
}

export function leavesKey(nodes: readonly Node[]): string {
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
export function alternativesOf(node: Node, event: string, active: ReadonlySet<Node>): Alternatives {
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
export function withoutConflicts(
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

export function exitSet(transitions: readonly Transition[], active: ReadonlySet<Node>): Set<Node> {
  const exits = new Set<Node>();
  for (const transition of transitions) {
    if (!transition.target?.length) continue;
    const domain = domainOf(transition);
    if (transition.reenter && transition.source === domain) exits.add(domain);
    for (const node of active) if (!domain || isDescendant(node, domain)) exits.add(node);
  }
  return exits;
}

export function entrySet(transitions: readonly Transition[]): Set<Node> {
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

export function addDescendants(node: Node, into: Set<Node>): void {
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

export function isDescendant(node: Node, ancestor: Node): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent === ancestor) return true;
  }
  return false;
}

function intersects(a: ReadonlySet<Node>, b: ReadonlySet<Node>): boolean {
  for (const node of a) if (b.has(node)) return true;
  return false;
}

export function inDocumentOrder(nodes: Iterable<Node>): Node[] {
  return [...nodes].sort((a, b) => a.order - b.order);
}

/** XState lists every candidate of a timeout; it is one timer all the same. */
export function timeoutsOf(node: Node): Node['after'] {
  return node.after.filter((a, i, all) => all.findIndex((b) => b.delay === a.delay) === i);
}

/** XState names a timeout `xstate.after.DELAY.NODE`; recordings and tables call it `DELAY`. */
export function eventNameOf(xstateEvent: string): string {
  const match = /^xstate\.after\.([^.]+)\./.exec(xstateEvent);
  return match ? match[1] : xstateEvent;
}
