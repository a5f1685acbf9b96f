/** Pods that waited for a node: how long, and why, in the words of kube-scheduler's events. */
import { clock, span } from '../../engine/time-text.ts';
import type { FailedScheduling } from '../../sim/caas/failed-scheduling.ts';
import type { Saturation } from '../../sim/caas/unschedulable-pods.ts';
import { type Colours, count } from '../tools/text.ts';
import type { RunSummary } from './summary.ts';
import { bytes, digits, list, wrap } from './words.ts';

export function noNodeText(summary: RunSummary, paint: Colours): string {
  const { failedSchedulings, saturations, simulated_s } = summary;
  if (failedSchedulings.length === 0) return '';
  const times = failedSchedulings.reduce((sum, one) => sum + one.times, 0);
  const lines = saturations.flatMap((saturation) => {
    const found = failedSchedulings.filter(({ cluster }) => cluster === saturation.cluster);
    if (found.length === 0) return [];
    return [waitingText(saturation, simulated_s), ...found.map((one) => `  ${failedText(one)}`)];
  });
  return [
    `${paint.bold('No node was available for a pod')}  ${paint.yellow(count(times, 'time'))}`,
    ...lines.flatMap((line) => {
      const indent = line.startsWith(' ') ? 4 : 2;
      return wrap(line.trim(), indent, indent + 2);
    }),
  ].join('\n');
}

/** `cluster prod: pods waited for 3h of 1d, at most 12 at once; 3 wait at the end`. */
function waitingText({ cluster, ratio, peakPods, pods }: Saturation, run_s: number): string {
  const atEnd = pods === 0 ? 'none waits' : `${pods} ${pods === 1 ? 'waits' : 'wait'}`;
  const waited = `${span(ratio * run_s)} of ${span(run_s)}`;
  return `cluster ${cluster}: pods waited for ${waited}, at most ${peakPods} at once; ${atEnd} at the end.`;
}

/** `12 times from 01:02:03, first prod-web-7 (500m CPU ...): 0/6 nodes are available: ...`. */
export function failedText(found: FailedScheduling): string {
  const { times, first_s, pod, cpu, memory_bytes, isDaemon } = found;
  const when =
    times === 1
      ? `at ${clock(first_s)}, pod ${pod}`
      : `${count(times, 'time')} from ${clock(first_s)}, first pod ${pod}`;
  const requests = `${digits(cpu)} CPU, ${bytes(memory_bytes)}`;
  const why = isDaemon ? `on its node: ${reasons(found)}` : availableText(found);
  return `${when} (requests ${requests}): ${why}.`;
}

function availableText(found: FailedScheduling): string {
  if (found.nodes === 0) return 'no nodes available to schedule pods';
  return `0/${found.nodes} nodes are available: ${reasons(found)}`;
}

function reasons({ isDaemon, notReady, unschedulable, insufficient }: FailedScheduling): string {
  const parts = [
    [notReady, notReady === 1 ? 'was not ready' : 'were not ready'],
    [unschedulable, unschedulable === 1 ? 'was cordoned' : 'were cordoned'],
    [insufficient.cpu, 'Insufficient cpu'],
    [insufficient.memory, 'Insufficient memory'],
    [insufficient.pods, 'Too many pods'],
  ] as const;
  const told = parts.filter(([nodes]) => nodes > 0);
  return list(told.map(([nodes, what]) => (isDaemon ? what : `${nodes} ${what}`)));
}
