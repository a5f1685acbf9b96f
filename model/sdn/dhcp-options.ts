import { northboundRow } from './northbound.ts';

export const dhcpOptions = northboundRow({
  kind: 'dhcp-options',
  describes: 'What OVN itself answers to the DHCP requests of ports: one row for each subnet.',
  source: 'OVN northbound DHCP_Options (ovn-nb(5)), one for each neutron subnet with DHCP',
});
