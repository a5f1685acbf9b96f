import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { readJson, writeJson } from '../folder.ts';
import { cephPaths } from './paths.ts';

/**
 * The way into the cluster's network namespace: a pair of virtual Ethernet devices, one end inside.
 * The cluster listens on the inner address only; nothing but this machine can reach it.
 */
export interface LabNetwork {
  /** The device outside; it goes when the namespace goes. */
  readonly device: string;
  /** The cluster's address. */
  readonly inside: string;
  /** This machine's address on the pair. */
  readonly outside: string;
  readonly range: string;
}

const INNER_DEVICE = 'ceph0';
/** Link-local addresses (RFC 3927) are never routed; each lab takes four of them. */
const RANGES = 64 * 254;

/** The network of the cluster that was started last. */
export function labNetwork(): LabNetwork {
  const network = readJson<LabNetwork>(cephPaths().network);
  if (network) return network;
  throw new LabError('LAB_START_FAILED', 'the lab has no cluster', 'Run npm run lab:up ceph.');
}

/** Joins the namespaces of `holder` to this one; each lab folder has a range of its own. */
export async function joinNetwork(holder: number): Promise<LabNetwork> {
  const network = chooseNetwork(cephPaths().base);
  const { device, inside, outside } = network;
  const within = ['--target', String(holder), '--net', '--', 'ip'];
  await removeDevice(device); // of a lab that was killed a moment ago
  await command('ip', [
    ...['link', 'add', device, 'type', 'veth'],
    ...['peer', 'name', INNER_DEVICE, 'netns', String(holder)],
  ]);
  await command('ip', ['address', 'add', `${outside}/30`, 'dev', device]);
  await command('ip', ['link', 'set', device, 'up']);
  await command('nsenter', [...within, 'address', 'add', `${inside}/30`, 'dev', INNER_DEVICE]);
  await command('nsenter', [...within, 'link', 'set', INNER_DEVICE, 'up']);
  writeJson(cephPaths().network, network);
  return network;
}

/** Takes the way away, or gives it back: the cluster itself does not notice. */
export async function setReachable(isReachable: boolean): Promise<void> {
  await command('ip', ['link', 'set', labNetwork().device, isReachable ? 'up' : 'down']);
}

async function removeDevice(device: string): Promise<void> {
  if (networkInterfaces()[device] === undefined) return;
  await command('ip', ['link', 'delete', device]).catch(() => {}); // it may just have gone
}

/** Drawn by the folder's name, so that two labs differ; the next one where that is taken. */
function chooseNetwork(folder: string): LabNetwork {
  const digest = createHash('sha256').update(folder).digest();
  const device = `ceph${digest.toString('hex').slice(0, 8)}`;
  const taken = new Set(
    Object.entries(networkInterfaces())
      .filter(([name]) => name !== device)
      .flatMap(([, addresses]) => addresses ?? [])
      .map(({ address }) => address),
  );
  for (let i = 0; i < RANGES; i++) {
    const number = (digest.readUInt32BE(4) + i) % RANGES;
    const prefix = `169.254.${1 + Math.floor(number / 64)}`;
    const first = (number % 64) * 4;
    const [outside, inside] = [`${prefix}.${first + 1}`, `${prefix}.${first + 2}`];
    if (!taken.has(outside)) return { device, inside, outside, range: `${prefix}.${first}/30` };
  }
  throw new LabError('LAB_START_FAILED', 'no address range is free', 'Stop other labs.');
}
