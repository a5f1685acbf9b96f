/** `workload`: servers that come and go, traces, an operator's requests. */
import { z } from 'zod';
import type {
  ArrivalProcess,
  DomainSpec,
  Operation,
  ServerAction,
  ServerWorkload,
  Workload,
} from '../../model/scenario.ts';
import {
  anyValue,
  counts,
  decimal,
  duration,
  durations,
  growth,
  listed,
  name,
  named,
  positiveBytes,
  positiveDuration,
  rate,
  ratio,
  ratios,
  text,
  whole,
} from './fields.ts';

const SERVERS_MAX = 2_000_000;

export const SERVER_ACTIONS = [
  'reboot',
  'stop_start',
  'pause_unpause',
  'suspend_resume',
  'resize',
  'live_migrate',
  'migrate',
  'rebuild',
  'shelve_unshelve',
  'snapshot',
  'rescue_unrescue',
] as const satisfies readonly ServerAction[];

const yearlyGrowth = growth().prefault(0).describe('Growth of the rate in a year.');

const arrivals = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('poisson').describe('Requests at a constant rate, at random times.'),
    rate: rate().describe('Mean rate.'),
    growth: yearlyGrowth,
  }),
  z.strictObject({
    type: z.literal('diurnal').describe('A rate that swings with the time of day.'),
    rate: rate().describe('Mean rate over a period.'),
    amplitude: ratio().prefault('50%').describe('Swing around the mean.'),
    peak: duration().prefault('14h').describe('Time of the peak within a period.'),
    period: positiveDuration().prefault('1d').describe('Length of a period.'),
    growth: yearlyGrowth,
  }),
  z.strictObject({
    type: z.literal('bursts').describe('Bursts at random times, many servers at once.'),
    rate: rate().describe('Mean rate of bursts.'),
    size: counts().describe('Servers of a burst.'),
    growth: yearlyGrowth,
  }),
]);

function resolveArrivals(written: z.output<typeof arrivals>): ArrivalProcess {
  const { rate, growth } = written;
  const common = { rate_per_s: rate, growth_per_year: growth };
  if (written.type === 'poisson') return { type: 'poisson', ...common };
  if (written.type === 'bursts') return { type: 'bursts', ...common, size: written.size };
  const { amplitude, peak, period } = written;
  return { type: 'diurnal', ...common, amplitude, peak_s: peak, period_s: period };
}

const serverWorkload = z
  .strictObject({
    project: name().describe('Project that owns the servers.'),
    image: name().describe('Image they boot from.'),
    network: name().describe('Network they are on.'),
    initial: whole(0, SERVERS_MAX).default(0).describe('Servers created at the start.'),
    arrivals: arrivals.optional().describe('How further servers are asked for. Default: none.'),
    lifetime: durations().optional().describe('Time from active to deletion. Default: they stay.'),
    flavors: named(decimal(0, 1e9)).describe('Relative weight of each server flavor.'),
    cpu_utilisation: ratios().prefault('20%').describe('Mean CPU utilisation of a server.'),
    volumes: whole(0, 25).default(0).describe('Volumes of each server besides its root disk.'),
    actions: z
      .strictObject({
        every: durations().optional().describe('Time between two actions on a server.'),
        weights: z
          .partialRecord(z.enum(SERVER_ACTIONS), decimal(0, 1e9))
          .default({})
          .describe('Relative weight of each action.'),
      })
      .prefault({})
      .describe('Day-2 actions on a server over its life.'),
  })
  .transform((written): Omit<ServerWorkload, 'name'> => {
    const { arrivals: process, ...rest } = written;
    return process === undefined ? rest : { ...rest, arrivals: resolveArrivals(process) };
  });

const operation = z
  .strictObject({
    entity: text(200)
      .regex(/^[a-z][a-z0-9-]*\/\S+$/, { error: () => 'KIND/NAME, such as domain/web-1' })
      .describe('`KIND/NAME`, such as `domain/web-1`.'),
    do: text(63)
      .min(1)
      .describe(
        'What to ask for, such as `start`; the page of the layer lists it for each kind. Or a ' +
          'verb of a driver that leads to no state of its own, such as `create` or `attach_disk`.',
      ),
    until: text(63)
      .min(1)
      .optional()
      .describe('State to reach before the next operation; such a verb has none.'),
    within: positiveDuration().prefault('5m').describe('Time it may take.'),
    with: z
      .record(text(63).min(1), anyValue())
      .optional()
      .describe(
        'What a real system is told beyond the request, such as the size of a new pool. The page of ' +
          'the drivers lists what each verb takes.',
      ),
    at: duration().prefault(0).describe('Not before this time.'),
  })
  .transform(({ within, at, ...rest }): Operation => ({ ...rest, within_s: within, at_s: at }));

/** A path or text that may be left empty, so that a parameter can default to nothing. */
const bootText = (what: string) =>
  text(4_096)
    .transform((value) => (value === '' ? undefined : value))
    .optional()
    .describe(what);

const boot = z.strictObject({
  kernel: bootText('Kernel to boot directly: a file on the hypervisor.'),
  initrd: bootText('Initial RAM disk: a file on the hypervisor.'),
  cmdline: bootText('Command line of the kernel.'),
});

const domain = z
  .strictObject({
    vcpus: whole(1, 1_024).default(1).describe('Virtual CPUs.'),
    memory: positiveBytes().describe('Memory.'),
    host: text(127)
      .min(1)
      .optional()
      .describe('Machine that a simulated run places it on. Default: the first hypervisor.'),
    boot: boot.optional().describe('What `strata apply` boots; a simulation needs nothing.'),
  })
  .transform(
    ({ memory, ...rest }): Omit<DomainSpec, 'name'> => ({ ...rest, memory_bytes: memory }),
  );

export const workloadSchema = z
  .strictObject({
    servers: named(serverWorkload).default({}).describe('Groups of servers.'),
    trace: z
      .strictObject({
        path: text(4_096).min(1).describe('Folder with tasks.parquet and fragments.parquet.'),
        format: z.literal('opendc').default('opendc').describe('Format of the trace.'),
        project: name().describe('Project that owns the servers.'),
      })
      .optional()
      .describe('Servers and their load from a recorded trace.'),
    operations: z.array(operation).max(100_000).default([]).describe('Requests, in order.'),
    domains: named(domain).default({}).describe('Domains, for work on the hypervisor itself.'),
  })
  .transform(
    ({ servers, domains, ...rest }): Workload => ({
      ...rest,
      servers: listed(servers),
      domains: listed(domains),
    }),
  );
