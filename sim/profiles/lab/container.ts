import type { ProfileTimings } from '../../profile.ts';

const MEASURED = 'measured: containerd 1.6.20 and runc 1.1.5 on Debian 12, 2 cores';

export const LAB_CONTAINER: ProfileTimings = {
  'container-runtime.start': {
    distribution: { type: 'uniform', min: 0.15, max: 0.3 },
    source: `${MEASURED}: socket open after 0.2 s`,
  },
  'container-runtime.readopt': {
    distribution: { type: 'uniform', min: 0.2, max: 0.5 },
    source: `${MEASURED}: after kill -9 the running containers are adopted again`,
  },
  'container-runtime.recover': {
    distribution: { type: 'uniform', min: 0.2, max: 0.5 },
    source: `${MEASURED}: as its start, with the look for shims`,
  },
  'container-runtime.restart_delay': {
    distribution: { type: 'constant', value: 5 },
    source: 'containerd.service: RestartSec=5',
  },
  'container-image.pull': {
    distribution: { type: 'uniform', min: 0.08, max: 0.15 },
    source: `${MEASURED}: importing an archive takes 0.1 s; the lab has no registry`,
  },
  'container-image.pull_rate_bytes_per_s': {
    distribution: { type: 'uniform', min: 60e6, max: 120e6 },
    source: 'assumption: unpacking of gzip layers on one core; the lab has no registry',
  },
  'container-image.size_bytes': {
    distribution: { type: 'uniform', min: 2e6, max: 10e6 },
    source: 'lab images are a static busybox; for images that the scenario does not name',
  },
  'container-image.remove': {
    distribution: { type: 'uniform', min: 0.02, max: 0.1 },
    source: 'assumption: references are dropped, layers are collected in the background',
  },
  'sandbox.run': {
    distribution: { type: 'uniform', min: 0.11, max: 0.53 },
    source: `${MEASURED}: RunPodSandbox 110-530 ms`,
  },
  'sandbox.stop': {
    distribution: { type: 'uniform', min: 0.17, max: 0.2 },
    source: `${MEASURED}: Stop 170-200 ms`,
  },
  'sandbox.remove': {
    distribution: { type: 'uniform', min: 0.02, max: 0.1 },
    source: `${MEASURED}: RemovePodSandbox below 100 ms`,
  },
  'container.create': {
    distribution: { type: 'uniform', min: 0.01, max: 0.11 },
    source: `${MEASURED}: CreateContainer 10-110 ms`,
  },
  'container.start': {
    distribution: { type: 'uniform', min: 0.04, max: 0.14 },
    source: `${MEASURED}: StartContainer 40-140 ms`,
  },
  'container.stop': {
    distribution: { type: 'uniform', min: 0.17, max: 0.2 },
    source: `${MEASURED}: StopContainer of a process that handles SIGTERM 170-200 ms`,
  },
  'container.remove': {
    distribution: { type: 'uniform', min: 0.02, max: 0.1 },
    source: `${MEASURED}: RemoveContainer below 100 ms`,
  },
};
