import { cephFault } from './faults.ts';

/**
 * Flags of a placement group (pg_state_string in osd/osd_types.cc) that say nothing of where it
 * is in its life: they come beside any state, and are kept in the observation's reason only.
 */
const ASIDE = [
  ...['forced_recovery', 'forced_backfill', 'recovery_unfound', 'backfill_unfound', 'premerge'],
  ...['snaptrim', 'snaptrim_wait', 'snaptrim_error', 'failed_repair', 'laggy', 'wait'],
];

/** Flags that the state is read from. */
const READ = [
  ...['stale', 'creating', 'active', 'activating', 'clean', 'recovery_wait', 'recovery_toofull'],
  ...['recovering', 'down', 'undersized', 'degraded', 'remapped', 'scrubbing', 'deep'],
  ...['inconsistent', 'peering', 'repair', 'backfill_wait', 'backfilling', 'backfill_toofull'],
  ...['incomplete', 'peered', 'unknown'],
];

export const PG_FLAGS: readonly string[] = [...READ, ...ASIDE];
const KNOWN = new Set(PG_FLAGS);

type Flags = ReadonlySet<string>;

/**
 * The state of the machine that real flags stand for. Ceph combines flags freely and the machine
 * has the combinations that a life consists of, so rarer ones fall to the one nearest by.
 */
export function pgState(text: string): string {
  const flags = new Set(text.split('+'));
  const strange = [...flags].find((flag) => !KNOWN.has(flag));
  if (strange !== undefined) {
    const what = `placement group state '${text.slice(0, 80)}'`;
    throw cephFault('CEPH_MALFORMED', what, { effect: 'none' });
  }
  const base = baseState(flags);
  // What no OSD has reported yet cannot have gone stale.
  return flags.has('stale') && !/^(unknown|creating)/.test(base) ? `stale+${base}` : base;
}

function baseState(flags: Flags): string {
  if (flags.has('unknown')) return 'unknown';
  if (flags.has('creating')) return creating(flags);
  if (flags.has('incomplete')) return 'incomplete';
  if (flags.has('down')) return 'down';
  if (flags.has('peering')) return flags.has('remapped') ? 'remapped+peering' : 'peering';
  if (flags.has('activating')) return `activating${lacks(flags)}`;
  if (flags.has('active')) return active(flags);
  return inactive(flags);
}

function creating(flags: Flags): string {
  if (flags.has('activating')) return 'creating+activating';
  const isAlone = !flags.has('peering') && !flags.has('down') && !flags.has('incomplete');
  return isAlone ? 'creating' : 'creating+peering';
}

/** What the acting set lacks: only one that holds nothing is undersized and not degraded. */
function lacks(flags: Flags): string {
  const { undersized, remapped } = has(flags, 'undersized', 'remapped');
  const degraded = flags.has('degraded') || (undersized && remapped);
  return join({ undersized, degraded, remapped });
}

function join(flags: Readonly<Record<string, boolean>>): string {
  return Object.entries(flags)
    .map(([name, isSet]) => (isSet ? `+${name}` : ''))
    .join('');
}

function active(flags: Flags): string {
  if (flags.has('recovering')) return recovery('recovering', flags);
  if (flags.has('recovery_wait') || flags.has('recovery_toofull')) {
    return recovery('recovery_wait', flags);
  }
  const phase = backfillPhase(flags);
  if (phase) return `active${backfill(phase, flags)}`;
  if (flags.has('clean')) return clean(flags);
  // Between two states: what comes next is already known.
  if (flags.has('remapped')) return `active${backfill('backfill_wait', flags)}`;
  if (flags.has('undersized'))
    return `active+undersized${join({ degraded: flags.has('degraded') })}`;
  return flags.has('degraded') ? recovery('recovery_wait', flags) : 'activating';
}

function recovery(phase: string, flags: Flags): string {
  const { undersized, remapped } = has(flags, 'undersized', 'remapped');
  return `active+${phase}${join({ undersized, degraded: true, remapped })}`;
}

function backfillPhase(flags: Flags): string | undefined {
  return ['backfill_toofull', 'backfilling', 'backfill_wait'].find((phase) => flags.has(phase));
}

function backfill(phase: string, flags: Flags): string {
  const undersized = flags.has('undersized');
  return `${join({ undersized, degraded: undersized })}+remapped+${phase}`;
}

function clean(flags: Flags): string {
  const { inconsistent, repair, deep, scrubbing } = has(
    flags,
    ...(['inconsistent', 'repair', 'deep', 'scrubbing'] as const),
  );
  if (inconsistent && repair) return 'active+clean+scrubbing+deep+inconsistent+repair';
  if (inconsistent) return 'active+clean+inconsistent';
  return scrubbing ? `active+clean+scrubbing${join({ deep })}` : 'active+clean';
}

function inactive(flags: Flags): string {
  const phase = backfillPhase(flags);
  return `undersized+degraded${phase ? `+remapped+${phase}` : ''}+peered`;
}

function has<const Name extends string>(flags: Flags, ...names: readonly Name[]) {
  return Object.fromEntries(names.map((name) => [name, flags.has(name)])) as Record<Name, boolean>;
}
