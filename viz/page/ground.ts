/** The strata themselves: bands, names of layers with their counts, headings of kinds and racks. */
import { type Selection, scaleLinear } from 'd3';
import { LAYERS } from '../../model/layers.ts';
import { brief, count } from './format.ts';
import { RACK_LABEL_HEIGHT } from './grid.ts';
import { HEADING_HEIGHT, type Layout, type PlacedGroup, type Stratum } from './layout.ts';
import { CLASSES } from './replay.ts';
import type { Scene } from './scene.ts';

/** Width of the column that names the layers. */
export const GUTTER = 148;
const BAR = { x: 14, width: GUTTER - 34, height: 4 };

/** Names as the layers' users write them. */
export const LAYER_TITLES: Readonly<Record<(typeof LAYERS)[number], string>> = {
  'bare-metal': 'Bare metal',
  'operating-system': 'Operating system',
  hypervisor: 'Hypervisor',
  sdn: 'Network (SDN)',
  sds: 'Storage (SDS)',
  iaas: 'IaaS',
  container: 'Containers',
  caas: 'Kubernetes (CaaS)',
  orchestration: 'Orchestration',
};

/** Four letters or fewer, for columns. */
export const LAYER_SHORT: readonly string[] = [
  'metal',
  'os',
  'hyp',
  'sdn',
  'sds',
  'iaas',
  'ctr',
  'k8s',
  'orch',
];

type Svg = Selection<SVGSVGElement, unknown, null, undefined>;

/** Draws everything that changes with the layout only. `onLayer` is called when a name is chosen. */
export function drawGround(
  svg: Svg,
  scene: Scene,
  layout: Layout,
  onLayer: (layer: number) => void,
): void {
  svg.attr('width', GUTTER + layout.width).attr('height', layout.height);
  const strata = svg
    .selectAll<SVGGElement, Stratum>('g.stratum')
    .data(layout.strata, (s) => s.layer)
    .join((enter) => enterStratum(enter.append('g'), onLayer))
    .attr('transform', (s) => `translate(0,${s.y})`);
  strata
    .select('rect.band')
    .attr('width', GUTTER + layout.width)
    .attr('height', (s) => s.height);
  strata.select('rect.hit').attr('height', (s) => s.height);
  strata.select('text.layer').attr('y', (s) => (s.groups.length > 0 ? 20 : 16));
  drawHeadings(svg, scene, layout);
}

function enterStratum(
  g: Selection<SVGGElement, Stratum, SVGSVGElement, unknown>,
  onLayer: (layer: number) => void,
) {
  g.attr('class', (s) => `stratum stratum-${s.layer}`);
  g.append('rect').attr('class', 'band');
  const label = g
    .append('g')
    .attr('class', 'layer-label')
    .on('click', (_, s) => onLayer(s.layer));
  label
    .append('title')
    .text((s) => `Show only ${LAYER_TITLES[LAYERS[s.layer]]}, or everything again`);
  label.append('rect').attr('class', 'hit').attr('width', GUTTER);
  label
    .append('text')
    .attr('class', 'layer')
    .attr('x', BAR.x)
    .text((s) => LAYER_TITLES[LAYERS[s.layer]]);
  g.append('text').attr('class', 'tally').attr('x', BAR.x);
  g.append('g').attr('class', 'bar');
  return g;
}

function drawHeadings(svg: Svg, scene: Scene, layout: Layout): void {
  const groups = layout.strata.flatMap((s) => s.groups);
  const heading = svg
    .selectAll<SVGGElement, PlacedGroup>('g.heading')
    .data(groups, (g) => g.input.kind)
    .join((enter) => {
      const g = enter.append('g').attr('class', 'heading');
      const text = g.append('text').attr('y', HEADING_HEIGHT - 5);
      text.append('tspan').attr('class', 'kind');
      text.append('tspan').attr('class', 'count').attr('dx', 5);
      return g;
    })
    .attr('transform', (g) => `translate(${GUTTER + g.x},${g.y})`);
  heading.select('.kind').text((g) => scene.replay.kinds[g.input.kind].kind);
  svg
    .selectAll<SVGTextElement, { text: string; x: number; y: number }>('text.rack')
    .data(groups.flatMap(rackNames))
    .join('text')
    .attr('class', 'rack')
    .attr('x', (d) => GUTTER + d.x)
    .attr('y', (d) => d.y)
    .text((d) => d.text);
}

function rackNames({ rackLabels, blocks }: PlacedGroup) {
  if (!rackLabels) return [];
  return blocks.map((b) => ({ text: b.input.label, x: b.x, y: b.y - RACK_LABEL_HEIGHT + 8 }));
}

/** Draws the counts of the present instant. */
export function drawCounts(svg: Svg, { cursor }: Scene): void {
  const tally = (layer: number, code: number): number =>
    cursor.counts[layer * CLASSES.length + code];
  const total = (layer: number): number =>
    CLASSES.reduce((sum, _, code) => sum + tally(layer, code), 0);
  const failed = (layer: number): number => tally(layer, 4) + tally(layer, 5);
  const strata = svg.selectAll<SVGGElement, Stratum>('g.stratum');
  strata
    .select<SVGTextElement>('text.tally')
    .attr('x', (s) => (s.groups.length > 0 ? BAR.x : GUTTER + 10))
    .attr('y', (s) => (s.groups.length > 0 ? 34 : 16))
    .classed('has-failed', (s) => failed(s.layer) > 0)
    .text((s) => {
      if (total(s.layer) === 0) return '';
      const bad = failed(s.layer);
      return `${count(total(s.layer))}${bad > 0 ? ` · ${count(bad)} failed` : ''}`;
    });
  strata
    .select<SVGGElement>('g.bar')
    .selectAll<SVGRectElement, Slice>('rect')
    .data((s) =>
      s.groups.length > 0 && s.height >= 46
        ? slices(CLASSES.map((_, code) => tally(s.layer, code)))
        : [],
    )
    .join('rect')
    .attr('class', (d) => `fill-${d.code}`)
    .attr('x', (d) => d.x)
    .attr('y', 39)
    .attr('width', (d) => d.width)
    .attr('height', BAR.height);
  svg
    .selectAll<SVGGElement, PlacedGroup>('g.heading')
    .select('.count')
    .text((g) => brief(cursor.countOfKind[g.input.kind]));
}

interface Slice {
  readonly code: number;
  readonly x: number;
  readonly width: number;
}

/** Parts of a bar, side by side; whatever is there at all gets at least two pixels. */
function slices(tallies: readonly number[]): Slice[] {
  const scale = scaleLinear([0, tallies.reduce((a, b) => a + b, 0)], [0, BAR.width]);
  const widths = tallies.map((n) => (n > 0 ? Math.max(2, scale(n)) : 0));
  const excess = widths.reduce((a, b) => a + b, 0) - BAR.width;
  const widest = widths.indexOf(Math.max(...widths));
  let x = BAR.x;
  return widths
    .map((width, code) => {
      const slice = { code, x, width: code === widest && excess > 0 ? width - excess : width };
      x += slice.width;
      return slice;
    })
    .filter(({ width }) => width > 0);
}
