import { defineKind, request, type TransitionConfig } from '../kind.ts';

const HIGH: TransitionConfig = {
  target: 'scaling_up',
  description: 'use is above the target by more than the tolerance: more replicas',
};
const LOW: TransitionConfig = {
  target: 'stabilizing',
  description: 'use is below the target: wait whether it lasts',
};
const BLIND: TransitionConfig = {
  target: 'inactive',
  description: 'ScalingActive=False: no metrics of any ready pod',
};
const DELETE: TransitionConfig = { target: 'deleted', description: 'the autoscaler is deleted' };

export const hpa = defineKind({
  kind: 'hpa',
  layer: 'caas',
  describes: 'A HorizontalPodAutoscaler: scales a deployment by the CPU use of its pods.',
  source:
    'kubernetes.io "Horizontal Pod Autoscaling": sync period 15 s, tolerance 0.1, downscale ' +
    'stabilization 300 s; conditions ScalingActive, ScalingLimited',
  ignores: [
    ...['load_high', 'load_low', 'load_within', 'limited', 'metrics_missing'],
    ...['metrics_available', 'delete', 'done', 'fault'],
  ],
  machine: {
    initial: 'steady',
    states: {
      steady: {
        description: 'Use is within the tolerance of the target.',
        tags: ['stable'],
        on: { load_high: HIGH, load_low: LOW, metrics_missing: BLIND, delete: DELETE },
      },
      scaling_up: {
        description: 'At its next sync it asks for more replicas.',
        tags: ['transient'],
        entry: request('scale_up'),
        on: {
          done: { target: 'steady', description: 'spec.replicas is raised' },
          limited: { target: 'limited', description: 'ScalingLimited: maxReplicas is reached' },
          fault: {
            target: 'inactive',
            description: 'AbleToScale=False: the scale is not to be had',
          },
          metrics_missing: BLIND,
          delete: DELETE,
        },
      },
      stabilizing: {
        description: 'Below the target; scales down when that lasts for the stabilization window.',
        tags: ['stable'],
        on: {
          load_high: HIGH,
          load_within: { target: 'steady', description: 'use came back: nothing to do' },
          metrics_missing: BLIND,
          delete: DELETE,
        },
        after: {
          downscale_stabilization: {
            target: 'scaling_down',
            description: 'use stayed low for the whole stabilization window',
          },
        },
      },
      scaling_down: {
        description: 'At its next sync it asks for fewer replicas.',
        tags: ['transient'],
        entry: request('scale_down'),
        on: {
          done: { target: 'steady', description: 'spec.replicas is lowered' },
          limited: { target: 'limited', description: 'ScalingLimited: minReplicas is reached' },
          fault: {
            target: 'inactive',
            description: 'AbleToScale=False: the scale is not to be had',
          },
          load_high: HIGH,
          metrics_missing: BLIND,
          delete: DELETE,
        },
      },
      limited: {
        description: 'It would scale further, but for minReplicas or maxReplicas.',
        tags: ['stable'],
        on: {
          load_within: { target: 'steady', description: 'use is near the target again' },
          load_high: HIGH,
          load_low: LOW,
          metrics_missing: BLIND,
          delete: DELETE,
        },
      },
      inactive: {
        description: 'It cannot compute a number of replicas.',
        tags: ['failed'],
        on: {
          metrics_available: { target: 'steady', description: 'ready pods report metrics again' },
          delete: DELETE,
        },
      },
      deleted: { description: 'The autoscaler object is gone.', tags: ['stable'] },
    },
  },
});
