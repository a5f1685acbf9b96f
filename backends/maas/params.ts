/** What an action may say beside the machine's name, and the form that MAAS gets for it. */
import { z } from 'zod';
import type { Action } from '../../engine/contract.ts';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import { Secret } from '../secret.ts';
import { paramsReader } from '../verb-params.ts';
import type { Form } from './client.ts';
import { maasFault } from './faults.ts';

const names = z.array(z.string().min(1)).min(1);
const flag = z.boolean().optional();
const text = z.string().optional();

const enable_ssh = flag.describe('Whether the machine stays on and takes your SSH keys.');
const testing_scripts = names
  .optional()
  .describe('Tests to run, by name or tag; those tagged `commissioning` by default.');
const force = flag.describe('Whether a host of virtual machines goes with all of them.');
const agent_name = text.describe('Name of the agent that acquires it.');
const comment = text.describe('For the event log of MAAS.');
const Remark = z.object({ comment });
const Tag = z.object({ tag: z.string().min(1).describe('Name of the tag.') });

/** By verb; verbs that are not here take nothing. Names are those of the API. */
export const MACHINE_PARAMS = {
  create: z.object({
    architecture: z
      .string()
      .default('amd64/generic')
      .describe('Architecture and subarchitecture, as MAAS writes them.'),
    mac_addresses: names.describe('MAC addresses of its network cards.'),
    power_type: z
      .string()
      .default('manual')
      .describe('How MAAS switches it, such as `ipmi`; with `manual` it cannot.'),
    power: z
      .record(z.string(), z.string())
      .default({})
      .describe('What the power type wants, such as `power_address` and `power_user`.'),
    power_pass_env: text.describe('Environment variable with the password of the BMC.'),
    commission: z.boolean().default(false).describe('Whether MAAS commissions it at once.'),
    domain: text.describe('DNS domain; the default one of MAAS otherwise.'),
    description: text.describe('For humans.'),
  }),
  commission: z.object({
    enable_ssh,
    skip_bmc_config: flag.describe('Whether the IPMI settings of its BMC are left as they are.'),
    skip_networking: flag.describe('Whether its network configuration is left as it is.'),
    skip_storage: flag.describe('Whether its storage configuration is left as it is.'),
    commissioning_scripts: names
      .optional()
      .describe('Scripts to run beside the built-in ones, by name or tag; all by default.'),
    testing_scripts: testing_scripts.describe(
      'Tests to run, by name or tag, or `none`; those tagged `commissioning` by default.',
    ),
  }),
  test: z.object({ enable_ssh, testing_scripts }),
  allocate: z.object({ agent_name, comment }),
  deploy: z.object({
    distro_series: text.describe('Series of the operating system, which MAAS finds by it.'),
    hwe_kernel: text.describe('Kernel to run, such as `hwe-24.04`.'),
    user_data: text.describe('User data of cloud-init, as text.'),
    ephemeral_deploy: flag.describe('Whether it runs from memory, with nothing on its disks.'),
    agent_name,
    comment,
  }),
  release: z.object({ comment, force }),
  erase: z.object({
    comment,
    secure_erase: flag.describe('Whether disks erase themselves where they can.'),
    quick_erase: flag.describe('Whether only the beginning and end of disks are overwritten.'),
    force,
  }),
  power_on: Remark,
  power_off: z.object({
    stop_mode: z
      .enum(['hard', 'soft'])
      .optional()
      .describe('`soft` asks the operating system; `hard` by default.'),
    comment,
  }),
  mark_broken: Remark,
  mark_fixed: Remark,
  abort: Remark,
  lock: Remark,
  unlock: Remark,
  override_failed_testing: Remark,
  tag: Tag,
  untag: Tag,
  update: z.object({
    zone: text.describe('Zone to put it into.'),
    pool: text.describe('Resource pool to put it into.'),
    description: text.describe('For humans.'),
  }),
  link_subnet: z.object({
    interface: z.int().describe('Id of the network interface.'),
    subnet: z.int().describe('Id of the subnet.'),
    mode: z
      .enum(['AUTO', 'DHCP', 'STATIC', 'LINK_UP'])
      .default('AUTO')
      .describe(
        '`AUTO`: MAAS chooses an address to deploy with; `STATIC`: at once; `LINK_UP`: none.',
      ),
  }),
  set_owner_data: z.object({
    data: z
      .record(z.string(), z.string())
      .describe('Values to keep with the machine; an empty one is removed.'),
  }),
} as const;

/** What a verb is given. Throws `MAAS_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader({ [MACHINE_KIND]: MACHINE_PARAMS }, (what) =>
  maasFault('MAAS_BAD_PARAMS', what),
);

/** The form of a verb whose parameters MAAS takes as they are. */
export function formOf(action: Action): Form {
  const params = Object.entries(paramsOf(action) as object);
  const fields = params.flatMap(([name, value]): [string, Form[string]][] => {
    if (value === undefined) return [];
    if (name === 'user_data') return [[name, Buffer.from(String(value)).toString('base64')]];
    // Scripts are one field with commas between them.
    if (Array.isArray(value)) return [[name, value.join(',')]];
    return [[name, value as string | number | boolean]];
  });
  return Object.fromEntries(fields);
}

/** The form that creates a machine; the password comes from the environment. */
export function creationForm(
  hostname: string,
  params: z.infer<typeof MACHINE_PARAMS.create>,
  env: NodeJS.ProcessEnv,
): Form {
  const { power, power_pass_env, mac_addresses, ...plain } = params;
  const fields = Object.entries(power).map(([name, value]) => [`power_parameters_${name}`, value]);
  const own = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    hostname,
    mac_addresses,
    ...(Object.fromEntries([...own, ...fields]) as Form),
    ...(power_pass_env
      ? { power_parameters_power_pass: password(power_pass_env, env).reveal() }
      : {}),
  };
}

function password(variable: string, env: NodeJS.ProcessEnv): Secret {
  const value = env[variable];
  if (value) return new Secret(value);
  throw maasFault('MAAS_BAD_PARAMS', `create: power_pass_env: ${variable} is not set`);
}
