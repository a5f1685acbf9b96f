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

/** With more arrows than this frequent events are said in words. */
const ARROWS_MAX = 45;
/** A region with more states is drawn in parts: its groups, or the first words of its names. */
const STATES_MAX = 24;
/** A state with so many arrows makes a picture wide: it is drawn from left to right. */
const FAN_MIN = 7;
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
  const { shown, left } = withoutMirror(region);
  const leaves = shown.states.filter((state) => !state.isParent);
  if (leaves.length <= STATES_MAX) return [{ ...wholeRegion(shown, left), title: region.name }];
  const separator = shown.states.some((state) => state.isParent) ? '.' : '+';
  const partOf = (name: string) => name.split(separator)[0];
  const sizes = new Map<string, number>();
  for (const { name } of leaves) sizes.set(partOf(name), (sizes.get(partOf(name)) ?? 0) + 1);
  const parts = [...sizes].filter(([, size]) => size > 1).map(([part]) => part);
  const diagrams = [
    overview(shown, partOf, left),
    ...parts.map((part) => insideOf(shown, part, partOf)),
  ];
  const prefix = region.name === '' ? '' : `${region.name}: `;
  return diagrams.map((diagram) => ({ ...diagram, title: `${prefix}${diagram.title}` }));
}

/** A region without the states that only mirror others; what is left out is said in words. */
function withoutMirror(region: RegionView): { shown: RegionView; left: readonly string[] } {
  const mirror = mirrorOf(region.states);
  if (!mirror) return { shown: region, left: [] };
  const isShown = (name: string) => !name.startsWith(mirror.prefix);
  const shown = {
    ...region,
    states: region.states.filter((state) => isShown(state.name)),
    transitions: region.transitions.filter((t) => isShown(t.from) && isShown(t.to)),
  };
  return { shown, left: [mirrorText(mirror)] };
}

// ------------------------------------------------------------------ one region

function wholeRegion({ states, transitions }: RegionView, left: readonly string[]): Diagram {
  const inner = transitions.filter((t) => isWithin(t.to, t.from));
  const { drawn, anywhere, folded } = fold(
    states,
    transitions.filter((t) => !inner.includes(t)),
  );
  return {
    title: '',
    mermaid: stateDiagram(states, [...anywhere, ...drawn]),
    left: [
      ...left,
      ...inner.map((t) => `${code(t.event)} from any state in ${code(t.from)} to ${code(t.to)}`),
      ...folded,
    ],
  };
}

/** Whether an arrow would lead from a parent to a state in it, or from the region itself. */
function isWithin(to: string, from: string): boolean {
  return from !== '' && to !== from && to.startsWith(`${from}.`);
}

/** The parts of a region as single states. */
function overview(
  region: RegionView,
  partOf: (name: string) => string,
  left: readonly string[],
): Diagram {
  const states = [...new Set(region.states.map((state) => partOf(state.name)))].map((name) => {
    const own = region.states.filter((state) => partOf(state.name) === name);
    const isInitial = own.some((state) => state.isInitial && state.parent === '');
    return { ...own[0], name, parent: '', isParent: false, isInitial };
  });
  const transitions = region.transitions
    .filter((t) => t.to !== '' && partOf(t.from) !== partOf(t.to))
    .map((t) => ({ ...t, from: partOf(t.from), to: partOf(t.to) }));
  const { drawn, anywhere, folded } = fold(states, transitions);
  return {
    title: 'overview',
    mermaid: stateDiagram(states, [...anywhere, ...drawn]),
    left: [...left, ...folded],
  };
}

/** The states inside one part, and where its transitions lead. */
function insideOf(region: RegionView, part: string, partOf: (name: string) => string): Diagram {
  const inside = region.states.filter((state) => partOf(state.name) === part && !state.isParent);
  const isInside = (name: string) => inside.some((state) => state.name === name);
  const fromInside = region.transitions.filter((t) => isInside(t.from) && t.to !== '');
  const outside = [...new Set(fromInside.map((t) => t.to).filter((to) => !isInside(to)))];
  const named = outside.flatMap((name) => region.states.filter((state) => state.name === name));
  const states = [...inside, ...named.map((state) => ({ ...state, isInitial: false }))];
  const fromAny = region.transitions.filter((t) => t.from === part && !isInside(part));
  const { drawn, anywhere, folded } = fold(inside, fromInside);
  const any = groupEdges(fromAny.filter((t) => t.to !== '').map((t) => ({ ...t, from: ANY })));
  const shown = any.filter((edge) => states.some((state) => state.name === edge.to));
  const hidden = any.filter((edge) => !shown.includes(edge));
  return {
    title: part,
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
  const sayInWords = (isSaid: (t: TransitionView) => boolean) => {
    if (groupEdges(rest).length <= ARROWS_MAX) return;
    inWords.push(...rest.filter(isSaid));
    rest = rest.filter((t) => !isSaid(t));
  };
  sayInWords(isReport);
  for (const event of frequentEvents(rest)) sayInWords((t) => t.event === event);
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
  for (const { from, event, to, guard } of all) {
    if (guard === '') continue;
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

/** Events that leave more than one state, the most frequent first. */
function frequentEvents(transitions: readonly TransitionView[]): readonly string[] {
  const sources = new Map<string, Set<string>>();
  for (const { event, from } of transitions) {
    sources.set(event, (sources.get(event) ?? new Set()).add(from));
  }
  return [...sources]
    .filter(([event, from]) => event !== STORY && from.size > 1)
    .sort(([, a], [, b]) => b.size - a.size)
    .map(([event]) => event);
}

/** One line for each event, or for all that lead to the same state. */
function foldedText(transitions: readonly TransitionView[]): string[] {
  const lines = new Map<string, string[]>();
  for (const event of new Set(transitions.map((t) => t.event))) {
    const own = transitions.filter((t) => t.event === event);
    const targets = new Set(own.map((t) => t.to));
    const from = new Set(own.map((t) => t.from));
    const text = `${code(event)} (from ${from.size === 1 ? 'one state' : `${from.size} states`})`;
    const to = targets.size <= 3 ? codes(targets) : `${targets.size} states`;
    lines.set(to, [...(lines.get(to) ?? []), text]);
  }
  return [...lines].map(([to, events]) => `to ${to}: ${events.join(', ')}`);
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
    ...(isFan(edges) ? ['  direction LR'] : []),
    ...declare(states, '', 1, ids),
    ...(isUsed ? ['  state "any state" as any'] : []),
    ...edges.map(({ from, to, labels }) => `  ${id(from)} --> ${id(to)}: ${labelText(labels)}`),
  ].join('\n');
}

function isFan(edges: readonly Edge[]): boolean {
  const arrows = new Map<string, number>();
  for (const { from } of edges) if (from !== ANY) arrows.set(from, (arrows.get(from) ?? 0) + 1);
  return Math.max(0, ...arrows.values()) >= FAN_MIN;
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
