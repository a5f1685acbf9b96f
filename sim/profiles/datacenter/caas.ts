import type { ProfileTimings } from '../../profile.ts';
import { LAB_CAAS } from '../lab/caas.ts';

const SLO =
  'within the pod startup SLO of 5 s (99th percentile) without image pull, sig-scalability';

/** Defaults of Kubernetes are the same everywhere; what hardware and size change is replaced. */
export const DATACENTER_CAAS: ProfileTimings = {
  ...LAB_CAAS,
  'node.provision': {
    distribution: { type: 'lognormal', median: 75, sigma: 0.25 },
    source: 'assumption: guest boot, cloud-init, kubeadm join; one to two minutes',
  },
  'node.register': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: kubelet and CNI start; NotReady until the network plugin answers',
  },
  'node.reconnect': {
    distribution: { type: 'uniform', min: 0, max: 7 },
    source: 'kubelet: a failed renewal of its lease is retried every 7 s at most',
  },
  'node.monitor': {
    distribution: { type: 'constant', value: 40 },
    source: 'default of kube-controller-manager: node-monitor-grace-period 40 s (50 s since 1.32)',
  },
  'node.monitor_period': {
    distribution: { type: 'uniform', min: 0, max: 5 },
    source: 'default of kube-controller-manager: node-monitor-period 5 s',
  },
  'node.heartbeat_age': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: 'default of the kubelet: it renews its lease every 10 s',
  },
  'node.tolerate': {
    distribution: { type: 'constant', value: 300 },
    source: 'default toleration of unreachable:NoExecute: 300 s',
  },
  'server.boot_retry': {
    distribution: { type: 'uniform', min: 60, max: 300 },
    source: 'assumption: Cluster API and Juju ask again after some minutes',
  },
  'server.health_check': {
    distribution: { type: 'uniform', min: 300, max: 600 },
    source: 'Cluster API book, MachineHealthCheck: unhealthy conditions time out after 5 min',
  },
  'pod.schedule': {
    distribution: { type: 'lognormal', median: 0.03, sigma: 0.5 },
    source: SLO,
  },
  'pod.scheduling_latency': {
    distribution: { type: 'lognormal', median: 0.03, sigma: 0.5 },
    source: SLO,
  },
  'pod.sync': {
    distribution: { type: 'lognormal', median: 0.5, sigma: 0.4 },
    source: SLO,
  },
  'pod.start': {
    distribution: { type: 'lognormal', median: 1.5, sigma: 0.4 },
    source: SLO,
  },
  'pod.attach_volume': {
    distribution: { type: 'lognormal', median: 6, sigma: 0.4 },
    source: 'assumption: VolumeAttachment, rbd map, file system check and mount',
  },
  'pod.readiness': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.6 },
    source: 'assumption: start of a service until its first successful probe (period 10 s)',
  },
  'pod.sync_period': {
    distribution: { type: 'uniform', min: 2, max: 12 },
    source: 'kubelet: work is retried after 2 s and at the next sync, every 10 s',
  },
  'pod.terminate': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: volumes are unmounted, the API server is told; besides StopContainer',
  },
};
