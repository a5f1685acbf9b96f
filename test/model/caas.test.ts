import { describe, expect, it } from 'vitest';
import { clusterAutoscaler } from '../../model/caas/cluster-autoscaler.ts';
import { deployment } from '../../model/caas/deployment.ts';
import { hpa } from '../../model/caas/hpa.ts';
import { KINDS } from '../../model/caas/index.ts';
import { node } from '../../model/caas/node.ts';
import { pod } from '../../model/caas/pod.ts';
import { pvc } from '../../model/caas/pvc.ts';
import { service } from '../../model/caas/service.ts';
import { statefulSet } from '../../model/caas/stateful-set.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

// Regions that never meet: what is being deleted is not available.
const unreachable = /deployment\/(delet.*vailable|(?!delet).*Released)$/;
describeKinds(KINDS, { runs: 100, unreachable });

const RUNNING = 'done done ready';

describe('sequences observed with Kubernetes 1.20', () => {
  it('a pod is bound, created, started, ready, and deleted', () => {
    expect(walk(pod, `${RUNNING} delete done`)).toEqual([
      'Pending.Scheduling+NotReady',
      'Pending.ContainerCreating+NotReady',
      'Running.Started+NotReady',
      'Running.Started+Ready',
      'Terminating+NotReady',
      'deleted+NotReady',
    ]);
  });

  it('FailedScheduling, then a place after all', () => {
    expect(walk(pod, 'fault requeued done').slice(1)).toEqual([
      'Pending.Unschedulable+NotReady',
      'Pending.Scheduling+NotReady',
      'Pending.ContainerCreating+NotReady',
    ]);
  });

  it('ErrImagePull <-> ImagePullBackOff', () => {
    expect(
      walk(pod, 'done image_pull_failed back_off image_pull_failed back_off done').slice(2),
    ).toEqual([
      'Pending.ErrImagePull+NotReady',
      'Pending.ImagePullBackOff+NotReady',
      'Pending.ErrImagePull+NotReady',
      'Pending.ImagePullBackOff+NotReady',
      'Pending.ContainerCreating+NotReady',
    ]);
  });

  it('CrashLoopBackOff, OOMKilled, StartError', () => {
    expect(walk(pod, `${RUNNING} crash back_off done oom_killed fault`).slice(4)).toEqual([
      'Running.Error+NotReady',
      'Running.CrashLoopBackOff+NotReady',
      'Running.Started+NotReady',
      'Running.OOMKilled+NotReady',
      'Running.CrashLoopBackOff+NotReady',
    ]);
    expect(endOf(pod, 'done fault')).toBe('Pending.CreateContainerError+NotReady');
  });

  it('the pod of a job succeeds or fails', () => {
    expect(endOf(pod, 'done done succeeded')).toBe('Succeeded+NotReady');
    expect(endOf(pod, 'done done failed')).toBe('Failed.Error+NotReady');
  });

  it('a killed kubelet: Unknown after the grace period, Ready when it is back', () => {
    expect(walk(node, 'done kubelet_stop done done kubelet_start done')).toEqual([
      'registering+schedulable',
      'Ready+schedulable',
      'unreporting+schedulable',
      'Unknown.tolerated+schedulable',
      'Unknown.evicted+schedulable',
      'registering+schedulable',
      'Ready+schedulable',
    ]);
  });

  it('a node that comes back within the grace period was never Unknown', () => {
    expect(walk(node, 'done lost restored done').slice(1)).toEqual([
      'Ready+schedulable',
      'unreporting+schedulable',
      'registering+schedulable',
      'Ready+schedulable',
    ]);
  });
});

describe('a pod on a lost node', () => {
  it('is listed as ready until the node is Unknown, and is ready again when the node returns', () => {
    expect(walk(pod, `${RUNNING} lost node_unreachable restored`).slice(3)).toEqual([
      'Running.Started+Ready',
      'Running.Started+Stale',
      'Running.Started+NodeLost',
      'Running.Started+Ready',
    ]);
  });

  it('is terminating for as long as no kubelet confirms', () => {
    expect(endOf(pod, `${RUNNING} lost node_unreachable delete restored`)).toBe(
      'Terminating+NotReady',
    );
    expect(endOf(pod, `${RUNNING} lost node_unreachable delete force_delete`)).toBe(
      'deleted+NotReady',
    );
  });
});

describe('controllers', () => {
  it('a deployment completes, rolls out, exceeds its deadline and recovers', () => {
    expect(walk(deployment, 'available done rollout progressed done')).toEqual([
      'scaling+Unavailable',
      'scaling+Available',
      'complete+Available',
      'rolling_out+Available',
      'complete+Available',
    ]);
    expect(endOf(deployment, 'rollout +100s')).toBe('failed+Unavailable');
    expect(endOf(deployment, 'rollout +100s complete')).toBe('complete+Unavailable');
  });

  it('every progress starts the deadline anew', () => {
    const deadline = 'rollout +15s progressed +15s progressed +15s';
    expect(endOf(deployment, deadline)).toBe('rolling_out+Unavailable');
  });

  it('a deployment and a stateful set never want less than 0 replicas', () => {
    expect(endOf(deployment, 'done scale_down')).toBe('complete+Unavailable');
    expect(endOf(deployment, 'done scale_up done scale_down')).toBe('scaling+Unavailable');
    expect(endOf(statefulSet, 'done scale_down')).toBe('ready');
  });

  it('an autoscaler scales down only when the load stays low', () => {
    expect(endOf(hpa, 'load_low load_within')).toBe('steady');
    expect(endOf(hpa, 'load_low +60s')).toBe('scaling_down');
    expect(endOf(hpa, 'load_low load_high limited')).toBe('limited');
  });

  it('the cluster autoscaler grows, cools down, shrinks', () => {
    expect(walk(clusterAutoscaler, 'pods_pending done +60s node_unneeded done')).toEqual([
      'idle',
      'scaling_up',
      'cooling_down',
      'idle',
      'scaling_down',
      'idle',
    ]);
    expect(endOf(clusterAutoscaler, 'pods_pending fault')).toBe('backoff');
  });

  it('a service whose endpoints are all on a lost node swallows requests until that is noticed', () => {
    expect(walk(service, 'endpoints_all endpoints_stale endpoints_none')).toEqual([
      'no_endpoints',
      'available',
      'blackholed',
      'no_endpoints',
    ]);
  });

  it('a claim stalls with its image and is Lost with its volume', () => {
    expect(walk(pvc, 'done lost restored volume_lost')).toEqual([
      'Pending',
      'Bound.usable',
      'Bound.stalled',
      'Bound.usable',
      'Lost',
    ]);
  });
});
