import type { Replica } from '../ovsdb/replica.ts';
import type { SbShape } from './shape.ts';

/**
 * Which ovn-controllers do not follow. Whoever changes something counts `nb_cfg` up, and each
 * controller writes the count that it has carried out to its own Chassis_Private row (ovn-sb(5)); one
 * that stays behind for `silent_s` is silent, as neutron judges its agents. Nothing is learnt while
 * nobody counts; nothing here writes.
 */
export class Liveness {
  readonly #southbound: Replica<SbShape>;
  readonly #silent_s: number;
  readonly #now_s: () => number;
  readonly #onChange: (chassis: readonly string[]) => void;
  /** Chassis that are behind: with which count, and since when. */
  readonly #behind = new Map<string, { nb_cfg: number; since_s: number }>();
  #silent = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(
    southbound: Replica<SbShape>,
    silent_s: number,
    onChange: (chassis: readonly string[]) => void,
    now_s: () => number = () => performance.now() / 1000,
  ) {
    this.#southbound = southbound;
    this.#silent_s = silent_s;
    this.#onChange = onChange;
    this.#now_s = now_s;
  }

  isSilent(chassis: string): boolean {
    return this.#silent.has(chassis);
  }

  /** To be called when the southbound database changed. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const now_s = this.#now_s();
    const [global] = [...this.#southbound.rows('SB_Global')];
    const wanted = global?.nb_cfg ?? 0;
    const there = new Set<string>();
    for (const { name, nb_cfg } of this.#southbound.rows('Chassis_Private')) {
      there.add(name);
      if (nb_cfg >= wanted) this.#behind.delete(name);
      else if (this.#behind.get(name)?.nb_cfg !== nb_cfg) {
        this.#behind.set(name, { nb_cfg, since_s: now_s });
      }
    }
    for (const name of this.#behind.keys()) if (!there.has(name)) this.#behind.delete(name);
    this.#judge(now_s);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #judge(now_s: number): void {
    const silent = new Set<string>();
    let next_s = Number.POSITIVE_INFINITY;
    for (const [name, { since_s }] of this.#behind) {
      const left_s = since_s + this.#silent_s - now_s;
      if (left_s <= 0) silent.add(name);
      else next_s = Math.min(next_s, left_s);
    }
    const before = this.#silent;
    this.#silent = silent;
    if (Number.isFinite(next_s)) {
      this.#timer = setTimeout(() => this.look(), Math.ceil(next_s * 1000));
    }
    const changed = [...before, ...silent].filter((name) => before.has(name) !== silent.has(name));
    if (changed.length > 0) this.#onChange(changed);
  }
}
