import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerState, eventOf, runtimeState } from '../../../backends/cri/states.ts';
import { compileModel } from '../../../engine/compile.ts';
import { KINDS } from '../../../model/container/index.ts';
import { anyText } from '../../support/any-text.ts';

const model = compileModel(KINDS, []);
const isState = (kind: string, state: string) => model.stateNames.includes(`${kind}/${state}`);

const CONTAINER_STATES = [
  'CONTAINER_CREATED',
  'CONTAINER_RUNNING',
  'CONTAINER_EXITED',
  'CONTAINER_UNKNOWN',
] as const;

describe("CRI's words as states", () => {
  it('are states of the container machine, whatever a runtime says', () => {
    const reasons = fc.oneof(
      anyText(),
      fc.constantFrom('Completed', 'Error', 'OOMKilled', 'StartError', 'Unknown'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...CONTAINER_STATES),
        fc.integer(),
        reasons,
        (state, exit_code, reason) => {
          expect(isState('container', containerState({ state, exit_code, reason }))).toBe(true);
        },
      ),
    );
  });

  it.each([
    [0, 'Completed', 'Completed'],
    [1, 'Error', 'Error'],
    [137, 'OOMKilled', 'OOMKilled'],
    [137, 'Error', 'Error'],
    [128, 'StartError', 'StartError'],
    [255, 'Unknown', 'Unknown'],
    [255, 'Error', 'Error'],
    [0, '', 'Completed'],
  ])('tell how a container ended: %i %s', (exit_code, reason, ending) => {
    const state = containerState({ state: 'CONTAINER_EXITED', exit_code, reason });
    expect(state).toBe(`CONTAINER_EXITED.${ending}`);
  });

  it('are states of the sandbox and the runtime machine', () => {
    for (const state of ['SANDBOX_READY', 'SANDBOX_NOTREADY']) {
      expect(isState('sandbox', state)).toBe(true);
    }
    const conditions = fc.array(
      fc.record({
        type: fc.constantFrom('RuntimeReady', 'NetworkReady', 'Strange'),
        status: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(conditions, (all) => {
        expect(isState('container-runtime', runtimeState(all))).toBe(true);
      }),
    );
  });

  it('come with events that their machines know', () => {
    for (const { kind } of KINDS) {
      const states = model.stateNames.filter((name) => name.startsWith(`${kind}/`));
      for (const name of states) {
        const event = eventOf(kind, name.slice(kind.length + 1));
        if (event === undefined) continue;
        expect(model.eventNames, `${name}: ${event}`).toContain(event);
      }
    }
  });
});
