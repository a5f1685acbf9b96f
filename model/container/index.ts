import type { KindDefinition } from '../kind.ts';
import { container } from './container.ts';
import { containerImage } from './container-image.ts';
import { containerRuntime } from './container-runtime.ts';
import { sandbox } from './sandbox.ts';

/** Every kind of the container layer. */
export const KINDS: readonly KindDefinition[] = [
  containerRuntime,
  containerImage,
  sandbox,
  container,
];
