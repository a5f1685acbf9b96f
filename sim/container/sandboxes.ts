/** Sandboxes and containers: what ends with what, and what is forgotten when it is removed. */
import type { Engine } from '../../engine/engine.ts';
import type { SimWorld } from '../world.ts';

/** A mask over states: containers that have, or may have, a process. */
export function livingContainers(engine: Engine): Uint8Array {
  const mask = new Uint8Array(engine.model.stateNames.length);
  const living = ['creating', 'CONTAINER_CREATED', 'starting', 'CONTAINER_RUNNING', 'stopping'];
  for (const state of [...living, 'CONTAINER_UNKNOWN']) {
    engine.statesMatching('container', state).forEach((match, s) => {
      if (match) mask[s] = 1;
    });
  }
  return mask;
}

export function installSandboxes(world: SimWorld): void {
  const { engine, scheduler } = world;
  const { model } = engine;
  const containerKind = model.kindId('container');
  const exitedError = model.eventId('exited_error');
  const lives = livingContainers(engine);
  const forget = scheduler.handler((entity, uid, cause) => {
    if (!engine.isAlive(entity, uid)) return;
    for (
      let container = engine.dependentOf(entity, containerKind);
      container >= 0;
      container = engine.dependentOf(entity, containerKind)
    ) {
      engine.remove(container, cause);
    }
    engine.remove(entity, cause);
  });

  // Without its pause process a container is killed: by the runtime, or by the kubelet at once.
  engine.onEnter('sandbox', 'SANDBOX_NOTREADY', (sandbox, row) => {
    engine.forEachDependent(sandbox, containerKind, (container) => {
      if (lives[engine.state[container]]) engine.send(container, exitedError, row);
    });
  });

  const removed = (entity: number, row: number): void => {
    scheduler.soon(forget, entity, engine.uidOf(entity), row);
  };
  engine.onEnter('sandbox', 'absent', removed);
  engine.onEnter('container', 'absent', removed);
}
