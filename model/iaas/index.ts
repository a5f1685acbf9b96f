import type { KindDefinition } from '../kind.ts';
import { computeService } from './compute-service.ts';
import { flavor } from './flavor.ts';
import { image } from './image.ts';
import { project } from './project.ts';
import { server } from './server.ts';
import { volume } from './volume.ts';

/** Every kind of the IaaS layer. */
export const KINDS: readonly KindDefinition[] = [
  project,
  flavor,
  image,
  computeService,
  volume,
  server,
];
