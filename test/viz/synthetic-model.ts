/**
 * A made-up stack for pictures and tests of the page, much simpler than the real model: each kind
 * comes up through `boot`, serves in `serve`, and falls to `lost` while a provider it needs is away.
 */
import { type RecordingModel, SPECIAL_EVENTS } from '../../engine/recording/format.ts';
import type { Layer } from '../../model/layers.ts';

export interface SyntheticKind {
  readonly kind: string;
  readonly layer: Layer;
  /** States passed on the way up, the first one is the initial one. */
  readonly boot: readonly string[];
  readonly serve: string;
  readonly lost: string;
  /** Passed on the way back after a loss. */
  readonly back: readonly string[];
  /** Kinds of providers; an entity falls when all providers of one `any` kind, or one of an `all` kind, are away. */
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  /** Median seconds in each state on the way up or back, and until a loss is noticed. */
  readonly step_s: number;
  readonly notice_s: number;
  /** A loss leaves it serving (a placement group with copies left). */
  readonly servesWhenLost?: true;
}

const k = (
  layer: Layer,
  kind: string,
  boot: string,
  serve: string,
  lost: string,
  back: string,
  step_s: number,
  notice_s: number,
  needs: { all?: string[]; any?: string[]; servesWhenLost?: true } = {},
): SyntheticKind => ({
  layer,
  kind,
  boot: boot.split(' ').filter(Boolean),
  serve,
  lost,
  back: back.split(' ').filter(Boolean),
  step_s,
  notice_s,
  ...needs,
});

export const KINDS: readonly SyntheticKind[] = [
  k('bare-metal', 'region', '', 'active', 'down', '', 1, 0),
  k('bare-metal', 'rack', '', 'powered', 'unpowered', '', 1, 0),
  k('bare-metal', 'pdu', '', 'on', 'off', '', 1, 0.02, { all: ['rack'] }),
  k('bare-metal', 'switch', 'booting', 'up', 'down', 'booting', 40, 0.05, { any: ['pdu'] }),
  k(
    'bare-metal',
    'machine',
    'new commissioning ready allocated deploying',
    'deployed',
    'power_off',
    'power_on',
    60,
    0.1,
    { any: ['pdu'] },
  ),
  k('bare-metal', 'disk', '', 'ok', 'failed', '', 1, 0.01, { all: ['machine'] }),
  k('bare-metal', 'nic', '', 'link_up', 'link_down', '', 1, 0.01, { all: ['machine', 'switch'] }),
  k('operating-system', 'host-os', 'off booting', 'running', 'unreachable', 'booting', 45, 2, {
    all: ['machine'],
    any: ['nic'],
  }),
  k(
    'operating-system',
    'systemd-unit',
    'inactive activating',
    'active',
    'failed',
    'activating',
    2,
    0.2,
    { all: ['host-os'] },
  ),
  k('hypervisor', 'hypervisor', 'down starting', 'up', 'lost', 'starting', 4, 1, {
    all: ['host-os'],
  }),
  k('hypervisor', 'domain', 'defined starting', 'running', 'crashed', 'starting', 2, 0.5, {
    all: ['hypervisor'],
  }),
  k('sdn', 'chassis', 'absent registering', 'registered', 'stale', 'registering', 1, 2.4, {
    all: ['host-os'],
  }),
  k('sdn', 'logical-switch', '', 'present', 'gone', '', 1, 0),
  k('sdn', 'port', 'created bound', 'up', 'down', 'bound', 0.03, 1.5, { all: ['chassis'] }),
  k('sdn', 'gateway', '', 'claimed', 'moving', '', 3, 2.5, { any: ['chassis'] }),
  k('sds', 'mon', 'probing electing', 'in_quorum', 'out_of_quorum', 'probing electing', 4, 5, {
    all: ['host-os'],
  }),
  k('sds', 'osd', 'down.out booting', 'up.in', 'down.in', 'booting', 5, 1, {
    all: ['disk', 'host-os'],
  }),
  k('sds', 'pool', '', 'healthy', 'full', '', 1, 0),
  k(
    'sds',
    'pg',
    'creating peering',
    'active.clean',
    'active.undersized.degraded',
    'active.recovering',
    6,
    4,
    { all: ['osd'], servesWhenLost: true },
  ),
  k('sds', 'rbd-image', '', 'present', 'blocked', '', 1, 0),
  k('iaas', 'project', '', 'enabled', 'disabled', '', 1, 0),
  k('iaas', 'compute-service', 'down', 'up', 'lost', '', 5, 59, { all: ['hypervisor'] }),
  k(
    'iaas',
    'volume',
    'creating available reserved attaching',
    'in-use',
    'error',
    'attaching',
    0.7,
    1,
    { all: ['rbd-image'] },
  ),
  k(
    'iaas',
    'server',
    'building.scheduling building.networking building.block_device_mapping building.spawning',
    'active',
    'error',
    'rebuilding',
    1.2,
    1,
    { all: ['domain', 'port', 'volume'] },
  ),
  k('container', 'container-runtime', 'stopped', 'ready', 'gone', '', 2, 1, { all: ['server'] }),
  k('container', 'sandbox', 'creating', 'ready', 'notready', 'creating', 0.3, 1, {
    all: ['container-runtime'],
  }),
  k('container', 'container', 'created', 'running', 'exited', 'created', 0.2, 0.1, {
    all: ['sandbox'],
  }),
  k('caas', 'node', 'notready', 'ready', 'unknown', 'notready', 6, 9, {
    all: ['container-runtime'],
  }),
  k(
    'caas',
    'pod',
    'pending.unscheduled pending.creating',
    'running',
    'unknown',
    'pending.creating',
    1.1,
    2,
    { all: ['sandbox', 'node'] },
  ),
  k('caas', 'deployment', 'progressing', 'available', 'unavailable', 'progressing', 2, 1, {
    any: ['pod'],
  }),
  k('orchestration', 'model', '', 'available', 'suspended', '', 1, 0),
  k('orchestration', 'application', 'waiting', 'active', 'blocked', 'maintenance', 3, 4, {
    any: ['unit'],
  }),
  k('orchestration', 'unit', 'allocating installing', 'active', 'lost', 'executing', 8, 5, {
    all: ['pod'],
  }),
];

export const KIND = new Map(KINDS.map((kind) => [kind.kind, kind]));

export const EVENTS: readonly string[] = [
  ...SPECIAL_EVENTS,
  'metric:power_w',
  'metric:cpu_utilisation_ratio',
  'progressed',
  'lost',
  'restored',
  'fail',
  'repair',
  'delete',
  'reboot',
];

export const MODEL: RecordingModel = {
  kinds: KINDS.map(({ kind, layer }) => ({ kind, layer })),
  states: Object.fromEntries(KINDS.flatMap(statesOf)),
  events: {
    lost: Object.fromEntries(KINDS.map(({ kind }) => [kind, 'a provider stopped serving'])),
    restored: Object.fromEntries(KINDS.map(({ kind }) => [kind, 'its providers serve again'])),
    fail: {
      machine: 'the machine broke down',
      disk: 'the disk returned a medium error',
      rack: 'the feed of the rack tripped',
    },
  },
};

function statesOf(
  kind: SyntheticKind,
): [string, { class: 'stable' | 'transient' | 'failed'; serving: boolean }][] {
  const idle = new Set(['ready', 'defined', 'off', 'available', 'down.out', 'inactive']);
  return [
    ...[...kind.boot, ...kind.back, 'deleting'].map((s) =>
      state(kind, s, idle.has(s) && kind.serve !== s ? 'stable' : 'transient', false),
    ),
    state(kind, kind.serve, 'stable', true),
    state(kind, kind.lost, 'failed', kind.servesWhenLost === true),
    ...(kind.servesWhenLost ? kind.back.map((s) => state(kind, s, 'transient', true)) : []),
  ];
}

function state(
  kind: SyntheticKind,
  name: string,
  cls: 'stable' | 'transient' | 'failed',
  serving: boolean,
) {
  return [`${kind.kind}/${name}`, { class: cls, serving }] as [
    string,
    { class: 'stable' | 'transient' | 'failed'; serving: boolean },
  ];
}

/** Every state name once; its index is its id. */
export const STATES: readonly string[] = Object.keys(MODEL.states);
