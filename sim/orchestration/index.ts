/** The simulated orchestration layer: a Juju controller with the models of the scenario. */
import type { SimWorld } from '../world.ts';
import { Juju } from './juju.ts';

export function installOrchestration(world: SimWorld): void {
  if (world.scenario.stack.juju.length > 0) new Juju(world).start();
}
