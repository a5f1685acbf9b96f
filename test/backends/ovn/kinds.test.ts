/** What the drivers report must be what the machines know: kinds, verbs, states and events. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OVN_KINDS } from '../../../backends/ovn/driver.ts';
import { reportOf } from '../../../backends/ovn/events.ts';
import { hostRemotes, ovnSpec } from '../../../backends/ovn/spec.ts';
import { interfaceName } from '../../../backends/ovn/vif.ts';
import { bridgeState, interfaceState, OVS_KINDS } from '../../../backends/ovs/kinds.ts';
import { compileModel } from '../../../engine/compile.ts';
import { KINDS } from '../../../model/sdn/index.ts';
import { anyText } from '../../support/any-text.ts';

const model = compileModel(KINDS, []);
const states = new Map(model.stateNames.map((name, id) => [name, id]));
const events = new Map(model.eventNames.map((name, id) => [name, id]));
const statesOf = (kind: string) =>
  [...states.keys()]
    .filter((name) => name.startsWith(`${kind}/`))
    .map((name) => name.slice(kind.length + 1));

/** Where an event leads from a state: a state, or undefined when it is ignored there. */
function target(kind: string, state: string, event: string): string | undefined {
  const row = (states.get(`${kind}/${state}`) as number) * model.eventNames.length;
  const candidate = model.table[row + (events.get(event) as number)];
  if (candidate <= 0) return undefined;
  return model.stateNames[model.candidates[candidate * 4 + 1]].slice(kind.length + 1);
}

describe.each([...OVN_KINDS, ...OVS_KINDS].map((each) => [each.kind, each] as const))(
  '%s',
  (kind, { verbs }) => {
    it('is a kind whose machine asks for no verb that the driver lacks', () => {
      const wanted = model.verbNames
        .filter((name) => name.startsWith(`${kind}.`))
        .map((name) => name.slice(kind.length + 1));
      expect(wanted.length).toBeGreaterThan(0);
      expect(Object.keys(verbs)).toEqual(expect.arrayContaining(wanted));
    });
  },
);

describe.each(OVN_KINDS.map(({ kind }) => [kind]))('changes of a %s', (kind) => {
  it('are reported by events that lead where they say, or are let pass', () => {
    const all = statesOf(kind);
    for (const before of all) {
      for (const after of [...all, 'absent']) {
        const event = reportOf(kind, before, after);
        if (event === undefined) continue;
        expect(events.has(event), `${event} of ${kind}`).toBe(true);
        const to = target(kind, before, event);
        const gone = after === 'absent' ? ['deleted', 'stopped'] : [after];
        if (to !== undefined) expect(gone, `${before} by ${event}`).toContain(to);
      }
    }
  });
});

describe('Open vSwitch', () => {
  it('is only ever seen in states of the machines', () => {
    const row = fc.record({
      error: fc.constantFrom(null, '', 'could not open network device x (No such device)'),
      ofport: fc.constantFrom(null, -1, 1, 65_534),
      link_state: fc.constantFrom(null, 'up', 'down'),
    });
    fc.assert(
      fc.property(row, (each) => {
        expect(statesOf('interface')).toContain(interfaceState(each));
      }),
    );
    for (const datapath_id of [null, '0000a2b0']) {
      expect(statesOf('bridge')).toContain(bridgeState({ datapath_id }));
    }
    for (const { kind, passing, reports } of OVS_KINDS) {
      for (const state of Object.values(passing)) expect(statesOf(kind)).toContain(state);
      for (const event of Object.values(reports)) expect(events.has(event)).toBe(true);
    }
  });

  it('gets names of devices that a kernel takes, another for every port', () => {
    const port = fc.oneof(anyText({ minLength: 1 }), fc.stringMatching(/^[a-b.]{1,16}$/));
    fc.assert(
      fc.property(port, port, (a, b) => {
        expect(interfaceName(a)).toMatch(/^[\w.-]{1,15}$/);
        expect(['.', '..']).not.toContain(interfaceName(a));
        expect(interfaceName(a) === interfaceName(b)).toBe(a === b);
      }),
    );
    expect(interfaceName('vm1')).toBe('vm1');
    expect(interfaceName('..')).toMatch(/^tap/);
    expect(interfaceName('a'.repeat(16))).toMatch(/^tap[0-9a-f]{11}$/);
  });
});

describe('configuration', () => {
  it('names the Open vSwitch of hosts by chassis', () => {
    expect([...hostRemotes('hv1=unix:/a  hv2=tcp:10.0.0.2:6640')]).toEqual([
      ['hv1', [{ type: 'unix', path: '/a' }]],
      ['hv2', [{ type: 'tcp', host: '10.0.0.2', port: 6640 }]],
    ]);
    expect(() => hostRemotes('hv1')).toThrow('remote');
  });

  it('comes from where OVN has it, and connects to nothing until it is asked', async () => {
    const env = { OVN_NB_DB: 'tcp:127.0.0.1:1', OVN_SB_DB: 'unix:/nowhere.sock' };
    const driver = await ovnSpec.open(ovnSpec.options.parse({}), env);
    const [first] = await driver.diagnose();
    expect(first).toMatchObject({ check: 'reachable', ok: false, advice: expect.any(String) });
    expect(first.found).toContain('tcp:127.0.0.1:1');
    await driver.close();
    expect(ovnSpec.options.safeParse({ northbond: 'tcp:a' }).success).toBe(false);
  });
});
