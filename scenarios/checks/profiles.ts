/** Profiles must not extend each other in a circle. */
import { check } from './check.ts';

export const profileChecks = [
  check(['profiles'], ({ profiles }, report) => {
    for (const start of Object.keys(profiles)) {
      const chain = [start];
      let next = profiles[start].extends;
      while (Object.hasOwn(profiles, next) && !chain.includes(next)) {
        chain.push(next);
        next = profiles[next].extends;
      }
      if (next !== start) continue;
      const message = `profiles extend each other: ${[...chain, next].join(' -> ')}`;
      report('SCENARIO_CONTRADICTION', ['profiles', start, 'extends'], message);
    }
  }),
];
