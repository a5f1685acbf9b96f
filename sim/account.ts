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
    for (const resource of RESOURCES) this.#lines.set(resource, newLine(since_s));
  }

  /** Changes what there is of a resource. */
  addCapacity(resource: Resource, amount: number): void {
    const line = this.#advance(resource);
    line.capacity += amount;
    note(line);
  }

  /** Changes what is used of it; negative amounts free. */
  use(resource: Resource, amount: number): void {
    const line = this.#advance(resource);
    line.used += amount;
    note(line);
  }

  usage(resource: Resource): Usage {
    const line = this.#advance(resource);
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

  #advance(resource: Resource): Line {
    const line = this.#lines.get(resource)!;
    const now = this.#now();
    line.usedSeconds += line.used * (now - line.at_s);
    line.capacitySeconds += line.capacity * (now - line.at_s);
    line.at_s = now;
    return line;
  }
}

interface Line {
  capacity: number;
  used: number;
  peakUsed: number;
  peakRatio: number;
  usedSeconds: number;
  capacitySeconds: number;
  at_s: number;
}

function newLine(at_s: number): Line {
  return {
    capacity: 0,
    used: 0,
    peakUsed: 0,
    peakRatio: 0,
    usedSeconds: 0,
    capacitySeconds: 0,
    at_s,
  };
}

function note(line: Line): void {
  if (line.used > line.peakUsed) line.peakUsed = line.used;
  const ratio = line.capacity > 0 ? line.used / line.capacity : 0;
  if (ratio > line.peakRatio) line.peakRatio = ratio;
}
