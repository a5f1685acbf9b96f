import { grown } from '../grow.ts';

/** What is known of a spell beside its times, as bits. */
export const SPELL = {
  /** The entity was in a failed state meanwhile. */
  failed: 1,
  /** It began with a failure, or because something that the entity needs went away. */
  lost: 2,
  /** It ended with the removal of the entity. */
  removed: 4,
  /** It began with a fault of the entity itself. */
  own: 8,
  /** It began because it was asked of the entity itself. */
  asked: 16,
} as const;

/** Stretches of time of entities (out of service, or impaired), one a row, by their start. */
export class SpellTable {
  count = 0;
  entity = new Uint32Array(256);
  start_s = new Float64Array(256);
  /** Infinity while the recording does not show the end. */
  end_s = new Float64Array(256);
  /** Number of the origin that it is put down to. */
  origin = new Int32Array(256);
  flags = new Uint8Array(256);

  open(entity: number, start_s: number, origin: number, flags: number): number {
    const spell = this.count++;
    if (spell === this.entity.length) this.grow(2 * spell);
    this.entity[spell] = entity;
    this.start_s[spell] = start_s;
    this.end_s[spell] = Number.POSITIVE_INFINITY;
    this.origin[spell] = origin;
    this.flags[spell] = flags;
    return spell;
  }

  has(spell: number, flag: number): boolean {
    return (this.flags[spell] & flag) !== 0;
  }

  private grow(capacity: number): void {
    this.entity = grown(this.entity, capacity);
    this.start_s = grown(this.start_s, capacity);
    this.end_s = grown(this.end_s, capacity);
    this.origin = grown(this.origin, capacity);
    this.flags = grown(this.flags, capacity);
  }
}
