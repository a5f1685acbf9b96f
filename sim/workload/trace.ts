/**
 * A recorded workload as servers: each task becomes a server when it was submitted, uses the CPU it
 * used then, and is deleted when it ended. Placement and boot times are the simulated cloud's.
 */
import type { Scenario, ServerFlavor } from '../../model/scenario.ts';
import { type EnergyDriver, MILLI_PER_CPU } from '../energy.ts';
import { TRACE_ENDED, TracePlayback } from '../trace/playback.ts';
import type { Trace } from '../trace/trace.ts';
import type { SimWorld } from '../world.ts';

const NONE = -1;
/** Servers are named `task-ID`; what they use comes from the trace alone. */
const SERVER_PREFIX = 'task';

/** The scenario with a server flavor for every size of task in the trace. */
export function withTraceFlavors(scenario: Scenario, trace: Trace): Scenario {
  const { openstack } = scenario.stack;
  if (!openstack) return scenario;
  const flavors: Record<string, ServerFlavor> = { ...openstack.flavors };
  const { cpu_count, memory_bytes } = trace.tasks;
  for (let task = 0; task < cpu_count.length; task++) {
    flavors[flavorName(trace, task)] ??= {
      vcpus: Math.max(1, cpu_count[task]),
      ram_bytes: memory_bytes[task],
      disk_bytes: 0,
    };
  }
  return { ...scenario, stack: { ...scenario.stack, openstack: { ...openstack, flavors } } };
}

function flavorName(trace: Trace, task: number): string {
  const { cpu_count, memory_bytes } = trace.tasks;
  return `trace-${cpu_count[task]}x${Math.round(memory_bytes[task] / 2 ** 20)}MiB`;
}

export class TraceDriver {
  readonly #world: SimWorld;
  readonly #trace: Trace;
  readonly #energy: EnergyDriver;
  readonly #playback: TracePlayback;
  readonly #submit: number;
  readonly #advance: number;
  readonly #taskOf = new Map<number, number>();
  readonly #serverOf: Int32Array;
  /** Thousandths of a CPU for each MHz of a task. */
  readonly #scale: Float64Array;
  readonly #flavors: string[];
  #next = 0;
  #start_s = 0;
  submitted = 0;
  finished = 0;
  refused = 0;

  constructor(world: SimWorld, trace: Trace, energy: EnergyDriver, hostCount: number) {
    this.#world = world;
    this.#trace = trace;
    this.#energy = energy;
    this.#playback = new TracePlayback(trace, hostCount);
    const { cpu_count, cpu_capacity_mhz } = trace.tasks;
    this.#serverOf = new Int32Array(cpu_count.length).fill(NONE);
    this.#flavors = Array.from(cpu_count, (_, task) => flavorName(trace, task));
    this.#scale = Float64Array.from(cpu_count, (count, task) =>
      cpu_capacity_mhz[task] > 0 ? (count * MILLI_PER_CPU) / cpu_capacity_mhz[task] : 0,
    );
    energy.setUtilisation(SERVER_PREFIX, { type: 'constant', value: 0 });
    this.#submit = world.scheduler.handler(() => this.#onSubmit());
    this.#advance = world.scheduler.handler((task) => this.#onAdvance(task));
  }

  /** Starts the trace's clock now. */
  start(): void {
    this.#start_s = this.#world.engine.now;
    const { engine } = this.#world;
    engine.onEnter('server', 'active', (server) => this.#onActive(server));
    this.#scheduleSubmission();
  }

  #scheduleSubmission(): void {
    const { submission_s } = this.#trace.tasks;
    if (this.#next >= submission_s.length) return;
    const due_s = this.#start_s + submission_s[this.#next];
    const delay_s = Math.max(0, due_s - this.#world.engine.now);
    this.#world.scheduler.after(delay_s, this.#submit);
  }

  #onSubmit(): void {
    const { submission_s, id } = this.#trace.tasks;
    const at_s = submission_s[this.#next];
    while (this.#next < submission_s.length && submission_s[this.#next] === at_s) {
      const task = this.#next++;
      this.#boot(task, `${SERVER_PREFIX}-${id[task]}`);
    }
    this.#scheduleSubmission();
  }

  #boot(task: number, name: string): void {
    const { services, scenario, engine } = this.#world;
    const { project } = scenario.workload.trace!;
    const { images, networks } = scenario.stack.openstack!;
    const image = Object.keys(images)[0];
    const network = Object.keys(networks)[0];
    const flavor = this.#flavors[task];
    this.submitted++;
    const server = services.servers!.boot({ name, project, flavor, image, network, cause: -1 });
    if (server < 0) {
      this.refused++;
      return;
    }
    this.#serverOf[task] = server;
    this.#taskOf.set(engine.uidOf(server), task);
  }

  #onActive(server: number): void {
    const { engine, services } = this.#world;
    const task = this.#taskOf.get(engine.uidOf(server));
    if (task === undefined || this.#playback.hostOf[task] !== NONE) return;
    const host = this.#energy.hostIndex(services.servers!.hypervisorOf(server));
    if (host < 0) return;
    const delay_s = this.#playback.start(task, host);
    this.#applied(task, host, 0, delay_s);
  }

  #onAdvance(task: number): void {
    const host = this.#playback.hostOf[task];
    const before = this.#playback.demand_mhz[task];
    const { engine } = this.#world;
    const delay_s = this.#playback.advance(task);
    this.#applied(task, host, before, delay_s);
    if (delay_s !== TRACE_ENDED) return;
    const server = this.#serverOf[task];
    this.finished++;
    this.#taskOf.delete(engine.uidOf(server));
    this.#world.services.servers!.delete(server, engine.lastRowOf(server));
  }

  #applied(task: number, host: number, before_mhz: number, delay_s: number): void {
    const change_mhz = this.#playback.demand_mhz[task] - before_mhz;
    if (change_mhz !== 0) this.#energy.addDemand(host, change_mhz * this.#scale[task]);
    if (delay_s !== TRACE_ENDED) this.#world.scheduler.after(delay_s, this.#advance, task);
  }
}
