/** Scenarios applied to the lab's libvirt, and what their recordings tell. */
import { type LiveRun, runLive } from '../../cli/live/run-live.ts';
import type { Action, Fault } from '../../engine/contract.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { cachedGuest } from '../../lab/libvirt/guest.ts';
import { libvirtUri } from '../../lab/libvirt/system.ts';
import type { Scenario } from '../../model/scenario.ts';
import { loadScenario } from '../../scenarios/index.ts';

/** scenarios/lab-domain.yaml with the lab's guest. */
export async function labDomain(): Promise<Scenario> {
  const { kernel, initrd, cmdline } = cachedGuest() ?? { kernel: '', initrd: '', cmdline: '' };
  const loaded = await loadScenario('scenarios/lab-domain.yaml', {
    set: { kernel, initrd, cmdline },
  });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.scenario;
}

export interface Applied {
  readonly run: LiveRun;
  readonly faults: readonly { readonly action: Action; readonly fault: Fault }[];
  readonly recording: Recording;
}

export async function apply(scenario: Scenario): Promise<Applied> {
  const sink = new MemorySink();
  const faults: { action: Action; fault: Fault }[] = [];
  const run = await runLive({
    scenario,
    systems: [{ driver: 'libvirt', options: { uri: libvirtUri() } }],
    sink,
    onStep: () => {},
    onFault: (action, fault) => faults.push({ action, fault }),
  });
  return { run, faults, recording: openRecording(sink.bytes()) };
}

/** The changes of state, as `event -> state`. */
export function path(recording: Recording): string[] {
  return Array.from({ length: recording.rows }, (_, row) => recording.row(row))
    .filter(({ from, to, event }) => from !== to || event === 'diverged')
    .map(({ event, to }) => `${event} -> ${to}`);
}
