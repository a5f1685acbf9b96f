import { type ZodType, z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { untilSettled } from '../await-state.ts';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { cephFault } from './faults.ts';
import type { Args, Session } from './session.ts';

/** What a verb is carried out with. */
export interface VerbContext {
  readonly session: Session;
  /** The entity. */
  readonly name: string;
  readonly attempt: Attempt;
  /** What the verb is given. Throws CEPH_BAD_PARAMS, CEPH_NOT_CONFIRMED. */
  read<P>(schema: ZodType<P>): P;
  /** What the entity is now. */
  look(signal: AbortSignal): Promise<Observation>;
  /** Tells of a state that only we know of, such as `resizing`. */
  tell(state: string): void;
}

/** Carries a verb out; resolves with what is seen when its effect is. */
export type Verb = (context: VerbContext) => Promise<Observation>;

export type Verbs = Readonly<Record<string, Verb>>;

/** A mon command: its prefix and its parameters. */
export type Command = readonly [prefix: string, args: Args, how?: CommandHow];

export interface CommandHow {
  /** It changes nothing: it only refuses. */
  readonly isCheck?: true;
  /** It is answered by the manager. */
  readonly mgr?: true;
}

/** Of verbs that take no parameters. */
export const nothing = z.object({});

const confirmation = z.literal(true).describe('That you know that this destroys data.');
/** Ceph's own words for it; a verb that takes one of them is not carried out without. */
export const CONFIRMATIONS = {
  yes_i_really_mean_it: confirmation,
  yes_i_really_really_mean_it: confirmation,
} as const;

export interface MonVerb<P> {
  readonly params: ZodType<P>;
  readonly commands: (name: string, params: P) => readonly Command[];
  /** Whether the effect is seen; `before` is what was seen first, of a verb that `compares`. */
  readonly settled: (seen: Observation, params: P, before: Observation | undefined) => boolean;
  readonly compares?: true;
  /** Ceph answers success for what is not there. */
  readonly isSilent?: true;
}

const LOOK_EVERY_S = 0.2;

/** A verb that is one or a few mon commands. */
export function monVerb<P>(spec: MonVerb<P>): Verb {
  return async (context) => {
    const { name, attempt } = context;
    const params = context.read(spec.params);
    const before = spec.compares || spec.isSilent ? await context.look(attempt.signal) : undefined;
    if (spec.isSilent && before && isGone(before)) throw cephFault('CEPH_UNKNOWN', name);
    await give(spec.commands(name, params), context);
    return settle(context, (seen) => spec.settled(seen, params, before));
  };
}

export const ABSENT = 'absent';
export const isGone = (seen: Observation): boolean => seen.state === ABSENT;
export const isThere = (seen: Observation): boolean => seen.state !== ABSENT;

/** Looks until the effect is seen. */
export async function settle(
  { look, attempt }: VerbContext,
  settled: (seen: Observation) => boolean,
): Promise<Observation> {
  const seen = await untilSettled(look, settled, LOOK_EVERY_S, attempt.signal);
  attempt.effect('done');
  return seen;
}

async function give(
  commands: readonly Command[],
  { session, attempt }: VerbContext,
): Promise<void> {
  let isBegun = false;
  for (const [prefix, args, { isCheck, mgr } = {}] of commands) {
    try {
      const { signal } = attempt;
      await session.mon(prefix, args, isCheck ? { signal, mgr } : { act: attempt, mgr });
      isBegun ||= !isCheck;
    } catch (thrown) {
      // What was refused had no effect; what was done before it had.
      if (!isBegun || !(thrown instanceof FaultError)) throw thrown;
      throw new FaultError({ ...thrown.fault, effect: 'unknown' });
    }
  }
}
