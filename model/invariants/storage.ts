/** Invariants of Ceph. */
import { servesOnlyWhileSupported } from './forms.ts';
import type { Invariant } from './invariant.ts';

/** What sums of times may be off by. */
const ROUNDING_s = 1e-3;

export const STORAGE: readonly Invariant[] = [
  servesOnlyWhileSupported(
    'osd',
    'osd-needs-host-and-disk',
    'An OSD is up only on a host and a disk that serve.',
  ),
  servesOnlyWhileSupported('mon', 'mon-needs-its-host', 'A monitor serves only on a live host.'),
  {
    name: 'quorum-is-a-majority',
    describes: 'A Ceph cluster has quorum only while more than half of its monitors are in it.',
    kind: 'ceph-cluster',
    alsoAfter: ['mon'],
    prepare: (view) => {
      const mon = view.kindId('mon');
      return (cluster) => {
        if (!view.isServing(cluster)) return undefined;
        const all = view.countProviders(cluster, mon);
        const up = view.countServingProviders(cluster, mon);
        return up * 2 > all ? undefined : `quorum with ${up} of ${all} monitors`;
      };
    },
  },
  {
    name: 'acting-set-has-distinct-osds',
    describes: 'No OSD is twice in the acting set of a placement group.',
    kind: 'pg',
    prepare: (view) => {
      const twice = view.quantity('pg.acting_duplicates');
      return (pg) => (twice(pg) > 0 ? `${view.nameOf(pg)} acts twice on one OSD` : undefined);
    },
  },
  {
    name: 'acting-set-never-shares-a-failure-domain',
    describes:
      'The acting set of a placement group never has two OSDs in one failure domain of those that ' +
      'its pool is meant to survive the loss of.',
    kind: 'pg',
    prepare: (view) => {
      const shared = view.quantity('pg.acting_shared_domains');
      return (pg) =>
        shared(pg) > 0
          ? `${view.nameOf(pg)} has ${shared(pg) + 1} copies in one failure domain`
          : undefined;
    },
  },
  {
    name: 'active-pg-has-min-size',
    describes: 'A placement group takes writes only with min_size copies.',
    kind: 'pg',
    alsoAfter: ['osd'],
    prepare: (view) => {
      const missing = view.quantity('pg.below_min_size');
      return (pg) =>
        view.isServing(pg) && missing(pg) > 0
          ? `${view.nameOf(pg)} is ${view.stateName(pg)} with ${missing(pg)} copies fewer than min_size`
          : undefined;
    },
  },
  {
    name: 'clean-pg-has-all-copies',
    describes: 'A placement group is active+clean only with all of its copies on OSDs that are up.',
    kind: 'pg',
    alsoAfter: ['osd'],
    prepare: (view) => {
      const clean = view.states('pg', 'active+clean');
      const missing = view.quantity('pg.below_size');
      return (pg) =>
        clean[view.state(pg)] && missing(pg) > 0
          ? `${view.nameOf(pg)} is clean with ${missing(pg)} copies missing`
          : undefined;
    },
  },
  {
    name: 'pool-serves-without-stuck-pgs',
    describes:
      'A pool serves only while none of its placement groups has been inactive for longer than ' +
      'clients are expected to wait (mon_pg_stuck_threshold).',
    kind: 'pool',
    alsoAfter: ['pg'],
    prepare: (view) => {
      const stuckAfter_s = view.quantity('pool.stuck_inactive_s');
      const pg = view.kindId('pg');
      return (pool) => {
        if (!view.isServing(pool)) return undefined;
        const limit_s = stuckAfter_s(pool) + ROUNDING_s;
        let stuck: string | undefined;
        view.eachDependent(pool, pg, (member) => {
          const age_s = view.now_s - view.since_s(member);
          if (view.isServing(member) || !(age_s > limit_s)) return;
          stuck ??= `${view.nameOf(member)} is ${view.stateName(member)} for ${age_s} s`;
        });
        return stuck && `${view.nameOf(pool)} serves though ${stuck}`;
      };
    },
  },
  {
    name: 'osd-below-full',
    describes: 'No OSD holds more than its size.',
    kind: 'osd',
    prepare: (view) => {
      const used = view.quantity('osd.used_ratio');
      return (osd) =>
        used(osd) > 1 ? `${view.nameOf(osd)} holds ${used(osd)} times its size` : undefined;
    },
  },
  {
    name: 'no-pg-down-within-fault-budget',
    describes:
      'While no more has failed than the scenario says the site survives, no placement group is ' +
      'down or incomplete.',
    kind: 'pg',
    prepare: (view) => {
      const down = view.states('pg', 'down');
      const incomplete = view.states('pg', 'incomplete');
      return (pg) => {
        const state = view.state(pg);
        if ((!down[state] && !incomplete[state]) || view.beyondBudget) return undefined;
        return `${view.nameOf(pg)} is ${view.stateName(pg)} within the fault budget`;
      };
    },
  },
  servesOnlyWhileSupported(
    'rbd-image',
    'image-needs-its-pool',
    'An RBD image is usable only while its pool serves.',
  ),
];
