/**
 * Horizontal pod autoscalers. They do not poll: the load is known in closed form, so each computes
 * when its use will next leave the band in which nothing is to be done.
 */

import { hashString } from '../../engine/random.ts';
import { NO_HANDLE } from '../../engine/scheduler.ts';
import type { K8sWorkload } from '../../model/scenario.ts';
import { constantOf, type KubeContext } from './context.ts';
import type { Deployment } from './deployments.ts';
import { Load } from './load.ts';

type Autoscale = NonNullable<K8sWorkload['autoscale']>;

/** Use may differ from its target by this share before anything is done. */
const TOLERANCE_RATIO = 0.1;
/** Default scale-up policy: the larger of so many pods, and doubling, in one sync period. */
const SCALE_UP_PODS = 4;
/** A crossing is looked at this much later, so that rounding cannot put it before itself. */
const AFTER_CROSSING_s = 1;

/** Replicas that bring use to its target: `ceil(demand / (cpu * target))`, within the limits. */
export function desiredReplicas(demand: number, cpu: number, spec: Autoscale): number {
  const wanted = Math.ceil(demand / (cpu * spec.cpu_target) - 1e-9);
  return Math.min(spec.max, Math.max(spec.min, wanted));
}

/** Between which demands `replicas` stay as they are: above `low` and below `high`. */
export function steadyBand(
  replicas: number,
  cpu: number,
  spec: Autoscale,
): { low: number; high: number } {
  const perPod = cpu * spec.cpu_target;
  const high = replicas * perPod * (1 + TOLERANCE_RATIO);
  const fewer = Math.min((replicas - 1) * perPod, replicas * perPod * (1 - TOLERANCE_RATIO));
  return { low: replicas > spec.min ? fewer : -Infinity, high };
}

export class Hpa {
  readonly entity: number;
  readonly #k: KubeContext;
  readonly #deployment: Deployment;
  readonly #spec: Autoscale;
  readonly #cpu: number;
  readonly #load: Load;
  readonly #look: number;
  readonly #lookSoon: number;
  readonly #window_s: number;
  readonly #isInactive: Uint8Array;
  readonly #isLimited: Uint8Array;
  #handle = NO_HANDLE;

  constructor(
    k: KubeContext,
    deployment: Deployment,
    spec: Autoscale,
    mean: number,
    cause: number,
  ) {
    const { engine, world } = k;
    this.#k = k;
    this.#deployment = deployment;
    this.#spec = spec;
    this.#cpu = deployment.cpu_m / 1000;
    this.entity = engine.create(k.kind.hpa, deployment.name, cause);
    this.#load = loadOf(k, this.entity, mean);
    this.#window_s = constantOf(k, 'hpa.downscale_stabilization');
    this.#isInactive = k.mask('hpa', 'inactive');
    this.#isLimited = k.mask('hpa', 'limited');
    this.#look = world.scheduler.handler(() => {
      this.#handle = NO_HANDLE;
      this.#onLook(-1);
    });
    this.#lookSoon = world.scheduler.handler((_a, _b, row) => this.#onLook(row));
    engine.link(deployment.entity, this.entity, cause);
    engine.send(this.entity, k.event.metrics_missing, cause);
  }

  /** Pods of the deployment became ready or not. */
  podsChanged(row: number): void {
    const { engine, event } = this.#k;
    const isInactive = this.#isInactive[engine.state[this.entity]] === 1;
    if (this.#deployment.ready === 0) engine.send(this.entity, event.metrics_missing, row);
    else if (isInactive) engine.send(this.entity, event.metrics_available, row);
  }

  /** Something changed: looks at the load once this instant is over. */
  look(row: number): void {
    this.#k.world.scheduler.soon(this.#lookSoon, 0, 0, row);
  }

  /** Whether it cannot ask for more. */
  get isAtMax(): boolean {
    return this.#deployment.replicas >= this.#spec.max;
  }

  /** The verb `scale_up` or `scale_down` is over: sets the number of replicas. */
  act(isDown: boolean, row: number): void {
    const { engine, event } = this.#k;
    const { replicas } = this.#deployment;
    const now_s = engine.now;
    // Down, the highest recommendation of the stabilization window counts.
    const demand = isDown
      ? Math.max(this.#load.at(now_s), this.#load.at(now_s - this.#window_s))
      : this.#load.at(now_s);
    const desired = desiredReplicas(demand, this.#cpu, this.#spec);
    const mostAtOnce = Math.max(2 * replicas, replicas + SCALE_UP_PODS);
    const wanted = isDown
      ? Math.min(desired, replicas)
      : Math.min(Math.max(desired, replicas), mostAtOnce);
    const change = wanted > replicas ? event.scale_up : event.scale_down;
    for (let n = Math.abs(wanted - replicas); n > 0; n--) {
      engine.send(this.#deployment.entity, change, row);
    }
    this.look(row);
  }

  /** Reports where use stands, and comes back when that changes. */
  #onLook(row: number): void {
    const { engine, event, world } = this.#k;
    const now_s = engine.now;
    const demand = this.#load.at(now_s);
    const { low, high } = steadyBand(this.#deployment.replicas, this.#cpu, this.#spec);
    let report = event.load_within;
    if (demand >= high) report = event.load_high;
    else if (demand <= low) report = event.load_low;
    // Above its maximum there is nothing to ask for again.
    const isStuck = this.#isLimited[engine.state[this.entity]] === 1 && demand >= high;
    if (!isStuck) engine.send(this.entity, report, row);
    if (this.#handle !== NO_HANDLE) world.scheduler.cancel(this.#handle);
    const at_s = this.#load.leaves(low, high, now_s) + AFTER_CROSSING_s;
    this.#handle = world.scheduler.after(at_s - now_s, this.#look);
  }

  dispose(row: number): void {
    const { engine, event, world } = this.#k;
    if (this.#handle !== NO_HANDLE) world.scheduler.cancel(this.#handle);
    engine.send(this.entity, event.delete, row);
    this.#k.forget(this.entity, row);
  }
}

/** The load of a deployment, drawn from the seed. */
function loadOf(k: KubeContext, hpa: number, mean: number): Load {
  const { world, engine } = k;
  const drawn = (name: string, count: number) => {
    const { distribution } = world.profile.get(`hpa.${name}`);
    return world.drawKeyed(distribution, hashString(name), engine.keyOf(hpa), count);
  };
  const factors: number[] = [];
  return new Load({
    mean,
    amplitude: drawn('load_amplitude_ratio', 0),
    peak_s: drawn('load_peak', 0),
    dayFactor: (day) => {
      factors[day] ??= drawn('load_day_ratio', day);
      return factors[day];
    },
  });
}
