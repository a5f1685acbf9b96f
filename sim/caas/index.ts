/** The simulated CaaS layer: Kubernetes clusters on servers of the cloud or on machines. */
import type { SimWorld } from '../world.ts';
import { Kubernetes } from './kubernetes.ts';
import './service.ts';

export function installCaas(world: SimWorld): void {
  if (world.scenario.stack.kubernetes.length === 0) return;
  const kubernetes = new Kubernetes(world);
  world.services.pods = kubernetes.pods;
  world.services.clusters = kubernetes;
  kubernetes.start();
}
