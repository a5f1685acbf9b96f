/** What MAAS does when it is asked: it switches machines on and waits to hear from them. */
import { NO_ROW } from '../../engine/engine.ts';
import type { SimWorld } from '../world.ts';
import type { MachineStates } from './machine-states.ts';

/** Verbs that boot the machine into a system that reports back. */
const BOOTING_VERBS = ['commission', 'test', 'deploy', 'erase', 'enter_rescue_mode'] as const;

export function installMaas(world: SimWorld, states: MachineStates): void {
  const { engine } = world;
  const powerOn = engine.model.eventId('power_on');
  const fault = engine.model.eventId('fault');
  const bmcTimeout = world.timing('machine.bmc_timeout');
  const powerOff = engine.model.eventId('power_off');

  for (const name of BOOTING_VERBS) {
    const verb = world.verbId('machine', name);
    world.onVerb('machine', name, (machine, token) => {
      const state = engine.state[machine];
      if (!states.isOff(state) && !states.isOn(state)) {
        world.answerIn(world.draw(machine, bmcTimeout), machine, token, fault);
        return;
      }
      if (states.isOff(state)) engine.send(machine, powerOn, token);
      world.answerLater(machine, token, verb);
    });
  }

  // Whatever it was doing, a machine that loses power does not report back: MAAS waits in vain.
  for (const power of ['unpowered', 'dead']) {
    engine.onEnter('machine', power, (machine) => world.cancel(machine, NO_ROW));
  }

  // The ephemeral system switches itself off when it is done, and a release ends with power off.
  for (const status of ['ready', 'new']) {
    engine.onEnter('machine', status, (machine, row) => {
      if (states.isOn(engine.state[machine])) engine.send(machine, powerOff, row);
    });
  }
}
