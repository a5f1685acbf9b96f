/** `objectives`: what a run must achieve. */
import { z } from 'zod';
import { CLUSTER_UTILISATIONS, type Objective, SITE_UTILISATIONS } from '../../model/scenario.ts';
import { decimal, duration, name, named, ratio, text, whole } from './fields.ts';

const pattern = (example: string) =>
  text(200)
    .regex(/^[a-z][a-z0-9-]*\/\S+$/, { error: () => 'KIND/PATTERN, such as server/*' })
    .describe(`Entities as \`KIND/PATTERN\`, such as \`${example}\`.`);
const state = () => text(127).min(1);

const objective = z.discriminatedUnion('measure', [
  z.strictObject({
    measure: z.literal('availability').describe('Share of time that all of them serve.'),
    of: pattern('deployment/*'),
    at_least: ratio().describe('Least share.'),
  }),
  z.strictObject({
    measure: z.literal('latency').describe('Time from one state to another.'),
    of: pattern('server/*'),
    from: state().describe('State it starts in.'),
    to: state().describe('State it ends in.'),
    quantile: decimal(0, 1).default(0.95).describe('Quantile of the times.'),
    at_most: duration().describe('Most time.'),
  }),
  z.strictObject({
    measure: z.literal('utilisation').describe('Highest utilisation of a resource.'),
    of: z
      .enum([...SITE_UTILISATIONS, ...CLUSTER_UTILISATIONS])
      .describe(
        'The resource. `vcpus`, `memory`: what servers take of the hypervisors; `local_disk`: of ' +
          'the compute hosts; `storage`: raw, of Ceph; `power`: of the racks. Of a Kubernetes ' +
          'cluster: `cpu_requests` and `memory_requests` of the pods bound to its nodes, and ' +
          '`pods`, each of what is allocatable there.',
      ),
    cluster: name()
      .optional()
      .describe('Kubernetes cluster whose requests or pods are meant. Default: the fullest one.'),
    at_most: ratio().describe('Most of it.'),
  }),
  z.strictObject({
    measure: z.literal('count').describe('Number of transitions into a state.'),
    of: pattern('pg/*'),
    state: state().describe('The state.'),
    at_most: whole(0, 1e9).describe('Most transitions.'),
  }),
]);

type Written = z.output<typeof objective> & { readonly name: string };

function resolveObjective(written: Written): Objective {
  switch (written.measure) {
    case 'availability': {
      const { at_least, ...rest } = written;
      return { ...rest, at_least_ratio: at_least };
    }
    case 'latency': {
      const { at_most, ...rest } = written;
      return { ...rest, at_most_s: at_most };
    }
    case 'utilisation': {
      const { at_most, ...rest } = written;
      return { ...rest, at_most_ratio: at_most };
    }
    case 'count':
      return written;
  }
}

export const objectivesSchema = named(objective).transform((written): Objective[] =>
  Object.entries(written).map(([name, body]) => resolveObjective({ name, ...body })),
);
