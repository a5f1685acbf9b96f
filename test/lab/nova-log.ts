import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackPaths } from '../../lab/openstack/paths.ts';

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
