/** Forms that several invariants share. */
import type { Invariant } from './invariant.ts';

/** An entity serves only while everything it needs along the stack's edges serves. */
export function servesOnlyWhileSupported(kind: string, name: string, describes: string): Invariant {
  return {
    name,
    describes,
    kind,
    prepare: (view) => (entity) =>
      view.isServing(entity) && view.unsatisfiedGroups(entity) > 0
        ? `${view.nameOf(entity)} serves as ${view.stateName(entity)} though something it needs does not`
        : undefined,
  };
}

/** A quantity of an entity never exceeds another one. Unknown quantities (NaN) hold. */
export function neverExceeds(
  kind: string,
  name: string,
  describes: string,
  used: string,
  limit: string,
): Invariant {
  return {
    name,
    describes,
    kind,
    prepare: (view) => {
      const usedOf = view.quantity(used);
      const limitOf = view.quantity(limit);
      // Sums of many changes carry rounding; a millionth is no oversubscription.
      return (entity) =>
        usedOf(entity) > limitOf(entity) * (1 + 1e-6)
          ? `${view.nameOf(entity)}: ${used} is ${usedOf(entity)}, above ${limitOf(entity)}`
          : undefined;
    },
  };
}

/** In some states an entity has exactly so many providers of a kind. */
export function hasProviders(
  kind: string,
  states: readonly string[],
  provider: string,
  count: { readonly min: number; readonly max: number },
  name: string,
  describes: string,
): Invariant {
  return {
    name,
    describes,
    kind,
    alsoAfter: [provider],
    prepare: (view) => {
      const masks = states.map((state) => view.states(kind, state));
      const providerId = view.kindId(provider);
      return (entity) => {
        const state = view.state(entity);
        if (!masks.some((mask) => mask[state] === 1)) return undefined;
        const n = view.countProviders(entity, providerId);
        if (n >= count.min && n <= count.max) return undefined;
        const expected = count.min === count.max ? `${count.min}` : `${count.min} to ${count.max}`;
        return `${view.nameOf(entity)} (${view.stateName(entity)}) has ${n} of ${provider}; expected ${expected}`;
      };
    },
  };
}

/** An entity exists only while its owner does; without any entity of the owner's kind it holds. */
export function isOwned(
  kind: string,
  owner: string,
  edge: 'provider' | 'dependent',
  exempt: readonly string[],
  name: string,
  describes: string,
): Invariant {
  return {
    name,
    describes,
    kind,
    prepare: (view) => {
      const ownerId = view.kindId(owner);
      const masks = exempt.map((state) => view.states(kind, state));
      return (entity) => {
        const state = view.state(entity);
        if (masks.some((mask) => mask[state] === 1) || view.createdOf(ownerId) === 0) {
          return undefined;
        }
        let owners = 0;
        const see = () => {
          owners++;
        };
        if (edge === 'provider') view.eachProvider(entity, ownerId, see);
        else view.eachDependent(entity, ownerId, see);
        return owners > 0
          ? undefined
          : `${view.nameOf(entity)} (${view.stateName(entity)}) has no ${owner}`;
      };
    },
  };
}
