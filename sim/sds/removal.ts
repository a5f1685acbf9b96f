/** Removes entities once everything that is under way at the instant has seen them go. */
import type { SimWorld } from '../world.ts';

/** Returns a function that removes an entity at the end of the present instant. */
export function removerOf(world: SimWorld): (entity: number, cause: number) => void {
  const { engine, scheduler } = world;
  const remove = scheduler.handler((entity, uid, cause) => {
    if (engine.isAlive(entity, uid)) engine.remove(entity, cause);
  });
  return (entity, cause) => scheduler.soon(remove, entity, engine.uidOf(entity), cause);
}
