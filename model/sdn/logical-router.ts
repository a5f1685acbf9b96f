import { northboundRow } from './northbound.ts';

export const logicalRouter = northboundRow({
  kind: 'logical-router',
  describes: 'A logical router: it joins tenant networks and leads out of them.',
  source: 'OVN northbound Logical_Router (ovn-nb(5)), one for each neutron router',
});
