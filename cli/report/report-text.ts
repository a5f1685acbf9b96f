/** The report that `strata run` prints. */

import { Troubles } from '../../engine/incidents/troubles.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { span } from '../../engine/time-text.ts';
import { FAULT_TARGETS } from '../../model/fault-targets.ts';
import type { Colours } from '../tools/text.ts';
import { addressText, noHostText, quotaText } from './no-host-text.ts';
import { noNodeText } from './no-node-text.ts';
import { operationsText } from './operations-text.ts';
import { energyText, resourcesText, runText } from './resources-text.ts';
import { readStory, type Story } from './story.ts';
import { storyText } from './story-text.ts';
import type { RunRequest, RunSummary } from './summary.ts';
import { divergencesText, invariantsText, objectivesText, quoted } from './verdict-text.ts';
import { wrap } from './words.ts';

/** The whole report, at most 100 columns wide; sections are apart by an empty line. */
export function reportText(recording: Recording, summary: RunSummary, paint: Colours): string {
  const troubles = new Troubles(recording);
  const script = summary.scenario.faults.script.map(({ at_s, target }) => ({
    at_s,
    kind: FAULT_TARGETS[target].kind,
    event: FAULT_TARGETS[target].fail,
  }));
  const story = readStory(troubles, script);
  const file = summary.request.out ?? 'FILE.arrow';
  const sections = [
    headText(summary, story, paint),
    ...storyText(recording, story, paint),
    operationsText(summary, paint),
    objectivesText(troubles, summary, paint),
    resourcesText(summary.usages, paint),
    noHostText(summary, paint),
    addressText(summary, paint),
    quotaText(summary, paint),
    noNodeText(summary, paint),
    energyText(summary, paint),
    invariantsText(summary.invariants, file, paint),
    divergencesText(recording, summary.divergences, paint),
    runText(summary, recording.rows, paint),
    replayText(summary, paint),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** What was run, and the outcome in one line. */
function headText(summary: RunSummary, { incidents }: Story, paint: Colours): string {
  const { scenario, seed, profile, simulated_s, objectives, invariants } = summary;
  const what = `seed ${seed}, profile ${profile}, ${span(simulated_s)} simulated`;
  const outcome = [
    incidents === 0 ? 'nothing failed' : `${incidents} ${incidents === 1 ? 'fault' : 'faults'}`,
    verdict(summary.operations, 'operation', 'done', paint),
    verdict(objectives, 'objective', 'met', paint),
    verdict(invariants, 'invariant', 'held', paint),
    refused(summary.refusedServers, paint),
  ].filter((part) => part !== '');
  return [
    `${paint.bold(scenario.name)}  ${what}`,
    ...(scenario.description === '' ? [] : wrap(scenario.description.trim(), 2).map(paint.dim)),
    `  ${outcome.join('; ')}`,
  ].join('\n');
}

function refused(servers: number, paint: Colours): string {
  if (servers === 0) return '';
  const requests = servers === 1 ? 'request for a server' : 'requests for servers';
  return paint.yellow(`${servers} ${requests} refused (quota, or no API)`);
}

function verdict(
  results: readonly { readonly ok: boolean }[],
  what: string,
  done: string,
  paint: Colours,
): string {
  if (results.length === 0) return '';
  const ok = results.filter((result) => result.ok).length;
  const text = `${ok} of ${results.length} ${what}s ${done}`;
  return ok === results.length ? paint.green(text) : paint.red(text);
}

function replayText({ request, seed }: RunSummary, paint: Colours): string {
  const keep =
    request.out === undefined
      ? [...runCommand(request, seed), '--out', 'FILE.arrow']
      : runCommand(request, seed);
  return [
    paint.bold('Again'),
    `  ${keep.join(' ')}`,
    `  npx strata view ${quoted(request.out ?? 'FILE.arrow')}`,
  ].join('\n');
}

function runCommand({ path, set, until, profile, out }: RunRequest, seed: number): string[] {
  const command = ['npx', 'strata', 'run', quoted(path), '--seed', `${seed}`];
  if (until !== undefined) command.push('--until', quoted(until));
  if (profile !== undefined) command.push('--profile', quoted(profile));
  for (const one of set) command.push('--set', quoted(one));
  if (out !== undefined) command.push('--out', quoted(out));
  return command;
}
