/** What machines wait for and what operations ask for beside them do not meet. */
import { describe, expect, it } from 'vitest';
import { ActionsInFlight, type Request } from '../../backends/in-flight.ts';
import type { Backend, Outcome } from '../../engine/contract.ts';
import { VirtualTime } from './virtual-time.ts';

const NODE = 7;

/** A backend whose answers are given by the test, by verb. */
function scripted() {
  const time = new VirtualTime();
  const replies = new Map<string, (outcome: Outcome) => void>();
  const cancelled: string[] = [];
  const backend: Backend = {
    ...{ name: 'scripted', layer: 'caas' },
    verbs: () => [],
    request: ({ verb }, reply) => replies.set(verb, reply),
    cancel: (key) => cancelled.push(key),
    observe: () => {},
    list: () => {},
    watch: () => () => {},
    close: () => {},
  };
  const flights = new ActionsInFlight({
    clock: time.clock,
    random: () => 0.5,
    act: (work) => work(),
    onFault: () => {},
    observed: () => {},
    isSeen: () => true,
  });
  const ends: string[] = [];
  const begin = (verb: string, token: number): void => {
    const request: Request = {
      ...{ entity: NODE, token, backend },
      action: {
        ...{ key: verb, layer: 'caas', kind: 'node', entity: 'n1', verb, params: {} },
        deadline_s: 60,
      },
      ended: (ok) => ends.push(`${verb} ${ok}`),
      concluded: ({ code }) => ends.push(`${verb} ${code}`),
    };
    flights.begin(request);
  };
  return { begin, cancelled, ends, flights, reply: (verb: string) => replies.get(verb) };
}

describe('an operation on an entity whose machine waits for something', () => {
  it('leaves that as it is, and both are answered', () => {
    const { begin, ends, flights, reply } = scripted();
    begin('monitor', 1);
    begin('cordon', -1);
    reply('cordon')?.({ type: 'done' });
    expect(ends).toEqual(['cordon true']);
    expect(flights.has(NODE)).toBe(true);
    reply('monitor')?.({ type: 'done' });
    expect(ends).toEqual(['cordon true', 'monitor true']);
    expect(flights.has(NODE)).toBe(false);
  });

  it('is not what an observation answers, nor what the machine gives up', () => {
    const { begin, cancelled, ends, flights } = scripted();
    begin('cordon', -1);
    expect(flights.isAwaited(NODE)).toBe(false);
    flights.answer(NODE);
    flights.cancel(NODE, -1);
    expect({ ends, cancelled }).toEqual({ ends: [], cancelled: [] });
    begin('monitor', 1);
    flights.cancel(NODE, 1);
    expect(cancelled).toEqual(['monitor']);
    expect(flights.has(NODE)).toBe(true);
  });

  it('is heard of no more once all is stopped', () => {
    const { begin, ends, flights, reply } = scripted();
    begin('cordon', -1);
    flights.stop();
    reply('cordon')?.({ type: 'done' });
    expect(ends).toEqual([]);
  });
});
