import { createHash } from 'node:crypto';
import { type ZodType, z } from 'zod';
import { criFault } from './faults.ts';
import { parseContainer, parseSandbox, sandboxEntity } from './names.ts';
import type { Request, SandboxMessage } from './protocol.ts';

const words = z.record(z.string(), z.string());

const sandboxParams = z.object({
  /** Runtime handler, such as `runc`, `crun` or `kata`; the runtime's default when left out. */
  handler: z.string().default(''),
  uid: z.string().min(1).optional(),
  attempt: z.int().min(0).default(0),
  hostname: z.string().max(63).optional(),
  labels: words.default({}),
  annotations: words.default({}),
  /** Where containers' logs go; without it there are none. Absolute. */
  log_directory: z.string().startsWith('/').optional(),
  cgroup_parent: z.string().startsWith('/').optional(),
});

const resources = {
  memory_limit_bytes: z.int().positive().optional(),
  /** Thousandths of a CPU: a hard limit. */
  cpu_limit_m: z.int().positive().optional(),
  /** Thousandths of a CPU: a share when CPUs are scarce. */
  cpu_request_m: z.int().positive().optional(),
};

const containerParams = z.object({
  image: z.string().min(1),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: words.default({}),
  working_dir: z.string().default(''),
  labels: words.default({}),
  attempt: z.int().min(0).default(0),
  log_path: z.string().optional(),
  ...resources,
});

const updateParams = z.object(resources);
const stopParams = z.object({ grace_s: z.int().min(0).default(30) });
const execParams = z.object({
  cmd: z.array(z.string()).min(1),
  timeout_s: z.int().positive().max(3_600).default(10),
});

/** Parameters as they are needed; throws `CRI_BAD_PARAMS` that names the first mistake. */
function parse<T>(schema: ZodType<T>, params: unknown, entity: string): T {
  const read = schema.safeParse(params);
  if (read.success) return read.data;
  const [{ path, message }] = read.error.issues;
  throw criFault('CRI_BAD_PARAMS', `${entity}: ${path.join('.') || 'parameters'}: ${message}`);
}

export const parseStop = (params: unknown, entity: string) => parse(stopParams, params, entity);
export const parseExec = (params: unknown, entity: string) => parse(execParams, params, entity);

/** What containers of the sandbox have to repeat, kept with it as CRI does not tell it. */
const KEPT = 'strata.sandbox-config';

/** What RunPodSandbox is asked for. */
export function sandboxRequest(entity: string, params: unknown): Request<'RunPodSandbox'> {
  const given = parse(sandboxParams, params, entity);
  const { namespace, name } = parseSandbox(entity);
  const uid = given.uid ?? uidOf(`${namespace}/${name}`);
  const { hostname = name.slice(0, 63), log_directory = '', cgroup_parent = '' } = given;
  const kept = JSON.stringify({ hostname, log_directory, cgroup_parent });
  return {
    config: {
      metadata: { name, namespace, uid, attempt: given.attempt },
      hostname,
      log_directory,
      labels: given.labels,
      annotations: { ...given.annotations, [KEPT]: kept },
      linux: { cgroup_parent },
    },
    runtime_handler: given.handler,
  };
}

/** What CreateContainer is asked for in a sandbox. */
export function containerRequest(
  entity: string,
  sandbox: SandboxMessage,
  params: unknown,
): Request<'CreateContainer'> {
  const given = parse(containerParams, params, entity);
  const { name } = parseContainer(entity);
  const { hostname, log_directory, cgroup_parent } = keptConfig(sandbox);
  return {
    pod_sandbox_id: sandbox.id,
    config: {
      metadata: { name, attempt: given.attempt },
      image: { image: given.image },
      command: given.command,
      args: given.args,
      working_dir: given.working_dir,
      envs: Object.entries(given.env).map(([key, value]) => ({ key, value: Buffer.from(value) })),
      labels: given.labels,
      log_path: given.log_path ?? (log_directory ? `${name}.log` : ''),
      linux: { resources: resourcesOf(given) },
    },
    sandbox_config: {
      metadata: sandbox.metadata ?? undefined,
      hostname,
      log_directory,
      linux: { cgroup_parent },
    },
  };
}

/** What UpdateContainerResources is asked for. */
export function updateRequest(
  entity: string,
  container_id: string,
  params: unknown,
): Request<'UpdateContainerResources'> {
  return { container_id, linux: resourcesOf(parse(updateParams, params, entity)) };
}

interface Limits {
  readonly memory_limit_bytes?: number;
  readonly cpu_limit_m?: number;
  readonly cpu_request_m?: number;
}

/** The kernel's default period of CPU bandwidth, microseconds, as the kubelet uses it. */
const CPU_PERIOD = 100_000;
/** Shares of one CPU (cgroup v1), and the fewest there may be. */
const SHARES_PER_CPU = 1024;
const SHARES_MIN = 2;

function resourcesOf({ memory_limit_bytes, cpu_limit_m, cpu_request_m }: Limits) {
  const shares = (cpu_m: number) =>
    Math.max(SHARES_MIN, Math.trunc((cpu_m * SHARES_PER_CPU) / 1000));
  return {
    ...(memory_limit_bytes && { memory_limit_in_bytes: String(memory_limit_bytes) }),
    ...(cpu_limit_m && {
      cpu_period: String(CPU_PERIOD),
      cpu_quota: String(Math.trunc((cpu_limit_m * CPU_PERIOD) / 1000)),
    }),
    ...(cpu_request_m && { cpu_shares: String(shares(cpu_request_m)) }),
  };
}

const keptShape = z.object({
  hostname: z.string(),
  log_directory: z.string(),
  cgroup_parent: z.string(),
});

/** A sandbox that somebody else made has no such annotation: its containers get the defaults. */
function keptConfig(sandbox: SandboxMessage): z.infer<typeof keptShape> {
  const { namespace, name } = sandbox.metadata ?? { namespace: '', name: sandbox.id };
  const text = sandbox.annotations[KEPT];
  const kept = text === undefined ? undefined : keptShape.safeParse(jsonOf(text)).data;
  return (
    kept ?? { hostname: sandboxEntity({ namespace, name }), log_directory: '', cgroup_parent: '' }
  );
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same for the same name, so that the runtime itself refuses a second one. */
function uidOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
