/** One incident in words: what failed, what it took down layer by layer, and how it ended. */

import type { KindImpact, LayerImpact, OpenState } from '../../engine/incidents/incidents.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { clock, span } from '../../engine/time-text.ts';
import { type Cell, type Colours, columns, count } from '../tools/text.ts';
import type { MarkCount, MarkedIncident } from './mark-counts.ts';
import { MARKS, type MarkRole } from './marks.ts';
import type { ToldIncident } from './story.ts';
import { countOf, heads, layerTitle, list, noun, wrap } from './words.ts';

const FAILS: Readonly<Record<string, string>> = {
  fail: 'fails',
  panic: 'panics',
  crash: 'crashes',
  hang: 'hangs',
};

/** Width of the column that lists what was taken out of service, with a last column or without. */
const WHAT_WIDTH = 44;
const WHAT_WIDTH_max = 54;

export function incidentText(incident: ToldIncident, recording: Recording, paint: Colours): string {
  const lines = [
    ...headLines(incident, paint),
    ...tableLines(incident, paint),
    ...wrap(sentences(incident, recording).join(' '), 2),
  ];
  return lines.join('\n');
}

function headLines(incident: ToldIncident, paint: Colours): string[] {
  const { time_s, kind, name, event, reason, during } = incident;
  const who = `${noun(kind)} ${name}`;
  const does = FAILS[event] ?? `(${event})`;
  const why = reason === '' ? '' : `: ${reason}`;
  const meanwhile = during.length === 0 ? '' : `, while ${brokenText(during)} still broken`;
  const time = clock(time_s);
  const [first, ...more] = wrap(`${time}  ${who} ${does}${why}${meanwhile}`, 0, time.length + 2);
  const head = first.replace(who, paint.bold(who)).replace(time, paint.bold(time));
  return [head, ...more];
}

/** What was broken already, named at most. */
const BROKEN_MAX = 3;

function brokenText(broken: readonly MarkedIncident[]): string {
  const names = broken.slice(0, BROKEN_MAX).map(({ kind, name }) => `${noun(kind)} ${name}`);
  const rest = broken.length - BROKEN_MAX;
  if (rest > 0) names.push(count(rest, 'other'));
  return `${list(names)} ${broken.length === 1 ? 'is' : 'are'}`;
}

function tableLines(incident: MarkedIncident, paint: Colours): string[] {
  if (incident.layers.length === 0) return ['  It took nothing out of service.'];
  // The last column tells when nothing was impaired any more, where that took longer.
  const isImpaired = incident.layers.some(({ whole_s, back_s }) => whole_s > back_s);
  const width = isImpaired ? WHAT_WIDTH : WHAT_WIDTH_max;
  const head = ['  layer', 'out of service', 'from', 'longest', 'all serve'];
  if (isImpaired) head.push('whole');
  const rows = incident.layers.flatMap((layer) => layerRows(layer, incident, width, paint));
  const table = columns([heads(head, paint), ...rows], [2, 3, 4, 5]);
  return table.split('\n');
}

function layerRows(
  layer: LayerImpact,
  incident: MarkedIncident,
  width: number,
  paint: Colours,
): Cell[][] {
  const kinds = layer.kinds.map((kind) => kindText(kind, layer, incident));
  const [first, ...more] = wrapCell(kinds.join('; '), width);
  const after = (at_s: number): Cell =>
    at_s === Number.POSITIVE_INFINITY
      ? { text: 'not yet', paint: paint.red }
      : `+${span(at_s - incident.time_s)}`;
  const isOut = layer.out > 0;
  const longest = layer.longest_s === Number.POSITIVE_INFINITY ? '' : span(layer.longest_s);
  return [
    [
      `  ${layerTitle(layer.layer)}`,
      first,
      after(layer.first_s),
      isOut ? longest : '-',
      isOut ? after(layer.back_s) : '-',
      ...(layer.whole_s > layer.back_s || !isOut ? [after(layer.whole_s)] : []),
    ],
    ...more.map((text): Cell[] => ['', text]),
  ];
}

/** A kind's longest outage is told where it is shorter than this share of its layer's. */
const MUCH_SHORTER = 0.5;

/** `2 servers (fleet-1, fleet-7)`, `37 PGs for 2.1 s, 12 more impaired`, `4 PGs impaired`. */
function kindText(
  impact: KindImpact,
  { longest_s }: LayerImpact,
  { name }: MarkedIncident,
): string {
  const { kind, out, impaired } = impact;
  // The parts of a failed component are named after it: their names tell nothing new.
  const names = impact.names.filter((one) => !one.startsWith(`${name}-`));
  if (out === 0) return `${named(impaired, kind, names)} impaired`;
  const isShort = impact.longest_s < MUCH_SHORTER * longest_s;
  const forTime = isShort ? ` for ${span(impact.longest_s)}` : '';
  const also = impaired === 0 ? '' : `, ${impaired} more impaired`;
  return `${named(out, kind, names)}${forTime}${also}`;
}

/** Entities of a kind that are named rather than counted. */
const NAMED_MAX = 2;

function named(n: number, kind: string, names: readonly string[]): string {
  if (n === 1 && names.length === 1) return `${noun(kind)} ${names[0]}`;
  const isFew = n <= NAMED_MAX && n === names.length;
  return isFew ? `${countOf(n, kind)} (${names.join(', ')})` : countOf(n, kind);
}

function wrapCell(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  lines.push(line);
  return lines;
}

function sentences(incident: MarkedIncident, recording: Recording): string[] {
  return [
    marksText('Response', 'response', incident),
    marksText('Blocked', 'blocked', incident),
    marksText('Error', 'error', incident),
    marksText('Lost data', 'lost', incident),
    endText(incident, recording),
  ].filter((sentence) => sentence !== '');
}

/** `Response: 18 OSDs marked down (+20 s), 12 marked out (+10m); 3 servers evacuated (+1m).` */
function marksText(title: string, role: MarkRole, { marks, time_s }: MarkedIncident): string {
  const told = marks.filter((mark) => mark.role === role);
  if (told.length === 0) return '';
  let text = `${title}:`;
  told.forEach((mark, i) => {
    const before = told[i - 1];
    const isSameKind = before !== undefined && MARKS[before.mark].kind === MARKS[mark.mark].kind;
    const separator = i === 0 ? '' : isSameKind ? ',' : ';';
    text += `${separator} ${markText(mark, isSameKind ? before : undefined, time_s)}`;
  });
  return `${text}.`;
}

/** `before` is what was told of the same kind just before, which need not be named again. */
function markText(told: MarkCount, before: MarkCount | undefined, time_s: number): string {
  const { mark, role, n, first_s, last_s, longest_s, still } = told;
  const [from, until] = [span(first_s - time_s), span(last_s - time_s)];
  const when = from === until ? `+${from}` : `+${from} to +${until}`;
  const what = `${markSubject(told, before)}${n === 1 ? MARKS[mark].one : MARKS[mark].many}`;
  if (role === 'response') return `${what} (${when})`;
  const end = still === 0 ? '' : `, ${still === n ? 'still so' : `${still} still so`} at the end`;
  return `${what} for ${n === 1 ? '' : 'up to '}${span(longest_s)} (${when}${end})`;
}

function markSubject({ mark, n, names }: MarkCount, before: MarkCount | undefined): string {
  const { kind } = MARKS[mark];
  if (before === undefined) return n === 1 ? `${noun(kind)} ${names[0]} ` : `${countOf(n, kind)} `;
  if (n !== before.n) return `${n.toLocaleString('en-US')} `;
  return names.every((name, i) => name === before.names[i]) ? '' : `${countOf(n, kind)} `;
}

/** States of what was not whole at the end, listed at most. */
const OPEN_MAX = 4;

function endText(incident: MarkedIncident, recording: Recording): string {
  const { time_s, whole_s, open, lost, layers } = incident;
  if (layers.length === 0) return '';
  const nothing = lost === 0 ? 'Nothing was lost. ' : '';
  if (whole_s < Number.POSITIVE_INFINITY) {
    return `${nothing}Whole again after ${span(whole_s - time_s)}, at ${clock(whole_s)}.`;
  }
  const ordered = [...open].sort((a, b) => Number(b.isOut) - Number(a.isOut) || b.n - a.n);
  const parts = ordered.slice(0, OPEN_MAX).map(openText);
  if (open.length > OPEN_MAX) parts.push(`others in ${open.length - OPEN_MAX} more states`);
  return `${nothing}Not whole when the run ended, at ${clock(recording.end_s)}: ${list(parts)}.`;
}

function openText({ kind, state, n, names }: OpenState): string {
  return `${named(n, kind, names)} in ${state}`;
}
