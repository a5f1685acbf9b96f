/** Makes a plausible recording of nine layers: a day of faults that travel up along the links. */
import { Recorder } from '../../engine/recording/recorder.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { EVENTS, KIND, MODEL, STATES, type SyntheticKind } from './synthetic-model.ts';

export interface SyntheticSize {
  readonly seed: number;
  readonly racks: number;
  readonly machinesPerRack: number;
  readonly disksPerMachine: number;
  readonly placementGroups: number;
  readonly serversPerMachine: number;
  readonly podsPerNode: number;
  readonly duration_s: number;
  /** Servers replaced over the whole time. */
  readonly churn: number;
}

export const SMALL: SyntheticSize = {
  seed: 1,
  racks: 4,
  machinesPerRack: 8,
  disksPerMachine: 4,
  placementGroups: 256,
  serversPerMachine: 5,
  podsPerNode: 3,
  duration_s: 86_400,
  churn: 120,
};

interface Entity {
  readonly id: number;
  readonly spec: SyntheticKind;
  state: string;
  lastRow: number;
  broken: boolean;
  /** Changes with every plan made for the entity, so that an outdated plan is recognised. */
  plan: number;
  alive: boolean;
  readonly providers: Entity[];
  readonly dependents: Entity[];
}

interface Due {
  readonly time_s: number;
  readonly sequence: number;
  readonly act: () => void;
}

export class SyntheticWorld {
  private readonly sink = new MemorySink();
  private readonly recorder: Recorder;
  private readonly queue: Due[] = [];
  private readonly entities: Entity[] = [];
  private readonly byName = new Map<string, Entity>();
  private readonly stateId = new Map(STATES.map((name, i) => [name, i]));
  private readonly eventId = new Map(EVENTS.map((name, i) => [name, i]));
  private time_s = 0;
  private sequence = 0;
  private random: number;

  constructor(seed: number) {
    this.random = seed >>> 0;
    const metadata = {
      scenario: 'synthetic-cloud',
      seed: String(seed),
      mode: 'simulated',
      profile: 'datacenter',
      parameters: {},
      model: MODEL,
    } as const;
    this.recorder = new Recorder({ metadata, states: STATES, events: EVENTS }, this.sink);
  }

  /** A number in 0..1 (mulberry32). */
  draw(): number {
    this.random = (this.random + 0x6d2b79f5) >>> 0;
    let t = this.random;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  create(kind: string, name: string, providers: readonly Entity[], cause = -1): Entity {
    const spec = KIND.get(kind)!;
    const state = spec.boot[0] ?? spec.serve;
    const entity: Entity = {
      id: this.entities.length,
      spec,
      state,
      lastRow: -1,
      broken: false,
      plan: 0,
      alive: true,
      providers: [...providers],
      dependents: [],
    };
    this.entities.push(entity);
    this.byName.set(`${kind}/${name}`, entity);
    const id = this.idOf(entity);
    entity.lastRow = this.recorder.appendWithDetail(
      this.time_s,
      entity.id,
      id,
      this.eventId.get('created')!,
      id,
      cause,
      name,
    );
    for (const provider of providers) {
      provider.dependents.push(entity);
      this.recorder.appendWithValue(
        this.time_s,
        entity.id,
        id,
        this.eventId.get('linked')!,
        id,
        entity.lastRow,
        provider.id,
      );
    }
    this.rise(entity, spec.boot.slice(1), entity.lastRow, 'progressed');
    return entity;
  }

  entity(name: string): Entity {
    return this.byName.get(name)!;
  }

  at(time_s: number, act: () => void): void {
    const due = { time_s, sequence: this.sequence++, act };
    let i = this.queue.push(due) - 1;
    while (i > 0 && before(due, this.queue[(i - 1) >> 1])) {
      this.queue[i] = this.queue[(i - 1) >> 1];
      i = (i - 1) >> 1;
    }
    this.queue[i] = due;
  }

  /** Breaks an entity, if the site has one of that name. */
  fail(name: string): void {
    const entity = this.byName.get(name);
    if (!entity) return;
    entity.broken = true;
    entity.plan++;
    this.enter(entity, 'fail', entity.spec.lost, -1);
  }

  repair(name: string): void {
    const entity = this.byName.get(name);
    if (!entity) return;
    entity.broken = false;
    const up = entity.spec.back;
    this.rise(entity, up, -1, 'repair');
  }

  remove(entity: Entity): void {
    if (!entity.alive) return;
    entity.plan++;
    this.enter(entity, 'delete', 'deleting', -1);
    this.later(1.7, entity, () => {
      entity.alive = false;
      const id = this.idOf(entity);
      this.recorder.append(
        this.time_s,
        entity.id,
        id,
        this.eventId.get('removed')!,
        id,
        entity.lastRow,
      );
      for (const d of [...entity.dependents]) if (d.alive) this.remove(d);
      for (const p of entity.providers) p.dependents.splice(p.dependents.indexOf(entity), 1);
    });
  }

  metric(name: string, event: string, value: number): void {
    const entity = this.entity(name);
    const id = this.idOf(entity);
    this.recorder.appendWithValue(
      this.time_s,
      entity.id,
      id,
      this.eventId.get(event)!,
      id,
      -1,
      value,
    );
  }

  run(until_s: number): void {
    while (this.queue.length > 0 && this.queue[0].time_s <= until_s) {
      const due = this.pop();
      this.time_s = due.time_s;
      due.act();
      if (this.recorder.keyframeDue(this.entities.length)) this.keyframe();
    }
    this.time_s = until_s;
  }

  finish(): Uint8Array {
    this.keyframe();
    this.recorder.close();
    return this.sink.bytes();
  }

  private keyframe(): void {
    this.recorder.keyframe(this.time_s, (add) => {
      for (const e of this.entities) if (e.alive) add(e.id, this.idOf(e), e.lastRow);
    });
  }

  private pop(): Due {
    const top = this.queue[0];
    const last = this.queue.pop()!;
    if (this.queue.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.queue.length) break;
      if (child + 1 < this.queue.length && before(this.queue[child + 1], this.queue[child]))
        child++;
      if (!before(this.queue[child], last)) break;
      this.queue[i] = this.queue[child];
      i = child;
    }
    this.queue[i] = last;
    return top;
  }

  private idOf(entity: Entity): number {
    return this.stateId.get(`${entity.spec.kind}/${entity.state}`)!;
  }

  /** Something between half and twice the median. */
  private about(median_s: number): number {
    return median_s * 2 ** (2 * this.draw() - 1);
  }

  private later(median_s: number, entity: Entity, act: () => void): void {
    const plan = entity.plan;
    this.at(this.time_s + this.about(median_s), () => {
      if (entity.alive && entity.plan === plan) act();
    });
  }

  private enter(entity: Entity, event: string, state: string, cause: number): void {
    const served = this.serves(entity);
    const from = this.idOf(entity);
    entity.state = state;
    entity.lastRow = this.recorder.append(
      this.time_s,
      entity.id,
      from,
      this.eventId.get(event)!,
      this.idOf(entity),
      cause,
    );
    const serves = this.serves(entity);
    if (served === serves) return;
    for (const dependent of entity.dependents) {
      if (serves) this.considerReturn(dependent, entity.lastRow);
      else this.considerLoss(dependent, entity.lastRow);
    }
  }

  private serves(entity: Entity): boolean {
    return entity.state === entity.spec.serve || entity.spec.servesWhenLost === true;
  }

  private suppliesMet(entity: Entity): boolean {
    const { all = [], any = [] } = entity.spec;
    const ok = (kind: string) => entity.providers.filter((p) => p.spec.kind === kind);
    return (
      all.every((kind) => ok(kind).every((p) => p.alive && this.serves(p))) &&
      any.every((kind) => ok(kind).length === 0 || ok(kind).some((p) => p.alive && this.serves(p)))
    );
  }

  private considerLoss(entity: Entity, cause: number): void {
    if (['deleting', entity.spec.lost].includes(entity.state) || this.suppliesMet(entity)) return;
    entity.plan++;
    this.later(entity.spec.notice_s, entity, () => {
      if (!this.suppliesMet(entity)) this.enter(entity, 'lost', entity.spec.lost, cause);
    });
  }

  private considerReturn(entity: Entity, cause: number): void {
    if (
      entity.broken ||
      !entity.alive ||
      entity.state === entity.spec.serve ||
      entity.state === 'deleting'
    )
      return;
    if (!this.suppliesMet(entity)) return;
    const waitsAtStart = entity.lastRow >= 0 && entity.spec.boot.includes(entity.state);
    entity.plan++;
    const way = waitsAtStart
      ? entity.spec.boot.slice(entity.spec.boot.indexOf(entity.state) + 1)
      : entity.spec.back;
    this.rise(entity, way, cause, waitsAtStart ? 'progressed' : 'restored');
  }

  /** Goes through `states` to serving, as long as what it needs is there. */
  private rise(entity: Entity, states: readonly string[], cause: number, event: string): void {
    if (entity.state === entity.spec.serve || !this.suppliesMet(entity)) return;
    const next = states[0] ?? entity.spec.serve;
    this.later(entity.spec.step_s, entity, () => {
      if (!this.suppliesMet(entity)) return;
      this.enter(entity, event, next, cause);
      this.rise(entity, states.slice(1), entity.lastRow, 'progressed');
    });
  }
}

const before = (a: Due, b: Due): boolean =>
  a.time_s < b.time_s || (a.time_s === b.time_s && a.sequence < b.sequence);
