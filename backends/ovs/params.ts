/** What verbs are given, by kind. Columns are named as in ovs-vswitchd.conf.db(5). */
import { z } from 'zod';
import { paramsReader, type VerbParams } from '../verb-params.ts';
import { ovsFault } from './faults.ts';

const strings = z.record(z.string(), z.string()).optional();
const external_ids = strings.describe('As in the column of that name.');

const BridgeParams = z.object({
  datapath_type: z
    .enum(['system', 'netdev'])
    .optional()
    .describe('`netdev` is the datapath in user space; that of the kernel by default.'),
  fail_mode: z
    .enum(['standalone', 'secure'])
    .optional()
    .describe('What it does without a controller; `standalone` by default.'),
  external_ids,
});

const InterfaceParams = z.object({
  type: z
    .string()
    .optional()
    .describe('`internal`, `patch`, `geneve` and so on; a network device of the host by default.'),
  options: strings.describe('As in the column of that name, such as `remote_ip`.'),
  external_ids,
});

export const OVS_PARAMS = {
  bridge: { add: BridgeParams },
  interface: {
    add: InterfaceParams.extend({
      bridge: z.string().describe('The bridge that it becomes a port of.'),
      tag: z.int().min(0).max(4095).optional().describe('VLAN of an access port.'),
    }),
    update: InterfaceParams,
  },
} as const satisfies VerbParams;

/** What a verb is given. Throws `OVS_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader(OVS_PARAMS, (what) => ovsFault('OVS_BAD_PARAMS', what));
