/** Which components carry OSDs: copies of data are missing while one of them is away. */
import { NO_STATE } from '../../engine/engine.ts';
import type { FaultTarget } from '../../model/scenario.ts';
import type { SimWorld } from '../world.ts';

export function carriesData(world: SimWorld, target: FaultTarget, entity: number): boolean {
  const { engine } = world;
  if (!world.scenario.stack.ceph || engine.state[entity] === NO_STATE) return false;
  const osd = engine.model.kindId('osd');
  const host = engine.model.kindId('host-os');
  switch (target) {
    case 'osd':
    case 'switch':
    case 'pdu':
      return true;
    case 'disk':
    case 'host-os':
      return engine.dependentOf(entity, osd) >= 0;
    case 'machine':
    case 'nic': {
      const above = engine.dependentOf(entity, host);
      return above >= 0 && engine.dependentOf(above, osd) >= 0;
    }
    default:
      return false;
  }
}
