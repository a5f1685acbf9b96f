import { defineKind, request, type StateConfig, type Tag, type Transitions } from '../kind.ts';

type States = Record<string, StateConfig>;

/** What can befall a placement group in any state: its OSDs change, or they fall silent. */
const INTERVAL: Transitions = {
  target: 'peering',
  description: 'up or acting set changed: the OSDs of the new interval agree on what there is',
};
const INTERVAL_REMAPPED: Transitions = {
  target: 'remapped+peering',
  description: 'CRUSH wants OSDs without its data: the old ones stay in charge (pg_temp)',
};
const LOST_DATA: Transitions = {
  target: 'incomplete',
  description: 'every complete copy is lost for good',
};
const FAULT: Transitions = {
  target: 'peering',
  description: 'an OSD of the set went away in the middle of it',
};

const ACTIVE: readonly Tag[] = ['serving'];

function pgState(
  description: string,
  tags: readonly Tag[],
  on: Readonly<Record<string, Transitions>>,
  verb?: string,
): StateConfig {
  return {
    description,
    tags,
    ...(verb && { entry: request(verb) }),
    on: {
      new_interval: INTERVAL,
      new_interval_remapped: INTERVAL_REMAPPED,
      data_lost: LOST_DATA,
      ...on,
    },
  };
}

const next = (target: string, description: string): Transitions => ({ target, description });

/** The outcomes of peering: which flags the new acting set gives the placement group. */
const PEERED: Readonly<Record<string, Transitions>> = {
  activate: next('activating', 'enough up-to-date copies'),
  activate_degraded: next('activating+degraded', 'every copy is there, some lack recent writes'),
  activate_undersized: next('activating+undersized+degraded', 'fewer copies than the pool wants'),
  activate_undersized_empty: next(
    'activating+undersized',
    'it holds nothing that could be missing',
  ),
  activate_remapped: next('activating+remapped', 'CRUSH wants it on other OSDs'),
  activate_degraded_remapped: next(
    'activating+degraded+remapped',
    'some copies lack recent writes, and CRUSH wants other OSDs',
  ),
  activate_undersized_remapped: next(
    'activating+undersized+degraded+remapped',
    'copies are missing and are to be made on new OSDs',
  ),
  below_min_size: next('undersized+degraded+peered', 'fewer copies than min_size: no I/O'),
  below_min_size_remapped: next(
    'undersized+degraded+remapped+backfill_wait+peered',
    'fewer copies than min_size; new OSDs are waiting to be filled',
  ),
  down: next('down', 'an OSD that may hold newer writes is down and has to come back'),
  incomplete: next('incomplete', 'no OSD of the set has a complete copy'),
  peer_lost: next('peering', 'nobody to peer with'),
};

const CREATION: States = {
  unknown: pgState('No OSD has reported it since the mgr started.', ['transient'], {
    create: next('creating', 'the mons enter it in the OSDMap'),
    new_interval: next('creating', 'there are OSDs for it now'),
    new_interval_remapped: next('creating', 'there are OSDs for it now'),
    report: next('active+clean', 'its primary reports it'),
  }),
  creating: pgState(
    'In the OSDMap; its OSDs are told to make it.',
    ['transient'],
    {
      done: next('creating+peering', 'its primary exists'),
      fault: next('unknown', 'no OSD can hold it'),
      new_interval: next('creating+peering', 'its OSDs changed before it was made'),
    },
    'create',
  ),
  'creating+peering': pgState(
    'The OSDs of a new placement group find each other.',
    ['transient'],
    {
      ...PEERED,
      activate: next('creating+activating', 'its OSDs found each other'),
      activate_undersized: next('active+undersized', 'made on fewer OSDs than the pool wants'),
      new_interval: {
        target: 'creating+peering',
        reenter: true,
        description: 'its OSDs changed: they start anew',
      },
      unplaced: next('unknown', 'CRUSH finds no OSD for it'),
    },
    'peer',
  ),
  'creating+activating': pgState(
    'The new placement group is opened for I/O.',
    ['transient'],
    { done: next('active+clean', 'created'), fault: FAULT },
    'activate',
  ),
};

const PEERING: States = {
  peering: pgState(
    'The OSDs of the acting set agree on its history; requests wait.',
    ['transient'],
    {
      ...PEERED,
      new_interval: {
        target: 'peering',
        reenter: true,
        description: 'its OSDs changed again: they start anew',
      },
    },
    'peer',
  ),
  'remapped+peering': pgState(
    'Peering with an acting set that CRUSH does not want in the end.',
    ['transient'],
    {
      ...PEERED,
      new_interval_remapped: {
        target: 'remapped+peering',
        reenter: true,
        description: 'its OSDs changed again: they start anew',
      },
    },
    'peer',
  ),
};

/** Opening for I/O after peering: each combination of flags leads to its own active state. */
function activating(flags: string, then: string, why: string): States {
  return {
    [`activating${flags}`]: pgState(
      'Peered; the copies make the agreed history theirs.',
      ['transient'],
      { done: next(then, why), fault: FAULT },
      'activate',
    ),
  };
}

const ACTIVATING: States = {
  ...activating('', 'active+clean', 'every copy is complete'),
  ...activating('+degraded', 'active+recovery_wait+degraded', 'missing writes are to be copied'),
  ...activating('+undersized', 'active+undersized', 'it is empty: nothing is degraded'),
  ...activating('+undersized+degraded', 'active+undersized+degraded', 'it works with fewer copies'),
  ...activating('+remapped', 'active+remapped+backfill_wait', 'new OSDs are to be filled'),
  ...activating(
    '+degraded+remapped',
    'active+recovery_wait+degraded+remapped',
    'missing writes first, then new OSDs',
  ),
  ...activating(
    '+undersized+degraded+remapped',
    'active+undersized+degraded+remapped+backfill_wait',
    'new OSDs are to be filled',
  ),
};

const PREEMPTED = 'a placement group that needs it more takes its slots';
/** A slot was just granted, and is taken away again. */
const again = (target: string): Transitions => ({ target, reenter: true, description: PREEMPTED });

/** Copying missing writes (by the log) while the placement group is active. */
function recovery(flags: string, then: string): States {
  const order = flags.replace('+remapped', '');
  const remapped = flags.includes('+remapped') ? '+remapped' : '';
  const name = (phase: string) => `active+${phase}${order}+degraded${remapped}`;
  return {
    [name('recovery_wait')]: pgState(
      'Waits for a slot of osd_max_backfills on its OSDs.',
      ['transient', ...ACTIVE],
      {
        done: next(name('recovering'), 'its OSDs have a free slot'),
        preempted: again(name('recovery_wait')),
        fault: FAULT,
      },
      'reserve_recovery',
    ),
    [name('recovering')]: pgState(
      'Objects that lack recent writes are copied.',
      ['transient', ...ACTIVE],
      {
        done: next(then, 'every object is up to date'),
        preempted: next(name('recovery_wait'), PREEMPTED),
        toofull: next(name('recovery_wait'), 'a target is above backfillfull_ratio'),
        fault: FAULT,
      },
      'recover',
    ),
  };
}

const WAIT = 'active+remapped+backfill_wait';
const UNDERSIZED_WAIT = 'active+undersized+degraded+remapped+backfill_wait';

const RECOVERY: States = {
  ...recovery('', 'active+clean'),
  ...recovery('+undersized', 'active+undersized+degraded'),
  ...recovery('+remapped', WAIT),
  ...recovery('+undersized+remapped', UNDERSIZED_WAIT),
};

/** Copying whole placement groups to OSDs that have nothing of them. */
function backfill(
  prefix: string,
  suffix: string,
  tags: readonly Tag[],
  onWait: Readonly<Record<string, Transitions>>,
): States {
  const name = (phase: string) => `${prefix}+remapped+${phase}${suffix}`;
  return {
    [name('backfill_wait')]: pgState(
      'Waits for a slot of osd_max_backfills on its OSDs.',
      tags,
      {
        ...onWait,
        done: next(name('backfilling'), 'its OSDs have a free slot'),
        preempted: again(name('backfill_wait')),
        toofull: next(name('backfill_toofull'), 'a target is above backfillfull_ratio'),
        fault: FAULT,
      },
      'reserve_backfill',
    ),
    [name('backfilling')]: pgState(
      'Every object is copied to the new OSDs.',
      tags,
      {
        done: suffix
          ? next('peering', 'the new copies are complete: a new interval begins with them')
          : next('active+clean', 'the new copies are complete'),
        preempted: next(name('backfill_wait'), PREEMPTED),
        still_undersized: next(
          'peering',
          'the new copies are complete, others are missing: a new interval begins with what there is',
        ),
        toofull: next(name('backfill_toofull'), 'a target went above backfillfull_ratio'),
        fault: FAULT,
      },
      'backfill',
    ),
    [name('backfill_toofull')]: pgState(
      'A target has no room for it.',
      ['failed', ...tags.slice(1)],
      {
        retry: next(name('backfill_wait'), 'there may be room now (osd_backfill_retry_interval)'),
      },
    ),
  };
}

const BACKFILL: States = {
  ...backfill('active', '', ['transient', ...ACTIVE], {}),
  ...backfill('active+undersized+degraded', '', ['transient', ...ACTIVE], {
    need_recovery: next(
      'active+recovery_wait+undersized+degraded+remapped',
      'one of the copies lacks recent writes: it is brought up to date first',
    ),
  }),
  ...backfill('undersized+degraded', '+peered', ['transient'], {}),
};

const ACTIVE_STATES: States = {
  'active+clean': pgState('Every copy is where CRUSH wants it.', ['stable', ...ACTIVE], {
    scrub: next('active+clean+scrubbing', 'osd_scrub_min_interval is over'),
    deep_scrub: next('active+clean+scrubbing+deep', 'osd_deep_scrub_interval is over'),
  }),
  'active+undersized': pgState('Holds nothing yet, on too few OSDs.', ['failed', ...ACTIVE], {
    write: next('active+undersized+degraded', 'its first object has too few copies'),
  }),
  'active+undersized+degraded': pgState(
    'Works with fewer copies than the pool wants.',
    ['failed', ...ACTIVE],
    {
      need_recovery: next(
        'active+recovery_wait+undersized+degraded',
        'one of the copies lacks recent writes',
      ),
    },
  ),
  'active+clean+scrubbing': pgState(
    'Sizes and metadata of the copies are compared.',
    ['stable', ...ACTIVE],
    { done: next('active+clean', 'the copies agree'), fault: FAULT },
    'scrub',
  ),
  'active+clean+scrubbing+deep': pgState(
    'The copies are read and their checksums compared.',
    ['stable', ...ACTIVE],
    {
      done: next('active+clean', 'the copies agree'),
      inconsistent: next('active+clean+inconsistent', 'a copy differs from its checksum'),
      fault: FAULT,
    },
    'deep_scrub',
  ),
  'active+clean+inconsistent': pgState('A copy of an object is corrupt.', ['failed', ...ACTIVE], {
    repair: next('active+clean+scrubbing+deep+inconsistent+repair', 'ceph pg repair'),
  }),
  'active+clean+scrubbing+deep+inconsistent+repair': pgState(
    'The corrupt copy is replaced by a good one.',
    ['transient', ...ACTIVE],
    {
      done: next('active+clean', 'repaired'),
      fault: next('active+clean+inconsistent', 'no good copy was found'),
    },
    'repair',
  ),
};

const INACTIVE_STATES: States = {
  'undersized+degraded+peered': pgState(
    'Peered, but with fewer copies than min_size: requests wait.',
    ['failed'],
    {},
  ),
  down: pgState('Waits for a down OSD that may hold newer writes.', ['failed'], {}),
  incomplete: pgState(
    'No complete copy exists: its data is lost. An operator makes it anew, empty.',
    ['failed'],
    {
      done: next('creating', 'ceph osd force-create-pg; the data comes from a backup'),
      fault: next('unknown', 'it cannot be placed'),
      data_lost: {
        target: 'incomplete',
        description: 'the remaining OSDs of its history are lost too',
      },
    },
    'force_create',
  ),
};

const BASE: States = {
  ...CREATION,
  ...PEERING,
  ...ACTIVATING,
  ...ACTIVE_STATES,
  ...RECOVERY,
  ...BACKFILL,
  ...INACTIVE_STATES,
};

/** The states in which a primary reports, and can therefore stop reporting. */
const REPORTED = Object.keys(BASE).filter((name) => !/^(unknown|creating)/.test(name));

/** `stale`: the mgr has no fresh report, because the primary is down; the rest is the last report. */
function withStale(states: States): States {
  const all: States = {};
  for (const [name, state] of Object.entries(states)) {
    const stale: Readonly<Record<string, Transitions>> = REPORTED.includes(name)
      ? { stale: next(`stale+${name}`, 'its primary went down and nobody reports it yet') }
      : {};
    all[name] = { ...state, on: { ...state.on, ...stale } };
  }
  for (const name of REPORTED) {
    all[`stale+${name}`] = pgState(`Last reported ${name}; nobody reports it now.`, ['failed'], {
      report: next(name, 'its primary reports again in the same interval'),
    });
  }
  return all;
}

export const pg = defineKind({
  kind: 'pg',
  layer: 'sds',
  describes: 'A placement group: a shard of a pool, kept by the OSDs of its acting set.',
  source:
    'docs.ceph.com "Placement group states"; flags in the order of `ceph pg stat`; sequences of ' +
    'creation, OSD loss, recovery and scrub recorded with Ceph 16.2.15',
  ignores: [
    ...['done', 'fault', 'create', 'report', 'stale', 'new_interval', 'data_lost', 'unplaced'],
    ...['new_interval_remapped'],
    ...Object.keys(PEERED),
    ...['need_recovery', 'preempted', 'toofull', 'retry', 'still_undersized', 'write'],
    ...['scrub', 'deep_scrub', 'inconsistent', 'repair'],
  ],
  machine: { initial: 'unknown', states: withStale(BASE) },
});
