/** Use and capacity of resources over time: exact time-weighted means and peaks. */

/** Those of the whole site. */
export const SITE_RESOURCES = [
  'vcpus',
  'memory_bytes',
  /** The compute hosts' own disks, as far as servers have their root disks there. */
  'disk_bytes',
  'storage_bytes',
  'power_w',
] as const;

/**
 * Those of each Kubernetes cluster: what the pods bound to its nodes request, in CPUs and bytes, and
 * how many they are, against what is allocatable on the nodes.
 */
export const CLUSTER_RESOURCES = ['cpu_requests', 'memory_requests_bytes', 'pods'] as const;

export type SiteResource = (typeof SITE_RESOURCES)[number];
export type ClusterResource = (typeof CLUSTER_RESOURCES)[number];
export type Resource = SiteResource | ClusterResource;

/** Lines count in such parts of a unit, so that sums are exact: CPUs as Kubernetes counts them. */
const PARTS: Partial<Record<Resource, number>> = { cpu_requests: 1000 };

export interface Usage {
  readonly resource: Resource;
  /** The Kubernetes cluster; undefined for a resource of the whole site. */
  readonly cluster?: string;
  readonly capacity: number;
  readonly used: number;
  readonly peakUsed: number;
  readonly meanUsed: number;
  /** Highest used / capacity that lasted, 0 while there was no capacity. */
  readonly peakRatio: number;
  /** What there was when that was so, since machines and nodes come and go, and what was free. */
  readonly peakCapacity: number;
  readonly headroom: number;
  readonly meanRatio: number;
}

export type ClusterLines = Readonly<Record<ClusterResource, Line>>;

export class Account {
  readonly #now: () => number;
  readonly #site: Readonly<Record<SiteResource, Line>>;
  readonly #clusters = new Map<string, ClusterLines>();
  readonly #since: number;

  /** `now` tells the time in seconds; means count from `since_s`. */
  constructor(now: () => number, since_s = 0) {
    this.#now = now;
    this.#since = since_s;
    this.#site = this.#linesOf(SITE_RESOURCES);
  }

  #linesOf<R extends Resource>(resources: readonly R[]): Readonly<Record<R, Line>> {
    const lines = resources.map((resource) => [resource, this.newLine()]);
    return Object.fromEntries(lines);
  }

  /** A line of the caller's own, beside those of the resources. */
  newLine(): Line {
    return new Line(this.#now, this.#since);
  }

  /** Changes what there is of a resource. */
  addCapacity(resource: SiteResource, amount: number): void {
    this.#site[resource].addCapacity(amount);
  }

  /** Changes what is used of it; negative amounts free. */
  use(resource: SiteResource, amount: number): void {
    this.#site[resource].use(amount);
  }

  /** The line of a resource, for those who change it often. */
  line(resource: SiteResource): Line {
    return this.#site[resource];
  }

  /** New lines for a cluster; CPUs are counted in thousandths. */
  addCluster(name: string): ClusterLines {
    const lines = this.#linesOf(CLUSTER_RESOURCES);
    this.#clusters.set(name, lines);
    return lines;
  }

  /** Every resource of the site, then those of each cluster. */
  usages(): Usage[] {
    const ofSite = SITE_RESOURCES.map((resource) => this.usage(resource));
    const ofClusters = CLUSTER_RESOURCES.map((resource) => this.clusterUsages(resource));
    const clusters = [...this.#clusters.keys()];
    return [...ofSite, ...clusters.flatMap((_, i) => ofClusters.map((usages) => usages[i]))];
  }

  usage(resource: SiteResource): Usage {
    return this.#usageOf(resource, this.#site[resource]);
  }

  /** The lines of every cluster, by its name. */
  get clusters(): ReadonlyMap<string, ClusterLines> {
    return this.#clusters;
  }

  /** A resource of every cluster. */
  clusterUsages(resource: ClusterResource): Usage[] {
    return [...this.#clusters].map(([cluster, lines]) => ({
      ...this.#usageOf(resource, lines[resource]),
      cluster,
    }));
  }

  /** What was used of a line on average, up to now. */
  meanOf(line: Line): number {
    line.settle();
    const elapsed_s = this.#now() - this.#since;
    return elapsed_s > 0 ? line.usedSeconds / elapsed_s : line.used;
  }

  #usageOf(resource: Resource, line: Line): Usage {
    const mean = this.meanOf(line);
    const parts = PARTS[resource] ?? 1;
    return {
      resource,
      capacity: line.capacity / parts,
      used: line.used / parts,
      peakUsed: line.peakUsed / parts,
      meanUsed: mean / parts,
      peakRatio: line.peakRatio,
      peakCapacity: (line.peakRatio > 0 ? line.peakCapacity : line.capacity) / parts,
      headroom: (line.peakRatio > 0 ? line.peakFree : line.capacity - line.peakUsed) / parts,
      meanRatio: line.capacitySeconds > 0 ? line.usedSeconds / line.capacitySeconds : 0,
    };
  }
}

/** When a ratio was first exceeded; NaN: never. */
export interface Mark {
  readonly ratio: number;
  first_s: number;
}

/** What there is and what is used of one resource, and both integrated over time. */
export class Line {
  capacity = 0;
  used = 0;
  peakUsed = 0;
  peakRatio = 0;
  /** When the ratio was highest. */
  peakCapacity = 0;
  peakFree = 0;
  usedSeconds = 0;
  capacitySeconds = 0;
  readonly #marks: Mark[] = [];
  readonly #now: () => number;
  #at_s: number;

  constructor(now: () => number, at_s: number) {
    this.#now = now;
    this.#at_s = at_s;
  }

  /** From now on it is noted when used / capacity is first above `ratio`. */
  mark(ratio: number): Mark {
    const mark = { ratio, first_s: Number.NaN };
    this.#marks.push(mark);
    return mark;
  }

  addCapacity(amount: number): void {
    this.advance();
    this.capacity += amount;
  }

  use(amount: number): void {
    this.advance();
    this.used += amount;
  }

  /**
   * Brings the integrals up to now. What lasted until now may have been a peak; what is only so
   * between two changes of one instant is not.
   */
  advance(): void {
    const now = this.#now();
    const elapsed_s = now - this.#at_s;
    if (elapsed_s === 0) return;
    this.usedSeconds += this.used * elapsed_s;
    this.capacitySeconds += this.capacity * elapsed_s;
    this.#notePeak();
    this.#at_s = now;
  }

  /** As `advance`; and what is so now counts, however long it has been so. */
  settle(): void {
    this.advance();
    this.#notePeak();
  }

  #notePeak(): void {
    if (this.used > this.peakUsed) this.peakUsed = this.used;
    const ratio = this.capacity > 0 ? this.used / this.capacity : 0;
    if (ratio > this.peakRatio) {
      this.peakRatio = ratio;
      this.peakCapacity = this.capacity;
      this.peakFree = this.capacity - this.used;
      this.#noteMarks();
    }
  }

  /** A ratio is first exceeded when there is a new peak, which began when the line last changed. */
  #noteMarks(): void {
    for (const mark of this.#marks) {
      if (this.peakRatio > mark.ratio && Number.isNaN(mark.first_s)) mark.first_s = this.#at_s;
    }
  }
}
