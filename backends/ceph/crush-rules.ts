import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { View } from './view.ts';

const rules = z.array(
  z.object({
    rule_id: z.number(),
    rule_name: z.string(),
    type: z.number(),
    steps: z.array(
      z.object({ op: z.string(), type: z.string().optional(), item_name: z.string().optional() }),
    ),
  }),
);

export const crushRules = (view: View) =>
  view.session.json('osd crush rule dump', {}, rules, { signal: view.signal });

/** Rules have no life of their own: they are there or not. */
export async function crushRuleObservations(view: View): Promise<readonly Observation[]> {
  return (await view.of(crushRules)).map(({ rule_id, rule_name, steps }) => ({
    kind: 'crush-rule',
    entity: rule_name,
    state: 'present',
    attributes: {
      id: rule_id,
      root: steps.find(({ op }) => op === 'take')?.item_name ?? '',
      failure_domain: steps.find(({ type }) => type !== undefined)?.type ?? 'osd',
    },
  }));
}
