/** The parts of Client.FullStatus that are used. Go writes empty lists and maps as null. */
import { z } from 'zod';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

/** A record without `null`; a map, since the names in it come from outside. */
function mapOf<T>(value: z.ZodType<T>) {
  return z
    .record(z.string(), value)
    .nullish()
    .transform((found): ReadonlyMap<string, T> => new Map(Object.entries(found ?? {})));
}

const statusShape = z.object({ status: text, info: text, life: text, since: text });

const baseShape = z
  .object({ name: text, channel: text })
  .nullish()
  .transform((base) => (base?.name ? `${base.name}@${base.channel}` : ''));

export type Status = z.infer<typeof statusShape>;

export interface UnitStatus {
  readonly 'agent-status': Status;
  readonly 'workload-status': Status;
  readonly 'workload-version': string;
  readonly machine: string;
  readonly 'public-address': string;
  /** Only while it differs from its application's. */
  readonly charm: string;
  readonly leader: boolean;
  readonly subordinates: ReadonlyMap<string, UnitStatus>;
}

const unitShape: z.ZodType<UnitStatus> = z.lazy(() =>
  z.object({
    'agent-status': statusShape,
    'workload-status': statusShape,
    'workload-version': text,
    machine: text,
    'public-address': text,
    charm: text,
    leader: z.boolean().nullish().transform(Boolean),
    subordinates: mapOf(unitShape),
  }),
);

const applicationShape = z.object({
  charm: text,
  'charm-channel': text,
  base: baseShape,
  exposed: z.boolean().nullish().transform(Boolean),
  life: text,
  status: statusShape,
  'subordinate-to': texts,
  units: mapOf(unitShape),
  'workload-version': text,
  /** Wanted units of a Kubernetes model. */
  int: z.number().nullish(),
});

export type ApplicationStatus = z.infer<typeof applicationShape>;

export interface MachineStatus {
  readonly 'agent-status': Status;
  readonly 'instance-status': Status;
  readonly 'dns-name': string;
  readonly 'instance-id': string;
  readonly hostname: string;
  readonly base: string;
  readonly constraints: string;
  readonly hardware: string;
  readonly containers: ReadonlyMap<string, MachineStatus>;
}

const machineShape: z.ZodType<MachineStatus> = z.lazy(() =>
  z.object({
    'agent-status': statusShape,
    'instance-status': statusShape,
    'dns-name': text,
    'instance-id': text,
    hostname: text,
    base: baseShape,
    constraints: text,
    hardware: text,
    containers: mapOf(machineShape),
  }),
);

const relationShape = z.object({
  id: z.number(),
  key: text,
  interface: text,
  scope: text,
  endpoints: z
    .array(z.object({ application: text, name: text, role: text }))
    .nullish()
    .transform((value) => value ?? []),
  status: statusShape,
});

export type RelationStatus = z.infer<typeof relationShape>;

export const fullStatusShape = z.object({
  model: z.object({
    name: text,
    type: text,
    'cloud-tag': text,
    region: text,
    version: text,
    'model-status': statusShape,
  }),
  applications: mapOf(applicationShape),
  machines: mapOf(machineShape),
  relations: z
    .array(relationShape)
    .nullish()
    .transform((value) => value ?? []),
});

export type FullStatus = z.infer<typeof fullStatusShape>;

/** Models as ModelManager.ListModelSummaries tells of them. */
export const modelSummariesShape = z.object({
  results: z
    .array(
      z.object({
        error: z.object({ message: text, code: text }).nullish(),
        result: z
          .object({
            name: z.string(),
            uuid: z.string(),
            /** `user-admin`, until Juju 3. */
            'owner-tag': text,
            /** `admin`, since Juju 4. */
            qualifier: text,
            'cloud-tag': text,
            'cloud-region': text,
            'agent-version': text,
            life: text,
            type: text,
            'is-controller': z.boolean().nullish().transform(Boolean),
            status: z.object({ status: text, info: text }).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
});

export type ModelSummary = NonNullable<
  z.infer<typeof modelSummariesShape>['results'][number]['result']
>;

/** Actions as the Action facade tells of them. */
export const actionShape = z.object({
  action: z.object({ tag: text, receiver: text, name: text }).nullish(),
  status: text,
  message: text,
  error: z.object({ message: text, code: text }).nullish(),
});

export type ActionResult = z.infer<typeof actionShape>;

export const actionResultsShape = z.object({
  results: z
    .array(actionShape)
    .nullish()
    .transform((value) => value ?? []),
});

export const operationsShape = z.object({
  results: z
    .array(
      z.object({
        actions: z
          .array(actionShape)
          .nullish()
          .transform((value) => value ?? []),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
});
