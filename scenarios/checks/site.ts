/** Racks: names, power, limits. */
import { MACHINES_MAX } from '../schema/site.ts';
import { check, componentNames, countComponents, sum } from './check.ts';

/** Most disks, network ports, PDUs or switches. */
const COMPONENTS_MAX = 2_000_000;

export const siteChecks = [
  check(['site'], ({ site }, report) => {
    for (const [name, { power }] of Object.entries(site.flavors)) {
      if (power.idle_w <= power.max_w) continue;
      const message = `idle power (${power.idle_w} W) is above the greatest (${power.max_w} W)`;
      report('SCENARIO_CONTRADICTION', ['site', 'flavors', name, 'power'], message);
    }
  }),

  check(['site'], ({ site }, report) => {
    const seen = new Set<string>();
    for (const { name } of site.racks) {
      if (seen.has(name)) {
        report('SCENARIO_DUPLICATE_NAME', ['site', 'racks'], `two racks are named ${name}`, {
          hint: 'racks with `count` are numbered: NAME1, NAME2, ...',
        });
        return;
      }
      seen.add(name);
    }
  }),

  check(['site'], ({ site }, report) => {
    const all = site.racks.flatMap(({ machines }) => machines);
    if (all.every(({ names }) => names === undefined)) return;
    if (sum(all, ({ count }) => count) > MACHINES_MAX) return; // which is reported below
    // Racks and machines are buckets of one CRUSH map, whose names tell them apart.
    const seen = new Set(site.racks.map(({ name }) => name));
    for (const name of componentNames(site, 'machine')) {
      if (seen.has(name)) {
        const message = `two machines are named ${name}, or a machine and a rack`;
        report('SCENARIO_DUPLICATE_NAME', ['site', 'racks'], message);
        return;
      }
      seen.add(name);
    }
  }),

  check(['site'], ({ site }, report) => {
    const machines = sum(site.racks, (rack) => sum(rack.machines, (m) => m.count));
    if (machines === 0) {
      report('SCENARIO_TOO_FEW_MACHINES', ['site', 'racks'], 'there is no machine in any rack');
    } else if (machines > MACHINES_MAX) {
      const message = `${machines} machines are more than ${MACHINES_MAX}`;
      report('SCENARIO_TOO_LARGE', ['site', 'racks'], message);
    }
  }),

  check(['site'], ({ site }, report) => {
    for (const target of ['disk', 'nic', 'pdu', 'switch'] as const) {
      const count = countComponents(site, target);
      if (count <= COMPONENTS_MAX) continue;
      const message = `${count} components of the kind ${target} are more than ${COMPONENTS_MAX}`;
      report('SCENARIO_TOO_LARGE', ['site', 'racks'], message);
    }
  }),

  check(['site'], ({ site }, report) => {
    const reported = new Set<number>();
    for (const rack of site.racks) {
      const draw_w = sum(rack.machines, ({ flavor, count }) =>
        Object.hasOwn(site.flavors, flavor) ? site.flavors[flavor].power.max_w * count : 0,
      );
      if (draw_w <= rack.power_limit_w || reported.has(draw_w)) continue;
      reported.add(draw_w);
      const message = `the machines of rack ${rack.name} can draw ${draw_w} W`;
      report('SCENARIO_OVER_CAPACITY', ['site', 'racks'], message, {
        expected: `at most its power limit, ${rack.power_limit_w} W`,
      });
    }
  }),
];
