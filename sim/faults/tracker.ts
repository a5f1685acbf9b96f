/**
 * Counts what is faulty or away for maintenance now, by class and by rack, and holds it against the
 * scenario's fault budget: what the site is meant to survive. What took copies of data with it counts
 * until they have been made again, as they are missed until then. Beyond the budget an objective may fail with reason.
 */
import type { FaultTarget } from '../../model/scenario.ts';

export type BudgetClass = FaultTarget | 'rack';

/** A stretch of time in which more of a class was faulty than the budget allows. */
export interface BudgetExcess {
  readonly class: BudgetClass;
  readonly from_s: number;
  /** Infinity while it lasts. */
  to_s: number;
  worst: number;
  readonly budget: number;
}

export class FaultTracker {
  readonly #budget: Readonly<Partial<Record<BudgetClass, number>>>;
  readonly #faulty = new Map<BudgetClass, number>();
  readonly #byRack = new Map<string, number>();
  readonly #open = new Map<BudgetClass, BudgetExcess>();
  readonly excesses: BudgetExcess[] = [];
  readonly #healing: { readonly target: FaultTarget; readonly rack: string }[] = [];
  injected = 0;

  constructor(budget: Readonly<Partial<Record<BudgetClass, number>>>) {
    this.#budget = budget;
  }

  /** Whether one more fault of this class in this rack stays within the budget. */
  allows(target: FaultTarget, rack: string): boolean {
    const ofClass = this.#budget[target] ?? Number.POSITIVE_INFINITY;
    if (this.faulty(target) + 1 > ofClass) return false;
    const racks = this.#budget.rack ?? Number.POSITIVE_INFINITY;
    return rack === '' || this.#byRack.has(rack) || this.#byRack.size + 1 <= racks;
  }

  failed(target: FaultTarget, rack: string, now_s: number): void {
    this.injected++;
    this.taken(target, rack, now_s);
  }

  /** A component is missing on purpose; `repaired` when it is back. */
  taken(target: FaultTarget, rack: string, now_s: number): void {
    this.#faulty.set(target, this.faulty(target) + 1);
    if (rack) this.#byRack.set(rack, (this.#byRack.get(rack) ?? 0) + 1);
    this.#settle(target, now_s);
    this.#settle('rack', now_s);
  }

  /** Repaired, but the copies that it took are not all there again: it counts until `whole`. */
  healing(target: FaultTarget, rack: string): void {
    this.#healing.push({ target, rack });
  }

  /** All data has all of its copies. */
  whole(now_s: number): void {
    for (const { target, rack } of this.#healing.splice(0)) this.repaired(target, rack, now_s);
  }

  repaired(target: FaultTarget, rack: string, now_s: number): void {
    this.#faulty.set(target, this.faulty(target) - 1);
    const left = (this.#byRack.get(rack) ?? 1) - 1;
    if (left > 0) this.#byRack.set(rack, left);
    else this.#byRack.delete(rack);
    this.#settle(target, now_s);
    this.#settle('rack', now_s);
  }

  /** Components of a class that are faulty now; for `rack`, racks with any faulty component. */
  faulty(of: BudgetClass): number {
    return of === 'rack' ? this.#byRack.size : (this.#faulty.get(of) ?? 0);
  }

  /** Whether more is faulty now than the site is meant to survive. */
  get exceeded(): boolean {
    return this.#open.size > 0;
  }

  #settle(of: BudgetClass, now_s: number): void {
    const budget = this.#budget[of];
    if (budget === undefined) return;
    const faulty = this.faulty(of);
    const open = this.#open.get(of);
    if (open) {
      open.worst = Math.max(open.worst, faulty);
      if (faulty > budget) return;
      open.to_s = now_s;
      this.#open.delete(of);
      // One fault ending at the very instant at which another begins is no excess.
      if (open.from_s === now_s) this.excesses.splice(this.excesses.indexOf(open), 1);
    } else if (faulty > budget) {
      const to_s = Number.POSITIVE_INFINITY;
      const excess = { class: of, from_s: now_s, to_s, worst: faulty, budget };
      this.#open.set(of, excess);
      this.excesses.push(excess);
    }
  }
}
