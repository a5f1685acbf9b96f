/** Names, times and amounts as the report writes them. */
import { type Cell, type Colours, count } from '../tools/text.ts';

export const WIDTH = 100;

const TITLES: Readonly<Record<string, string>> = {
  'bare-metal': 'bare metal',
  'operating-system': 'operating system',
  sdn: 'network',
  sds: 'storage',
  iaas: 'cloud',
  container: 'containers',
  caas: 'Kubernetes',
  orchestration: 'applications',
};

/** A layer as operators call it: `sds` is the storage. */
export const layerTitle = (layer: string): string => TITLES[layer] ?? layer.replaceAll('-', ' ');

/** Kinds whose names differ from their ids, or whose plurals take more than an s. */
const NOUNS: Readonly<Record<string, readonly [string, string]>> = {
  switch: ['switch', 'switches'],
  pdu: ['PDU', 'PDUs'],
  nic: ['NIC', 'NICs'],
  'host-os': ['host OS', 'host OSs'],
  chassis: ['chassis', 'chassis'],
  'logical-switch': ['logical switch', 'logical switches'],
  acl: ['ACL', 'ACLs'],
  nat: ['NAT rule', 'NAT rules'],
  'ceph-cluster': ['Ceph cluster', 'Ceph clusters'],
  osd: ['OSD', 'OSDs'],
  pg: ['PG', 'PGs'],
  'rbd-image': ['RBD image', 'RBD images'],
  cephfs: ['CephFS', 'CephFS'],
  mds: ['MDS', 'MDSs'],
  rgw: ['RGW', 'RGWs'],
  sandbox: ['sandbox', 'sandboxes'],
  pvc: ['volume claim', 'volume claims'],
  hpa: ['pod autoscaler', 'pod autoscalers'],
  pdb: ['disruption budget', 'disruption budgets'],
  model: ['Juju model', 'Juju models'],
  unit: ['Juju unit', 'Juju units'],
  'juju-machine': ['Juju machine', 'Juju machines'],
};

/** A kind as a noun, one or many: `pgs` is `PG`, `PGs`. */
export function noun(kind: string, n = 1): string {
  const [one, many] = NOUNS[kind] ?? [kind.replaceAll('-', ' '), `${kind.replaceAll('-', ' ')}s`];
  return n === 1 ? one : many;
}

/** `1 PG`, `1,234 PGs`. */
export const countOf = (n: number, kind: string): string => count(n, noun(kind), noun(kind, 2));

/** `97.3 %`; more digits near 100 %, where they matter. */
export function percent(ratio: number): string {
  const value = 100 * ratio;
  const nearly = value > 99 && value < 100;
  const digits = nearly ? Math.min(6, Math.ceil(-Math.log10(100 - value)) + 1) : 1;
  return `${Number(value.toFixed(digits))} %`;
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Three digits that matter and a binary unit: `12.3 GiB`. */
export function bytes(amount_bytes: number): string {
  let power = 0;
  let rest = amount_bytes;
  for (; Math.abs(rest) >= 1024 && power < BINARY.length - 1; power++) rest /= 1024;
  return `${digits(rest)} ${BINARY[power]}`;
}

const DECIMAL = ['', 'k', 'M', 'G', 'T'] as const;

/** Three digits that matter and a decimal unit: `1.25 kW`, `310 MWh`. */
export function decimal(amount: number, unit: string): string {
  let power = 0;
  let rest = amount;
  for (; Math.abs(rest) >= 1000 && power < DECIMAL.length - 1; power++) rest /= 1000;
  return `${digits(rest)} ${DECIMAL[power]}${unit}`;
}

/** Three digits that matter, whole from 100 on, thousands set apart. */
export function digits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `a`, `a and b`, `a, b and c`. */
export function list(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** Breaks text between words into lines of at most WIDTH columns; lines after the first hang. */
export function wrap(text: string, indent: number, hang = indent): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ' '.repeat(hang);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}

/** The heads of a table's columns. */
export const heads = (names: readonly string[], paint: Colours): Cell[] =>
  names.map((text) => ({ text, paint: paint.dim }));
