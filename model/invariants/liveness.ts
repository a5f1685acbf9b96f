/** What must happen in the end: every request that was accepted ends in a stable state. */
import type { Invariant } from './invariant.ts';

/**
 * Kinds whose transient states are requests of somebody, and how long they may take at most. The
 * longest real ones are a deployment (MAAS gives up after 30 minutes) and erasing disks.
 */
const PATIENCE_s: Readonly<Record<string, number>> = {
  machine: 6 * 3600,
  'host-os': 2 * 3600,
  domain: 3600,
  port: 3600,
  volume: 3600,
  server: 4 * 3600,
  sandbox: 3600,
  container: 3600,
  'juju-machine': 4 * 3600,
};

export const LIVENESS: readonly Invariant[] = Object.entries(PATIENCE_s).map(
  ([kind, patience_s]): Invariant => ({
    name: `${kind}-requests-end`,
    describes: `A ${kind} leaves every transient state within ${patience_s / 3600} h unless something it needs is lost.`,
    kind,
    prepare: (view) => (entity) => {
      const waited_s = view.now_s - view.since_s(entity);
      if (waited_s <= patience_s || !view.isTransient(entity)) return undefined;
      if (view.unsatisfiedGroups(entity) > 0) return undefined;
      return `${view.nameOf(entity)} has been ${view.stateName(entity)} for ${Math.round(waited_s)} s`;
    },
  }),
);
