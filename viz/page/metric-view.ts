/** An entity's metrics as small curves with the present value. */
import { curveStepAfter, extent, line, scaleLinear, select } from 'd3';
import type { Groups } from '../../engine/recording/groups.ts';
import { h } from './dom.ts';
import { metricValue } from './format.ts';
import { metricIndex, type Series, seriesOf } from './metrics.ts';
import { upperBound } from './replay.ts';
import type { Scene } from './scene.ts';

const WIDTH = 150;
const HEIGHT = 22;
const POINTS_MAX = 400;

const indexes = new WeakMap<Scene, Groups>();

/** One row per metric of the entity; nothing when it has none. */
export function metricRows(scene: Scene, e: number): Node[] {
  const index = indexes.get(scene) ?? metricIndex(scene.replay.recording);
  indexes.set(scene, index);
  const all = seriesOf(scene.replay.recording, index, e);
  if (all.length === 0) return [];
  return [h('h3', { text: 'Metrics' }), ...all.map((series) => metricRow(scene, series))];
}

function metricRow({ replay, store }: Scene, series: Series): HTMLElement {
  const { time_s } = store.state;
  const now = upperBound(series.time_s, time_s) - 1;
  const value = now >= 0 ? metricValue(series.name, series.value[now]) : 'no sample yet';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  drawCurve(svg, series, [replay.start_s, replay.end_s], time_s);
  return h(
    'div',
    { class: 'metric' },
    h('span', { class: 'name', text: series.name }),
    svg,
    h('b', { text: value }),
  );
}

function drawCurve(
  svg: SVGSVGElement,
  series: Series,
  domain: [number, number],
  now_s: number,
): void {
  const x = scaleLinear(domain, [0, WIDTH]);
  const [low, high] = extent(series.value) as [number, number];
  const y = scaleLinear([Math.min(0, low), high], [HEIGHT - 2, 2]);
  const every = Math.max(1, Math.ceil(series.value.length / POINTS_MAX));
  const points = series.time_s
    .map((t, i) => [t, series.value[i]] as const)
    .filter((_, i) => i % every === 0);
  const path = line<readonly [number, number]>(
    (d) => x(d[0]),
    (d) => y(d[1]),
  ).curve(curveStepAfter);
  const root = select(svg).attr('width', WIDTH).attr('height', HEIGHT).attr('class', 'curve');
  root.append('path').attr('d', path(points));
  root.append('line').attr('x1', x(now_s)).attr('x2', x(now_s)).attr('y1', 0).attr('y2', HEIGHT);
}
