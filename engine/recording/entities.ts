import { ROLE } from './format.ts';
import type { RecordedRows } from './rows.ts';

export interface Entity {
  readonly number: number;
  /** Unique within its kind at any one time. */
  readonly name: string;
  readonly kind: string;
  readonly layer: string;
  /** Row that created it, or -1. */
  readonly createdRow: number;
  /** Row that removed it, or -1 if it was there at the end. */
  readonly removedRow: number;
}

/** Everything that ever existed in a recording, gathered in one pass. */
export class EntityTable {
  readonly count: number;
  /** By entity number; -1 for none. */
  readonly createdRow: Int32Array;
  readonly removedRow: Int32Array;
  /** A state of the entity, which tells its kind; -1 for numbers never used. */
  private readonly aState: Int32Array;
  private readonly recording: RecordedRows;
  private numbersByName: Map<string, number[]> | undefined;

  constructor(recording: RecordedRows) {
    this.recording = recording;
    this.count = recording.entityCount;
    this.createdRow = new Int32Array(this.count).fill(-1);
    this.removedRow = new Int32Array(this.count).fill(-1);
    this.aState = new Int32Array(this.count).fill(-1);
    for (const { entity, event, to, length, firstRow } of recording.batches) {
      for (let i = 0; i < length; i++) {
        const role = recording.roles[event[i]];
        if (role === ROLE.created) this.createdRow[entity[i]] = firstRow + i;
        else if (role === ROLE.removed) this.removedRow[entity[i]] = firstRow + i;
        this.aState[entity[i]] = to[i];
      }
    }
  }

  /** Whether any row is about this number. */
  has(entity: number): boolean {
    return this.aState[entity] >= 0;
  }

  get(entity: number): Entity {
    const { kind, layer } = this.recording.states[this.aState[entity]];
    const createdRow = this.createdRow[entity];
    const removedRow = this.removedRow[entity];
    return { number: entity, name: this.name(entity), kind, layer, createdRow, removedRow };
  }

  /** The name from the creation row; `#NUMBER` for an entity whose creation was not recorded. */
  name(entity: number): string {
    const row = this.createdRow[entity];
    return row < 0 ? `#${entity}` : this.recording.detail(row);
  }

  kind(entity: number): string {
    return this.recording.states[this.aState[entity]].kind;
  }

  layer(entity: number): string {
    return this.recording.states[this.aState[entity]].layer;
  }

  /** All names with the numbers of the entities that bore them, in the order of creation. */
  byName(): ReadonlyMap<string, readonly number[]> {
    if (this.numbersByName === undefined) {
      this.numbersByName = new Map();
      for (const entity of this.numbers()) {
        const name = this.name(entity);
        const same = this.numbersByName.get(name);
        if (same === undefined) this.numbersByName.set(name, [entity]);
        else same.push(entity);
      }
    }
    return this.numbersByName;
  }

  /** Numbers of all entities, ascending. */
  *numbers(): Generator<number> {
    for (let entity = 0; entity < this.count; entity++) if (this.has(entity)) yield entity;
  }
}
