/** Incidents the slow way: row by row with objects, from the definition. */
import type { Recording } from '../../engine/recording/recording.ts';
import type { Row } from '../../engine/recording/rows.ts';
import { FAULT_TARGETS } from '../../model/fault-targets.ts';

export interface SlowSpell {
  readonly entity: number;
  readonly start_s: number;
  end_s: number;
  /** Row of the origin. */
  readonly origin: number;
}

export interface SlowTroubles {
  readonly faults: readonly number[];
  readonly outages: readonly SlowSpell[];
  readonly impaired: readonly SlowSpell[];
}

interface Life {
  state: string;
  served: boolean;
  outage?: SlowSpell;
  impaired?: SlowSpell;
}

/** Troubles of a recording in which nothing ends as meant and nobody stands by. */
export function slowTroubles(recording: Recording): SlowTroubles {
  const info = new Map(recording.states.map((state) => [state.name, state]));
  const lives = new Map<number, Life>();
  const origins: (number | undefined)[] = [];
  const result = {
    faults: [] as number[],
    outages: [] as SlowSpell[],
    impaired: [] as SlowSpell[],
  };
  for (let i = 0; i < recording.rows; i++) {
    const row = recording.row(i);
    if (row.event === 'keyframe' || row.event.startsWith('metric:')) continue;
    const life = lives.get(row.entity) ?? { state: row.to, served: false };
    lives.set(row.entity, life);
    const inherited = row.cause < 0 ? undefined : origins[row.cause];
    if (row.event === 'linked' || row.event === 'unlinked') {
      origins[i] = inherited;
      continue;
    }
    origins[i] = inherited ?? originOf(row, life);
    if (row.event === 'removed') {
      end(life, 'outage', row.time_s);
      end(life, 'impaired', row.time_s);
    } else move(row, origins[i]!, life);
  }
  return result;

  function originOf(row: Row, life: Life): number {
    const to = info.get(row.to)!;
    const isMove = row.event !== 'created' && row.event !== 'removed';
    const injected = Object.values(FAULT_TARGETS).some(
      ({ kind, fail }) => kind === to.kind && fail === row.event,
    );
    const failed = to.class === 'failed' && info.get(row.from)!.class !== 'failed';
    if (isMove && (injected || failed)) {
      result.faults.push(row.row);
      return row.row;
    }
    const repairs = Object.values(FAULT_TARGETS).some(
      ({ kind, repair }) => kind === to.kind && repair === row.event,
    );
    if (isMove) {
      if (life.outage && (to.serving || repairs)) return life.outage.origin;
      if (life.impaired && to.serving && to.class === 'stable') return life.impaired.origin;
    }
    return row.row;
  }

  function move(row: Row, origin: number, life: Life): void {
    const to = info.get(row.to)!;
    const returned = life.outage;
    if (to.serving) {
      end(life, 'outage', row.time_s);
      if (to.class === 'stable') end(life, 'impaired', row.time_s);
      else if (!life.impaired && row.event !== 'created' && (returned || to.class === 'failed')) {
        life.impaired = spell(row, returned?.origin ?? origin, result.impaired);
      }
      life.served = true;
    } else if (life.served && !life.outage) {
      life.outage = spell(row, origin, result.outages);
    }
    life.state = row.to;
  }
}

function spell(row: Row, origin: number, all: SlowSpell[]): SlowSpell {
  const { entity, time_s } = row;
  const made = { entity, start_s: time_s, end_s: Number.POSITIVE_INFINITY, origin };
  all.push(made);
  return made;
}

function end(life: Life, what: 'outage' | 'impaired', time_s: number): void {
  const open = life[what];
  if (open) open.end_s = time_s;
  life[what] = undefined;
}
