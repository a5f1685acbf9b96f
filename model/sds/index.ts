import type { KindDefinition } from '../kind.ts';
import { osd } from './osd.ts';
import { rbdImage } from './rbd-image.ts';

/** Every kind of the SDS layer. */
export const KINDS: readonly KindDefinition[] = [osd, rbdImage];
