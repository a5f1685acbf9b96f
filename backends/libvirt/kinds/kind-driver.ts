import type { Action, Observation } from '../../../engine/contract.ts';
import type { ActOrder } from '../../act-order.ts';
import type { Attempt } from '../../driver.ts';
import { FaultError } from '../../fault.ts';
import type { CallOptions } from '../connection.ts';
import { libvirtFault } from '../faults.ts';

/** What the driver does for one kind of entity. */
export interface KindDriver {
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly order?: ActOrder;
  /** Carries a verb out; resolves when its effect can be observed. */
  perform(action: Action, attempt: Attempt): Promise<void>;
  /** What is there now; `absent` when nothing of that name is. */
  observe(name: string): Promise<Observation>;
  list(): Promise<readonly Observation[]>;
}

/** Options of a call that changes something: once it is sent, it may have. */
export function acting(attempt: Attempt): CallOptions {
  return { act: true, signal: attempt.signal, sent: () => attempt.effect('unknown') };
}

/** Splits `POOL/VOLUME` and `DOMAIN/SNAPSHOT`; only the second name may hold a slash. */
export function pairOf(name: string, form: string): readonly [string, string] {
  const slash = name.indexOf('/');
  if (slash > 0 && slash < name.length - 1) return [name.slice(0, slash), name.slice(slash + 1)];
  throw libvirtFault('LIBVIRT_BAD_PARAMS', `"${name}" is not of the form ${form}`);
}

/** Looks at each of a list; what went away since it was made is left out. */
export async function seenOf<T>(
  all: readonly T[],
  look: (each: T) => Promise<Observation>,
  unknown: ReadonlySet<number>,
): Promise<readonly Observation[]> {
  const looks = all.map((each) =>
    look(each).catch((cause) => {
      if (isUnknown(cause, unknown)) return undefined;
      throw cause;
    }),
  );
  return (await Promise.all(looks)).filter((seen) => seen !== undefined);
}

/** What is there no longer; the machines of volumes and snapshots call it `gone`. */
export function gone(kind: string, entity: string): Observation {
  return { kind, entity, state: 'absent', attributes: { event: 'gone' } };
}

/** Whether a call failed because libvirt knows nothing of that name (one of its error numbers). */
export function isUnknown(thrown: unknown, errors: ReadonlySet<number>): boolean {
  return (
    thrown instanceof FaultError && errors.has(Number.parseInt(thrown.fault.upstream ?? '', 10))
  );
}
