/** Requests that hang, as they do in Ceph, until the pools they need serve again. */
import type { SimWorld } from '../world.ts';

interface Hanging {
  readonly entity: number;
  readonly token: number;
  readonly verb: number;
}

/**
 * Registers verbs that only proceed while everything their entity needs serves (its pools, and
 * whatever else it is linked to). The usual duration of the verb counts from then.
 */
export function installHangingVerbs(world: SimWorld, kind: string, verbs: readonly string[]): void {
  const { engine } = world;
  const hanging: Hanging[] = [];
  const proceed = world.scheduler.handler(() => {
    for (const request of hanging.splice(0)) {
      const { entity, token, verb } = request;
      if (!engine.isRequested(entity, token)) continue;
      if (engine.isSatisfied(entity)) world.answerLater(entity, token, verb);
      else hanging.push(request);
    }
  });
  const start = world.scheduler.handler((entity, token, verb) => {
    if (!engine.isRequested(entity, token)) return;
    if (engine.isSatisfied(entity)) world.answerLater(entity, token, verb);
    else hanging.push({ entity, token, verb });
  });
  for (const verb of verbs) {
    const id = world.verbId(kind, verb);
    // An entity asks for its first verb before it is linked to what it needs.
    world.onVerb(kind, verb, (entity, token) => world.scheduler.soon(start, entity, token, id));
  }
  const providers = engine.model.edges.filter((e) => e.dependent === kind && e.needs !== 'none');
  for (const { provider } of providers) {
    engine.onCrossing(provider, engine.model.serving, (entity) => {
      if (hanging.length > 0 && engine.isServing(entity)) world.scheduler.soon(proceed);
    });
  }
}
