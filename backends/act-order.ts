/**
 * How acts on one entity stand to one another. By default each waits until the one before it has
 * settled: a call that is asked for while another is carried out may cut that one off. What is meant
 * to cut in, or need not wait, is said by the driver, as data.
 */
export interface ActOrder {
  /** By verb: those under way that it does not wait for, once they may have had an effect. */
  readonly interrupts?: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Verbs that only wait for what the system does by itself: nothing waits for them. */
  readonly waits?: readonly string[];
}

/** By kind; kinds that are left out have the default. */
export type ActOrders = Readonly<Record<string, ActOrder>>;

/** The same for several verbs. */
export function each<Under extends readonly string[] | 'all'>(
  verbs: readonly string[],
  under: Under,
): Readonly<Record<string, Under>> {
  return Object.fromEntries(verbs.map((verb) => [verb, under]));
}

/** Whether an act of `verb` may begin while one of `under` has not settled, which has acted or not. */
export function mayBegin(
  { interrupts = {}, waits = [] }: ActOrder,
  verb: string,
  under: { readonly verb: string; readonly hasActed: boolean },
): boolean {
  if (waits.includes(under.verb)) return true;
  const cutsInto = Object.hasOwn(interrupts, verb) ? interrupts[verb] : [];
  return under.hasActed && (cutsInto === 'all' || cutsInto.includes(under.verb));
}
