/** Random verbs on a Redfish service, with somebody else at the machine's power as well. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { divergences } from '../backends/bare-metal/machine-rules.ts';
import { ask as askLibvirt, openLibvirt, removeDomains } from './libvirt-lab.ts';
import { ask } from './metal-lab.ts';
import { defineSystem, openRedfish, type RedfishBackend, startRedfish } from './redfish-lab.ts';

const SYSTEM = 'redfish-property';
const SEQUENCES = 6;
const COMMANDS_MAX = 12;
const SEEN_MS = 60_000;

let url: URL;
let libvirt: LibvirtBackend;

beforeAll(async () => {
  url = await startRedfish();
  await defineSystem(SYSTEM);
  libvirt = openLibvirt();
}, 600_000);

afterAll(async () => {
  await new Promise<void>((closed) => libvirt.close(closed));
  await removeDomains(SYSTEM);
});

/** What should be: whether the driver was told of the machine, and its power. */
interface Expected {
  isKnown: boolean;
  isOn: boolean;
}

const state = ({ isOn }: Expected) => (isOn ? 'new+on' : 'new+off');
const power = (isOn: boolean) => (expected: Expected) => {
  expected.isOn = isOn;
  return state(expected);
};
/** Of a machine that is off the driver refuses it itself. */
const ifOn = (otherwise?: string) => (expected: Expected) =>
  expected.isOn ? (otherwise ?? state(expected)) : 'REDFISH_WRONG_STATE';

/** The state that each verb leads to, or the code of its fault. */
const VERBS: Readonly<Record<string, (expected: Expected) => string>> = {
  enlist: state,
  inspect: state,
  // The guest has no network card, at which the emulator fails.
  set_boot_device: () => 'REDFISH_SERVER_ERROR',
  power_on: power(true),
  power_off: power(false),
  power_reset: ifOn(),
  soft_reset: ifOn(),
  nmi: ifOn(),
  // The emulator does not offer it.
  power_cycle: ifOn('REDFISH_UNSUPPORTED'),
  forget: () => 'absent',
};

class Verb implements fc.AsyncCommand<Expected, RedfishBackend> {
  readonly #verb: string;

  constructor(verb: string) {
    this.#verb = verb;
  }

  check(): boolean {
    return true;
  }

  async run(expected: Expected, backend: RedfishBackend): Promise<void> {
    const verb = this.#verb;
    if (verb === 'enlist') expected.isKnown = true;
    const wanted = expected.isKnown ? VERBS[verb](expected) : 'REDFISH_UNKNOWN';
    if (verb === 'forget') expected.isKnown = false;
    const params = { url: url.href, system: SYSTEM, device: 'pxe' };
    const outcome = await ask(backend, SYSTEM, verb, params);
    if (outcome.type === 'fault') {
      expect(outcome.fault, `${verb}: ${outcome.fault.message}`).toMatchObject({ code: wanted });
    } else {
      expect(outcome, verb).toMatchObject({ type: 'done', observation: { state: wanted } });
    }
    await agrees(expected, backend, verb);
  }

  toString(): string {
    return this.#verb;
  }
}

/** Somebody else switches the machine, behind the driver's back. */
class Stranger implements fc.AsyncCommand<Expected, RedfishBackend> {
  readonly #turnsOn: boolean;

  constructor(turnsOn: boolean) {
    this.#turnsOn = turnsOn;
  }

  check({ isOn }: Readonly<Expected>): boolean {
    return isOn !== this.#turnsOn;
  }

  async run(expected: Expected, backend: RedfishBackend): Promise<void> {
    const outcome = await askLibvirt(libvirt, SYSTEM, this.#turnsOn ? 'create' : 'destroy');
    expect(outcome).toMatchObject({ type: 'done' });
    expected.isOn = this.#turnsOn;
    await agrees(expected, backend, `${this}`);
  }

  toString(): string {
    return `somebody switches it ${this.#turnsOn ? 'on' : 'off'}`;
  }
}

async function agrees(expected: Expected, backend: RedfishBackend, after: string): Promise<void> {
  const wanted = expected.isKnown ? state(expected) : 'absent';
  expect(await backend.driver.observe('machine', SYSTEM), after).toMatchObject({ state: wanted });
}

it('random verbs lead through states that the machine allows, and to those that are expected', async () => {
  const verbs = Object.keys(VERBS).map((verb) => fc.constant(new Verb(verb)));
  const strangers = [true, false].map((turnsOn) => fc.constant(new Stranger(turnsOn)));
  const enlisted = fc.constant(new Verb('enlist'));
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...verbs, ...strangers, enlisted], { maxCommands: COMMANDS_MAX, size: 'max' }),
      async (commands) => {
        const redfish = openRedfish();
        const seen: Observation[] = [];
        redfish.watch((each) => seen.push(each));
        const expected = { isKnown: false, isOn: false };
        const params = { url: url.href, system: SYSTEM };
        expect(await ask(redfish, SYSTEM, 'enlist', params)).toMatchObject({ type: 'done' });
        expect(await ask(redfish, SYSTEM, 'power_off')).toMatchObject({ type: 'done' });
        expected.isKnown = true;
        try {
          await fc.asyncModelRun(() => ({ model: expected, real: redfish }), commands);
          if (expected.isKnown) {
            const last = () => seen.at(-1)?.state;
            await expect.poll(last, { timeout: SEEN_MS }).toBe(state(expected));
          }
          expect(divergences(seen)).toEqual([]);
        } finally {
          await new Promise<void>((closed) => redfish.close(closed));
        }
      },
    ),
    { numRuns: SEQUENCES, endOnFailure: true },
  );
});
