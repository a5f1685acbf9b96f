/**
 * What is drawn over the cells for one entity: lines down to its providers and up to its dependents,
 * the way its trouble came, and a veil over everything that has nothing to do with it.
 */
import { linkVertical, type Selection } from 'd3';
import type { Recording } from '../../engine/recording/recording.ts';
import { causeLinks } from './chain.ts';
import { type CellMap, HIDDEN } from './layout.ts';
import { type Edge, type Reach, reach } from './links.ts';
import { centre } from './neighbour.ts';
import { dependentsOf, providersOf, type Scene } from './scene.ts';

/** So many related entities stay unveiled at most, and so many lines are drawn. */
const REACH_MAX = 4000;
const LINES_MAX = 500;

/** Cells whose heights differ by less are joined by an arch, this high at least. */
const LEVEL_PX = 40;
const ARCH_PX = 18;

const link = linkVertical<
  { source: [number, number]; target: [number, number] },
  [number, number]
>();

type Svg = Selection<SVGSVGElement, unknown, null, undefined>;

export interface Relations {
  readonly entity: number;
  readonly providers: Reach;
  readonly dependents: Reach;
  /** Entities of the chain of causes, the entity itself first. */
  readonly chain: readonly number[];
  /** Whether something failed along the chain. */
  readonly isTrouble: boolean;
}

export function relationsOf(scene: Scene, entity: number): Relations {
  const { recording } = scene.replay;
  const row = scene.cursor.rowOf(entity);
  const links = row < 0 ? [] : causeLinks(recording, row);
  return {
    entity,
    providers: reach(entity, REACH_MAX, (e) => providersOf(scene, e)),
    dependents: reach(entity, REACH_MAX, (e) => dependentsOf(scene, e)),
    chain: links.map((link) => link.entity),
    isTrouble: links.some(({ rows }) => rows.some((r) => hasFailed(recording, r))),
  };
}

/** Whether a row left its entity in a failed state. */
export function hasFailed(recording: Recording, row: number): boolean {
  const { to } = recording.batchOf(row);
  return recording.states[to[row - recording.batchOf(row).firstRow]].class === 'failed';
}

export class Overlay {
  private readonly svg: Svg;
  private readonly veil: CanvasRenderingContext2D;
  private readonly scene: Scene;

  constructor(svg: Svg, veil: HTMLCanvasElement, scene: Scene) {
    this.svg = svg;
    this.veil = veil.getContext('2d')!;
    this.scene = scene;
    for (const name of ['providers', 'dependents', 'chain', 'marks'])
      svg.append('g').attr('class', name);
  }

  draw(relations: Relations | null, map: CellMap, ground: string): void {
    this.lines('providers', relations?.providers.edges ?? [], map);
    this.lines('dependents', relations?.dependents.edges ?? [], map);
    this.chain(relations?.chain ?? [], map);
    this.svg.select('g.chain').classed('trouble', relations?.isTrouble ?? false);
    this.drawVeil(relations, map, ground);
  }

  /** Frames around cells: what is found by the search, under the pointer, pinned. */
  marks(marks: readonly { entity: number; role: string }[], map: CellMap): void {
    const shown = marks.filter(({ entity }) => this.isPlaced(entity, map)).slice(0, LINES_MAX);
    const box = ({ entity }: { entity: number }) => {
      const slot = this.scene.slots.slotOf[entity];
      const { cell } = map.groups[map.group[slot]];
      return { x: map.x[slot], y: map.y[slot], width: cell.width, height: cell.height };
    };
    this.svg
      .select('g.marks')
      .selectAll<SVGRectElement, { entity: number; role: string }>('rect')
      .data(shown)
      .join('rect')
      .attr('class', (d) => d.role)
      .attr('x', (d) => box(d).x - 1.5)
      .attr('y', (d) => box(d).y - 1.5)
      .attr('width', (d) => box(d).width + 3)
      .attr('height', (d) => box(d).height + 3)
      .attr('rx', 2);
  }

  private isPlaced(entity: number, map: CellMap): boolean {
    const slot = entity < 0 ? -1 : this.scene.slots.slotOf[entity];
    return slot >= 0 && map.group[slot] !== HIDDEN;
  }

  private place(entity: number, map: CellMap): [number, number] {
    return centre(map, this.scene.slots.slotOf[entity]);
  }

  /** A curve that leaves and arrives vertically; an arch between cells of about the same height. */
  private curve(from: number, to: number, map: CellMap): string {
    const [source, target] = [this.place(from, map), this.place(to, map)];
    if (Math.abs(source[1] - target[1]) >= LEVEL_PX) return link({ source, target }) ?? '';
    const top = Math.min(source[1], target[1]) - ARCH_PX - 0.04 * Math.abs(source[0] - target[0]);
    return `M${source}C${source[0]},${top} ${target[0]},${top} ${target}`;
  }

  /** One path per depth: far relations are fainter. */
  private lines(name: string, edges: readonly Edge[], map: CellMap): void {
    const shown = edges
      .filter((edge) => this.isPlaced(edge.from, map) && this.isPlaced(edge.to, map))
      .slice(0, LINES_MAX);
    const byDepth = new Map<number, string[]>();
    for (const edge of shown) {
      const path = this.curve(edge.from, edge.to, map);
      const paths = byDepth.get(edge.depth);
      if (paths) paths.push(path);
      else byDepth.set(edge.depth, [path]);
    }
    const crowd = shown.length > 120 ? 0.4 : shown.length > 30 ? 0.65 : 1;
    this.svg
      .select(`g.${name}`)
      .selectAll<SVGPathElement, [number, string[]]>('path')
      .data([...byDepth])
      .join('path')
      .attr('d', ([, paths]) => paths.join(''))
      .attr('stroke-opacity', ([depth]) => Math.max(0.12, (0.85 * crowd) / depth ** 0.7));
  }

  /** From the root of the trouble to the entity. */
  private chain(entities: readonly number[], map: CellMap): void {
    const way = entities.filter((e) => this.isPlaced(e, map)).reverse();
    const hops = way.slice(1).map((to, i) => ({ from: way[i], to }));
    const g = this.svg.select('g.chain');
    g.selectAll<SVGPathElement, { from: number; to: number }>('path')
      .data(hops)
      .join('path')
      .attr('d', (d) => this.curve(d.from, d.to, map));
    g.selectAll<SVGCircleElement, number>('circle')
      .data(way.length > 1 ? way : [])
      .join('circle')
      .attr('class', (_, i) => (i === 0 ? 'root' : ''))
      .attr('cx', (e) => this.place(e, map)[0])
      .attr('cy', (e) => this.place(e, map)[1])
      .attr('r', (_, i) => (i === 0 ? 4.5 : 3));
  }

  private drawVeil(relations: Relations | null, map: CellMap, ground: string): void {
    const { veil } = this;
    const { canvas } = veil;
    veil.save();
    veil.setTransform(1, 0, 0, 1, 0, 0);
    veil.clearRect(0, 0, canvas.width, canvas.height);
    if (relations) {
      veil.fillStyle = ground;
      veil.fillRect(0, 0, canvas.width, canvas.height);
    }
    veil.restore();
    canvas.classList.toggle('shown', relations !== null);
    if (!relations) return;
    const { entity, providers, dependents, chain } = relations;
    for (const related of [[entity], providers.entities, dependents.entities, chain]) {
      for (const e of related) {
        if (!this.isPlaced(e, map)) continue;
        const slot = this.scene.slots.slotOf[e];
        const { cell } = map.groups[map.group[slot]];
        veil.clearRect(map.x[slot], map.y[slot], cell.width, cell.height);
      }
    }
  }
}
