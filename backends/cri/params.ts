/** What verbs take. */
import { z } from 'zod';
import { type Given, paramsReader, type VerbParams } from '../verb-params.ts';
import { criFault } from './faults.ts';

const words = z.record(z.string(), z.string()).default({});
const attempt = z
  .int()
  .min(0)
  .default(0)
  .describe('Number of the attempt, as the kubelet counts them; of several, the newest counts.');

const resources = {
  memory_limit_bytes: z.int().positive().optional().describe('Most memory, bytes.'),
  cpu_limit_m: z
    .int()
    .positive()
    .optional()
    .describe('Most CPU time, thousandths of a CPU: a hard limit.'),
  cpu_request_m: z
    .int()
    .positive()
    .optional()
    .describe('Share of the CPUs when they are scarce, thousandths of a CPU.'),
};

/** By kind and verb. */
export const CRI_PARAMS = {
  sandbox: {
    run: z.object({
      handler: z
        .string()
        .default('')
        .describe("Runtime handler, such as `runc`, `crun` or `kata`; else the runtime's own."),
      uid: z
        .string()
        .min(1)
        .optional()
        .describe('Identity of the pod; else it follows from its name.'),
      attempt,
      hostname: z.string().max(63).optional().describe('Host name within; else its name.'),
      labels: words.describe('Labels that the runtime keeps with it.'),
      annotations: words.describe('Annotations, which the handler may go by.'),
      log_directory: z
        .string()
        .startsWith('/', { message: 'an absolute path' })
        .optional()
        .describe("Where containers' logs go, an absolute path; else there are no logs."),
      cgroup_parent: z
        .string()
        .startsWith('/', { message: 'an absolute path' })
        .optional()
        .describe('Control group that its own is made in, an absolute path.'),
    }),
  },
  container: {
    create: z.object({
      image: z.string().min(1).describe('Its image, which must have been pulled.'),
      command: z.array(z.string()).default([]).describe("Program to run; else the image's own."),
      args: z.array(z.string()).default([]).describe("Arguments of the program; else the image's."),
      env: words.describe('Environment variables.'),
      working_dir: z.string().default('').describe("Folder to run it in; else the image's own."),
      labels: words.describe('Labels that the runtime keeps with it.'),
      attempt,
      log_path: z
        .string()
        .optional()
        .describe("Its log within the sandbox's `log_directory`; else `NAME.log`."),
      ...resources,
    }),
    stop: z.object({
      grace_s: z.int().min(0).default(30).describe('How long it has until it is killed, seconds.'),
    }),
    update: z.object(resources),
    exec: z.object({
      cmd: z.array(z.string()).min(1).describe('Program and its arguments, without a shell.'),
      timeout_s: z
        .int()
        .positive()
        .max(3_600)
        .default(10)
        .describe('How long it may run until it is killed, seconds.'),
      exit_code: z
        .int()
        .min(0)
        .max(255)
        .optional()
        .describe(
          'What it must end with, else the verb fails with `CRI_EXIT_CODE`; any by default.',
        ),
    }),
  },
} as const satisfies VerbParams;

export type Params<K, V> = Given<typeof CRI_PARAMS, K, V>;

/** What the verb of an action is given. Throws `CRI_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader(CRI_PARAMS, (what) => criFault('CRI_BAD_PARAMS', what));
