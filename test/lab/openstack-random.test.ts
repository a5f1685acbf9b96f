/**
 * Random sequences of acts against the real nova, held against the machine: what the machine
 * accepts nova carries out, by steps that the machine knows, and what it ignores nova refuses.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import { server } from '../../model/iaas/server.ts';
import { MachineSteps } from '../support/machine-steps.ts';
import { holdChanges, newChanges } from './nova-log.ts';
import { ask, reach, useCloud } from './openstack-lab.ts';

const PREFIX = 'random-';
const SEQUENCES = 5;
const COMMANDS_MAX = 8;
const PROPERTY_TIMEOUT_MS = 900_000;
const machine = new MachineSteps(server);
let backend: OpenstackBackend;
let count = 0;

useCloud({ prefix: PREFIX, leaves: ['server'] }, (opened) => {
  backend = opened;
});

/** Where the machine says that the server stands. */
interface Model {
  vm: string;
}

interface Real {
  readonly name: string;
  /** Notified changes that were held against the machine. */
  held: number;
  uuid: string;
}

const ACTS = [
  ...['stop', 'start', 'reboot', 'hard_reboot', 'pause', 'unpause', 'suspend', 'resume'],
  ...['rescue', 'unrescue', 'rebuild', 'resize', 'migrate', 'live_migrate', 'confirm_resize'],
  ...['revert_resize', 'snapshot', 'shelve', 'unshelve'],
];

class ActCommand implements fc.AsyncCommand<Model, Real> {
  readonly verb: string;

  constructor(verb: string) {
    this.verb = verb;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const before = await backend.driver.observe('server', real.name);
    const flavor = before.attributes?.['flavor'] === 'm1.tiny' ? 'm1.small' : 'm1.tiny';
    const params = { flavor, snapshot_name: real.name };
    const outcome = await ask(backend, 'server', real.name, this.verb, params);
    const after = await backend.driver.observe('server', real.name);
    const [vm] = after.state.split('+');
    if (machine.answers(model.vm, this.verb)) {
      expect(outcome, `${this.verb} in ${model.vm}`).toMatchObject({ type: 'done' });
    } else {
      expect(outcome, `${this.verb} in ${model.vm}`).toMatchObject({
        fault: { code: 'OPENSTACK_WRONG_STATE', effect: 'none' },
      });
      expect(vm).toBe(model.vm);
    }
    const changes = await newChanges(real.uuid, real.held, vm);
    model.vm = holdChanges(machine, model.vm, changes);
    real.held += changes.length;
    expect(machine.leads(model.vm, vm), `${model.vm} -> ${vm}`).toBe(true);
    model.vm = vm;
  }

  toString(): string {
    return this.verb;
  }
}

it(
  'what nova does to a server, and what it refuses, is what the machine says',
  async () => {
    const seed = Date.now() % 2 ** 31;
    console.log(`seed ${seed}`);
    const commands = fc.commands(
      ACTS.map((verb) => fc.constant(new ActCommand(verb))),
      { size: 'max', maxCommands: COMMANDS_MAX },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const name = `${PREFIX}${process.pid}-${++count}`;
        expect(await reach(backend, 'server', name, 'create')).toBe('active.idle+UP');
        const { attributes } = await backend.driver.observe('server', name);
        const uuid = String(attributes?.['id']);
        const held = (await newChanges(uuid, 0, 'active.idle')).length;
        const setup = () => ({
          model: { vm: 'active.idle' },
          real: { name, uuid, held },
        });
        await fc.asyncModelRun(setup, sequence);
        expect(await reach(backend, 'server', name, 'delete')).toBe('absent');
      }),
      // Shrinking would carry out a hundred more sequences; the one that failed tells enough.
      { numRuns: SEQUENCES, seed, endOnFailure: true },
    );
  },
  PROPERTY_TIMEOUT_MS,
);
