/** What was used of what there is, energy, and figures of the run itself. */
import { span } from '../../engine/time-text.ts';
import { LAYERS } from '../../model/layers.ts';
import type { Resource, Usage } from '../../sim/account.ts';
import { type Cell, type Colours, columns, count } from '../tools/text.ts';
import type { LayerSummary, RunSummary } from './summary.ts';
import { bytes, decimal, digits, heads, layerTitle, percent } from './words.ts';

/** Names of resources, and how their amounts are written. */
export const RESOURCE_TEXT: Readonly<Record<Resource, readonly [string, (n: number) => string]>> = {
  vcpus: ['virtual CPUs', digits],
  memory_bytes: ['memory', bytes],
  disk_bytes: ['local disk', bytes],
  storage_bytes: ['raw storage', bytes],
  power_w: ['power', (amount) => decimal(amount, 'W')],
  cpu_requests: ['CPU requests', digits],
  memory_requests_bytes: ['memory requests', bytes],
  pods: ['pods', digits],
};

/** `virtual CPUs`, `prod: pods`. */
export function resourceName({ resource, cluster }: Pick<Usage, 'resource' | 'cluster'>): string {
  const [name] = RESOURCE_TEXT[resource];
  return cluster === undefined ? name : `${cluster}: ${name}`;
}

/** Whether a resource has a row: hosts have disks, but where servers boot from volumes none is used. */
export function isTold({ resource, capacity, peakUsed }: ResourceAmounts): boolean {
  return peakUsed > 0 || (capacity > 0 && resource !== 'disk_bytes');
}

type ResourceAmounts = Pick<Usage, 'resource' | 'capacity' | 'peakUsed'>;

const J_PER_KWH = 3_600_000;

export function resourcesText(usages: readonly Usage[], paint: Colours): string {
  const rows = usages
    // Power is told with the energy.
    .filter((usage) => isTold(usage) && usage.resource !== 'power_w')
    .map((usage) => usageRow(usage, paint));
  if (rows.length === 0) return '';
  const head = ['  resource', 'mean', '', 'peak', '', 'capacity', 'headroom at the peak'];
  const table = columns([heads(head, paint), ...rows], [1, 2, 3, 4, 5, 6]);
  return [paint.bold('Resources'), table].join('\n');
}

function usageRow(usage: Usage, paint: Colours): Cell[] {
  const { resource, capacity, meanUsed, meanRatio, peakUsed, peakRatio, peakCapacity } = usage;
  const amount = RESOURCE_TEXT[resource][1];
  const left = usage.headroom;
  const headroom = left < 0 ? `none, ${amount(-left)} short` : amount(left);
  const [now, then] = [amount(capacity), amount(peakCapacity)];
  return [
    `  ${resourceName(usage)}`,
    amount(meanUsed),
    percent(meanRatio),
    amount(peakUsed),
    percent(peakRatio),
    now === then ? now : `${now} (${then} at the peak)`,
    { text: headroom, paint: left < 0 ? paint.red : String },
  ];
}

export function energyText({ energy, simulated_s, scenario }: RunSummary, paint: Colours): string {
  if (energy.total_j === 0 || simulated_s === 0) return '';
  const limits = new Map(scenario.site.racks.map((rack) => [rack.name, rack.power_limit_w]));
  const row = (name: string, joules: number, peak_w: number, limit_w: number): Cell[] => [
    `  ${name}`,
    `${digits(joules / J_PER_KWH)} kWh`,
    decimal(joules / simulated_s, 'W'),
    decimal(peak_w, 'W'),
    limit_w > 0 ? decimal(limit_w, 'W') : '-',
    limit_w > 0 ? decimal(limit_w - peak_w, 'W') : '-',
  ];
  const racks = energy.racks.slice(0, RACKS_MAX);
  const hidden = energy.racks.length - racks.length;
  const limit_w = [...limits.values()].reduce((sum, limit) => sum + limit, 0);
  return [
    paint.bold('Energy of the machines'),
    columns(
      [
        heads(['  rack', 'energy', 'mean', 'peak', 'limit', 'headroom at the peak'], paint),
        ...racks.map((r) => row(r.name, r.energy_j, r.peak_w, limits.get(r.name) ?? 0)),
        row('all', energy.total_j, energy.peak_w, limit_w),
      ],
      [1, 2, 3, 4, 5],
    ),
    ...(hidden > 0 ? [`  and ${count(hidden, 'rack')} more`] : []),
  ].join('\n');
}

const isUsed = (layer: LayerSummary | undefined): boolean =>
  layer !== undefined && layer.entities + layer.transitions > 0;

/** Racks listed at most: those of a large site are alike. */
const RACKS_MAX = 12;

export function runText(summary: RunSummary, rows: number, paint: Colours): string {
  const { transitions, wall_s, traceHash, layers, request } = summary;
  const perSecond =
    wall_s > 0 ? `, ${Math.round(transitions / wall_s).toLocaleString('en-US')} a second` : '';
  const lines = [`  ${count(transitions, 'transition')} in ${span(wall_s)}${perSecond}`];
  const layerRows = LAYERS.filter((layer) => isUsed(layers[layer])).map((layer): Cell[] => [
    `  ${layerTitle(layer)}`,
    layers[layer].entities.toLocaleString('en-US'),
    layers[layer].transitions.toLocaleString('en-US'),
  ]);
  const table = columns(
    [heads(['  layer', 'entities at the end', 'transitions'], paint), ...layerRows],
    [1, 2],
  );
  lines.push(table);
  if (request.out !== undefined) lines.push(`  recording   ${request.out} (${count(rows, 'row')})`);
  if (request.html !== undefined) lines.push(`  replay page ${request.html}`);
  if (traceHash !== '') lines.push(`  trace hash  ${traceHash}`);
  return [paint.bold('The run'), ...lines].join('\n');
}
