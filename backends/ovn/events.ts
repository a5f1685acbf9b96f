/** The event of a kind's machine that reports a change, from what was known before; as data. */

const ROW = { active: 'there', absent: 'gone' } as const;

/** By kind: the event for the state that is seen now. */
const REPORTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'logical-switch': ROW,
  'logical-router': ROW,
  acl: ROW,
  nat: ROW,
  'dhcp-options': ROW,
  'load-balancer': { ...ROW, degraded: 'some_offline', offline: 'all_offline' },
  port: { ACTIVE: 'up', DOWN: 'down', absent: 'deleted' },
  chassis: { up: 'registered', controller_failed: 'fail', dead: 'lost', absent: 'deregistered' },
  gateway: { active: 'claimed', unbound: 'released', detecting: 'chassis_lost', down: 'lost' },
};

/** What is reported by another event when it comes from a certain state, `kind/before/after`. */
const PARTICULAR: Readonly<Record<string, string>> = {
  'load-balancer/degraded/active': 'all_online',
  'load-balancer/offline/active': 'all_online',
  'port/ACTIVE/stale': 'lost',
  'port/stale/ACTIVE': 'restored',
  'port/binding/stale': 'unreached',
  'gateway/down/detecting': 'candidate_back',
};

export function reportOf(kind: string, before: string, after: string): string | undefined {
  if (before === after) return undefined;
  return PARTICULAR[`${kind}/${before}/${after}`] ?? REPORTS[kind]?.[after];
}
