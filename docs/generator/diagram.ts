/**
 * Mermaid state diagrams. A diagram of everything is unreadable for a machine with hundreds of
 * transitions, so a diagram draws what is particular and says in words what it leaves out:
 * transitions that lead from many states to one, and states that only mirror others.
 */

import type { RegionView, StateView, TransitionView } from './machine-view.ts';
import { code, codes } from './markdown.ts';

export interface Diagram {
  /** Heading of a part of a machine, empty for the whole. */
  readonly title: string;
  readonly mermaid: string;
  /** What the diagram leaves out, one line each. */
  readonly left: readonly string[];
}

/** Above so many arrows transitions from many states are said in words. */
const ARROWS_MAX = 40;
/** A region with more states is drawn in parts, if it has parents. */
const STATES_MAX = 24;
/** A choice by counters among at least so many states is said in words. */
const CHOICES_MIN = 4;
/** A prefix such as `stale+` is folded when it mirrors at least so many states. */
const MIRRORED_MIN = 8;

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
}

/** The diagrams of a region. */
export function diagramsOf(region: RegionView): readonly Diagram[] {
  const leaves = region.states.filter((state) => !state.isParent);
  const parents = region.states.filter((state) => state.isParent && state.parent === '');
  if (leaves.length <= STATES_MAX || parents.length === 0) return [wholeRegion(region)];
  return [overview(region), ...parents.map((parent) => insideOf(region, parent.name))];
}

// ------------------------------------------------------------------ one region

function wholeRegion(region: RegionView): Diagram {
  const mirror = mirrorOf(region.states);
  const isHidden = (name: string) => mirror !== undefined && name.startsWith(mirror.prefix);
  const states = region.states.filter((state) => !isHidden(state.name));
  const transitions = region.transitions.filter(
    (t) => !isHidden(t.from) && !isHidden(t.to) && !isWithin(t.to, t.from),
  );
  const inner = region.transitions.filter((t) => t.from !== t.to && isWithin(t.to, t.from));
  const { drawn, anywhere, folded } = fold(states, transitions);
  return {
    title: region.name,
    mermaid: stateDiagram(states, [...anywhere, ...drawn]),
    left: [
      ...(mirror ? [mirrorText(mirror)] : []),
      ...inner.map((t) => `${code(t.event)} from any state in ${code(t.from)} to ${code(t.to)}`),
      ...folded,
    ],
  };
}

/** Whether an arrow would lead from a parent to a state in it, or from the region itself. */
function isWithin(to: string, from: string): boolean {
  return from !== '' && to !== from && to.startsWith(`${from}.`);
}

/** The parents of a region as single states. */
function overview(region: RegionView): Diagram {
  const top = (name: string) => name.split('.')[0];
  const states = region.states.filter((state) => state.parent === '');
  const transitions = region.transitions
    .filter((t) => t.to !== '' && top(t.from) !== top(t.to))
    .map((t) => ({ ...t, from: top(t.from), to: top(t.to) }));
  const { drawn, anywhere, folded } = fold(states, transitions);
  const initial = states.map((state) => ({ ...state, isParent: false }));
  return {
    title: region.name ? `${region.name}: overview` : 'overview',
    mermaid: stateDiagram(initial, [...anywhere, ...drawn]),
    left: folded,
  };
}

/** The states inside one parent, and where its transitions lead. */
function insideOf(region: RegionView, parent: string): Diagram {
  const isInside = (name: string) => name.startsWith(`${parent}.`);
  const inside = region.states.filter((state) => isInside(state.name) && !state.isParent);
  const fromInside = region.transitions.filter((t) => isInside(t.from) && t.to !== '');
  const outside = [...new Set(fromInside.map((t) => t.to).filter((to) => !isInside(to)))];
  const named = outside.flatMap((name) => region.states.filter((state) => state.name === name));
  const states = [...inside, ...named.map((state) => ({ ...state, isInitial: false }))];
  const fromAny = region.transitions.filter((t) => t.from === parent && t.to !== '');
  const { drawn, anywhere, folded } = fold(inside, fromInside);
  const any = groupEdges(fromAny.map((t) => ({ ...t, from: ANY })));
  const shown = any.filter((edge) => states.some((state) => state.name === edge.to));
  const hidden = any.filter((edge) => !shown.includes(edge));
  return {
    title: region.name ? `${region.name}: ${parent}` : parent,
    mermaid: stateDiagram(
      states.map((state) => ({ ...state, isParent: false, parent: '' })),
      [...mergeEdges([...shown, ...anywhere]), ...drawn],
    ),
    left: [
      ...hidden.map(({ to, labels }) => `${labels.join(', ')} from any of them to ${code(to)}`),
      ...folded,
    ],
  };
}

// ------------------------------------------------------------------ what is left out

const ANY = '*';

interface Folded {
  readonly drawn: readonly Edge[];
  /** Arrows from "any state". */
  readonly anywhere: readonly Edge[];
  readonly folded: readonly string[];
}

/** The good end of a request leads through the life of an entity: it is always drawn. */
const STORY = 'done';

/**
 * Takes out transitions of one event from many states to one: those from most states become an
 * arrow from "any state"; the others are said in words, the most frequent first, until what is
 * left can be read. Reports of the real system go first. A choice among many states is said in words as well.
 */
function fold(states: readonly StateView[], all: readonly TransitionView[]): Folded {
  const leaves = states.filter((state) => !state.isParent).length;
  const changes = all.filter((t) => t.to !== '' && t.from !== '' && t.to !== t.from);
  const { real, choices } = withoutChoices(changes);
  const sources = new Map<string, Set<string>>();
  for (const t of real) {
    const key = `${t.event} ${t.to}`;
    sources.set(key, (sources.get(key) ?? new Set()).add(t.from));
  }
  const count = (t: TransitionView) => sources.get(`${t.event} ${t.to}`)?.size ?? 0;
  const isAnywhere = (t: TransitionView) =>
    t.event !== STORY && count(t) >= 4 && count(t) >= 0.6 * (leaves - 1);
  let rest = real.filter((t) => !isAnywhere(t));
  const anywhere = [
    ...real.filter(isAnywhere),
    // A transition of the region itself.
    ...all.filter((t) => t.from === '' && t.to !== ''),
  ];
  const inWords: TransitionView[] = [];
  const sayWhat = (isSaid: (t: TransitionView) => boolean) => {
    if (groupEdges(rest).length <= ARROWS_MAX) return;
    inWords.push(...rest.filter(isSaid));
    rest = rest.filter((t) => !isSaid(t));
  };
  sayWhat(isReport);
  for (let least = 6; least >= 2; least--) {
    sayWhat((t) => t.event !== STORY && count(t) >= least);
  }
  return {
    drawn: groupEdges(rest),
    anywhere: groupEdges(anywhere.map((t) => ({ ...t, from: ANY }))),
    folded: [...choices, ...foldedText(inWords)],
  };
}

/** A report of the real system that names the state it found, such as `status_ready`. */
const isReport = ({ event, to }: TransitionView): boolean => event.endsWith(`_${to}`);

/** Takes out events that choose among many states by a counter. */
function withoutChoices(all: readonly TransitionView[]) {
  const targets = new Map<string, Set<string>>();
  for (const { from, event, to } of all) {
    const key = `${from} ${event}`;
    targets.set(key, (targets.get(key) ?? new Set()).add(to));
  }
  const isChoice = ({ from, event }: TransitionView) =>
    (targets.get(`${from} ${event}`)?.size ?? 0) >= CHOICES_MIN;
  const choices = [...targets]
    .filter(([, to]) => to.size >= CHOICES_MIN)
    .map(([key, to]) => {
      const [from, event] = key.split(' ');
      return `${code(event)} from ${code(from)} to one of ${codes(to)}`;
    });
  return { real: all.filter((t) => !isChoice(t)), choices };
}

function foldedText(transitions: readonly TransitionView[]): string[] {
  const byTarget = new Map<string, Map<string, Set<string>>>();
  for (const { event, from, to } of transitions) {
    const events = byTarget.get(to) ?? new Map<string, Set<string>>();
    byTarget.set(to, events.set(event, (events.get(event) ?? new Set()).add(from)));
  }
  return [...byTarget].map(([to, events]) => {
    const parts = [...events].map(([event, from]) => `${code(event)} (from ${from.size} states)`);
    return `to ${code(to)}: ${parts.join(', ')}`;
  });
}

interface Mirror {
  readonly prefix: string;
  readonly mirrored: readonly string[];
}

/** A prefix such as `stale+` that stands before many states which exist without it as well. */
function mirrorOf(states: readonly StateView[]): Mirror | undefined {
  const names = new Set(states.map((state) => state.name));
  const byPrefix = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.slice(0, name.indexOf('+') + 1);
    const rest = name.slice(prefix.length);
    if (prefix && names.has(rest)) byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), rest]);
  }
  const found = [...byPrefix].find(([, rest]) => rest.length >= MIRRORED_MIN);
  return found && { prefix: found[0], mirrored: found[1] };
}

const mirrorText = ({ prefix, mirrored }: Mirror): string =>
  `the ${mirrored.length} states ${code(`${prefix}…`)}, one for each of ${codes(mirrored)}`;

// ------------------------------------------------------------------ Mermaid

/** One edge for all events between two states. Guarded ones are marked with a question mark. */
function groupEdges(transitions: readonly TransitionView[]): Edge[] {
  const edges = new Map<string, { from: string; to: string; labels: string[] }>();
  for (const { from, to, event, guard } of transitions) {
    const key = `${from} ${to}`;
    const edge = edges.get(key) ?? { from, to, labels: [] };
    edges.set(key, edge);
    const label = guard === '' ? event : `${event}?`;
    if (!edge.labels.includes(label)) edge.labels.push(label);
  }
  return [...edges.values()];
}

function mergeEdges(edges: readonly Edge[]): Edge[] {
  const merged = new Map<string, Edge>();
  for (const { from, to, labels } of edges) {
    const known = merged.get(`${from} ${to}`)?.labels ?? [];
    merged.set(`${from} ${to}`, { from, to, labels: [...new Set([...known, ...labels])] });
  }
  return [...merged.values()];
}

/** The text of a diagram. Ids are numbered, since state names may hold what Mermaid cannot read. */
function stateDiagram(states: readonly StateView[], edges: readonly Edge[]): string {
  const ids = new Map(states.map((state, i) => [state.name, `s${i}`]));
  const isUsed = edges.some((edge) => edge.from === ANY);
  const id = (name: string) => (name === ANY ? 'any' : ids.get(name));
  return [
    'stateDiagram-v2',
    ...declare(states, '', 1, ids),
    ...(isUsed ? ['  state "any state" as any'] : []),
    ...edges.map(({ from, to, labels }) => `  ${id(from)} --> ${id(to)}: ${labelText(labels)}`),
  ].join('\n');
}

function declare(
  states: readonly StateView[],
  parent: string,
  depth: number,
  ids: ReadonlyMap<string, string>,
): string[] {
  const indent = '  '.repeat(depth);
  return states
    .filter((state) => state.parent === parent)
    .flatMap((state) => {
      const id = ids.get(state.name);
      const own = state.name.slice(parent === '' ? 0 : parent.length + 1);
      const start = state.isInitial ? [`${indent}[*] --> ${id}`] : [];
      const head = `${indent}state "${own}" as ${id}`;
      if (!state.isParent) return [head, ...start];
      return [`${head} {`, ...declare(states, state.name, depth + 1, ids), `${indent}}`, ...start];
    });
}

/** Long lists of events would make the picture wide: the table has all of them. */
function labelText(labels: readonly string[]): string {
  if (labels.length <= 4) return labels.join(', ');
  return `${labels.slice(0, 3).join(', ')} and ${labels.length - 3} more`;
}
