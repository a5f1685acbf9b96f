import { z } from 'zod';
import type { Act } from './context.ts';
import { isObject } from './faults.ts';
import type { Item } from './lookup.ts';
import { type NetworkRow, post } from './network-rows.ts';

const rule = z.object({
  direction: z.enum(['ingress', 'egress']),
  ethertype: z.enum(['IPv4', 'IPv6']).default('IPv4'),
  /** Any protocol, any port, from anywhere where they are left out. */
  protocol: z.string().nullable().default(null),
  port_min: z.number().int().min(0).max(65_535).nullable().default(null),
  port_max: z.number().int().min(0).max(65_535).nullable().default(null),
  remote_cidr: z.string().nullable().default(null),
});
const params = z.object({ description: z.string().default(''), rules: z.array(rule).optional() });

/** Security groups with their rules: OVN makes ACLs of a port group of each. */
export const securityGroupRow: NetworkRow = {
  kind: 'acl',
  collection: 'security-group',
  // Without a status: what is there is in effect.
  stateOf: () => 'active',
  attributesOf: (item) => ({ description: item['description'], rules: rulesOf(item).length }),
  create: async (act) => ({ name: act.entity, description: act.params(params).description }),
  settle: settleRules,
};

/**
 * Where rules are given, the group has those afterwards and no others. What is new comes first, so
 * that a rule which is refused changes nothing.
 */
async function settleRules(act: Act, group: Item): Promise<void> {
  const { rules } = act.params(params);
  if (!rules) return;
  const wanted = new Map(rules.map((each) => [JSON.stringify(bodyOf(each)), each]));
  const had = new Map(rulesOf(group).map((each) => [JSON.stringify(fieldsOf(each)), each]));
  for (const [key, each] of wanted) {
    if (had.has(key)) continue;
    const body = { ...bodyOf(each), security_group_id: group['id'] };
    await post(act, '/security-group-rules', 'security_group_rule', body);
  }
  for (const [key, { id }] of had) {
    if (wanted.has(key)) continue;
    await act.change('network', { method: 'DELETE', path: `/security-group-rules/${id}` });
  }
}

type Rule = z.infer<typeof rule>;

function bodyOf({ direction, ethertype, protocol, port_min, port_max, remote_cidr }: Rule): object {
  return {
    ...{ direction, ethertype, protocol },
    port_range_min: port_min,
    port_range_max: port_max,
    remote_ip_prefix: remote_cidr,
  };
}

/** The same fields of a rule that is there, in the same order. */
function fieldsOf(had: Item): object {
  return {
    ...{ direction: had['direction'], ethertype: had['ethertype'] },
    protocol: had['protocol'] ?? null,
    port_range_min: had['port_range_min'] ?? null,
    port_range_max: had['port_range_max'] ?? null,
    remote_ip_prefix: had['remote_ip_prefix'] ?? null,
  };
}

function rulesOf(group: Item): readonly Item[] {
  const rules = group['security_group_rules'];
  return Array.isArray(rules) ? rules.filter(isObject) : [];
}
