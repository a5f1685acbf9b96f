/**
 * The engine by itself: domains that are rebooted over and over, by a world without control planes
 * or layers, with a recording. What the machine at hand lets the whole stack reach at most, and what
 * it costs when the entities no longer fit into the processor's caches.
 */
import { HashSink } from '../cli/tools/recording-file.ts';
import { Engine } from '../engine/engine.ts';
import { Stream } from '../engine/random.ts';
import { Recorder } from '../engine/recording/recorder.ts';
import { recordingHead } from '../engine/recording-head.ts';
import type { CompiledModel } from '../engine/tables.ts';
import { recordedEvents } from '../sim/simulation.ts';

const REBOOT_s = { min: 1, max: 2 };
const PAUSE_s = { min: 5, max: 6 };
const WARM_UP_s = 60;
const TRANSITIONS = 4_000_000;

/** Transitions per second of processor time, with `entities` domains. */
export function loop(model: CompiledModel, entities: number): number {
  const head = recordingHead(model, recordedEvents(model), {
    scenario: 'loop',
    seed: '1',
    mode: 'simulated',
    profile: 'lab',
    parameters: {},
  });
  const engine = new Engine({
    model,
    recorder: new Recorder(head, new HashSink()),
    capacity: entities,
  });
  const random = Stream.fromSeed(1);
  const within = ({ min, max }: typeof PAUSE_s) => min + (max - min) * random.next();
  const done = model.eventId('done');
  engine.world = {
    created: () => {},
    request: (entity, _verb, token) => engine.completeIn(within(REBOOT_s), entity, token, done),
    cancel: () => {},
    delay_s: () => Number.POSITIVE_INFINITY,
  };
  const reboot = model.eventId('reboot');
  const again = engine.scheduler.handler((domain) => {
    engine.send(domain, reboot);
    engine.scheduler.after(within(PAUSE_s), again, domain);
  });
  const kind = model.kindId('domain');
  for (let i = 0; i < entities; i++) {
    const domain = engine.create(kind, `domain-${i}`);
    engine.adopt(domain, model.stateId('domain/running'));
    engine.scheduler.after(within(PAUSE_s), again, domain);
  }
  engine.run(WARM_UP_s);
  const before = engine.transitions;
  const start = process.cpuUsage();
  while (engine.transitions - before < TRANSITIONS) engine.run(engine.now + 1);
  const { user, system } = process.cpuUsage(start);
  return ((engine.transitions - before) * 1e6) / (user + system);
}
