import type { KindDefinition } from '../kind.ts';
import { clusterAutoscaler } from './cluster-autoscaler.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { hpa } from './hpa.ts';
import { job } from './job.ts';
import { node } from './node.ts';
import { pdb } from './pdb.ts';
import { pod } from './pod.ts';
import { pvc } from './pvc.ts';
import { replicaSet } from './replica-set.ts';
import { service } from './service.ts';
import { statefulSet } from './stateful-set.ts';

/** Every kind of the CaaS layer. */
export const KINDS: readonly KindDefinition[] = [
  node,
  pod,
  deployment,
  replicaSet,
  statefulSet,
  daemonSet,
  job,
  service,
  pvc,
  hpa,
  pdb,
  clusterAutoscaler,
];
