/** What can be made to fail, as which event of which machine, and how it comes back. */
import type { FaultTarget } from './scenario.ts';

export interface TargetSpec {
  readonly kind: string;
  readonly fail: string;
  readonly repair: string;
}

export const FAULT_TARGETS: Readonly<Record<FaultTarget, TargetSpec>> = {
  disk: { kind: 'disk', fail: 'fail', repair: 'repair' },
  machine: { kind: 'machine', fail: 'fail', repair: 'repair' },
  nic: { kind: 'nic', fail: 'fail', repair: 'repair' },
  switch: { kind: 'switch', fail: 'fail', repair: 'repair' },
  pdu: { kind: 'pdu', fail: 'fail', repair: 'repair' },
  'host-os': { kind: 'host-os', fail: 'panic', repair: 'repair' },
  mon: { kind: 'mon', fail: 'fail', repair: 'repair' },
  mgr: { kind: 'mgr', fail: 'fail', repair: 'repair' },
  osd: { kind: 'osd', fail: 'fail', repair: 'repair' },
  domain: { kind: 'domain', fail: 'crash', repair: 'start' },
  kubelet: { kind: 'node', fail: 'kubelet_stop', repair: 'kubelet_start' },
  pod: { kind: 'pod', fail: 'crash', repair: 'restart' },
};

/** Components that exist as long as the site does; the others come and go. */
export const FIXED_KINDS: ReadonlySet<string> = new Set([
  'disk',
  'machine',
  'nic',
  'switch',
  'pdu',
]);
