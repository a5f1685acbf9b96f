/** What an invariant may look at: the living entities, their states, edges and quantities. */
export interface StackView {
  /** Seconds since the start of the run. */
  readonly now_s: number;
  /** More is faulty now than the scenario's fault budget says the site must survive. */
  readonly beyondBudget: boolean;
  /** A mask over state numbers: 1 for states of the kind that match the pattern. */
  states(kind: string, pattern: string): Uint8Array;
  kindId(kind: string): number;
  /** How many entities of a kind there have been so far. */
  createdOf(kindId: number): number;
  kindOf(entity: number): number;
  /** State number of a living entity. */
  state(entity: number): number;
  nameOf(entity: number): string;
  stateName(entity: number): string;
  isServing(entity: number): boolean;
  isTransient(entity: number): boolean;
  /** When the entity entered its state, in seconds. */
  since_s(entity: number): number;
  /** Calls `visit` for each provider (dependent) of a kind. */
  eachProvider(entity: number, kindId: number, visit: (provider: number) => void): void;
  eachDependent(entity: number, kindId: number, visit: (dependent: number) => void): void;
  countProviders(entity: number, kindId: number): number;
  countServingProviders(entity: number, kindId: number): number;
  /** Edges into an entity along which it can be lost, whether each group holds. */
  unsatisfiedGroups(entity: number): number;
  /**
   * A quantity that a layer keeps for its entities, such as `hypervisor.vcpus_used`; NaN where the
   * world does not know it (a live world may not).
   */
  quantity(name: string): (entity: number) => number;
}
