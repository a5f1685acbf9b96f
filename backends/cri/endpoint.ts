import { isAbsolute } from 'node:path';
import { criFault } from './faults.ts';

/** Where crictl looks when it is told nothing; the same order. */
export const DEFAULT_ENDPOINTS: readonly string[] = [
  'unix:///run/containerd/containerd.sock',
  'unix:///run/crio/crio.sock',
  'unix:///run/cri-dockerd.sock',
];

/** The path of a unix socket from an endpoint, such as `unix:///run/containerd/containerd.sock`. */
export function socketPath(endpoint: string): string {
  const path = endpoint.replace(/^unix:(\/\/)?/, '');
  if (isAbsolute(path)) return path;
  throw criFault('CRI_BAD_ENDPOINT', endpoint);
}
