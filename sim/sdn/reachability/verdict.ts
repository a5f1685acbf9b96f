import type { Packet } from './packet.ts';
import type { LogicalSwitch } from './topology.ts';

export type Verdict = Delivered | { readonly dropped: Reason; readonly at: string };

/** The packet as the port gets it. */
export interface Delivered {
  readonly delivered: string;
  readonly source: string;
  readonly destination: string;
}

export type Reason =
  | 'no gateway'
  | 'port disabled'
  | 'port security'
  | 'acl'
  | 'no backend'
  | 'unknown address'
  | 'no route'
  | 'policy'
  | 'ttl'
  | 'router address';

/** A packet on its way, and the switch that it enters. */
export interface Hop {
  readonly on: LogicalSwitch;
  readonly packet: Packet;
}

export function dropped(reason: Reason, at: string): Verdict {
  return { dropped: reason, at };
}
