import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import type { Act } from './context.ts';
import { isObject } from './faults.ts';
import type { Item } from './lookup.ts';
import { type NetworkRow, post } from './network-rows.ts';

const port = z.number().int().min(0).max(65_535).nullable().default(null);
const rule = z.strictObject({
  direction: z.enum(['ingress', 'egress']).describe('To the ports of the group, or from them.'),
  ethertype: z.enum(['IPv4', 'IPv6']).default('IPv4').describe('Of the packets.'),
  protocol: z.string().nullable().default(null).describe('Such as `tcp`; any by default.'),
  port_min: port.describe('The lowest port; any by default.'),
  port_max: port.describe('The highest port; any by default.'),
  remote_cidr: z
    .string()
    .nullable()
    .default(null)
    .describe('Addresses of the other side; any by default.'),
});
const contents = z.object({
  rules: z
    .array(rule)
    .optional()
    .describe(
      'Rules that it has then, and no others; unchanged by default. A rule needs a `direction`.',
    ),
});

export const SECURITY_GROUP_PARAMS = {
  create: z.object({
    description: z.string().default('').describe('For people; of a new group.'),
    ...contents.shape,
  }),
  update: contents,
} as const satisfies KindParams;

/** Security groups with their rules: OVN makes ACLs of a port group of each. */
export const securityGroupRow: NetworkRow = {
  kind: 'acl',
  collection: 'security-group',
  // Without a status: what is there is in effect.
  stateOf: () => 'active',
  attributesOf: (item) => ({ description: item['description'], rules: rulesOf(item).length }),
  create: async (act) => {
    const { description } = act.params(SECURITY_GROUP_PARAMS.create);
    return { name: act.entity, description };
  },
  settle: settleRules,
};

/**
 * Where rules are given, the group has those afterwards and no others. What is new comes first, so
 * that a rule which is refused changes nothing.
 */
async function settleRules(act: Act, group: Item): Promise<void> {
  const { rules } = act.params(SECURITY_GROUP_PARAMS.update);
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
