/** Workloads, operations, faults, maintenance: what happens, when, and whether it can. */
import { machineNames } from '../../model/machine-names.ts';
import type { Distribution, Site } from '../../model/scenario.ts';
import { nearestName } from '../nearest.ts';
import { formatDuration } from '../unit-format.ts';
import {
  check,
  componentNames,
  countComponents,
  isSiteTarget,
  type Report,
  type SiteTarget,
  sum,
} from './check.ts';

const YEAR_S = 365 * 86_400;
/** More events of one sort than this are no rehearsal but a slip. */
const EVENTS_MAX = 100_000_000;

/** Whether a distribution is nothing but zero: as an interval it would never let time pass. */
function isZero(d: Distribution): boolean {
  switch (d.type) {
    case 'constant':
      return d.value === 0;
    case 'uniform':
      return d.max === 0;
    case 'exponential':
      return d.mean === 0;
    case 'lognormal':
      return d.median === 0;
    case 'weibull':
    case 'gamma':
      return d.scale === 0;
    case 'empirical':
      return d.values.at(-1) === 0;
  }
}

/** Arrivals within a run: the rate grows by the same factor every year. */
function expectedArrivals(rate_per_s: number, growth: number, duration_s: number): number {
  const yearly = Math.log(1 + growth);
  const years = duration_s / YEAR_S;
  const grown = yearly === 0 ? duration_s : (YEAR_S * Math.expm1(yearly * years)) / yearly;
  return rate_per_s * grown;
}

const arrivals = check(['workload', 'duration'], ({ workload, duration }, report) => {
  for (const group of workload.servers) {
    const path = ['workload', 'servers', group.name];
    if (sum(Object.values(group.flavors), (w) => w) === 0) {
      const message = 'no flavor has a weight above 0';
      report('SCENARIO_OUT_OF_RANGE', [...path, 'flavors'], message, {
        expected: 'at least one flavor with a weight such as 1',
      });
    }
    const { every, weights } = group.actions;
    if (every !== undefined && isZero(every)) {
      const message = 'actions cannot follow each other without time between';
      report('SCENARIO_OUT_OF_RANGE', [...path, 'actions', 'every'], message, {
        expected: 'a duration above 0',
      });
    }
    if (every !== undefined && sum(Object.values(weights), (w) => w) === 0) {
      const message = 'actions are to happen, but none has a weight above 0';
      report('SCENARIO_ROLE', [...path, 'actions'], message, { hint: 'add weights' });
    }
    const process = group.arrivals;
    if (process === undefined) continue;
    const expected = expectedArrivals(process.rate_per_s, process.growth_per_year, duration);
    if (expected > EVENTS_MAX) {
      const message = `about ${expected.toExponential(1)} arrivals in ${formatDuration(duration)}`;
      report('SCENARIO_TOO_LARGE', [...path, 'arrivals', 'rate'], message, {
        expected: `at most ${EVENTS_MAX}`,
      });
    }
  }
});

const SERVERS_TOTAL_MAX = 2_000_000;

const totals = check(['workload', 'stack'], ({ workload, stack }, report) => {
  const servers = sum(workload.servers, (g) => g.initial);
  if (servers > SERVERS_TOTAL_MAX) {
    const message = `${servers} servers at the start are more than ${SERVERS_TOTAL_MAX}`;
    report('SCENARIO_TOO_LARGE', ['workload', 'servers'], message);
  }
  for (const cluster of stack.kubernetes) {
    const sets = [...cluster.deployments, ...cluster.stateful_sets];
    const pods = sum(sets, (s) => Math.max(s.replicas, s.autoscale?.max ?? 0));
    if (pods <= SERVERS_TOTAL_MAX) continue;
    const message = `${pods} pods are more than ${SERVERS_TOTAL_MAX}`;
    report('SCENARIO_TOO_LARGE', ['stack', 'kubernetes', cluster.name], message);
  }
});

const jobs = check(['stack', 'duration'], ({ stack, duration }, report) => {
  for (const cluster of stack.kubernetes) {
    for (const job of cluster.jobs) {
      const runs = job.every_s === undefined ? 1 : duration / job.every_s;
      if (runs * job.completions <= EVENTS_MAX) continue;
      const path = ['stack', 'kubernetes', cluster.name, 'jobs', job.name];
      const message = `about ${(runs * job.completions).toExponential(1)} pods of this job`;
      report('SCENARIO_TOO_LARGE', path, message, { expected: `at most ${EVENTS_MAX}` });
    }
  }
});

const domains = check(['workload', 'stack', 'site'], ({ workload, stack, site }, report) => {
  if (workload.domains.length > 0 && stack.hypervisor === undefined) {
    report('SCENARIO_MISSING_SECTION', ['workload', 'domains'], 'domains need a hypervisor', {
      expected: 'the section stack.hypervisor',
    });
  }
  for (const { name, host } of workload.domains) {
    if (host === undefined) continue;
    const path = ['workload', 'domains', name, 'host'];
    checkComponentName(site, 'machine', host, path, report);
    const flavor = flavorOfMachine(site, host);
    if (flavor === undefined || stack.hypervisor?.on.includes(flavor) !== false) continue;
    report('SCENARIO_UNKNOWN_NAME', path, `${host} is no hypervisor`, {
      expected: `a machine of a flavor in stack.hypervisor.on: ${stack.hypervisor.on.join(', ')}`,
    });
  }
});

/** The flavor of a machine by its name. */
function flavorOfMachine(site: Site, machine: string): string | undefined {
  for (const { name, machines } of site.racks) {
    const group = machines.find((each) => machineNames(name, each).includes(machine));
    if (group) return group.flavor;
  }
  return undefined;
}

const operations = check(['workload'], ({ workload }, report) => {
  const names = workload.domains.map((d) => `domain/${d.name}`);
  for (const [i, { entity }] of workload.operations.entries()) {
    if (!entity.startsWith('domain/') || names.includes(entity)) continue;
    const nearest = nearestName(entity, names);
    const path = ['workload', 'operations', i, 'entity'];
    report('SCENARIO_UNKNOWN_NAME', path, `there is no ${entity}`, {
      expected:
        names.length === 0 ? 'a domain under workload.domains' : `one of ${names.join(', ')}`,
      nearest,
    });
  }
});

/** A component of the site by name, or by a pattern that matches one. */
function checkComponentName(
  site: Site,
  target: SiteTarget,
  name: string,
  path: readonly (string | number)[],
  report: Report,
): void {
  const near: string[] = [];
  for (const known of componentNames(site, target)) {
    if (name.includes('*') ? matches(name, known) : name === known) return;
    if (near.length < NEAR_MAX) near.push(known);
  }
  const nearest = nearestName(name, near);
  report('SCENARIO_UNKNOWN_NAME', path, `no ${target} is named ${name}`, {
    expected: `${NAME_FORMS[target]}, such as ${near[0] ?? 'r1-compute-1'}`,
    nearest,
  });
}

/** Names among which the nearest is looked for. */
const NEAR_MAX = 10_000;

const NAME_FORMS: Readonly<Record<SiteTarget, string>> = {
  machine: 'RACK-FLAVOR-NUMBER, or a name of its own',
  'host-os': 'RACK-FLAVOR-NUMBER, or a name of its own',
  disk: 'MACHINE-disk-NUMBER',
  nic: 'MACHINE-nic-NUMBER',
  switch: 'RACK-switch-NUMBER',
  pdu: 'RACK-pdu-NUMBER',
};

/** Whether a pattern with `*` matches; each part is searched for after the one before. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop()!;
  let from = 0;
  for (const [i, part] of parts.entries()) {
    const at = i === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - from >= last.length && name.endsWith(last);
}

const script = check(['faults', 'site', 'duration'], ({ faults, site, duration }, report) => {
  for (const [i, fault] of faults.script.entries()) {
    const path = ['faults', 'script', i];
    if (isSiteTarget(fault.target)) {
      checkComponentName(site, fault.target, fault.name, [...path, 'name'], report);
    }
    if (fault.at_s < duration) continue;
    report('SCENARIO_NEVER', [...path, 'at'], 'this fault is after the end of the run', {
      expected: `before ${formatDuration(duration)}`,
    });
  }
});

const rates = check(['faults', 'site', 'duration'], ({ faults, site, duration }, report) => {
  for (const { target, rate_per_s } of faults.rates) {
    // Of other kinds the number depends on the run; a thousand is a fair guess.
    const components = isSiteTarget(target) ? countComponents(site, target) : 1_000;
    const expected = rate_per_s * components * duration;
    if (expected <= EVENTS_MAX) continue;
    const message = `about ${expected.toExponential(1)} failures in ${formatDuration(duration)}`;
    report('SCENARIO_TOO_LARGE', ['faults', 'rates', target, 'rate'], message, {
      expected: `at most ${EVENTS_MAX}`,
    });
  }
});

const WINDOWS_MAX = 1_000_000;

const windows = check(['maintenance', 'duration'], ({ maintenance, duration }, report) => {
  for (const [i, { at_s, every_s }] of maintenance.entries()) {
    if (every_s !== undefined && duration / every_s > WINDOWS_MAX) {
      const message = `more than ${WINDOWS_MAX} windows in ${formatDuration(duration)}`;
      report('SCENARIO_TOO_LARGE', ['maintenance', i, 'every'], message);
    }
    if (at_s < duration || every_s !== undefined) continue;
    report('SCENARIO_NEVER', ['maintenance', i, 'at'], 'this work is after the end of the run', {
      expected: `before ${formatDuration(duration)}`,
    });
  }
});

export const workloadChecks = [arrivals, totals, jobs, domains, operations, script, rates, windows];
