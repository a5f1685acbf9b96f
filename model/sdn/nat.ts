import { northboundRow } from './northbound.ts';

export const nat = northboundRow({
  kind: 'nat',
  describes: 'A NAT rule of a router: source NAT of a network, or a floating IP.',
  source: 'OVN northbound NAT (ovn-nb(5)): snat for networks, dnat_and_snat for floating IPs',
});
