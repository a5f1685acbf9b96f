import type { EndpointSlice, Node, Pod } from '../objects.ts';

/** What the state of an object depends on besides itself. */
export interface Related {
  /** Of a pod: the node that it is bound to. */
  node(name: string): Node | undefined;
  /** Of a node: the pods bound to it. */
  podsOn(node: string): readonly Pod[];
  /** Of a service: its endpoints. */
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
}
