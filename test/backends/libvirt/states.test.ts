import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meaningOf, reportOf, stateAndReason } from '../../../backends/libvirt/states.ts';
import { DOMAIN_VERBS } from '../../../backends/libvirt/verbs.ts';
import { compileModel } from '../../../engine/compile.ts';
import { domain } from '../../../model/hypervisor/domain.ts';

const model = compileModel([domain], []);
const states = new Set(model.stateNames);
const states_observed = [
  ...['absent', 'nostate', 'running', 'paused', 'shutdown', 'shutoff', 'saved', 'crashed'],
  'pmsuspended',
] as const;

describe("libvirt's states", () => {
  it('are all states of the domain machine, whatever numbers come', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(20), fc.boolean(), (state, reason, saved) => {
        const seen = stateAndReason(state, reason, saved);
        expect(states).toContain(`domain/${seen.state}`);
        expect(seen.reason).toMatch(/^[a-z_]+\/[a-z_]+$/);
      }),
    );
  });

  it.each([
    [1, 1, false, 'running', 'running/booted'],
    [3, 1, false, 'paused', 'paused/user'],
    [3, 5, false, 'paused', 'paused/ioerror'],
    [4, 1, false, 'shutdown', 'shutdown/user'],
    [5, 0, false, 'shutoff', 'shutoff/unknown'],
    [5, 3, false, 'crashed', 'shutoff/crashed'],
    [5, 5, true, 'saved', 'shutoff/saved'],
    // libvirtd forgets the reason when it starts, but not the image
    [5, 0, true, 'saved', 'shutoff/unknown'],
    [6, 1, false, 'crashed', 'crashed/panicked'],
    [7, 0, false, 'pmsuspended', 'pmsuspended/unknown'],
  ])('%d/%d (image %s) is %s', (state, reason, saved, name, why) => {
    expect(stateAndReason(state, reason, saved)).toEqual({ state: name, reason: why });
  });

  it('follow from every event, or make one look', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(12), (event, detail) => {
        const meaning = meaningOf({ event, detail });
        if (meaning !== 'look') expect(states).toContain(`domain/${meaning.state}`);
      }),
    );
  });

  it('are reported by events that the machine knows', () => {
    for (const before of states_observed) {
      for (const after of states_observed) {
        const event = reportOf(before, after);
        if (before === after) expect(event).toBeUndefined();
        else if (event !== undefined) expect(model.eventNames).toContain(event);
        else expect(after).toBe('nostate');
      }
    }
  });

  it('and its verbs cover what the machine requests', () => {
    const requested = model.verbNames.map((name) => name.slice('domain.'.length));
    expect([...DOMAIN_VERBS].sort()).toEqual([...requested].sort());
  });
});
