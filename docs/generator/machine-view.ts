/** What the reference shows of a machine, read from XState's own resolved nodes. */
import { eventNameOf } from '../../engine/statechart.ts';
import type { ActionRef, GuardRef, KindDefinition } from '../../model/kind.ts';

export interface StateView {
  /** Path within its region, such as `building.spawning`. */
  readonly name: string;
  /** Name of the parent that groups it, empty at the top of its region. */
  readonly parent: string;
  readonly isParent: boolean;
  readonly isInitial: boolean;
  readonly class: string;
  readonly serving: boolean;
  readonly description: string;
  readonly verbs: readonly string[];
  readonly effects: readonly string[];
  readonly timeouts: readonly string[];
  readonly ignores: readonly string[];
}

export interface TransitionView {
  readonly from: string;
  readonly event: string;
  /** Empty when the state stays. */
  readonly to: string;
  readonly guard: string;
  readonly effects: readonly string[];
  readonly reason: string;
  readonly reenter: boolean;
}

export interface RegionView {
  /** Empty for a machine without parallel regions. */
  readonly name: string;
  readonly states: readonly StateView[];
  readonly transitions: readonly TransitionView[];
}

// The part of XState's StateNode that is read here.
interface Node {
  readonly key: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly parent?: Node;
  readonly states: Readonly<Record<string, Node>>;
  readonly initial: { readonly target: readonly Node[] } | undefined;
  readonly entry: readonly unknown[];
  readonly tags: readonly string[];
  readonly description?: string;
  readonly meta?: { readonly ignores?: readonly string[] };
  readonly after: readonly { readonly delay: string }[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
}

interface Transition {
  readonly target?: readonly Node[];
  readonly guard?: GuardRef;
  readonly actions: readonly unknown[];
  readonly reenter: boolean;
  readonly description?: string;
}

const CLASSES = ['failed', 'transient', 'stable'];

/** The regions of a kind's machine; one without a name when it is not parallel. */
export function regionsOf(kind: KindDefinition): readonly RegionView[] {
  const root = kind.xstate.root as unknown as Node;
  const regions = root.type === 'parallel' ? Object.values(root.states) : [root];
  return regions.map((region) => {
    const depth = region.path.length;
    const nodes = descendants(region);
    const transitions = [region, ...nodes].flatMap((node) => transitionsOf(node, depth));
    return {
      name: region === root ? '' : region.key,
      states: nodes.map((node) => stateOf(node, depth)),
      transitions: transitions.sort((a, b) => order(transitions, a) - order(transitions, b)),
    };
  });
}

/** Transitions of one event stand together, events in the order in which they first appear. */
function order(all: readonly TransitionView[], one: TransitionView): number {
  return all.findIndex((t) => t.event === one.event);
}

/** Events that every state lets pass which does not handle them. */
export function ignoredByAll(kind: KindDefinition): readonly string[] {
  return [...new Set(kind.ignores ?? [])];
}

function descendants(node: Node): Node[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)]);
}

const nameOf = (node: Node, depth: number): string => node.path.slice(depth).join('.');

function stateOf(node: Node, depth: number): StateView {
  const tags = new Set<string>();
  for (let n: Node | undefined = node; n; n = n.parent) for (const tag of n.tags) tags.add(tag);
  const isParent = Object.keys(node.states).length > 0;
  const actions = dataActions(node.entry);
  return {
    name: nameOf(node, depth),
    parent: node.path.length > depth + 1 ? node.path.slice(depth, -1).join('.') : '',
    isParent,
    isInitial: node.parent?.initial?.target.includes(node) ?? false,
    class: isParent ? '' : (CLASSES.find((name) => tags.has(name)) ?? ''),
    serving: !isParent && tags.has('serving'),
    description: node.description ?? '',
    verbs: actions.flatMap((a) => (a.type === 'request' ? [a.params.verb] : [])),
    effects: actions.flatMap(effectOf),
    timeouts: [...new Set(node.after.map((after) => after.delay))],
    ignores: node.meta?.ignores ?? [],
  };
}

function transitionsOf(node: Node, depth: number): TransitionView[] {
  return [...node.transitions].flatMap(([event, candidates]) =>
    candidates.map((transition, i): TransitionView => {
      const actions = dataActions(transition.actions);
      const asked = actions.flatMap((a) =>
        a.type === 'request' ? [`asks for \`${a.params.verb}\``] : [],
      );
      return {
        from: nameOf(node, depth),
        event: eventNameOf(event),
        to: (transition.target ?? []).map((target) => nameOf(target, depth)).join(' and '),
        guard: guardText(transition.guard) || (i > 0 ? 'otherwise' : ''),
        effects: [...actions.flatMap(effectOf), ...asked],
        reason: transition.description ?? '',
        reenter: transition.reenter && transition.target !== undefined,
      };
    }),
  );
}

/** XState turns `after` into functions of its own; the rest is our data. */
function dataActions(actions: readonly unknown[]): ActionRef[] {
  return actions.filter((action) => typeof action !== 'function') as ActionRef[];
}

function effectOf(action: ActionRef): string[] {
  switch (action.type) {
    case 'request':
      return [];
    case 'set':
      return [`${action.params.slot} = ${action.params.value}`];
    case 'add': {
      const { slot, amount } = action.params;
      return [amount < 0 ? `${slot} - ${-amount}` : `${slot} + ${amount}`];
    }
  }
}

function guardText(guard: GuardRef | undefined): string {
  if (!guard) return '';
  const { slot, limit } = guard.params;
  return guard.type === 'below' ? `${slot} < ${limit}` : `${slot} ≥ ${limit}`;
}
