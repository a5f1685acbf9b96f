/** Site-wide use and capacity of resources over time: exact time-weighted means and peaks. */

export const RESOURCES = [
  'vcpus',
  'memory_bytes',
  /** The compute hosts' own disks, as far as servers have their root disks there. */
  'disk_bytes',
  'storage_bytes',
  'pods',
  'power_w',
] as const;
export type Resource = (typeof RESOURCES)[number];

export interface Usage {
  readonly resource: Resource;
  readonly capacity: number;
  readonly used: number;
  readonly peakUsed: number;
  readonly meanUsed: number;
  /** Highest used / capacity seen, 0 while there was no capacity. */
  readonly peakRatio: number;
  readonly meanRatio: number;
}

export class Account {
  readonly #now: () => number;
  readonly #lines = new Map<Resource, Line>();
  readonly #since: number;

  /** `now` tells the time in seconds; means count from `since_s`. */
  constructor(now: () => number, since_s = 0) {
    this.#now = now;
    this.#since = since_s;
    for (const resource of RESOURCES) this.#lines.set(resource, new Line(now, since_s));
  }

  /** Changes what there is of a resource. */
  addCapacity(resource: Resource, amount: number): void {
    this.line(resource).addCapacity(amount);
  }

  /** Changes what is used of it; negative amounts free. */
  use(resource: Resource, amount: number): void {
    this.line(resource).use(amount);
  }

  /** The line of a resource, for those who change it often. */
  line(resource: Resource): Line {
    return this.#lines.get(resource)!;
  }

  usage(resource: Resource): Usage {
    const line = this.line(resource);
    line.advance();
    const elapsed_s = this.#now() - this.#since;
    return {
      resource,
      capacity: line.capacity,
      used: line.used,
      peakUsed: line.peakUsed,
      meanUsed: elapsed_s > 0 ? line.usedSeconds / elapsed_s : line.used,
      peakRatio: line.peakRatio,
      meanRatio: line.capacitySeconds > 0 ? line.usedSeconds / line.capacitySeconds : 0,
    };
  }
}

/** What there is and what is used of one resource, and both integrated over time. */
export class Line {
  capacity = 0;
  used = 0;
  peakUsed = 0;
  peakRatio = 0;
  usedSeconds = 0;
  capacitySeconds = 0;
  readonly #now: () => number;
  #at_s: number;

  constructor(now: () => number, at_s: number) {
    this.#now = now;
    this.#at_s = at_s;
  }

  addCapacity(amount: number): void {
    this.advance();
    this.capacity += amount;
    this.#notePeak();
  }

  use(amount: number): void {
    this.advance();
    this.used += amount;
    this.#notePeak();
  }

  /** Brings the integrals up to now. */
  advance(): void {
    const now = this.#now();
    this.usedSeconds += this.used * (now - this.#at_s);
    this.capacitySeconds += this.capacity * (now - this.#at_s);
    this.#at_s = now;
  }

  #notePeak(): void {
    if (this.used > this.peakUsed) this.peakUsed = this.used;
    const ratio = this.capacity > 0 ? this.used / this.capacity : 0;
    if (ratio > this.peakRatio) this.peakRatio = ratio;
  }
}
