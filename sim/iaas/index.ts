import type { SimWorld } from '../world.ts';
export function installIaas(_world: SimWorld): void {}
