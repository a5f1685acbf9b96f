/**
 * How entities are called. A sandbox is `NAME`, or `NAMESPACE/NAME` outside of the namespace
 * `default`; a container is its sandbox's name, a slash, and its own; an image is its reference; the
 * runtime is the host that it runs on.
 */
import { criFault } from './faults.ts';

const DEFAULT_NAMESPACE = 'default';

export interface SandboxName {
  readonly namespace: string;
  readonly name: string;
}

export interface ContainerName {
  readonly sandbox: string;
  readonly name: string;
}

export function sandboxEntity({ namespace, name }: SandboxName): string {
  return namespace === DEFAULT_NAMESPACE ? name : `${namespace}/${name}`;
}

/** Throws `CRI_BAD_PARAMS` for what is no name of a sandbox. */
export function parseSandbox(entity: string): SandboxName {
  const parts = entity.split('/');
  if (parts.length > 2 || parts.includes('')) {
    throw criFault('CRI_BAD_PARAMS', `${entity} is no name of a sandbox: NAME or NAMESPACE/NAME`);
  }
  const [name, namespace = DEFAULT_NAMESPACE] = parts.reverse();
  return { namespace, name };
}

/** Throws `CRI_BAD_PARAMS` for what is no name of a container. */
export function parseContainer(entity: string): ContainerName {
  const at = entity.lastIndexOf('/');
  if (at > 0 && at < entity.length - 1) {
    return { sandbox: entity.slice(0, at), name: entity.slice(at + 1) };
  }
  throw criFault('CRI_BAD_PARAMS', `${entity} is no name of a container: SANDBOX/NAME`);
}
