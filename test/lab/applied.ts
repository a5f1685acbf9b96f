/** Scenarios applied to systems of the lab, and what their recordings tell. */

import { type LiveRun, runLive } from '../../cli/live/run-live.ts';
import { askDrivers } from '../../cli/live/verb-params.ts';
import type { Action, Fault } from '../../engine/contract.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import type { LiveSystem, Scenario } from '../../model/scenario.ts';
import { load, scenarioOf, yaml } from '../scenarios/support.ts';

export interface Applied {
  readonly run: LiveRun;
  readonly faults: readonly { readonly action: Action; readonly fault: Fault }[];
  readonly recording: Recording;
}

export async function applyTo(
  systems: readonly LiveSystem[],
  scenario: Scenario,
): Promise<Applied> {
  const sink = new MemorySink();
  const faults: { action: Action; fault: Fault }[] = [];
  const run = await runLive({
    ...{ scenario, systems, sink },
    onStep: () => {},
    onFault: (action, fault) => faults.push({ action, fault }),
  });
  return { run, faults, recording: openRecording(sink.bytes()) };
}

/** A scenario of these operations, checked as `strata validate` does: one in YAML's flow style a line. */
export async function operating(
  systems: readonly LiveSystem[],
  ...operations: readonly string[]
): Promise<Scenario> {
  const live = Object.fromEntries(systems.map(({ driver, options }) => [driver, options]));
  const list = operations.map((each) => `\n    - { ${each}, within: 2m }`).join('');
  const text = yaml({ live: JSON.stringify(live), workload: `\n  operations:${list}` });
  return scenarioOf(await load({ 'main.yaml': text }, { drivers: askDrivers([]) }));
}

/** The changes of state, as `event -> state`. */
export function path(recording: Recording): string[] {
  return Array.from({ length: recording.rows }, (_, row) => recording.row(row))
    .filter(({ from, to, event }) => from !== to || event === 'diverged')
    .map(({ event, to }) => `${event} -> ${to}`);
}
