/** What an objective is of, where no entity of the run is meant by it: most often a misspelt name. */
import { distance } from 'fastest-levenshtein';
import type { Recording } from '../../engine/recording/recording.ts';
import { nameMatcher } from '../../sim/faults/driver.ts';
import { list, noun } from './words.ts';

/** Names told at most. */
const NAMES_MAX = 3;

/** A sentence about `KIND/PATTERN`, or undefined when it means an entity of the recording. */
export function noEntityText(recording: Recording, of: string): string | undefined {
  const slash = of.indexOf('/');
  if (slash < 0) return undefined;
  const [kind, pattern] = [of.slice(0, slash), of.slice(slash + 1)];
  const names = namesOf(recording, kind);
  if (names.some(nameMatcher(pattern))) return undefined;
  if (names.length === 0) return `This run has no ${noun(kind)} at all.`;
  const nearest = names
    .map((name) => ({ name, far: distance(pattern, name) }))
    .sort((a, b) => a.far - b.far)
    .map(({ name }) => name);
  const rest = nearest.length > NAMES_MAX ? ['others'] : [];
  const there = list([...nearest.slice(0, NAMES_MAX), ...rest]);
  return `No ${noun(kind)} of this run has a name like ${pattern}: there are ${there}.`;
}

function namesOf({ entities }: Recording, kind: string): string[] {
  const names = new Set<string>();
  for (const entity of entities.numbers()) {
    if (entities.kind(entity) === kind) names.add(entities.name(entity));
  }
  return [...names];
}
