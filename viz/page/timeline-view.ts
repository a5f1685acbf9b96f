/**
 * The timeline: how much happened when, how many entities of each layer were out of service, the
 * incidents, and the playhead. Drag to scrub, wheel to zoom, brush the strip below to choose a part.
 */
import { type BrushBehavior, brushX, pointer, type ScaleLinear, scaleLinear, select } from 'd3';
import { LAYERS } from '../../model/layers.ts';
import type { Theme } from './colour.ts';
import { eventDensity, type Lane, laneOf, lanePeaks, logShare } from './density.ts';
import { byId } from './dom.ts';
import { clock, timeTicks } from './format.ts';
import { GUTTER } from './ground.ts';
import type { ListedIncident } from './incidents.ts';
import type { Scene } from './scene.ts';
import type { State } from './store.ts';
import { sizeCanvas } from './strata-view.ts';
import { panView, revealView, type View, zoomView } from './timeview.ts';

const PAD_RIGHT = 32;
/** Vertical places, in pixels from the top of the timeline. */
const MARKS_Y = 11;
const DENSITY = { y: 14, height: 34 };
const LANE_HEIGHT = 6;
const LANES_Y = DENSITY.y + DENSITY.height + 4;
const LANE_PITCH = LANE_HEIGHT + 1;
const AXIS_Y = LANES_Y + LAYERS.length * LANE_PITCH + 3;
const STRIP = { y: AXIS_Y + 20, height: 14 };
export const TIMELINE_HEIGHT = STRIP.y + STRIP.height + 6;

const WHEEL_ZOOM = 1.0015;

export class TimelineView {
  private readonly scene: Scene;
  private readonly box = byId('timeline');
  private readonly canvas = byId<HTMLCanvasElement>('density');
  private readonly svg = select<SVGSVGElement, unknown>(byId<SVGSVGElement>('timeline-overlay'));
  private readonly lanes: readonly Lane[];
  private readonly bounds: View;
  private readonly brush: BrushBehavior<unknown>;
  private theme: Theme;
  private width = 0;

  constructor(scene: Scene, theme: Theme) {
    this.scene = scene;
    this.theme = theme;
    const { start_s, end_s, kindOf, kinds } = scene.replay;
    this.bounds = [start_s, end_s];
    this.lanes = LAYERS.map((_, layer) =>
      laneOf(scene.outages.filter((o) => kinds[kindOf[o.entity]].layer === layer)),
    );
    for (const name of ['axis', 'incidents', 'divergences', 'labels', 'strip', 'playhead'])
      this.svg.append('g').attr('class', name);
    this.brush = brushX().on('brush', (event) => this.onBrush(event));
    this.buildPlayhead();
    this.listen();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.draw();
  }

  resize(): void {
    this.width = this.box.clientWidth - GUTTER - PAD_RIGHT;
    sizeCanvas(this.canvas, this.width, TIMELINE_HEIGHT);
    this.svg.attr('width', this.box.clientWidth).attr('height', TIMELINE_HEIGHT);
    this.brush.extent([
      [0, STRIP.y],
      [this.width, STRIP.y + STRIP.height],
    ]);
    this.draw();
  }

  update(state: State, before: State): void {
    if (state.view_s !== before.view_s) this.draw();
    else if (state.time_s !== before.time_s) this.drawPlayhead();
  }

  private get x(): ScaleLinear<number, number> {
    return scaleLinear(this.scene.store.state.view_s, [0, this.width]);
  }

  private draw(): void {
    if (this.width <= 0) return;
    this.drawCanvas();
    this.drawAxis();
    this.drawIncidents();
    this.drawDivergences();
    this.drawLabels();
    this.drawStrip();
    this.drawPlayhead();
  }

  private drawCanvas(): void {
    const context = this.canvas.getContext('2d')!;
    const [from_s, to_s] = this.scene.store.state.view_s;
    const bins = Math.max(1, Math.floor(this.width / 2));
    context.clearRect(0, 0, this.width, TIMELINE_HEIGHT);
    const times = this.scene.replay.steps.time_s;
    const { y, height } = DENSITY;
    drawBars(
      context,
      eventDensity(times, from_s, to_s, bins),
      this.width,
      y,
      height,
      this.theme.muted,
    );
    for (const [layer, lane] of this.lanes.entries()) {
      const top = LANES_Y + (LAYERS.length - 1 - layer) * LANE_PITCH;
      context.fillStyle = this.theme.slot;
      context.fillRect(0, top, this.width, LANE_HEIGHT);
      this.drawLane(context, lane, lanePeaks(lane, from_s, to_s, bins), top);
    }
    context.globalAlpha = 0.7;
    const whole = eventDensity(times, this.bounds[0], this.bounds[1], bins);
    drawBars(context, whole, this.width, STRIP.y, STRIP.height, this.theme.muted);
    context.globalAlpha = 1;
  }

  private drawLane(
    context: CanvasRenderingContext2D,
    lane: Lane,
    peaks: Int32Array,
    top: number,
  ): void {
    const width = this.width / peaks.length;
    context.fillStyle = this.theme.fault;
    for (const [bin, peak] of peaks.entries()) {
      if (peak === 0) continue;
      context.globalAlpha = 0.3 + 0.7 * logShare(peak, lane.peak);
      context.fillRect(bin * width, top, Math.max(1, width + 0.3), LANE_HEIGHT);
    }
    context.globalAlpha = 1;
  }

  private drawAxis(): void {
    const { x } = this;
    const [from_s, to_s] = this.scene.store.state.view_s;
    const ticks = timeTicks(from_s, to_s, Math.max(2, this.width / 90));
    const g = this.svg
      .select('g.axis')
      .selectAll<SVGGElement, { time_s: number; label: string }>('g')
      .data(ticks, (d) => d.label)
      .join((enter) => {
        const tick = enter.append('g');
        tick
          .append('line')
          .attr('y1', DENSITY.y)
          .attr('y2', AXIS_Y + 3);
        tick.append('text').attr('y', AXIS_Y + 14);
        return tick;
      })
      .attr('transform', (d) => `translate(${GUTTER + x(d.time_s)},0)`);
    g.select('text').text((d) => d.label);
  }

  private drawIncidents(): void {
    const { x, scene } = this;
    const [from_s, to_s] = scene.store.state.view_s;
    const shown = scene.incidents.filter((i) => i.fault && i.time_s >= from_s && i.time_s <= to_s);
    this.svg
      .select('g.incidents')
      .selectAll<SVGPathElement, ListedIncident>('path')
      .data(thin(shown, x), (d) => d.row)
      .join((enter) => {
        const mark = enter.append('path').attr('d', `M-4,-6L4,-6L0,1Z`);
        mark.append('title');
        return mark;
      })
      .attr('transform', (d) => `translate(${GUTTER + x(d.time_s)},${MARKS_Y})`)
      .select('title')
      .text((d) => `${clock(d.time_s)} ${scene.replay.nameOf[d.entity]}: ${d.out} out of service`);
  }

  private drawDivergences(): void {
    const { x, scene } = this;
    const { recording } = scene.replay;
    const [from_s, to_s] = scene.store.state.view_s;
    const rows = scene.divergences
      .map((row) => recording.row(row))
      .filter(({ time_s }) => time_s >= from_s && time_s <= to_s);
    this.svg
      .select('g.divergences')
      .selectAll<SVGPathElement, (typeof rows)[number]>('path')
      .data(rows, (d) => d.row)
      .join((enter) => {
        const mark = enter.append('path').attr('d', 'M-4,-3L0,-7L4,-3L0,1Z');
        mark.append('title').text((d) => `${clock(d.time_s)} diverged: ${d.detail}`);
        return mark;
      })
      .attr('transform', (d) => `translate(${GUTTER + x(d.time_s)},${MARKS_Y})`);
  }

  private drawLabels(): void {
    const rows = [
      { text: 'events', y: DENSITY.y + DENSITY.height / 2 + 3 },
      { text: 'out of service,', y: LANES_Y + 22 },
      { text: 'by layer', y: LANES_Y + 35 },
      { text: 'whole recording', y: STRIP.y + 11 },
    ];
    this.svg
      .select('g.labels')
      .selectAll<SVGTextElement, { text: string; y: number }>('text')
      .data(rows)
      .join('text')
      .attr('x', GUTTER - 12)
      .attr('y', (d) => d.y)
      .text((d) => d.text);
  }

  private drawStrip(): void {
    const whole = scaleLinear(this.bounds, [0, this.width]);
    const [from_s, to_s] = this.scene.store.state.view_s;
    const g = this.svg.select<SVGGElement>('g.strip').attr('transform', `translate(${GUTTER},0)`);
    g.call(this.brush);
    const least = Math.max(2, whole(to_s) - whole(from_s));
    g.call(this.brush.move, [whole(from_s), Math.min(this.width, whole(from_s) + least)]);
  }

  private buildPlayhead(): void {
    const g = this.svg.select('g.playhead');
    g.append('line')
      .attr('y1', 2)
      .attr('y2', AXIS_Y + 2);
    g.append('path').attr('d', 'M-5,0L5,0L5,5L0,10L-5,5Z');
    g.append('line')
      .attr('class', 'strip-now')
      .attr('y1', STRIP.y)
      .attr('y2', STRIP.y + STRIP.height);
  }

  private drawPlayhead(): void {
    const { time_s, view_s } = this.scene.store.state;
    const isShown = time_s >= view_s[0] && time_s <= view_s[1];
    const at = GUTTER + this.x(time_s);
    const strip = GUTTER + scaleLinear(this.bounds, [0, this.width])(time_s);
    const g = this.svg.select('g.playhead');
    g.selectAll('line:not(.strip-now), path')
      .attr('display', isShown ? null : 'none')
      .attr('transform', `translate(${at},0)`);
    g.select('.strip-now').attr('transform', `translate(${strip},0)`);
    this.box.setAttribute('aria-valuenow', String(time_s));
    this.box.setAttribute('aria-valuetext', clock(time_s));
  }

  private listen(): void {
    const { store } = this.scene;
    const scrub = (event: PointerEvent): void => {
      const time_s = this.x.invert(pointer(event, this.canvas)[0]);
      store.set({
        time_s: Math.min(this.bounds[1], Math.max(this.bounds[0], time_s)),
        playing: false,
      });
    };
    this.box.addEventListener('pointerdown', (event) => {
      if (pointer(event, this.canvas)[1] >= STRIP.y || event.button !== 0) return;
      this.box.setPointerCapture(event.pointerId);
      scrub(event);
    });
    // Browsers may fold the last move of a drag into its end.
    for (const type of ['pointermove', 'pointerup'] as const) {
      this.box.addEventListener(type, (event) => {
        if (this.box.hasPointerCapture(event.pointerId)) scrub(event);
      });
    }
    // A drag would select text, and a selection would be dragged instead of the time.
    this.box.addEventListener('mousedown', (event) => event.preventDefault());
    this.box.addEventListener('dragstart', (event) => event.preventDefault());
    this.box.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    this.box.addEventListener('dblclick', () => store.set({ view_s: this.bounds }));
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const { store } = this.scene;
    const { view_s } = store.state;
    const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isPan) {
      const by = (event.deltaX || event.deltaY) / this.width;
      store.set({ view_s: panView(view_s, by * (view_s[1] - view_s[0]), this.bounds) });
    } else {
      const anchor_s = this.x.invert(pointer(event, this.canvas)[0]);
      store.set({ view_s: zoomView(view_s, WHEEL_ZOOM ** event.deltaY, anchor_s, this.bounds) });
    }
  }

  private onBrush(event: { sourceEvent?: unknown; selection: [number, number] | null }): void {
    if (!event.sourceEvent || !event.selection) return;
    const whole = scaleLinear(this.bounds, [0, this.width]);
    const [from, to] = event.selection;
    if (to - from < 2) return;
    this.scene.store.set({ view_s: [whole.invert(from), whole.invert(to)] });
  }
}

/** Keeps a view that follows the time. */
export function follow(scene: Scene): void {
  const { time_s, view_s } = scene.store.state;
  const next = revealView(view_s, time_s, [scene.replay.start_s, scene.replay.end_s]);
  if (next !== view_s) scene.store.set({ view_s: next });
}

function drawBars(
  context: CanvasRenderingContext2D,
  density: Float64Array,
  width: number,
  top: number,
  height: number,
  colour: string,
): void {
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  const step = width / density.length;
  context.fillStyle = colour;
  for (const [bin, events] of density.entries()) {
    const bar = logShare(events, most) * height;
    if (bar > 0) context.fillRect(bin * step, top + height - bar, Math.max(1, step - 0.5), bar);
  }
}

/** Of marks closer than a few pixels only the one that took most. */
function thin(
  incidents: readonly ListedIncident[],
  x: ScaleLinear<number, number>,
): ListedIncident[] {
  const kept: ListedIncident[] = [];
  for (const incident of incidents) {
    const last = kept.at(-1);
    if (!last || x(incident.time_s) - x(last.time_s) > 6) kept.push(incident);
    else if (incident.out > last.out) kept[kept.length - 1] = incident;
  }
  return kept;
}
