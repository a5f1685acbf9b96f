/**
 * CRUSH maps as Ceph's own tools print them in JSON: `crushtool --dump`, `ceph osd crush dump`.
 */
import { CrushError } from './errors.ts';
import {
  type ChooseOp,
  type CrushBucket,
  type CrushMap,
  type CrushRule,
  type CrushSource,
  type CrushStep,
  type CrushTunables,
  compileCrushMap,
  type SetOp,
} from './map.ts';

/** The parts of the dump that placement depends on. */
export interface CrushtoolJson {
  readonly devices: readonly {
    readonly id: number;
    readonly name: string;
    readonly class?: string;
  }[];
  readonly types: readonly { readonly type_id: number; readonly name: string }[];
  readonly buckets: readonly {
    readonly id: number;
    readonly name: string;
    readonly type_id: number;
    readonly alg: string;
    readonly hash: string;
    readonly items: readonly { readonly id: number; readonly weight: number }[];
  }[];
  readonly rules: readonly {
    readonly rule_id: number;
    readonly rule_name: string;
    /** 1 replicated, 3 erasure. */
    readonly type: number;
    readonly min_size?: number;
    readonly max_size?: number;
    readonly steps: readonly CrushtoolStep[];
  }[];
  readonly tunables: CrushTunables & {
    readonly choose_local_tries?: number;
    readonly choose_local_fallback_tries?: number;
  };
  readonly choose_args?: Readonly<Record<string, unknown>>;
}

interface CrushtoolStep {
  readonly op?: string;
  readonly item?: number;
  readonly num?: number;
  readonly type?: string;
  /** Steps that the dump has no name for. */
  readonly opcode?: number;
  readonly arg1?: number;
}

const CHOOSE_OPS: ReadonlySet<string> = new Set<ChooseOp>([
  'choose_firstn',
  'chooseleaf_firstn',
  'choose_indep',
  'chooseleaf_indep',
]);
const SET_OPS: ReadonlySet<string> = new Set<SetOp>(['set_choose_tries', 'set_chooseleaf_tries']);
/** Numbers of the settings that Ceph 16 dumps as a bare `opcode` with `arg1`. */
const SET_OPCODES: ReadonlyMap<number | undefined, SetOp> = new Map<number, SetOp>([
  [12, 'set_chooseleaf_vary_r'],
  [13, 'set_chooseleaf_stable'],
]);

/** Sizes that a rule without limits (Ceph 17 and later) takes. */
const ANY_SIZE = { min: 1, max: 0x7fffffff };

function unsupported(what: string, advice: string): CrushError {
  return new CrushError('CRUSH_UNSUPPORTED', `${what} is not simulated: ${advice}`);
}

function toBucket(bucket: CrushtoolJson['buckets'][number]): CrushBucket {
  if (bucket.alg !== 'straw2') {
    throw unsupported(
      `bucket ${bucket.name} with algorithm ${bucket.alg}`,
      'convert it with `ceph osd crush set-all-straw-buckets-to-straw2`',
    );
  }
  if (bucket.hash !== 'rjenkins1') {
    throw unsupported(`bucket ${bucket.name} with hash ${bucket.hash}`, 'use rjenkins1');
  }
  return {
    id: bucket.id,
    name: bucket.name,
    type: bucket.type_id,
    items: bucket.items.map(({ id, weight }) => ({ id, weight })),
  };
}

function toStep(step: CrushtoolStep, rule: string, types: Record<string, number>): CrushStep {
  if (step.op === 'emit') return { op: 'emit' };
  if (step.op === 'take' && step.item !== undefined) return { op: 'take', item: step.item };
  const setOp = SET_OPCODES.get(step.opcode);
  if (setOp !== undefined && step.arg1 !== undefined) return { op: setOp, num: step.arg1 };
  const op = step.op ?? '';
  if (SET_OPS.has(op) && step.num !== undefined) return { op: op as SetOp, num: step.num };
  if (CHOOSE_OPS.has(op) && step.num !== undefined && step.type !== undefined) {
    const type = types[step.type];
    if (type === undefined) {
      throw new CrushError(
        'CRUSH_UNKNOWN_TYPE',
        `rule ${rule} chooses items of type ${step.type}, which this map does not define`,
      );
    }
    return { op: op as ChooseOp, num: step.num, type };
  }
  throw unsupported(`step ${JSON.stringify(step)} of rule ${rule}`, 'use take, choose, emit, set');
}

function toRule(rule: CrushtoolJson['rules'][number], types: Record<string, number>): CrushRule {
  return {
    id: rule.rule_id,
    name: rule.rule_name,
    type: rule.type === 3 ? 'erasure' : 'replicated',
    min_size: rule.min_size ?? ANY_SIZE.min,
    max_size: rule.max_size ?? ANY_SIZE.max,
    steps: rule.steps.map((step) => toStep(step, rule.rule_name, types)),
  };
}

/**
 * Reads the parsed JSON of a CRUSH map.
 *
 * @throws {CrushError} CRUSH_UNSUPPORTED for what places differently here (other bucket algorithms,
 *   weight sets, local retries), and the errors of {@link compileCrushMap}
 */
export function crushMapFromCrushtool(json: CrushtoolJson): CrushMap {
  const { tunables } = json;
  if (tunables.choose_local_tries || tunables.choose_local_fallback_tries) {
    throw unsupported('local retries', 'set the tunables profile to jewel or optimal');
  }
  if (json.choose_args !== undefined && Object.keys(json.choose_args).length > 0) {
    throw unsupported('choose_args (weight sets)', 'remove them with `crush weight-set rm-compat`');
  }
  const types: Record<string, number> = {};
  for (const { name, type_id } of json.types) types[name] = type_id;
  const source: CrushSource = {
    devices: json.devices,
    types,
    buckets: json.buckets.map(toBucket),
    rules: json.rules.map((rule) => toRule(rule, types)),
    tunables: {
      choose_total_tries: tunables.choose_total_tries,
      chooseleaf_descend_once: tunables.chooseleaf_descend_once,
      chooseleaf_vary_r: tunables.chooseleaf_vary_r,
      chooseleaf_stable: tunables.chooseleaf_stable,
    },
  };
  return compileCrushMap(source);
}
