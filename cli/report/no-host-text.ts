/**
 * Servers that could not be built: for want of a host, with the numbers that nova-scheduler logs, of an
 * address, or of quota.
 */
import { clock } from '../../engine/time-text.ts';
import type { NoValidHost } from '../../sim/services.ts';
import { type Colours, count } from '../tools/text.ts';
import type { RunSummary } from './summary.ts';
import { list, wrap } from './words.ts';

export function noHostText({ noValidHosts }: RunSummary, paint: Colours): string {
  if (noValidHosts.length === 0) return '';
  const times = noValidHosts.reduce((sum, one) => sum + one.times, 0);
  return [
    `${paint.bold('No valid host was found')}  ${paint.yellow(count(times, 'time'))}`,
    ...noValidHosts.flatMap((one) => wrap(reasonText(one), 2, 4)),
  ].join('\n');
}

export function addressText({ addressShortages }: RunSummary, paint: Colours): string {
  if (addressShortages.length === 0) return '';
  const times = addressShortages.reduce((sum, one) => sum + one.times, 0);
  return [
    `${paint.bold('No address was left')}  ${paint.yellow(count(times, 'time'))}`,
    ...addressShortages.flatMap(({ network, cidr, addresses, times, first_s }) => {
      const when = whenText(times, first_s);
      const has = count(addresses, 'address for servers', 'addresses for servers');
      return wrap(`network ${network}, ${when}: ${cidr} has ${has}.`, 2, 4);
    }),
  ].join('\n');
}

export function quotaText({ overQuotas }: RunSummary, paint: Colours): string {
  if (overQuotas.length === 0) return '';
  const times = overQuotas.reduce((sum, one) => sum + one.times, 0);
  return [
    `${paint.bold('Quota was exceeded')}  ${paint.yellow(count(times, 'time'))}`,
    ...overQuotas.flatMap(({ project, exceeded, times, first_s }) => {
      const when = whenText(times, first_s);
      return wrap(`project ${project}, ${when}: quota exceeded for ${list(exceeded)}.`, 2, 4);
    }),
  ].join('\n');
}

/** `flavor large, 12 times from 01:02:03: placement had no candidate: of 4 hosts ...`. */
export function reasonText(found: NoValidHost): string {
  const { flavor, times, first_s, candidates, ignored } = found;
  const what = `flavor ${flavor}, ${whenText(times, first_s)}: `;
  switch (found.step) {
    case 'placement':
      return `${what}placement had no allocation candidate: ${shortText(found)}.`;
    case 'ignored':
      return `${what}placement had ${count(candidates, 'candidate')}, ${ignored === 1 ? 'which' : 'all of which'} the server was on or had been tried on.`;
    case 'ComputeFilter': {
      const left = ignored === 0 ? '' : `, of which ${ignored} had been tried or was left`;
      return `${what}placement had ${count(candidates, 'candidate')}${left}; filter ComputeFilter returned 0 hosts: no nova-compute that is up.`;
    }
  }
}

/** `at 01:02:03`, or `12 times from 01:02:03`. */
function whenText(times: number, first_s: number): string {
  return times === 1 ? `at ${clock(first_s)}` : `${count(times, 'time')} from ${clock(first_s)}`;
}

function shortText({ hosts, disabled, short }: NoValidHost): string {
  if (hosts === 0) return 'no compute host had registered yet';
  const lacks = [
    [short.vcpus, 'virtual CPUs'],
    [short.memory, 'memory'],
    [short.disk, 'local disk'],
  ] as const;
  const parts = lacks
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n === hosts ? 'all' : n} had too little room for its ${what}`);
  if (disabled > 0) parts.unshift(`${disabled} ${disabled === 1 ? 'was' : 'were'} disabled`);
  return `of ${count(hosts, 'compute host')}, ${list(parts)}`;
}
