/** A live run of one domain in virtual time, on the simulated backend unless another is given. */
import { type LiveOptions, LiveWorld } from '../../backends/live.ts';
import { compileModel } from '../../engine/compile.ts';
import type { Action, Backend, Fault } from '../../engine/contract.ts';
import { Engine } from '../../engine/engine.ts';
import { type OperationResult, Operator } from '../../engine/operator.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import type { Operation } from '../../model/scenario.ts';
import { SimBackend } from '../../sim/backend.ts';
import { RowList } from '../support/rows.ts';
import { MEASURED } from './measured-profile.ts';
import { VirtualTime } from './virtual-time.ts';

export const model = compileModel(KINDS, []);
const DOMAIN = model.kindId('domain');

/** The domain is called `vm`. */
export class LiveRun {
  readonly time = new VirtualTime();
  readonly rows = new RowList();
  readonly engine = new Engine({ model, recorder: this.rows, acts: ['attach'] });
  readonly sim = new SimBackend({
    ...{ model, layer: 'hypervisor', profile: MEASURED, seed: 1 },
    scheduler: this.time.scheduler,
  });
  readonly faults: { readonly action: Action; readonly fault: Fault }[] = [];
  readonly errors: unknown[] = [];
  readonly world: LiveWorld;
  #fail: NonNullable<LiveOptions['onFailed']> = () => {};

  constructor(backend?: Backend, more: Partial<LiveOptions> = {}) {
    this.world = new LiveWorld({
      engine: this.engine,
      backends: [backend ?? this.sim],
      run: 'test',
      given: new Set(),
      params: () => ({}),
      deadline_s: () => 60,
      onFault: (_entity, action, fault) => this.faults.push({ action, fault }),
      onFailed: (entity, fault) => this.#fail(entity, fault),
      onError: (cause) => this.errors.push(cause),
      clock: this.time.clock,
      random: () => 0.5,
      ...more,
    });
  }

  async start(): Promise<number> {
    const domain = this.engine.create(DOMAIN, 'vm');
    const started = this.world.start();
    await this.time.wait<void>((resolve) => started.then(resolve));
    return domain;
  }

  operate(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    const operate = (entity: number, event: number) => this.world.operate(entity, event);
    const operator = new Operator(this.engine, operations, () => 0, operate);
    operator.perform = (entity, verb, ended) => this.world.perform(entity, verb, ended);
    operator.isInVain = (entity, event) => this.world.isInVain(entity, event);
    this.#fail = (entity, fault) => operator.fail(entity, fault);
    return this.time.wait((resolve) => {
      operator.onFinished = resolve;
      this.world.act(() => operator.start());
    });
  }

  async until(state: string): Promise<void> {
    const wanted = model.stateId(`domain/${state}`);
    await this.time.wait<void>((resolve) => {
      this.engine.onEnter('domain', state, () => resolve());
      if (this.engine.state[0] === wanted) resolve();
    });
  }

  send(event: string): void {
    this.world.act(() => this.engine.send(0, model.eventId(event)));
  }

  get path(): string[] {
    return this.rows.list
      .filter(({ from, to }) => from !== to)
      .map(({ event, to }) => `${this.engine.eventNames[event]} ${model.stateNames[to].slice(7)}`);
  }

  state(): string {
    return model.stateNames[this.engine.state[0]];
  }
}

export const step = (entity: string, event: string, until: string): Operation => ({
  ...{ entity, do: event, until, within_s: 60, at_s: 0 },
});
export const LIFE: readonly Operation[] = [
  step('domain/vm', 'define', 'shutoff'),
  step('domain/vm', 'start', 'running'),
  step('domain/vm', 'suspend', 'paused'),
  step('domain/vm', 'resume', 'running'),
  step('domain/vm', 'shutdown', 'shutoff'),
  step('domain/vm', 'undefine', 'absent'),
];
