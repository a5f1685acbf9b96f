/** Operations of a scenario, applied to the lab's OVN: rows are made by their first verb. */
import { beforeAll, expect, it } from 'vitest';
import { CHASSIS, northboundRemote, ovsRemote, southboundRemote } from '../../lab/ovn/paths.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { START_TIMEOUT_MS, startLab } from './ovn-lab.ts';

const NAME = `apply-${process.pid}`;

beforeAll(startLab, START_TIMEOUT_MS);

it('a network is made, bound, changed and taken away, without a divergence', async () => {
  const hosts = CHASSIS.map((chassis) => `${chassis}=${ovsRemote(chassis)}`).join(' ');
  const options = { northbound: northboundRemote(), southbound: southboundRemote(), hosts };
  const systems: readonly LiveSystem[] = [{ driver: 'ovn', options }];
  const rule = 'direction: to-lport, priority: 100, match: "ip4"';
  const scenario = await operating(
    systems,
    `entity: logical-switch/${NAME}, do: create, with: { other_config: { subnet: 10.9.0.0/24 } }`,
    `entity: port/${NAME}-p, do: create, with: { switch: ${NAME} }`,
    `entity: port/${NAME}-p, do: bind, with: { chassis: hv1 }, until: ACTIVE`,
    `entity: acl/${NAME}-a, do: create, with: { switch: ${NAME}, rules: [{ ${rule}, action: drop }] }`,
    `entity: acl/${NAME}-a, do: update, with: { rules: [{ ${rule}, action: allow }] }, until: active`,
    `entity: acl/${NAME}-a, do: delete, until: deleted`,
    `entity: port/${NAME}-p, do: unbind, until: DOWN`,
    `entity: port/${NAME}-p, do: delete, until: deleted`,
    `entity: logical-switch/${NAME}, do: delete, until: deleted`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
