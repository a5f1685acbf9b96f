/** What a runtime is asked for when a sandbox or a container is made. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseContainer, parseSandbox, sandboxEntity } from './names.ts';
import type { Params } from './params.ts';
import type { Request, SandboxMessage } from './protocol.ts';

/** What containers of the sandbox have to repeat, kept with it as CRI does not tell it. */
const KEPT = 'strata.sandbox-config';

/** What RunPodSandbox is asked for. */
export function sandboxRequest(
  entity: string,
  given: Params<'sandbox', 'run'>,
): Request<'RunPodSandbox'> {
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
  given: Params<'container', 'create'>,
): Request<'CreateContainer'> {
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

/** The kernel's default period of CPU bandwidth, microseconds, as the kubelet uses it. */
const CPU_PERIOD = 100_000;
/** Shares of one CPU (cgroup v1), and the fewest there may be. */
const SHARES_PER_CPU = 1024;
const SHARES_MIN = 2;

/** Limits as CRI has them. */
export function resourcesOf(limits: Params<'container', 'update'>) {
  const { memory_limit_bytes, cpu_limit_m, cpu_request_m } = limits;
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
