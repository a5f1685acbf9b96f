/** Finding entities by name. */
import { naturalOrder } from './slots.ts';

/**
 * Index of the names, lower case, `kind/name`. `find` returns the entities whose `kind/name` holds
 * every word of the query, names that begin with it first, then in natural order.
 */
export class NameIndex {
  private readonly names: readonly string[];

  /** `names[e]`: `kind/name` of entity e, empty for numbers that no entity has. */
  constructor(names: readonly string[]) {
    this.names = names.map((name) => name.toLowerCase());
  }

  find(query: string): number[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const whole = words.join(' ');
    if (words.length === 0) return [];
    const found: number[] = [];
    for (const [e, name] of this.names.entries()) {
      if (name !== '' && words.every((word) => name.includes(word))) found.push(e);
    }
    const rank = (e: number): number => {
      const name = this.names[e];
      if (name === whole || name.endsWith(`/${whole}`)) return 0;
      return name.includes(`/${words[0]}`) ? 1 : 2;
    };
    return found.sort((a, b) => rank(a) - rank(b) || naturalOrder(this.names[a], this.names[b]));
  }
}
