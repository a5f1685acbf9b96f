/** What stands for Charmhub: the charms that the world was given. */
import { Refusal } from './refusal.ts';
import type { StoredCharm, World } from './world.ts';

/** What all of them run on. */
export const STORE_BASE = { name: 'ubuntu', channel: '22.04/stable' };

/** The newest revision of a channel, or the one that is named. */
export function storedCharm(
  world: World,
  name: string,
  channel = 'stable',
  revision?: number,
): StoredCharm {
  const found = world.store
    .filter(({ charm }) => charm.name === name)
    .filter((each) =>
      revision === undefined ? each.channel === channel : each.revision === revision,
    )
    .toSorted((a, b) => a.revision - b.revision)
    .at(-1);
  if (found) return found;
  throw new Refusal('not found', `resolving with preferred channel: charm "${name}" not found`);
}

export function urlOf({ charm, revision }: StoredCharm): string {
  return `ch:amd64/jammy/${charm.name}-${revision}`;
}
