/** The edges between layers: the table along which faults travel. */
import { KINDS, STACK } from '../../model/index.ts';
import { LAYERS, type Layer } from '../../model/layers.ts';
import type { EdgeType } from '../../model/stack.ts';
import { code, fenced, page, table } from './markdown.ts';

const LAYER_OF: ReadonlyMap<string, Layer> = new Map(KINDS.map((k) => [k.kind, k.layer]));

const INTRODUCTION = `An entity serves while it is in a state marked as serving. When a provider leaves its serving
states, the engine sends its dependents the event \`lost\`, and \`restored\` when it serves again. Every
fault travels along this table and in no other way.

- **every one**: the dependent is told \`lost\` as soon as one linked provider of this kind stops serving.
- **any one**: it is told when the last linked provider of this kind stops serving.
- **none**: placement or ownership. Nothing is sent; a control plane decides what follows.`;

const NEEDS: Readonly<Record<EdgeType['needs'], string>> = {
  all: 'every one',
  any: 'any one',
  none: 'none',
};

export function stackPage(): string {
  const rows = STACK.map((e) => [link(e.provider), link(e.dependent), NEEDS[e.needs], e.why]);
  return page(
    'The stack: what depends on what',
    INTRODUCTION,
    '## Between layers',
    'Arrows point from the provider to the dependent; dotted ones carry no loss.',
    fenced('mermaid', layersDiagram()),
    '## Every edge',
    table(['provider', 'dependent', 'needs', 'why'], rows),
  );
}

const link = (kind: string): string => `[${kind}](layers/${LAYER_OF.get(kind)}.md#${kind})`;

/** Kinds that have an edge to another layer, grouped by layer, from the ground up. */
function layersDiagram(): string {
  const crossing = STACK.filter((e) => LAYER_OF.get(e.provider) !== LAYER_OF.get(e.dependent));
  const shown = new Set(crossing.flatMap((e) => [e.provider, e.dependent]));
  const id = (kind: string) => kind.replaceAll('-', '_');
  const groups = LAYERS.flatMap((layer) => [
    `  subgraph ${id(layer)}_layer [${layer}]`,
    ...KINDS.filter((k) => k.layer === layer && shown.has(k.kind)).map(
      (k) => `    ${id(k.kind)}[${k.kind}]`,
    ),
    '  end',
  ]);
  const isDrawn = (e: EdgeType) =>
    crossing.includes(e) || (e.needs !== 'none' && shown.has(e.provider) && shown.has(e.dependent));
  const arrows = STACK.filter(isDrawn).map(
    (e) => `  ${id(e.provider)} ${e.needs === 'none' ? '-.->' : '-->'} ${id(e.dependent)}`,
  );
  return ['flowchart BT', ...groups, ...arrows].join('\n');
}

/** How many edges lose their dependents, for the index. */
export function stackSummary(): string {
  const losing = STACK.filter((e) => e.needs !== 'none').length;
  return `${STACK.length} edges, ${losing} of them carry ${code('lost')}`;
}
