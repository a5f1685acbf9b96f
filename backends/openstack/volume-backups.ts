/** Backups of volumes, as cinder-backup keeps them: each is called by its name. */
import type { Observation } from '../../engine/contract.ts';
import { type Act, attributes } from './context.ts';
import { openstackFault } from './faults.ts';
import { find, type Item } from './lookup.ts';
import { type Ending, untilEnded } from './settle.ts';
import { messageAbout } from './volume-messages.ts';
import { VOLUME_PARAMS } from './volume-params.ts';

export interface BackupVerb {
  readonly ask: (act: Act, volume: Item) => Promise<void>;
  /** Of the volume. */
  readonly ending: Ending;
  /** Of the backup, which is settled a moment after the volume. */
  readonly backup: Ending;
  readonly joins?: readonly string[];
}

export const BACKUP_VERBS: Readonly<Record<string, BackupVerb>> = {
  backup: {
    ask: async (act, volume) => {
      const { backup: name, incremental } = act.params(VOLUME_PARAMS.backup);
      const backup = { volume_id: volume['id'], name, incremental };
      await act.change('volume', { method: 'POST', path: '/backups', body: { backup } });
    },
    ending: { ends: ['available'], during: ['backing-up'] },
    backup: { ends: ['available'], during: ['creating'] },
    joins: ['backing-up'],
  },
  restore_backup: {
    ask: async (act, volume) => {
      const { backup } = act.params(VOLUME_PARAMS.restore_backup);
      const path = `/backups/${await idOfBackup(act, backup)}/restore`;
      const body = { restore: { volume_id: volume['id'] } };
      await act.change('volume', { method: 'POST', path, body });
    },
    ending: { ends: ['available'], during: ['restoring-backup'] },
    backup: { ends: ['available'], during: ['restoring'] },
    joins: ['restoring-backup'],
  },
  delete_backup: {
    ask: async (act) => {
      const { backup } = act.params(VOLUME_PARAMS.delete_backup);
      const found = await findBackup(act, backup);
      if (found) await act.change('volume', { method: 'DELETE', path: `/backups/${found['id']}` });
    },
    ending: { ends: ['available', 'in-use', 'error'], during: [] },
    backup: { ends: ['absent'], during: ['available', 'deleting', 'error'] },
  },
};

/** Waits until the backup itself has come to rest. */
export async function backupSettled(act: Act, ending: Ending): Promise<void> {
  // What all of these verbs have in common.
  const { backup: name } = act.params(VOLUME_PARAMS.restore_backup);
  const look = () => observeBackup(act, name);
  await untilEnded(act, ending, look, (seen) => messageAbout(act, seen));
}

async function observeBackup(act: Act, name: string): Promise<Observation> {
  const found = await findBackup(act, name);
  const state = found ? String(found['status']) : 'absent';
  const why = found?.['fail_reason'];
  const reason = why ? `${state}: ${why}` : state;
  const id = attributes({ id: found?.['id'] });
  return { kind: 'backup', entity: name, state, reason, attributes: id };
}

async function idOfBackup(act: Act, name: string): Promise<string> {
  const found = await findBackup(act, name);
  if (found) return String(found['id']);
  throw openstackFault('OPENSTACK_NOT_FOUND', `backup ${name} of volume ${act.entity}`);
}

function findBackup(act: Act, name: string): Promise<Item | undefined> {
  return find(act.session, 'backup', name, { signal: act.signal });
}
