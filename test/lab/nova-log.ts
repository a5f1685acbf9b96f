import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { serverState } from '../../backends/openstack/server-states.ts';
import { stackPaths } from '../../lab/openstack/paths.ts';
import type { MachineSteps } from '../support/machine-steps.ts';

/** One change of a server in nova's own words, from its notification `instance.update`. */
export interface NovaChange {
  readonly uuid: string;
  readonly at: string;
  readonly from: { readonly vm_state: string; readonly task_state: string | null };
  readonly to: { readonly vm_state: string; readonly task_state: string | null };
  readonly power: string;
}

const MARK = 'oslo.messaging.notification.instance.update ';

/** Every change that nova's services have written to their logs about a server, in order. */
export function novaChanges(uuid: string): readonly NovaChange[] {
  const { log } = stackPaths();
  const changes: NovaChange[] = [];
  for (const file of readdirSync(log).filter((name) => name.startsWith('nova-'))) {
    for (const line of readFileSync(join(log, file), 'utf8').split('\n')) {
      if (!line.includes(MARK) || !line.includes(uuid)) continue;
      const change = readChange(line);
      if (change?.uuid === uuid) changes.push(change);
    }
  }
  return changes.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** How late a line of a log may be, and how often it is looked for. */
const LATE_MS = 500;
const LOOK_MS = 100;

/**
 * The changes of a server after the first `seen`. nova writes them a moment after its API answers: they
 * are waited for until the last is to the state `vm` in which the server rests, but not for long, since
 * what was refused changed nothing.
 */
export async function newChanges(
  uuid: string,
  seen: number,
  vm: string,
): Promise<readonly NovaChange[]> {
  for (let waited_ms = 0; ; waited_ms += LOOK_MS) {
    const fresh = novaChanges(uuid).slice(seen);
    const last = fresh.at(-1);
    if (last && vmOf(last, last.to) === vm) return fresh;
    if (waited_ms >= LATE_MS) return fresh;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/**
 * Holds every single change against the machine, from the state in which it stood: none may be missing
 * in it, though the API itself sets the first task, and its notification may be missing. The state that
 * the last one led to.
 */
export function holdChanges(
  machine: MachineSteps,
  stood: string,
  changes: readonly NovaChange[],
): string {
  let vm = stood;
  for (const change of changes) {
    for (const words of [change.from, change.to]) {
      const next = vmOf(change, words);
      expect(machine.leads(vm, next), `${vm} -> ${next}`).toBe(true);
      vm = next;
    }
  }
  return vm;
}

/** The state of the machine that nova's words stand for; `?` for none. */
function vmOf({ power }: NovaChange, words: NovaChange['to']): string {
  return serverState({ ...words, power_state: power === 'shutdown' ? 4 : 1 })?.vm ?? '?';
}

/** Undefined where only something else changed. */
function readChange(line: string): NovaChange | undefined {
  const json = line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1);
  const { payload, timestamp } = JSON.parse(json);
  const data = payload['nova_object.data'];
  const update = data.state_update['nova_object.data'];
  const from = { vm_state: update.old_state, task_state: update.old_task_state };
  const to = { vm_state: update.state, task_state: update.new_task_state };
  if (from.vm_state === to.vm_state && from.task_state === to.task_state) return undefined;
  return { uuid: data.uuid, at: timestamp, from, to, power: String(data.power_state) };
}

/** As the recorded scenario writes it: `active|powering-off>stopped|-`. */
export function changeText({ from, to }: NovaChange): string {
  return `${from.vm_state}|${from.task_state ?? '-'}>${to.vm_state}|${to.task_state ?? '-'}`;
}
