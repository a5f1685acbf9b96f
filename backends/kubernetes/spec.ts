import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { clusterAccess } from './config.ts';
import { KubernetesDriver } from './driver.ts';

const options = z.strictObject({
  /** Path of a kubeconfig instead of KUBECONFIG and ~/.kube/config. */
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  /** Only these namespaces; every one by default. */
  namespaces: z.array(z.string().min(1)).optional(),
});

/** Kubernetes, found as kubectl finds it: KUBECONFIG, ~/.kube/config, or the pod's own account. */
export const kubernetesSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'kubernetes',
  layer: 'caas',
  describes: 'Kubernetes: nodes and workloads of one cluster, by its REST API',
  options,
  open: async ({ context, kubeconfig, namespaces }, env) =>
    new KubernetesDriver({ access: await clusterAccess({ context, kubeconfig }, env), namespaces }),
};
