import type { ProfileTimings } from '../../profile.ts';

const AS_MEASURED =
  'as measured with containerd 1.6.20 on a test bench; within the Kubernetes SLO of 5 s (99th ' +
  'percentile) for the start of a pod without image pull, sig-scalability';

export const DATACENTER_CONTAINER: ProfileTimings = {
  'container-runtime.start': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: containerd with a store of some hundred layers to check',
  },
  'container-runtime.readopt': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: containerd connects to some dozen shims',
  },
  'container-runtime.recover': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: as its start',
  },
  'container-runtime.restart_delay': {
    distribution: { type: 'constant', value: 5 },
    source: 'containerd.service: RestartSec=5',
  },
  'container-image.pull': {
    distribution: { type: 'lognormal', median: 0.6, sigma: 0.5 },
    source: 'assumption: authentication, manifest and layer requests to a registry on the site',
  },
  'container-image.pull_rate_bytes_per_s': {
    distribution: { type: 'lognormal', median: 60e6, sigma: 0.3 },
    source: 'assumption: bound by gzip decompression on one core (some 100 MB/s), not by 25 Gbps',
  },
  'container-image.size_bytes': {
    distribution: { type: 'lognormal', median: 150e6, sigma: 0.8 },
    source: 'assumption for images that the scenario does not name: some 10 MB to 1 GB',
  },
  'container-image.remove': {
    distribution: { type: 'uniform', min: 0.05, max: 0.5 },
    source: 'assumption: references are dropped, layers are collected in the background',
  },
  'sandbox.run': {
    distribution: { type: 'lognormal', median: 0.35, sigma: 0.4 },
    source: AS_MEASURED,
  },
  'sandbox.stop': {
    distribution: { type: 'uniform', min: 0.17, max: 0.3 },
    source: AS_MEASURED,
  },
  'sandbox.remove': {
    distribution: { type: 'uniform', min: 0.02, max: 0.1 },
    source: AS_MEASURED,
  },
  'container.create': {
    distribution: { type: 'uniform', min: 0.01, max: 0.11 },
    source: AS_MEASURED,
  },
  'container.start': {
    distribution: { type: 'uniform', min: 0.04, max: 0.14 },
    source: AS_MEASURED,
  },
  'container.stop': {
    distribution: { type: 'lognormal', median: 2, sigma: 0.8 },
    source: 'assumption: services finish their requests on SIGTERM, within the 30 s of the default',
  },
  'container.remove': {
    distribution: { type: 'uniform', min: 0.02, max: 0.1 },
    source: AS_MEASURED,
  },
};
