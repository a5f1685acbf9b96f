/** Upgrades in two steps: the controller gets the charm, then the units change over to it. */
import type { Act } from './act.ts';
import { fetchUpgrade, rollOut } from './application-acts.ts';
import { jujuFault } from './faults.ts';
import type { Params } from './params.ts';

/** `mysql-2` is an upgrade of `mysql`, unless the parameters name the application. */
function applicationOf(upgrade: string): string {
  return upgrade.replace(/-\d+$/, '');
}

const download: Act<Params<'upgrade', 'download'>> = async (context) => {
  const { entity, memory } = context;
  const { application = applicationOf(entity), ...charm } = context.params;
  memory.upgrades.set(entity, await fetchUpgrade(context, application, charm));
};

const rollOutFetched: Act = async (context) => {
  const { entity, memory } = context;
  const upgrade = memory.upgrades.get(entity);
  if (!upgrade) throw jujuFault('JUJU_WRONG_STATE', `${entity}: its charm was not downloaded yet`);
  await rollOut(context, upgrade);
};

export const UPGRADE_ACTS = { download, roll_out: rollOutFetched };
