/** Claims of stateful sets: provisioned by the CSI driver as RBD images of a pool. */
import type { CephPool } from '../../model/scenario.ts';
import type { KubeContext } from './context.ts';

/** The pool claims are provisioned from: the one named for it, else the first block pool. */
export function claimPool(pools: readonly CephPool[]): string | undefined {
  const block = pools.filter((pool) => pool.application === 'rbd');
  const preferred = ['kubernetes', 'kube', 'volumes'];
  const named = preferred.flatMap((name) => block.filter((pool) => pool.name === name));
  return (named[0] ?? block[0])?.name;
}

export class Claims {
  readonly #k: KubeContext;
  readonly #pool: string | undefined;
  readonly #imageKind: number;
  readonly #byName = new Map<string, number>();
  readonly #size_bytes = new Map<string, number>();

  constructor(context: KubeContext) {
    const { world, engine } = context;
    this.#k = context;
    this.#pool = claimPool(world.scenario.stack.ceph?.pools ?? []);
    this.#imageKind = engine.model.kindId('rbd-image');
    this.#registerVerbs();
    engine.onEnter('pvc', 'deleted', (claim, row) => {
      this.#byName.delete(engine.names[claim]);
      context.forget(claim, row);
    });
  }

  /** The claim of a name; made when it is asked for first. `owner` is its stateful set. */
  claim(name: string, size_bytes: number, owner: number, cause: number): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const { engine, kind } = this.#k;
    this.#size_bytes.set(name, size_bytes);
    const claim = engine.create(kind.pvc, name, cause);
    this.#byName.set(name, claim);
    engine.link(owner, claim, cause);
    return claim;
  }

  #registerVerbs(): void {
    const { world, engine } = this.#k;
    const provision = world.verbId('pvc', 'provision');
    const remove = world.verbId('pvc', 'delete');
    world.onVerb('pvc', 'provision', (claim, token) => {
      // Without a storage class nobody provisions: the claim stays pending.
      if (!world.services.ceph || this.#pool === undefined) return;
      if (engine.providerOf(claim, this.#imageKind) < 0) this.#createImage(claim, token);
      // Else its image sends `restored` when it is there, and the claim asks again.
      if (engine.isSatisfied(claim)) world.answerLater(claim, token, provision);
    });
    world.onVerb('pvc', 'delete', (claim, token) => {
      const image = engine.providerOf(claim, this.#imageKind);
      if (image >= 0) {
        engine.unlink(image, claim);
        world.services.ceph!.deleteImage(image, token);
      }
      world.answerLater(claim, token, remove);
    });
  }

  #createImage(claim: number, cause: number): void {
    const { engine, world } = this.#k;
    const name = engine.names[claim];
    const size_bytes = this.#size_bytes.get(name)!;
    const { ceph } = world.services;
    const image = ceph!.createImage(this.#pool!, `csi-${name}`, size_bytes, cause);
    engine.link(image, claim, cause);
  }
}
