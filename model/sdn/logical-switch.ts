import { northboundRow } from './northbound.ts';

export const logicalSwitch = northboundRow({
  kind: 'logical-switch',
  describes: 'A logical switch: one tenant network, stretched over all chassis.',
  source: 'OVN northbound Logical_Switch (ovn-nb(5)), one for each neutron network',
});
