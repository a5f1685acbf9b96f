import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { clusterAccess } from './config.ts';
import { KubernetesDriver } from './driver.ts';
import { KUBERNETES_PARAMS } from './params.ts';

const options = z.strictObject({
  kubeconfig: z.string().optional().describe('Path of it; else KUBECONFIG, else ~/.kube/config.'),
  context: z.string().optional().describe('Context of the kubeconfig; else its current one.'),
  namespace: z.string().min(1).optional().describe('Only this one; else every one.'),
});

/** Kubernetes, found as kubectl finds it: KUBECONFIG, ~/.kube/config, or the pod's own account. */
export const kubernetesSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'kubernetes',
  layer: 'caas',
  describes: 'Kubernetes: nodes and workloads of one cluster, by its REST API',
  options,
  params: KUBERNETES_PARAMS,
  open: async ({ context, kubeconfig, namespace }, env) =>
    new KubernetesDriver({
      access: await clusterAccess({ context, kubeconfig }, env),
      namespaces: namespace === undefined ? undefined : [namespace],
    }),
};
