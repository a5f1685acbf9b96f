import type { ProfileTimings } from '../../profile.ts';

const MEASURED = 'measured: Kubernetes 1.20.2 with containerd 1.6.20 on Debian 12, 2 cores';
const AUTOSCALER = 'default of the cluster autoscaler (FAQ)';
const HPA = 'default of kube-controller-manager';
const KUBELET = 'default of the kubelet';

export const LAB_CAAS: ProfileTimings = {
  // nodes
  'node.provision': {
    distribution: { type: 'uniform', min: 20, max: 40 },
    source: 'assumption: cloud-init with everything in the image, then the kubelet starts',
  },
  'node.register': {
    distribution: { type: 'uniform', min: 2, max: 5 },
    source: `${MEASURED}: a whole cluster is Ready 23 s after its first daemon, the kubelet in the last 5`,
  },
  'node.reconnect': {
    distribution: { type: 'uniform', min: 0, max: 2 },
    source: `${MEASURED}: nodeStatusUpdateFrequency 2s; a kubelet that never stopped posts again`,
  },
  'node.monitor': {
    distribution: { type: 'constant', value: 8 },
    source: `${MEASURED}: grace period 8 s; a cluster's own value is used where the scenario has one`,
  },
  'node.monitor_period': {
    distribution: { type: 'uniform', min: 0, max: 1 },
    source: `${MEASURED}: node-monitor-period=1s; Unknown was seen after 9 s`,
  },
  'node.heartbeat_age': {
    distribution: { type: 'uniform', min: 0, max: 2 },
    source: `${MEASURED}: nodeStatusUpdateFrequency 2s`,
  },
  'node.tolerate': {
    distribution: { type: 'constant', value: 5 },
    source: `${MEASURED}: pod-eviction-timeout=5s; a cluster's own value is used`,
  },
  'node.cluster_settle': {
    distribution: { type: 'constant', value: 900 },
    source: 'assumption: operators deploy when every node is there, at latest after 15 min',
  },
  'server.boot_retry': {
    distribution: { type: 'uniform', min: 60, max: 120 },
    source: 'assumption: Cluster API and Juju ask again after a minute or two',
  },
  'server.health_check': {
    distribution: { type: 'uniform', min: 30, max: 90 },
    source: 'assumption: whoever watches the servers of a cluster starts one that is off',
  },
  // pods
  'pod.schedule': {
    distribution: { type: 'uniform', min: 0.02, max: 0.04 },
    source: `${MEASURED}: bound 20-40 ms after creation`,
  },
  'pod.scheduling_latency': {
    distribution: { type: 'uniform', min: 0.02, max: 0.04 },
    source: `${MEASURED}: bound 20-40 ms after creation`,
  },
  'pod.sync': {
    distribution: { type: 'uniform', min: 0.3, max: 0.5 },
    source: `${MEASURED}: Running 1.0-1.2 s after creation, less the calls to the runtime`,
  },
  'pod.start': {
    distribution: { type: 'uniform', min: 1, max: 1.2 },
    source: `${MEASURED}: Running 1.0-1.2 s after creation, with the image present`,
  },
  'pod.attach_volume': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: rbd map, file system check and mount; the lab kernel has no rbd',
  },
  'pod.readiness': {
    distribution: { type: 'uniform', min: 0.1, max: 1 },
    source: `${MEASURED}: pods without a probe are ready with the next status update`,
  },
  'pod.probe_failure': {
    distribution: { type: 'constant', value: 30 },
    source: 'defaults of probes: periodSeconds 10, failureThreshold 3',
  },
  'pod.restart': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: `${MEASURED}: CreateContainer and StartContainer after the next sync`,
  },
  'pod.back_off': {
    distribution: { type: 'constant', value: 10 },
    source: `${KUBELET}: CrashLoopBackOff begins with 10 s`,
  },
  'pod.back_off_initial': {
    distribution: { type: 'constant', value: 10 },
    source: `${KUBELET}: back-off of containers and image pulls begins with 10 s and doubles`,
  },
  'pod.back_off_max': {
    distribution: { type: 'constant', value: 300 },
    source: `${KUBELET}: back-off of containers and image pulls ends at 5 min`,
  },
  'pod.back_off_reset': {
    distribution: { type: 'constant', value: 600 },
    source: `${KUBELET}: a container that ran for 10 min starts without back-off`,
  },
  'pod.image_back_off': {
    distribution: { type: 'constant', value: 10 },
    source: `${KUBELET}: ImagePullBackOff begins with 10 s`,
  },
  'pod.sync_period': {
    distribution: { type: 'constant', value: 2 },
    source: `${MEASURED}: syncFrequency 2s`,
  },
  'pod.terminate': {
    distribution: { type: 'uniform', min: 6, max: 8 },
    source: `${MEASURED}: deleted with grace 1 s after 7-9 s, less StopContainer and StopPodSandbox`,
  },
  // controllers
  'deployment.scale': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the controller when the pods are there`,
  },
  'deployment.roll_out': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the controller when the pods are replaced`,
  },
  'deployment.delete': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the garbage collector when the pods are gone`,
  },
  'deployment.progress_deadline': {
    distribution: { type: 'constant', value: 600 },
    source: 'default of progressDeadlineSeconds',
  },
  'stateful-set.reconcile': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the controller when the pods are there`,
  },
  'stateful-set.delete': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the garbage collector when the pods are gone`,
  },
  'daemon-set.reconcile': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the controller when the pods are there`,
  },
  'daemon-set.delete': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the garbage collector when the pods are gone`,
  },
  'job.run': {
    distribution: { type: 'uniform', min: 1, max: 10 },
    source: "a job's own run time is used where the scenario has one",
  },
  'job.delete': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: answered by the garbage collector when the pods are gone`,
  },
  // claims
  'pvc.provision': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: sidecar, CSI controller and binding, beside the RBD image itself',
  },
  'pvc.provision_retry': {
    distribution: { type: 'uniform', min: 1, max: 60 },
    source: 'external-provisioner: retry-interval-start 1 s, doubled up to 5 min',
  },
  'pvc.expand': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: 'assumption: rbd resize, then the file system is grown by the kubelet',
  },
  'pvc.delete': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: the finalizer waits for the volume to be deleted',
  },
  // autoscalers
  'hpa.scale_up': {
    distribution: { type: 'uniform', min: 0, max: 15 },
    source: `${HPA}: horizontal-pod-autoscaler-sync-period 15 s`,
  },
  'hpa.scale_down': {
    distribution: { type: 'uniform', min: 0, max: 15 },
    source: `${HPA}: horizontal-pod-autoscaler-sync-period 15 s`,
  },
  'hpa.sync': {
    distribution: { type: 'uniform', min: 0, max: 15 },
    source: `${HPA}: horizontal-pod-autoscaler-sync-period 15 s`,
  },
  'hpa.downscale_stabilization': {
    distribution: { type: 'constant', value: 300 },
    source: `${HPA}: horizontal-pod-autoscaler-downscale-stabilization 5 min`,
  },
  'hpa.load_amplitude_ratio': {
    distribution: { type: 'uniform', min: 0.3, max: 0.6 },
    source: 'assumption: height of the daily wave of user-facing services over its mean',
  },
  'hpa.load_peak': {
    distribution: { type: 'uniform', min: 12 * 3600, max: 21 * 3600 },
    source: 'assumption: user-facing services are busiest between noon and evening',
  },
  'hpa.load_day_ratio': {
    distribution: { type: 'lognormal', median: 1, sigma: 0.1 },
    source: 'assumption: days differ from each other by some 10 %',
  },
  'cluster-autoscaler.scale_up': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: `${AUTOSCALER}: scan-interval 10 s`,
  },
  'cluster-autoscaler.scale_down': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: `${AUTOSCALER}: scan-interval 10 s`,
  },
  'cluster-autoscaler.scan_interval': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: `${AUTOSCALER}: scan-interval 10 s`,
  },
  'cluster-autoscaler.delay_after_add': {
    distribution: { type: 'constant', value: 600 },
    source: `${AUTOSCALER}: scale-down-delay-after-add 10 min`,
  },
  'cluster-autoscaler.backoff': {
    distribution: { type: 'constant', value: 300 },
    source: `${AUTOSCALER}: initial-node-group-backoff-duration 5 min`,
  },
  'cluster-autoscaler.unneeded_time': {
    distribution: { type: 'constant', value: 600 },
    source: `${AUTOSCALER}: scale-down-unneeded-time 10 min`,
  },
  'cluster-autoscaler.max_node_provision_time': {
    distribution: { type: 'constant', value: 900 },
    source: `${AUTOSCALER}: max-node-provision-time 15 min`,
  },
};
