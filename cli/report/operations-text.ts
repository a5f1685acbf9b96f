/** What became of the operations that a scenario asks for, in order. */
import type { OperationResult } from '../../engine/operator.ts';
import { clock, span } from '../../engine/time-text.ts';
import { type Cell, type Colours, columns, count } from '../tools/text.ts';
import type { RunSummary } from './summary.ts';

/** Of longer lists only what went wrong is listed. */
const LISTED_MAX = 20;

export function operationsText({ operations, scenario }: RunSummary, paint: Colours): string {
  const total = scenario.workload.operations.length;
  if (total === 0) return '';
  const listed = total > LISTED_MAX ? operations.filter(({ ok }) => !ok) : operations;
  const left = total - operations.length;
  const isWell = operations.every(({ ok }) => ok);
  return [
    paint.bold('Operations'),
    ...(listed.length > 0 ? [columns(listed.map((each) => row(each, paint)))] : []),
    ...(listed.length < operations.length
      ? [`  ${count(operations.length - listed.length, 'operation')} reached their state`]
      : []),
    ...(left > 0 ? [`  ${leftText(left, isWell)}`] : []),
  ].join('\n');
}

/** Why some have no result: a failure ends the list, and so does the end of the run. */
function leftText(left: number, isEnd: boolean): string {
  const some = count(left, 'operation');
  return isEnd ? `${some} had not ended when the run did` : `${some} left out after that`;
}

function row(result: OperationResult, paint: Colours): Cell[] {
  const { operation, started_s, ended_s, ok } = result;
  const took = span(ended_s - started_s);
  return [
    ok ? { text: '  done', paint: paint.green } : { text: '  failed', paint: paint.red },
    clock(started_s),
    `${operation.do} ${operation.entity}`,
    outcomeText(result, took),
  ];
}

/** What became of it after so long; a verb beside the machine leaves the state as it was. */
export function outcomeText(result: OperationResult, took: string): string {
  const { operation, state, ok, fault } = result;
  const why = fault === undefined ? '' : `failed with ${fault.code}: `;
  if (operation.until === undefined) {
    return ok ? `done after ${took}, it is ${state}` : `${why}${state} after ${took}`;
  }
  if (ok) return `${state} after ${took}`;
  return `${why}still ${state} after ${took}, expected ${operation.until}`;
}
