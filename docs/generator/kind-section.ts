/** The reference of one kind: everything its machine says, in tables and diagrams. */

import { KINDS, STACK } from '../../model/index.ts';
import type { KindDefinition } from '../../model/kind.ts';
import { OPERATIONS } from '../../model/operations.ts';
import type { EdgeType } from '../../model/stack.ts';
import { BUILT_IN_PROFILES } from '../../sim/profiles/index.ts';
import { type Diagram, diagramsOf } from './diagram.ts';
import {
  ignoredByAll,
  type RegionView,
  regionsOf,
  type StateView,
  type TransitionView,
} from './machine-view.ts';
import { bullets, code, codes, fenced, table } from './markdown.ts';
import { timingText } from './timing.ts';

const LAYER_OF: ReadonlyMap<string, string> = new Map(KINDS.map((k) => [k.kind, k.layer]));

/** Every part of the reference of a kind, as blocks of Markdown. */
export function kindSection(kind: KindDefinition): string {
  const regions = regionsOf(kind);
  return [
    `## ${kind.kind}`,
    kind.describes,
    `Source: ${kind.source}`,
    dependencies(kind),
    operations(kind),
    counters(kind),
    ...regions.map((region) => diagramBlock(region)),
    ...regions.map((region) => regionTables(region)),
    timings(kind, regions),
    ignored(kind),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

// ------------------------------------------------------------------ edges

const NEEDS: Readonly<Record<EdgeType['needs'], string>> = {
  all: 'every one',
  any: 'any one',
  none: 'belongs to it; nothing is lost with it',
};

/** A link to the section of a kind, on the page of its layer. */
export function kindLink(kind: string, from: string): string {
  const layer = LAYER_OF.get(kind);
  return `[${kind}](${layer === from ? '' : `${layer}.md`}#${kind})`;
}

function dependencies({ kind, layer }: KindDefinition): string {
  const providers = STACK.filter((edge) => edge.dependent === kind);
  const dependents = STACK.filter((edge) => edge.provider === kind);
  const rows = [
    ...providers.map((e) => ['depends on', kindLink(e.provider, layer), NEEDS[e.needs], e.why]),
    ...dependents.map((e) => ['carries', kindLink(e.dependent, layer), NEEDS[e.needs], e.why]),
  ];
  return rows.length > 0 ? table(['', 'kind', 'needs', 'why'], rows) : '';
}

function operations({ kind }: KindDefinition): string {
  const asked = OPERATIONS[kind] ?? [];
  return asked.length > 0 ? `Operations that a scenario may ask for: ${codes(asked)}.` : '';
}

function counters({ slots }: KindDefinition): string {
  const entries = Object.entries(slots ?? {});
  if (entries.length === 0) return '';
  return `Counters: ${entries.map(([name, start]) => `${code(name)} (at first ${start})`).join(', ')}.`;
}

// ------------------------------------------------------------------ diagrams

function diagramBlock(region: RegionView): string {
  return diagramsOf(region)
    .map((diagram) => [diagramTitle(diagram), fenced('mermaid', diagram.mermaid), left(diagram)])
    .map((parts) => parts.filter((part) => part !== '').join('\n\n'))
    .join('\n\n');
}

const diagramTitle = ({ title }: Diagram): string => (title === '' ? '' : `**${title}**`);

function left({ left: lines }: Diagram): string {
  return lines.length > 0 ? `Not drawn:\n\n${bullets(lines)}` : '';
}

// ------------------------------------------------------------------ states and transitions

function regionTables(region: RegionView): string {
  const suffix = region.name === '' ? '' : ` of region ${code(region.name)}`;
  return [
    `**States${suffix}**`,
    stateTable(region.states),
    `**Events${suffix}**`,
    transitionTable(region),
  ].join('\n\n');
}

function stateTable(states: readonly StateView[]): string {
  const rows = states.map((state) => [
    state.isInitial && state.parent === '' ? `${code(state.name)} (initial)` : code(state.name),
    state.isParent ? '(group)' : state.class,
    state.serving ? 'yes' : '',
    [...state.verbs.map((verb) => `asks for ${code(verb)}`), ...state.effects.map(code)].join(', '),
    codes(state.timeouts),
    [state.description, ignoresText(state)].filter((text) => text !== '').join(' '),
  ]);
  return table(['state', 'class', 'serving', 'on entry', 'timeouts', 'meaning'], rows);
}

const ignoresText = ({ ignores }: StateView): string =>
  ignores.length > 0 ? `Ignores ${codes(ignores)}.` : '';

/** One row for all states that answer an event in the same way. */
function transitionTable(region: RegionView): string {
  const groups = new Map<string, TransitionView[]>();
  for (const t of region.transitions) {
    const key = JSON.stringify([t.event, t.to, t.guard, t.effects, t.reason, t.reenter]);
    groups.set(key, [...(groups.get(key) ?? []), t]);
  }
  const rows = [...groups.values()].map((group) => {
    const [{ event, to, guard, effects, reason, reenter }] = group;
    const sources = group.map((t) => t.from);
    const stays = to === '' ? '(stays)' : code(to);
    return [
      code(event),
      sourcesText(region, sources, to),
      reenter && sources.includes(to) ? `${stays} (anew)` : stays,
      guard === 'otherwise' || guard === '' ? guard : code(guard),
      effects.map((effect) => (effect.includes('`') ? effect : code(effect))).join(', '),
      reason,
    ];
  });
  return table(['event', 'from', 'to', 'if', 'and', 'why'], rows);
}

function sourcesText(region: RegionView, sources: readonly string[], to: string): string {
  if (sources.length === 1 && sources[0] === '') return 'any state';
  const leaves = region.states.filter((state) => !state.isParent).map((state) => state.name);
  const missing = leaves.filter((name) => !sources.includes(name));
  if (missing.length === 0) return 'any state';
  if (missing.length === 1 && missing[0] === to && leaves.length > 2) return 'any other state';
  if (leaves.length > 6 && missing.length <= 3) return `any state but ${codes(missing)}`;
  return codes(sources.map((name) => parentText(region, name)));
}

const parentText = (region: RegionView, name: string): string =>
  region.states.some((state) => state.name === name && state.isParent) ? `${name}.*` : name;

// ------------------------------------------------------------------ timings and the rest

function timings({ kind }: KindDefinition, regions: readonly RegionView[]): string {
  const states = regions.flatMap((region) => region.states);
  const verbs = [...new Set(states.flatMap((state) => state.verbs))];
  const onTransitions = regions
    .flatMap((region) => region.transitions)
    .flatMap((t) => t.effects.flatMap((e) => /^asks for `(.+)`$/.exec(e)?.[1] ?? []));
  const timeouts = [...new Set(states.flatMap((state) => state.timeouts))];
  const allVerbs = [...new Set([...verbs, ...onTransitions])];
  const rows = [...allVerbs.map((v) => ['verb', v]), ...timeouts.map((t) => ['timeout', t])];
  if (rows.length === 0) return '';
  const profiles = Object.keys(BUILT_IN_PROFILES);
  return [
    '**Verbs and timeouts**',
    table(
      ['', 'name', ...profiles.map((name) => `in \`${name}\``)],
      rows.map(([what, name]) => [
        what,
        code(name),
        ...profiles.map((profile) => timingText(BUILT_IN_PROFILES[profile], `${kind}.${name}`)),
      ]),
    ),
  ].join('\n\n');
}

function ignored(kind: KindDefinition): string {
  const events = ignoredByAll(kind);
  if (events.length === 0) return '';
  return `Wherever no row above handles them, these events need no answer: ${codes(events)}.`;
}
