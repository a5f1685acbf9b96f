/** `faults` and `maintenance`: what breaks, by rate and by script, and planned work. */
import { z } from 'zod';
import type {
  Faults,
  FaultTarget,
  MaintenanceWindow,
  ScriptedFault,
} from '../../model/scenario.ts';
import { duration, durations, flavorNames, positiveDuration, rate, text, whole } from './fields.ts';

export const FAULT_TARGETS = [
  'disk',
  'machine',
  'nic',
  'switch',
  'pdu',
  'mon',
  'mgr',
  'osd',
  'kubelet',
  'domain',
  'pod',
  'host-os',
] as const satisfies readonly FaultTarget[];

const faultRate = z.strictObject({
  rate: rate().describe('Failures of one component, such as `1.4%/y`.'),
  repair: durations().describe('Time until it is repaired or replaced.'),
  source: text().optional().describe('Where the figure comes from.'),
});

const scriptedFault = z
  .strictObject({
    at: duration().describe('When it happens, from the start of the run.'),
    target: z.enum(FAULT_TARGETS).describe('What kind of component fails.'),
    name: text(127).min(1).describe('Its name, or a pattern with `*`; the first match fails.'),
    heal_after: positiveDuration().optional().describe('Time until repair. Default: never.'),
  })
  .transform(({ at, heal_after, ...rest }): ScriptedFault => {
    const fault = { at_s: at, ...rest };
    return heal_after === undefined ? fault : { ...fault, heal_after_s: heal_after };
  });

export const faultsSchema = z
  .strictObject({
    rates: z
      .partialRecord(z.enum(FAULT_TARGETS), faultRate)
      .default({})
      .describe('Random failures by kind of component.'),
    script: z.array(scriptedFault).max(100_000).default([]).describe('Faults at set times.'),
    budget: z
      .partialRecord(z.enum([...FAULT_TARGETS, 'rack']), whole(0, 1_000_000))
      .default({})
      .describe(
        'What must be survived: so many faulty at the same time. Machines away for maintenance count, ' +
          'and what took copies of data with it counts until they are all there again.',
      ),
  })
  .transform(
    ({ rates, ...rest }): Faults => ({
      ...rest,
      rates: Object.entries(rates).map(([target, { rate, ...figures }]) => ({
        target: target as FaultTarget,
        rate_per_s: rate,
        ...figures,
      })),
    }),
  );

export const maintenanceSchema = z.array(
  z
    .strictObject({
      at: duration().describe('When the work starts.'),
      every: positiveDuration().optional().describe('It is repeated this often. Default: once.'),
      action: z
        .enum(['reboot', 'drain'])
        .describe(
          'One machine at a time: `reboot` into a new kernel; `drain` live-migrates its servers first.',
        ),
      on: flavorNames().describe('Machine flavors.'),
    })
    .transform(({ at, every, ...rest }): MaintenanceWindow => {
      const window = { at_s: at, ...rest };
      return every === undefined ? window : { ...window, every_s: every };
    }),
);
