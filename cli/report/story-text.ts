/** The story of a run in words: how it came up, what failed and how it healed, what was asked for. */

import type { BringUp, Stumble } from '../../engine/incidents/bring-up.ts';
import type { WorkGroup } from '../../engine/incidents/work.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { span } from '../../engine/time-text.ts';
import { type Cell, type Colours, columns, count } from '../tools/text.ts';
import { incidentText } from './incident-text.ts';
import type { IncidentGroup, Story } from './story.ts';
import { countOf, digits, heads, layerTitle, list, noun, wrap } from './words.ts';

/** Paragraphs, each of one or more lines. */
export function storyText(recording: Recording, story: Story, paint: Colours): string[] {
  return [
    bringUpText(story.bringUp, paint),
    faultsTitle(story, paint),
    ...story.told.map((incident) => incidentText(incident, recording, paint)),
    restText(story.rest, story.told.length, paint),
    workText(story.work, paint),
  ].filter((part) => part !== '');
}

function bringUpText({ layers, end_s, missing, stumbles }: BringUp, paint: Colours): string {
  if (layers.length === 0) return `${paint.bold('Bring-up')}  Nothing came into service.`;
  const parts = layers.map(({ layer, whole_s }) => `${layerTitle(layer)} after ${span(whole_s)}`);
  const lines = wrap(`Each layer served in full for the first time: ${list(parts)}.`, 2);
  if (end_s === undefined) {
    lines.push(...wrap('It was still going on when the run ended.', 2).map(paint.yellow));
  }
  // Those that never came up are told below, as they are at the end.
  const told = stumbles.filter(({ recovered }) => recovered > 0).map(stumbleText);
  if (told.length > 0) {
    lines.push(...wrap(`Failed on the way up: ${list(told)}.`, 2).map(paint.yellow));
  }
  if (missing.length > 0) {
    const names = missing.map(({ kind, state, n }) => `${countOf(n, kind)} (${state})`);
    lines.push(...wrap(`Never in service: ${list(names)}.`, 2).map(paint.yellow));
  }
  return [paint.bold('Bring-up'), ...lines].join('\n');
}

/** `3 machines (failed_commissioning), of which 2 came up later`. */
function stumbleText({ kind, state, n, recovered }: Stumble): string {
  const who = n === 1 ? 'which' : recovered === n ? 'all of which' : `of which ${recovered}`;
  return `${countOf(n, kind)} (${state}), ${who} came up later`;
}

function faultsTitle({ incidents, told }: Story, paint: Colours): string {
  const title = paint.bold('What failed');
  if (incidents === 0) return `${title}\n  Nothing.`;
  const scripted = told.filter((incident) => incident.scripted).length;
  const share = scripted === incidents ? '' : `${scripted} `;
  const ofScript = scripted === 0 ? '' : `, ${share}scripted`;
  const more = incidents === told.length ? '' : ' Those that mattered most:';
  return `${title}\n  ${count(incidents, 'fault')}${ofScript}.${told.length === 0 ? '' : more}`;
}

function restText(rest: readonly IncidentGroup[], told: number, paint: Colours): string {
  if (rest.length === 0) return '';
  const head = ['  what failed', 'times', 'took out', 'most', 'reached users', 'whole', 'longest'];
  const rows = rest.map((group): Cell[] => [
    `  ${noun(group.kind)} (${group.event})`,
    `${group.n}`,
    digits(group.meanOut),
    `${group.mostOut}`,
    group.reachedUsers === 0 ? 'never' : count(group.reachedUsers, 'time'),
    Number.isNaN(group.median_s) ? '-' : span(group.median_s),
    Number.isNaN(group.longest_s) ? '-' : span(group.longest_s),
    group.notWhole === 0
      ? ''
      : { text: `${group.notWhole} not whole at the end`, paint: paint.yellow },
  ]);
  const total = rest.reduce((sum, { n }) => sum + n, 0);
  const title = told === 0 ? 'Faults' : `The other ${count(total, 'fault')}`;
  const note = [
    '  took out: entities out of service, on average; users: servers, pods, applications;',
    '  whole: median time until nothing was impaired any more',
  ].join('\n');
  return [
    paint.bold(title),
    columns([heads(head, paint), ...rows], [1, 2, 3, 4, 5, 6]),
    paint.dim(note),
  ].join('\n');
}

/** Groups listed at most. */
const WORK_MAX = 8;

function workText(work: readonly WorkGroup[], paint: Colours): string {
  if (work.length === 0) return '';
  const head = ['  what', 'times', 'outages', 'mean', 'longest', 'not back'];
  const rows = work
    .slice(0, WORK_MAX)
    .map((group): Cell[] => [
      `  ${group.kind === '' ? 'since the start' : `${noun(group.kind)} ${group.event}`}`,
      `${group.times}`,
      `${group.outages}`,
      span(group.outage_s / group.outages),
      span(group.longest_s),
      `${group.open}`,
    ]);
  const more = work.length > WORK_MAX ? [`  and ${work.length - WORK_MAX} more`] : [];
  return [
    paint.bold('Out of service without a fault: asked for, or decided by a control plane'),
    columns([heads(head, paint), ...rows], [1, 2, 3, 4, 5]),
    ...more,
  ].join('\n');
}
