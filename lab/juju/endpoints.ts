/** Finds the endpoints that `a b`, `a:db b` or `a:db b:server` mean, as the API does. */
import type { ModelRecord, RelationEndpoint } from './records.ts';
import { notFound, Refusal } from './refusal.ts';

export function resolveEndpoints(
  model: ModelRecord,
  names: readonly string[],
): readonly RelationEndpoint[] {
  const [left, right] = names.map((name) => candidates(model, name));
  const pairs = left.flatMap((one) =>
    right.filter((other) => fits(one, other)).map((other) => [one, other]),
  );
  if (pairs.length === 0) throw new Refusal('not found', 'no relations found');
  if (pairs.length > 1) {
    throw new Refusal('', `ambiguous relation: "${names.join(' ')}" could refer to several`);
  }
  // The key of a relation begins with its requirer.
  return pairs[0].toSorted((one) => (one.role === 'requirer' ? -1 : 1));
}

function candidates(model: ModelRecord, name: string): readonly RelationEndpoint[] {
  const [applicationName, endpoint] = name.split(':');
  const application = model.application(applicationName);
  const all = model.charms.get(application.charm)?.endpoints ?? [];
  const named = all.filter((each) => endpoint === undefined || each.name === endpoint);
  if (endpoint !== undefined && named.length === 0) {
    throw notFound(`application "${applicationName}" has no "${endpoint}" relation`);
  }
  return named.map((each) => ({ ...each, application }));
}

function fits(one: RelationEndpoint, other: RelationEndpoint): boolean {
  const roles = [one.role, other.role];
  const isPair = roles.includes('provider') && roles.includes('requirer');
  return isPair && one.interface === other.interface;
}
